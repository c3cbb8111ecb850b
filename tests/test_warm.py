"""The warm process: what it answers is what a process of its own answers, and it is never in the
way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import qasearch
from qasearch.serving import client
from qasearch.serving.endpoint import (
    Endpoint,
    LoopbackEndpoint,
    UnixEndpoint,
    check_private,
    endpoint,
)
from qasearch.serving.listening import Listener, Occupied
from qasearch.serving.server import Server
from tests.conftest import ROOT, Run
from tests.test_cli import NOTES, terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and modes of POSIX"),
]

THIN = "import sys; from qasearch.serving import client; code = client.ask(sys.argv[1:]); sys.exit(99 if code is None else code)"
"""The thin client alone: exit code 99 where a process of its own would have to answer."""

PATIENCE_S = 60.0


def until(found: Callable[[], Any], what: str) -> Any:
    """What is found at last."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.02)
    pytest.fail(f"{what} did not happen")


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


class Place:
    """A corpus with its index, and the environment of a user who has a warm process there."""

    def __init__(self, model: str, cache: Path) -> None:
        folder = self.folder = short_folder()
        self.model = model
        self.corpus, self.index, self.runtime = folder / "corpus", folder / "index", folder / "run"
        self.runtime.mkdir(mode=0o700)
        self.corpus.mkdir()
        for name, text in NOTES.items():
            (self.corpus / name).write_text(text)
        self.flags = ["--corpus", "corpus", "--index", "index"]
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("QASEARCH_", "XDG_", "HF_", "ORT_"))
        } | {
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_CACHE_HOME": str(cache),
            "XDG_DATA_HOME": str(folder / "data"),
            "NO_COLOR": "1",
        }
        assert self.qasearch("build", *self.flags, "--model", model).code == 0

    def run(self, command: Sequence[str], stdin: str | None = None, **environ: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-W", "error", *command],
            input=stdin, capture_output=True, encoding="utf-8", cwd=self.folder, env=self.environ | environ,
            check=False, timeout=120,
        )  # fmt: skip
        return Run(done.returncode, done.stdout, done.stderr)

    def qasearch(self, *arguments: str, **environ: str) -> Run:
        return self.run(["-m", "qasearch", *arguments], **environ)

    def cold(self, *arguments: str) -> Run:
        return self.qasearch(*arguments, QASEARCH_WARM="0")

    def thin(self, *arguments: str, **environ: str) -> Run:
        return self.run(["-c", THIN, *arguments], **environ)

    def at(self) -> Endpoint:
        found = endpoint(self.environ)
        assert found
        return found

    def status(self) -> Any:
        return client.call("status", at=self.at())

    def start(self) -> None:
        """Leave a warm process behind, and wait until it has loaded everything."""
        assert self.qasearch("ask", "vpn", *self.flags).code == 0
        until(lambda: (self.status() or {}).get("workers"), "the start of the warm process")

    def stop(self) -> None:
        """Leave nothing behind."""
        status = self.status()
        if status:
            client.call("stop", at=self.at())
            for pid in (status["pid"], *(worker["pid"] for worker in status["workers"])):
                until(lambda: not is_running(pid), "the end of the warm process")  # noqa: B023 - waited for


def short_folder() -> Path:
    """A temporary folder with a path that is short enough for sockets."""
    return Path(tempfile.mkdtemp(prefix="qasearch-"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the exported model is kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def place(tiny_model: str, cache: Path) -> Iterator[Place]:
    """With a warm process, for tests that leave it as it is."""
    made = Place(tiny_model, cache)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder)


@pytest.fixture
def new_place(tiny_model: str, cache: Path) -> Iterator[Place]:
    """Without a warm process yet."""
    made = Place(tiny_model, cache)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder)


def untimed(run: Run) -> Run:
    return Run(run.code, re.sub(r'"(encode|search|total)": [\d.]+', r'"\1": 0', run.out), run.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["restart the vpn"],
        ["--json", "restart the vpn"],
        ["--jsonl", "-k", "2", "vpn"],
        ["--vimgrep", "-k1", "restart the vpn"],
        ["--json", "--explain", "--mode", "dense", "restart the vpn"],
        ["--explain", "restart the vpn"],
        ["--json", "--path", "printer*", "why red"],
        ["How do I reset the printer?"],  # 1, and a remark on standard error
        ["--jsonl", "orchestra melody"],
        ["--section", "nowhere", "vpn"],
        ["--json", "--tag", "nowhere", "vpn"],
        ["--json", ""],
        [""],
        ["-k", "0", "vpn"],
        ["--json", "--mode", "wrong", "vpn"],
        ["--no-such-option", "vpn"],
        ["vpn", "--", "--json"],
        ["vpn \udcff 😀"],
        ["--help"],
        ["-hk", "5"],
        ["--offline", "vpn"],
    ],
    ids=" ".join,
)
def test_the_answer_is_that_of_a_process_of_its_own(place: Place, arguments: list[str]) -> None:
    arguments = ["ask", *place.flags, *arguments]
    assert untimed(place.thin(*arguments)) == untimed(place.cold(*arguments))


def test_the_environment_and_the_settings_file_are_those_of_who_asks(place: Place) -> None:
    (place.folder / "below").mkdir()
    (place.folder / "below" / "qasearch.toml").write_text(
        'corpus = "../corpus"\nindex = "../index"\n'
    )
    environ = {"QASEARCH_CORPUS": "corpus", "QASEARCH_INDEX": "index"}
    assert place.thin("ask", "--vimgrep", "-k1", "vpn", **environ).out.startswith(
        "corpus/vpn.md:3:1:"
    )
    code = f"import os; os.chdir('below'); {THIN}"
    assert place.run(["-c", code, "ask", "--vimgrep", "-k1", "vpn"]).out.startswith(
        f"{place.corpus}/vpn.md:3:1:"
    )


def test_on_a_terminal_the_answer_is_rendered_as_wide(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in set(os.environ) - set(place.environ):
        monkeypatch.delenv(name)
    for name, value in place.environ.items():
        monkeypatch.setenv(name, value)
    arguments = ["ask", "restart the vpn", *place.flags]
    answered = place.status()["answered"]
    for columns in (30, 90):
        warm = terminal(arguments, [], place.folder, columns)
        monkeypatch.setenv("QASEARCH_WARM", "0")
        assert warm == terminal(arguments, [], place.folder, columns)
        monkeypatch.delenv("QASEARCH_WARM")
    assert place.status()["answered"] == answered + 2


@pytest.mark.parametrize(
    "arguments",
    [["--batch", "-"], ["--batch=-"], [], ["--no-warm", "vpn"], ["--rerank", "some/model", "vpn"], ["--index", "no", "vpn"]],
    ids=" ".join,
)  # fmt: skip
def test_some_questions_are_for_a_process_of_their_own(place: Place, arguments: list[str]) -> None:
    code = 2 if not arguments else 99  # without a terminal, no question is an error
    assert place.thin("ask", *place.flags, *arguments).code == code


def test_a_setting_turns_it_off(place: Place) -> None:
    assert place.thin("ask", "vpn", *place.flags, QASEARCH_WARM="0").code == 99
    assert place.thin("ask", "vpn", *place.flags, QASEARCH_WARM="what").code == 99
    off = place.folder / "off"
    off.mkdir()
    (off / "qasearch.toml").write_text("warm = false\n")
    code = f"import os; os.chdir('off'); {THIN}"
    assert (
        place.run(["-c", code, "ask", "vpn", "--corpus", "../corpus", "--index", "../index"]).code
        == 99
    )


def test_the_thin_client_imports_almost_nothing(place: Place) -> None:
    def loaded(code: str) -> set[str]:
        run = place.run(["-X", "importtime", "-c", code, "ask", "--json", "vpn", *place.flags])
        assert run.code == 0, run.err
        lines = [line for line in run.err.splitlines() if line.startswith("import time:")]
        return {line.rsplit("|", 1)[1].strip() for line in lines}

    assert loaded("from qasearch.__main__ import main; main()") - loaded("pass") == {
        "qasearch", "qasearch.__main__", "qasearch.serving", "qasearch.serving.client", "qasearch.serving.endpoint",
        "qasearch.serving.thin_json", "__future__", "_blake2", "_json", "_socket",
    }  # fmt: skip


def test_fifty_clients_at_once_all_get_their_answer(place: Place) -> None:
    arguments = ["ask", "--jsonl", "-k1", "restart the vpn", *place.flags]
    expected = place.cold(*arguments)
    with ThreadPoolExecutor(50) as threads:
        runs = list(threads.map(lambda _: place.qasearch(*arguments), range(50)))
    assert runs == [expected] * 50
    assert len(place.status()["workers"]) <= min(4, len(os.sched_getaffinity(0)))


def test_ask_speaks_json_rpc_for_editors(place: Place) -> None:
    params = {
        "question": "restart the vpn",
        "k": 1,
        "exact": True,
        "corpus": "corpus",
        "index": "index",
        "cwd": str(place.folder),
    }
    reply = client.call("ask", params, place.at())
    assert (reply["schema"], reply["results"][0]["id"]) == (
        "qasearch.ask/1",
        "vpn#how-do-i-restart-the-vpn",
    )
    with connected(place.at()) as connection:
        requests = [
            params | {"question": " "},
            params | {"k": "1"},
            params | {"explain": 1},
            params | {"index": "no"},
        ]
        batch = [
            {"jsonrpc": "2.0", "id": n, "method": "ask", "params": each}
            for n, each in enumerate(requests)
        ]
        connection.sendall(f"{json.dumps(batch)}\n".encode())
        lines = connection.makefile("rb")
        lines.readline()
        errors = [each["error"] for each in json.loads(lines.readline())]
    assert [error["code"] for error in errors] == [-32000, -32602, -32602, -32000]
    assert errors[0]["data"]["error"]["type"] == "BadRequest"
    assert errors[3]["data"]["error"]["type"] == "IndexMissing"


def connected(at: Endpoint) -> socket.socket:
    connection = socket.socket(fileno=at.connect(5).detach())
    connection.settimeout(PATIENCE_S)
    return connection


def test_an_index_that_was_built_again_is_never_answered_from_the_old_one(new_place: Place) -> None:
    new_place.start()
    question = ["ask", "--jsonl", "-k1", "restart the vpn", *new_place.flags]
    assert "Run `vpn restart`" in new_place.thin(*question).out
    for text in ("Pull the plug.", "Read the manual."):
        (new_place.corpus / "vpn.md").write_text(f"# How do I restart the vpn?\n\n{text}\n")
        if text == "Read the manual.":
            shutil.rmtree(new_place.index)
            assert new_place.cold("build", *new_place.flags, "--model", new_place.model).code == 0
        until(lambda: new_place.thin(*question).code == 0, "a warm answer")
        assert text in new_place.thin(*question).out


def test_asking_leaves_one_process_behind_and_stop_ends_it(new_place: Place) -> None:
    assert new_place.qasearch("warm", "status").code == 1
    assert new_place.thin("ask", "vpn", *new_place.flags).code == 99
    for arguments in (["ask", ""], ["ask", "--no-warm", "vpn"], ["ask", "vpn", "--tag", "no"]):
        new_place.qasearch(*arguments, *new_place.flags)
    assert new_place.cold("ask", "vpn", *new_place.flags).code == 0
    assert new_place.qasearch("warm", "stop").code == 1
    new_place.start()
    assert new_place.thin("ask", "vpn", *new_place.flags).code == 0
    status = json.loads(new_place.qasearch("warm", "status", "--json").out)
    assert list(status) == ["schema", "pid", "version", "since", "idle_s", "answered", "workers"]
    assert (status["schema"], status["version"], status["answered"]) == (
        "qasearch.warm/1",
        qasearch.__version__,
        1,
    )
    (worker,) = status["workers"]
    (index,) = worker["indexes"]
    assert (index["path"], index["generation"]) == (str(new_place.index), 1)
    text = new_place.qasearch("warm", "status").out
    assert f"process   {status['pid']}" in text
    assert f"index     {new_place.index}" in text
    assert new_place.qasearch("warm", "stop").code == 0
    until(lambda: not is_running(status["pid"]) and not is_running(worker["pid"]), "the end")
    assert new_place.qasearch("warm", "status").code == 1


def test_a_killed_process_is_replaced(new_place: Place) -> None:
    new_place.start()
    first = new_place.status()
    os.kill(first["workers"][0]["pid"], signal.SIGKILL)
    until(
        lambda: new_place.thin("ask", "vpn", *new_place.flags).code == 0,
        "a warm answer by another worker",
    )
    second = new_place.status()
    assert second["pid"] == first["pid"]
    os.kill(second["pid"], signal.SIGKILL)
    until(
        lambda: not any(is_running(worker["pid"]) for worker in second["workers"]),
        "the end of its workers",
    )
    assert Path(new_place.at().path).exists()  # the stale socket
    new_place.start()
    assert new_place.thin("ask", "vpn", *new_place.flags).code == 0
    assert new_place.status()["pid"] != first["pid"]


def test_a_process_that_hangs_keeps_nobody_waiting(new_place: Place) -> None:
    new_place.start()
    pid = new_place.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert new_place.thin("ask", "vpn", *new_place.flags).code == 99
        assert new_place.qasearch("ask", "vpn", *new_place.flags).code == 0
    finally:
        os.kill(pid, signal.SIGCONT)


def test_another_program_is_another_process(new_place: Place) -> None:
    shutil.copytree(ROOT / "qasearch", new_place.folder / "program" / "qasearch")
    new_place.environ["PYTHONPATH"] = str(new_place.folder / "program")
    assert new_place.qasearch("ask", "vpn", *new_place.flags).code == 0
    status = new_place.run(["-m", "qasearch", "warm", "status", "--json"])

    def loaded() -> Any:
        found = json.loads(new_place.qasearch("warm", "status", "--json").out)
        return found.get("workers") and found

    first = until(loaded, "the start")
    assert new_place.status() is None, status
    assert new_place.thin("ask", "vpn", *new_place.flags).code == 0
    with (new_place.folder / "program" / "qasearch" / "source.py").open("a") as file:
        file.write("\n")
    until(
        lambda: (
            not is_running(first["pid"])
            or new_place.thin("ask", "vpn", *new_place.flags).code == 99
        ),
        "the end",
    )
    until(lambda: not is_running(first["pid"]), "the end of the old program")
    assert new_place.qasearch("ask", "vpn", *new_place.flags).code == 0
    assert until(loaded, "the start of the new one")["pid"] != first["pid"]
    assert new_place.qasearch("warm", "stop").code == 0


WORKER = """
import json, pathlib, sys, time
def say(**message): print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
time.sleep(0.3)
say(method="ready", params={"pid": 1})
for line in sys.stdin:
    request = json.loads(line)
    if "touches" in request["params"]: pathlib.Path(request["params"]["touches"]).touch()
    time.sleep(request["params"].get("takes_s", 0))
    say(id=request["id"], result=request["params"])
    say(method="ready", params={"pid": 1})
"""
"""Answers with the params, after `takes_s` if they name it, and makes the file that they name when
it begins.

It takes its time to start because that is how long a question may wait for it: a busy machine needs
more than a blink.
"""


@pytest.fixture(params=[UnixEndpoint, LoopbackEndpoint])
def at(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    folder = short_folder()
    yield request.param(str(folder), "warm")
    shutil.rmtree(folder)


class Served:
    """A server of `WORKER` in a thread of this process."""

    def __init__(self, at: Endpoint, *, idle_s: float = 600.0) -> None:
        self.at = at
        self.server = Server(at, [sys.executable, "-c", WORKER], idle_s=idle_s)
        self.thread = threading.Thread(target=self.server.run)
        self.thread.start()

    def __enter__(self) -> Served:
        until(lambda: client.call("ask", {"question": "1"}, self.at), "the first answer")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
        assert not Path(self.at.path).exists()


def test_it_ends_after_idle_minutes(at: Endpoint) -> None:
    served = Served(at, idle_s=0.1)
    served.thread.join(PATIENCE_S)
    assert not served.thread.is_alive()
    assert client.call("status", at=at) is None


def test_it_ends_when_its_socket_is_another_ones(at: Endpoint) -> None:
    with Served(at) as served:
        Path(at.path).unlink()
        served.thread.join(PATIENCE_S)
        assert not served.thread.is_alive()


def test_only_one_listens(at: Endpoint) -> None:
    with Served(at):
        with pytest.raises(Occupied, match="warm"):
            Listener(at)
        assert client.call("ask", {"question": "2"}, at) == {"question": "2"}


def test_what_was_accepted_is_answered_before_it_ends(at: Endpoint, tmp_path: Path) -> None:
    params = {"touches": str(tmp_path / "begun"), "takes_s": 1.0}
    request = {"jsonrpc": "2.0", "id": 1, "method": "ask", "params": params}
    with Served(at), connected(at) as connection, connection.makefile("rb") as lines:
        connection.sendall(f"{json.dumps(request)}\n".encode())
        until((tmp_path / "begun").exists, "the acceptance")
        assert client.call("stop", at=at) == {"pid": os.getpid()}
        lines.readline()
        assert json.loads(lines.readline()) == {"jsonrpc": "2.0", "id": 1, "result": params}


def test_silent_clients_hold_nobody_up(at: Endpoint) -> None:
    with Served(at):
        silent = [connected(at) for _ in range(40)]
        assert client.call("ask", {"question": "2"}, at) == {"question": "2"}
        for each in silent:
            each.close()


def test_a_message_without_end_is_not_read(at: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qasearch.serving.server.MAX_MESSAGE", 1000)
    with Served(at):
        assert client.call("ask", {"question": "x" * 800}, at) == {"question": "x" * 800}
        assert client.call("ask", {"question": "x" * 1000}, at) is None


def test_loopback_wants_the_token() -> None:
    folder = short_folder()
    at = LoopbackEndpoint(str(folder), "warm")
    with Served(at):
        port = Path(at.path).read_text().split()[0]
        assert Path(at.path).stat().st_mode & 0o777 == 0o600
        with socket.create_connection(("127.0.0.1", int(port)), 5) as stranger:
            stranger.sendall(
                b"0" * 64 + b"\n" + b'{"jsonrpc": "2.0", "id": 1, "method": "status"}\n'
            )
            with contextlib.suppress(ConnectionResetError):  # our request was not even read
                assert stranger.recv(1) == b""
    shutil.rmtree(folder)


def test_another_user_is_not_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = short_folder()
    listener = Listener(UnixEndpoint(str(folder), "warm"))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert listener.admits(ours)
        monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
        assert listener.admits(ours) is not hasattr(socket, "SO_PEERCRED")
    monkeypatch.undo()
    listener.close()
    shutil.rmtree(folder)


def test_the_folder_must_be_this_users_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = short_folder()
    check_private(str(folder))
    folder.chmod(0o750)
    with pytest.raises(PermissionError, match="not a folder of this user alone"):
        check_private(str(folder))
    folder.chmod(0o700)
    link = folder / "link"
    link.symlink_to(folder)
    with pytest.raises(PermissionError, match="not a folder of this user alone"):
        check_private(str(link))
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError, match="not a folder of this user alone"):
        check_private(str(folder))
    shutil.rmtree(folder)


def test_where_there_is_no_such_folder_there_is_no_warm_process_and_no_error(
    new_place: Place,
) -> None:
    (new_place.runtime / "qasearch").mkdir(mode=0o755)
    for environ in ({}, {"XDG_RUNTIME_DIR": "", "TMPDIR": f"{new_place.folder}/{'long' * 30}"}):
        run = new_place.qasearch("ask", "vpn", *new_place.flags, **environ)
        assert (run.code, run.err) == (0, "")
        assert new_place.qasearch("warm", "status", **environ).code == 1
    assert list(new_place.runtime.rglob("*.socket")) == []


def test_without_a_runtime_folder_it_stands_below_the_temporary_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for runtime in (
        {},
        {"XDG_RUNTIME_DIR": str(tmp_path)},
        {"XDG_RUNTIME_DIR": str(tmp_path / "no")},
    ):
        found = endpoint({"TMPDIR": "/short", **runtime})
        assert found
        assert found.folder == f"/short/qasearch-{os.geteuid()}"
    assert endpoint({"TMPDIR": "/" + "long" * 30}) is None
    names = [
        found.path
        for each in ({}, {"HF_HOME": "a"}, {"TERM": "x"})
        if (found := endpoint({"TMPDIR": "/t", **each}))
    ]
    assert (names[0] == names[2], names[0] == names[1]) == (True, False)
