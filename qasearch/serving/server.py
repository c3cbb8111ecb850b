"""The warm process: takes connections, hands their requests to workers, and knows when to end.

    python -m qasearch.serving.server FLAG ...

It ends after ten idle minutes, when qasearch itself has changed, when its socket is no longer its
own, or when it is told to; what it has accepted is answered first.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

import qasearch
from qasearch.serving.dispatcher import DECLINED, Dispatcher, Method, RpcError
from qasearch.serving.endpoint import Endpoint, endpoint
from qasearch.serving.listening import Listener, Occupied
from qasearch.serving.program import program_stamp
from qasearch.serving.workers import Workers

IDLE_S = 600.0
MAX_MESSAGE = 2**22
"""Bytes of a request."""

_MAX_CONNECTIONS = 128
_SILENCE_S = 60.0
"""A connection on which so long nothing moves is closed."""

_LEAST_PATIENCE_S = 0.5
_TICK_S = 1.0
_LAST_ANSWERS_S = 30.0


class Server:
    """One warm process."""

    def __init__(self, at: Endpoint, worker: list[str], *, idle_s: float = IDLE_S) -> None:
        """Listen at `at`; `worker` is the command that runs a worker.

        Raises:
            Occupied: there is a warm process already.
            OSError: the folder is not ours alone.
        """
        self._program = program_stamp()
        self._listener = Listener(at)
        self._workers = Workers(worker)
        self._idle_s = idle_s
        self._since = datetime.now(UTC)
        self._last_asked = self._last_looked = time.monotonic()
        self._lock = threading.Lock()
        self._connections = self._answering = self._answered = 0
        self._ending = threading.Event()
        self._at = at
        self._dispatcher = Dispatcher(
            {
                "ask": self._by_a_worker("ask"),
                "command": self._by_a_worker("command"),
                "status": self.status,
                "stop": self.stop,
            }
        )

    def run(self) -> None:
        """Serve until it is time to end."""
        try:
            while not self._is_over():
                connection = self._listener.accept(_TICK_S)
                if connection is not None:
                    threading.Thread(target=self._serve, args=[connection], daemon=True).start()
        finally:
            self._ending.set()
            self._listener.close()
            end = time.monotonic() + _LAST_ANSWERS_S
            while self._answering and time.monotonic() < end:
                time.sleep(0.01)
            self._workers.end()

    def status(self) -> dict[str, Any]:
        """`qasearch.warm/1`, for every worker what it said last."""
        return {
            "schema": "qasearch.warm/1",
            "pid": os.getpid(),
            "version": qasearch.__version__,
            "since": self._since.isoformat(timespec="seconds"),
            "idle_s": round(time.monotonic() - self._last_asked, 1),
            "answered": self._answered,
            "workers": self._workers.states(),
        }

    def stop(self) -> dict[str, Any]:
        """End after the answers that are under way. The process id."""
        self._end()
        return {"pid": os.getpid()}

    def _end(self) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._at.connect(_TICK_S).close()  # so that the loop does not sleep on

    def _is_over(self) -> bool:
        idle = not self._answering and time.monotonic() - self._last_asked > self._idle_s
        return idle or self._ending.is_set() or not self._listener.stands()

    def _by_a_worker(self, method: str) -> Method:
        def call(*positional: Any, **named: Any) -> Any:
            self._last_asked = time.monotonic()
            self._check_program()
            result = self._workers.call(method, list(positional) or named)
            with self._lock:
                self._answered += 1
            return result

        return call

    def _check_program(self) -> None:
        now = time.monotonic()
        if now - self._last_looked > _TICK_S:
            self._last_looked = now
            if program_stamp() != self._program:
                self._end()
        if self._ending.is_set():
            raise RpcError(DECLINED, "The warm process is ending.")

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the other side is gone, or silent
            with self._lock:
                self._connections += 1
            try:
                if self._connections <= _MAX_CONNECTIONS and self._listener.admits(connection):
                    self._answer(connection)
            finally:
                with self._lock:
                    self._connections -= 1

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_SILENCE_S)
        patience = {"seconds": round(max(_LEAST_PATIENCE_S, self._workers.patience_s), 3)}
        connection.sendall(_line({"jsonrpc": "2.0", "method": "patience", "params": patience}))
        with connection.makefile("rb") as lines:
            while (line := lines.readline(MAX_MESSAGE)).endswith(
                b"\n"
            ):  # neither too long nor cut off
                self._count(1)
                try:
                    reply = self._dispatcher.reply(line)
                    if reply is not None:
                        connection.sendall(f"{reply}\n".encode())
                finally:
                    self._count(-1)

    def _count(self, answering: int) -> None:
        with self._lock:
            self._answering += answering


def main() -> None:
    """Serve at this user's endpoint; the workers first load what `ask` needs with the flags in
    argv.
    """
    at = endpoint()
    if at is None:
        return
    try:
        server = Server(at, [sys.executable, "-m", "qasearch.serving.worker", *sys.argv[1:]])
    except (Occupied, OSError):
        return  # there is one, or there can be none
    server.run()


def _line(message: dict[str, Any]) -> bytes:
    return f"{json.dumps(message)}\n".encode()


if __name__ == "__main__":
    main()
