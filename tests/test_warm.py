"""The warm process gives the answer that a process of its own gives, and it is never in the way.

The client gives up on a slow warm process after half a second, and answers by itself. That is right
for a user and happens on a busy machine at any time, so a test that needs the warm process to
answer asks again until it does. No test sleeps and hopes.
"""

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
from functools import partial
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
from qasearch.serving.server import _SILENCE_S, Server
from tests.conftest import PATIENCE_S, ROOT, Run
from tests.test_cli import NOTES, terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals and modes of POSIX"),
]

COLD = 99
THIN = f"""
import sys
from qasearch.serving import client
code = client.ask(sys.argv[1:])
sys.exit({COLD} if code is None else code)
"""
"""The thin client alone: exit code `COLD` where a process of its own would have to answer."""


def until(event: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """The first result of `event` that is true; the test fails if there is none in time."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if result := event():
            return result
        time.sleep(0.02)
    pytest.fail(f"{what} did not happen within {patience_s:g} s")


def is_running(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def has_ended(pid: int) -> bool:
    return not is_running(pid)


class Place:
    """A corpus with its index, and the environment of a user who has a warm process there."""

    def __init__(self, model: str) -> None:
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
            "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
            "NO_COLOR": "1",
        }
        assert self.qasearch("build", *self.flags, "--model", model).code == 0

    def run(self, command: Sequence[str], stdin: str | None = None, **environ: str) -> Run:
        done = subprocess.run(
            [sys.executable, "-W", "error", *command],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=self.folder,
            env=self.environ | environ,
            check=False,
            timeout=PATIENCE_S,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def qasearch(self, *arguments: str, **environ: str) -> Run:
        return self.run(["-m", "qasearch", *arguments], **environ)

    def cold(self, *arguments: str) -> Run:
        return self.qasearch(*arguments, QASEARCH_WARM="0")

    def thin(self, *arguments: str, **environ: str) -> Run:
        """The answer of the warm process, or the exit code `COLD`."""
        return self.run(["-c", THIN, *arguments], **environ)

    def warm(self, *arguments: str, before: str = "", **environ: str) -> Run:
        """The answer of the warm process, after the code `before` has run in the client."""

        def answer() -> Run | None:
            run = self.run(["-c", f"{before}\n{THIN}", *arguments], **environ)
            return None if run.code == COLD else run

        run: Run = until(answer, "a warm answer")
        return run

    def at(self) -> Endpoint:
        place = endpoint(self.environ)
        assert place
        return place

    def status(self) -> Any:
        """What the warm process says of itself; None where there is none."""
        try:
            return result_of("status", self.at())
        except OSError:
            return None

    def start(self) -> None:
        """Leave a warm process behind, and wait until it has loaded everything."""
        assert self.qasearch("ask", "vpn", *self.flags).code == 0
        until(lambda: (self.status() or {}).get("workers"), "the start of the warm process")

    def stop(self) -> None:
        """Leave nothing behind."""
        status = self.status()
        if status:
            result_of("stop", self.at())
            for pid in (status["pid"], *(worker["pid"] for worker in status["workers"])):
                until(partial(has_ended, pid), "the end of the warm process")


def connected(at: Endpoint) -> socket.socket:
    """A connection that waits longer than the client does."""
    connection = socket.socket(fileno=at.connect(PATIENCE_S).detach())
    connection.settimeout(PATIENCE_S)
    return connection


def result_of(method: str, at: Endpoint) -> Any:
    """The result of a method that no worker has to answer.

    Raises:
        OSError: nobody listens.
    """
    with connected(at) as connection, connection.makefile("rb") as lines:
        request = {"jsonrpc": "2.0", "id": 1, "method": method}
        connection.sendall(f"{json.dumps(request)}\n".encode())
        lines.readline()  # how long an answer may take
        return json.loads(lines.readline())["result"]


def answer_to(params: dict[str, Any], at: Endpoint, patience_s: float = PATIENCE_S) -> Any:
    """The result of the method `ask` by the first worker that is free in time."""
    return until(lambda: client.call("ask", params, at), "an answer", patience_s)


def short_folder() -> Path:
    """A temporary folder with a path that is short enough for sockets."""
    return Path(tempfile.mkdtemp(prefix="qasearch-"))


@pytest.fixture(scope="module")
def place(tiny_model: str) -> Iterator[Place]:
    """With a warm process, for tests that leave it as it is."""
    made = Place(tiny_model)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder)


@pytest.fixture
def new_place(tiny_model: str) -> Iterator[Place]:
    """Without a warm process yet."""
    made = Place(tiny_model)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder)


def untimed(run: Run) -> tuple[Run, list[float]]:
    """The run with `#` for each decimal number of its output, and these numbers without times."""
    out = re.sub(r'"(encode|search|total)": [\d.]+', r'"\1": 0', run.out)
    decimal = r"-?\d+\.\d+(?:e-?\d+)?"
    return Run(run.code, re.sub(decimal, "#", out), run.err), [
        float(number) for number in re.findall(decimal, out)
    ]


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
    warm, warm_numbers = untimed(place.warm(*arguments))
    cold, cold_numbers = untimed(place.cold(*arguments))
    assert warm == cold
    assert warm_numbers == pytest.approx(cold_numbers, abs=1e-4)


def test_the_environment_and_the_settings_file_are_those_of_the_client(place: Place) -> None:
    (place.folder / "below").mkdir()
    (place.folder / "below" / "qasearch.toml").write_text(
        'corpus = "../corpus"\nindex = "../index"\n'
    )
    environ = {"QASEARCH_CORPUS": "corpus", "QASEARCH_INDEX": "index"}
    question = ["ask", "--vimgrep", "-k1", "vpn"]
    assert place.warm(*question, **environ).out.startswith("corpus/vpn.md:3:1:")
    below = place.warm(*question, before="import os; os.chdir('below')")
    assert below.out.startswith(f"{place.corpus}/vpn.md:3:1:")


def test_on_a_terminal_the_answer_is_rendered_as_wide(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in set(os.environ) - set(place.environ):
        monkeypatch.delenv(name)
    for name, value in place.environ.items():
        monkeypatch.setenv(name, value)
    arguments = ["ask", "restart the vpn", *place.flags]

    def warm(columns: int) -> tuple[str, int] | None:
        answered = place.status()["answered"]
        shown = terminal(arguments, [], place.folder, columns)
        return shown if place.status()["answered"] > answered else None

    for columns in (30, 90):
        shown = until(partial(warm, columns), "a warm answer")
        monkeypatch.setenv("QASEARCH_WARM", "0")
        assert shown == terminal(arguments, [], place.folder, columns)
        monkeypatch.delenv("QASEARCH_WARM")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--batch", "-"],
        ["--batch=-"],
        [],
        ["--no-warm", "vpn"],
        ["--rerank", "some/model", "vpn"],
        ["--index", "no", "vpn"],
    ],
    ids=" ".join,
)
def test_some_questions_are_for_a_process_of_their_own(place: Place, arguments: list[str]) -> None:
    code = 2 if not arguments else COLD  # without a terminal, no question is an error
    assert place.thin("ask", *place.flags, *arguments).code == code


def test_a_setting_turns_it_off(place: Place) -> None:
    assert place.thin("ask", "vpn", *place.flags, QASEARCH_WARM="0").code == COLD
    assert place.thin("ask", "vpn", *place.flags, QASEARCH_WARM="what").code == COLD
    off = place.folder / "off"
    off.mkdir()
    (off / "qasearch.toml").write_text("warm = false\n")
    code = f"import os; os.chdir('off')\n{THIN}"
    flags = ["--corpus", "../corpus", "--index", "../index"]
    assert place.run(["-c", code, "ask", "vpn", *flags]).code == COLD


NOT_FOR_A_WARM_ANSWER = {
    *("click", "numpy", "platformdirs", "onnxruntime", "rich", "sqlite3", "tomllib"),
    *("asyncio", "dataclasses", "inspect", "json", "pathlib", "socket", "subprocess", "typing"),
}
"""Libraries, and modules of Python that take longer to import than a warm answer does."""


def test_the_thin_client_imports_almost_nothing(place: Place) -> None:
    def loaded(code: str) -> set[str]:
        run = place.run(["-X", "importtime", "-c", code, "ask", "--json", "vpn", *place.flags])
        assert run.code == 0, run.err
        lines = [line for line in run.err.splitlines() if line.startswith("import time:")]
        return {line.rsplit("|", 1)[1].strip() for line in lines}

    def loaded_for_a_warm_answer() -> set[str] | None:
        modules = loaded("from qasearch.__main__ import main; main()")
        return None if "qasearch.cli" in modules else modules

    modules: set[str] = until(loaded_for_a_warm_answer, "a warm answer") - loaded("pass")
    own = {name for name in modules if name.startswith("qasearch.")}
    assert {name.split(".")[1] for name in own} == {"__main__", "serving"}
    assert not modules & NOT_FOR_A_WARM_ANSWER


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
        "top_k": 1,
        "exact": True,
        "corpus": "corpus",
        "index": "index",
        "cwd": str(place.folder),
    }
    reply = answer_to(params, place.at())
    assert (reply["schema"], reply["results"][0]["id"]) == (
        "qasearch.ask/1",
        "vpn#how-do-i-restart-the-vpn",
    )
    with connected(place.at()) as connection:
        requests = [
            params | {"question": " "},
            params | {"top_k": "1"},
            params | {"explain": 1},
            params | {"index": "no"},
        ]
        batch = [
            {"jsonrpc": "2.0", "id": n, "method": "ask", "params": request}
            for n, request in enumerate(requests)
        ]
        connection.sendall(f"{json.dumps(batch)}\n".encode())
        lines = connection.makefile("rb")
        lines.readline()
        errors = [response["error"] for response in json.loads(lines.readline())]
    assert [error["code"] for error in errors] == [-32000, -32602, -32602, -32000]
    assert errors[0]["data"]["error"]["type"] == "BadRequest"
    assert errors[3]["data"]["error"]["type"] == "IndexMissing"


def test_an_index_that_was_built_again_is_never_answered_from_the_old_one(new_place: Place) -> None:
    new_place.start()
    question = ["ask", "--jsonl", "-k1", "restart the vpn", *new_place.flags]
    assert "Run `vpn restart`" in new_place.warm(*question).out
    for text in ("Pull the plug.", "Read the manual."):
        (new_place.corpus / "vpn.md").write_text(f"# How do I restart the vpn?\n\n{text}\n")
        if text == "Read the manual.":
            shutil.rmtree(new_place.index)
            assert new_place.cold("build", *new_place.flags, "--model", new_place.model).code == 0
        assert text in new_place.warm(*question).out


def test_asking_leaves_one_process_behind_and_stop_ends_it(new_place: Place) -> None:
    assert new_place.qasearch("warm", "status").code == 1
    assert new_place.thin("ask", "vpn", *new_place.flags).code == COLD
    for arguments in (["ask", ""], ["ask", "--no-warm", "vpn"], ["ask", "vpn", "--tag", "no"]):
        new_place.qasearch(*arguments, *new_place.flags)
    assert new_place.cold("ask", "vpn", *new_place.flags).code == 0
    assert new_place.qasearch("warm", "stop").code == 1
    new_place.start()
    assert new_place.warm("ask", "vpn", *new_place.flags).code == 0
    status = json.loads(new_place.qasearch("warm", "status", "--json").out)
    assert (status["schema"], status["version"]) == ("qasearch.warm/1", qasearch.__version__)
    assert status["answered"] >= 1
    worker, *_ = status["workers"]
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
    assert new_place.warm("ask", "vpn", *new_place.flags).code == 0  # by another worker
    second = new_place.status()
    assert second["pid"] == first["pid"]
    os.kill(second["pid"], signal.SIGKILL)
    until(
        lambda: not any(is_running(worker["pid"]) for worker in second["workers"]),
        "the end of its workers",
    )
    assert Path(new_place.at().path).exists()  # the stale socket
    new_place.start()
    assert new_place.warm("ask", "vpn", *new_place.flags).code == 0
    assert new_place.status()["pid"] != first["pid"]


def test_a_process_that_hangs_keeps_nobody_waiting(new_place: Place) -> None:
    new_place.start()
    pid = new_place.status()["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        assert new_place.thin("ask", "vpn", *new_place.flags).code == COLD
        assert new_place.qasearch("ask", "vpn", *new_place.flags).code == 0
    finally:
        os.kill(pid, signal.SIGCONT)


def test_another_program_is_another_process(new_place: Place) -> None:
    shutil.copytree(ROOT / "qasearch", new_place.folder / "program" / "qasearch")
    new_place.environ["PYTHONPATH"] = str(new_place.folder / "program")
    assert new_place.qasearch("ask", "vpn", *new_place.flags).code == 0
    status = new_place.run(["-m", "qasearch", "warm", "status", "--json"])

    def loaded() -> Any:
        status = json.loads(new_place.qasearch("warm", "status", "--json").out)
        return status.get("workers") and status

    first = until(loaded, "the start")
    assert new_place.status() is None, status
    assert new_place.warm("ask", "vpn", *new_place.flags).code == 0
    with (new_place.folder / "program" / "qasearch" / "source.py").open("a") as file:
        file.write("\n")
    until(
        lambda: (
            not is_running(first["pid"])
            or new_place.thin("ask", "vpn", *new_place.flags).code == COLD
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
"""A worker that answers with the params of the request.

`touches` names a file that it makes when it begins; `takes_s` says how long it works. It starts
slowly because a question may wait as long as a worker takes to start.
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
        answer_to({"question": "1"}, self.at)
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
    assert client.call("status", address=at) is None


def test_it_ends_when_its_socket_is_another_ones(at: Endpoint) -> None:
    with Served(at) as served:
        Path(at.path).unlink()
        served.thread.join(PATIENCE_S)
        assert not served.thread.is_alive()


def test_only_one_listens(at: Endpoint) -> None:
    with Served(at):
        with pytest.raises(Occupied, match="warm"):
            Listener(at)
        assert answer_to({"question": "2"}, at) == {"question": "2"}


def test_what_was_accepted_is_answered_before_it_ends(at: Endpoint, tmp_path: Path) -> None:
    params = {"touches": str(tmp_path / "begun"), "takes_s": 1.0}
    request = {"jsonrpc": "2.0", "id": 1, "method": "ask", "params": params}
    with Served(at), connected(at) as connection, connection.makefile("rb") as lines:
        connection.sendall(f"{json.dumps(request)}\n".encode())
        until((tmp_path / "begun").exists, "the acceptance")
        assert result_of("stop", at) == {"pid": os.getpid()}
        lines.readline()
        assert json.loads(lines.readline()) == {"jsonrpc": "2.0", "id": 1, "result": params}


def test_silent_clients_hold_nobody_up(at: Endpoint) -> None:
    with Served(at):
        silent = [connected(at) for _ in range(40)]
        # Long before the server closes the silent ones.
        assert answer_to({"question": "2"}, at, _SILENCE_S / 2) == {"question": "2"}
        for connection in silent:
            connection.close()


def test_a_message_without_end_is_not_read(at: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qasearch.serving.server.MAX_MESSAGE", 1000)
    with Served(at):
        assert answer_to({"question": "x" * 800}, at) == {"question": "x" * 800}
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
    with pytest.raises(PermissionError, match="does not belong to this user alone"):
        check_private(str(folder))
    folder.chmod(0o700)
    link = folder / "link"
    link.symlink_to(folder)
    with pytest.raises(PermissionError, match="does not belong to this user alone"):
        check_private(str(link))
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError, match="does not belong to this user alone"):
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
        place = endpoint({"TMPDIR": "/short", **runtime})
        assert place
        assert place.folder == f"/short/qasearch-{os.geteuid()}"
    assert endpoint({"TMPDIR": "/" + "long" * 30}) is None
    names = [
        place.path
        for environ in ({}, {"HF_HOME": "a"}, {"TERM": "x"})
        if (place := endpoint({"TMPDIR": "/t", **environ}))
    ]
    assert (names[0] == names[2], names[0] == names[1]) == (True, False)
