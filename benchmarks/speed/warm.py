"""The warm process on the bundled corpus: a question beside `python -c pass`, and eight clients
beside one.
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
from collections.abc import Callable

from benchmarks.shared import ROOT
from benchmarks.speed.pairs import PASS, compare, process
from qasearch.serving import client
from qasearch.serving.endpoint import Endpoint, endpoint

QUESTION = "What is a latent space?"
QASEARCH = (sys.executable, "-c", "from qasearch.__main__ import main; main()")
"""What the console script does."""

COMPUTE = (sys.executable, "-c", "sum(range(500_000))")
"""Shares nothing with its like: what eight of it gain is what the cores that are free now can
give."""

CLIENTS, QUESTIONS = 8, 160


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_RUNTIME_DIR"] = temporary
        at = endpoint(os.environ)
        assert at is not None
        flags = ["--corpus", str(ROOT / "corpus"), "--index", f"{temporary}/index"]
        process([*QASEARCH, "build", *flags])()
        ask = process([*QASEARCH, "ask", "--json", QUESTION, *flags])
        try:
            _until_both_workers_are_loaded(ask, at)
            compare("ask --json, warm", ask, "python -c pass", PASS, runs=4 * runs, target="4")
            _compare_clients("processes that only compute", lambda: process(COMPUTE), runs)
            _compare_clients("client processes", lambda: ask, runs)
            _compare_clients(
                "connections that speak `ask`", lambda: _connection(at, temporary), runs
            )
            found = client.call("status", at=at)
            print(
                "workers:",
                ", ".join(f"{worker['memory_mb']:.0f} MB" for worker in found["workers"]),
            )
        finally:
            client.call("stop", at=at)


def _until_both_workers_are_loaded(ask: Callable[[], object], at: Endpoint) -> None:
    ask()
    while client.call("status", at=at) is None:
        time.sleep(0.1)
    wanted = min(4, len(os.sched_getaffinity(0)))
    while len(client.call("status", at=at)["workers"]) < wanted:
        _seconds([ask] * CLIENTS, CLIENTS)


def _connection(at: Endpoint, temporary: str) -> Callable[[], object]:
    """Asks over one connection of its own; the reply is read and not parsed, as the client is not
    what is measured.
    """
    connection = socket.socket(fileno=at.connect(60).detach())
    connection.settimeout(60)
    lines = connection.makefile("rb")
    lines.readline()
    params = {"question": QUESTION, "corpus": str(ROOT / "corpus"), "index": f"{temporary}/index"}
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ask", "params": params})

    def ask() -> None:
        connection.sendall(f"{request}\n".encode())
        if b'"result"' not in lines.readline():
            sys.exit("the warm process gave no answer")

    return ask


def _compare_clients(what: str, make: Callable[[], Callable[[], object]], runs: int) -> None:
    clients = [make() for _ in range(CLIENTS)]
    pairs = [
        (_seconds(clients, QUESTIONS), _seconds(clients[:1], QUESTIONS // 4) * 4)
        for _ in range(runs + 1)
    ][1:]
    many, one = (QUESTIONS / statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    print(
        f"{what}: {CLIENTS} at a time {many:.0f} a second, one {one:.0f}; ratio {ratio:.2f} (target: 1.8)"
    )


def _seconds(clients: list[Callable[[], object]], questions: int) -> float:
    """Wall time in which the clients, each in a thread, ask so many questions together."""

    def ask_on(one: Callable[[], object]) -> None:
        for _ in range(questions // len(clients)):
            one()

    threads = [threading.Thread(target=ask_on, args=[one]) for one in clients]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started
