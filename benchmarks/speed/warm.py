"""Measures the warm process on the bundled corpus.

One question runs beside `python -c pass`, and eight clients beside one.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence

from benchmarks.shared import QUESTION, ROOT, seconds
from benchmarks.speed.pairs import PASS, compare, process
from qasearch.serving import client
from qasearch.serving.endpoint import Endpoint, endpoint

CONSOLE_SCRIPT = (sys.executable, "-c", "from qasearch.__main__ import main; main()")
"""What the installed command `qasearch` does."""

COMPUTE = (sys.executable, "-c", "sum(range(500_000))")
"""A process that shares nothing with others like it. What eight of them gain beside one is what the
cores of this machine have to give at the moment."""

CLIENTS = 8

QUESTIONS = 160
"""That the eight clients ask together; one client alone asks a quarter of them."""

Client = Callable[[], object]
"""Asks one question."""


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_RUNTIME_DIR"] = temporary
        address = endpoint(os.environ)
        assert address is not None
        corpus, index = str(ROOT / "corpus"), f"{temporary}/index"
        flags = ["--corpus", corpus, "--index", index]
        process([*CONSOLE_SCRIPT, "build", *flags])()
        ask = process([*CONSOLE_SCRIPT, "ask", "--json", QUESTION, *flags])
        try:
            _wait_for_all_workers(ask, address)
            compare("ask --json, warm", ask, "python -c pass", PASS, runs=4 * runs, target="4")
            _compare_clients("processes that only compute", lambda: process(COMPUTE), runs)
            _compare_clients("client processes", lambda: ask, runs)
            params = {"question": QUESTION, "corpus": corpus, "index": index}
            _compare_clients(
                "connections that send `ask`", lambda: _connection(address, params), runs
            )
            workers = client.call("status", address=address)["workers"]
            print("workers:", ", ".join(f"{worker['memory_mb']:.0f} MB" for worker in workers))
        finally:
            client.call("stop", address=address)


def _wait_for_all_workers(ask: Client, address: Endpoint) -> None:
    """Ask until the warm process has started all the workers that it may have."""
    ask()
    while client.call("status", address=address) is None:
        time.sleep(0.1)
    most_workers = min(4, len(os.sched_getaffinity(0)))
    while len(client.call("status", address=address)["workers"]) < most_workers:
        _ask_together([ask] * CLIENTS, CLIENTS)


def _connection(address: Endpoint, params: dict[str, str]) -> Client:
    """A client that asks over one connection of its own.

    It reads the reply and does not parse it: the time of the client is not measured.
    """
    connection = socket.socket(fileno=address.connect(60).detach())
    connection.settimeout(60)
    lines = connection.makefile("rb")
    lines.readline()
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ask", "params": params})

    def ask() -> None:
        connection.sendall(f"{request}\n".encode())
        if b'"result"' not in lines.readline():
            sys.exit("the warm process gave no answer")

    return ask


def _compare_clients(name: str, make: Callable[[], Client], runs: int) -> None:
    """Print how many questions a second eight clients and one client get answered."""
    clients = [make() for _ in range(CLIENTS)]
    pairs = [
        (_ask_together(clients, QUESTIONS), _ask_together(clients[:1], QUESTIONS // 4) * 4)
        for _ in range(runs + 1)
    ][1:]  # the first pair fills the caches
    eight = QUESTIONS / statistics.median(eight_s for eight_s, _ in pairs)
    one = QUESTIONS / statistics.median(one_s for _, one_s in pairs)
    ratio = statistics.median(one_s / eight_s for eight_s, one_s in pairs)
    print(
        f"{name}: {CLIENTS} at a time {eight:.0f} a second, one {one:.0f}; "
        f"ratio {ratio:.2f} (target: 1.8)"
    )


def _ask_together(clients: Sequence[Client], questions: int) -> float:
    """The seconds in which the clients, each in a thread, ask this number of questions together."""

    def ask(client: Client) -> None:
        for _ in range(questions // len(clients)):
            client()

    threads = [threading.Thread(target=ask, args=[client]) for client in clients]

    def run() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return seconds(run)
