"""The warm process: it takes connections, hands their requests to workers, and decides when to end.

    python -m qasearch.serving.server FLAG ...

It ends after ten idle minutes, when the files of qasearch changed, when its socket was taken away,
or when it is told to; every question that it accepted is answered first. It writes a log file.
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
from pathlib import Path
from typing import Any

import qasearch
from qasearch import logs
from qasearch.presenting.schemas.warm import WARM
from qasearch.serving.dispatcher import DECLINED, Dispatcher, Method, RpcError
from qasearch.serving.endpoint import Endpoint, endpoint
from qasearch.serving.listening import Listener, Occupied
from qasearch.serving.program import program_stamp
from qasearch.serving.workers import Workers

IDLE_S = 600.0
"""After so long without a question, memory is worth more to others than a quick next answer."""

MAX_MESSAGE = 2**22
"""Bytes of a request: more than an environment and a question ever need."""

_MAX_CONNECTIONS = 128
_SILENCE_S = 60.0
"""A connection without any traffic for so long is closed."""

_MIN_PATIENCE_S = 0.5
"""The client waits at least so long: a busy machine delays any answer by tenths of a second."""

_TICK_S = 1.0
"""How often the server looks whether it should end, and at most how often at its own files."""

_LAST_ANSWERS_S = 30.0
"""How long the server waits, when it ends, for the answers that workers are still making."""


class Server:
    """One warm process."""

    def __init__(
        self,
        address: Endpoint,
        worker: list[str],
        *,
        idle_s: float = IDLE_S,
        log_file: Path | None = None,
    ) -> None:
        """Listen at `address`; `worker` is the command that runs a worker.

        Raises:
            Occupied: another warm process listens there.
            OSError: the folder does not belong to this user alone.
        """
        self._program = program_stamp()
        self._listener = Listener(address)
        self._workers = Workers(worker)
        self._idle_s = idle_s
        self._log_file = log_file
        self._since = datetime.now(UTC)
        self._last_question = self._last_look = time.monotonic()
        self._lock = threading.Lock()
        self._connections = self._answering = self._answered = 0
        self._ending = threading.Event()
        self._address = address
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
        logs.info(f"listening at {self._address.path}")
        try:
            while not self._is_over():
                connection = self._listener.accept(_TICK_S)
                if connection is not None:
                    threading.Thread(target=self._serve, args=[connection], daemon=True).start()
        finally:
            self._ending.set()
            self._listener.close()
            deadline = time.monotonic() + _LAST_ANSWERS_S
            while self._answering and time.monotonic() < deadline:
                time.sleep(0.01)
            self._workers.end()
            logs.info(f"ended after {self._answered} questions")

    def status(self) -> dict[str, Any]:
        """`qasearch.warm/1`; each worker is as it described itself last."""
        state = {
            "pid": os.getpid(),
            "version": qasearch.__version__,
            "since": self._since.isoformat(timespec="seconds"),
            "idle_s": round(time.monotonic() - self._last_question, 1),
            "answered": self._answered,
            "log": str(self._log_file) if self._log_file else None,
            "workers": self._workers.states(),
        }
        return WARM.render(state)

    def stop(self) -> dict[str, Any]:
        """End after the answers that are being made. The process id."""
        self._end()
        return {"pid": os.getpid()}

    def _end(self) -> None:
        self._ending.set()
        with contextlib.suppress(OSError):
            self._address.connect(_TICK_S).close()  # wakes the loop in `run`

    def _is_over(self) -> bool:
        idle = not self._answering and time.monotonic() - self._last_question > self._idle_s
        return idle or self._ending.is_set() or not self._listener.stands()

    def _by_a_worker(self, method: str) -> Method:
        def call(*positional: Any, **named: Any) -> Any:
            self._last_question = time.monotonic()
            self._check_program()
            try:
                result = self._workers.call(method, list(positional) or named)
            except RpcError as error:
                logs.info(f"{method}: {error}")
                raise
            with self._lock:
                self._answered += 1
            return result

        return call

    def _check_program(self) -> None:
        """End if the files of qasearch changed: an answer must not come from old code."""
        now = time.monotonic()
        if now - self._last_look > _TICK_S:
            self._last_look = now
            if program_stamp() != self._program:
                logs.info("the files of qasearch changed")
                self._end()
        if self._ending.is_set():
            raise RpcError(DECLINED, "The warm process is ending.")

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client left, or was silent too long
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
        seconds = round(max(_MIN_PATIENCE_S, self._workers.patience_s), 3)
        greeting = {"jsonrpc": "2.0", "method": "patience", "params": {"seconds": seconds}}
        connection.sendall(f"{json.dumps(greeting)}\n".encode())
        with connection.makefile("rb") as lines:
            # A line that is too long, or that ends with the connection, has no line end.
            while (line := lines.readline(MAX_MESSAGE)).endswith(b"\n"):
                self._count(1)
                try:
                    reply = self._dispatcher.reply(line)
                    if reply is not None:
                        connection.sendall(f"{reply}\n".encode())
                finally:
                    self._count(-1)

    def _count(self, change: int) -> None:
        """Change the number of requests that are being answered."""
        with self._lock:
            self._answering += change


def log_file() -> Path:
    """The log of the warm process, in the user's state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("qasearch", appauthor=False)) / "warm.log"


def main() -> None:
    """Serve at this user's endpoint; workers first load what `ask` with the flags in argv needs."""
    address = endpoint()
    if address is None:
        return
    file = log_file()
    logs.to_file(file)
    worker = [sys.executable, "-m", "qasearch.serving.worker", *sys.argv[1:]]
    try:
        server = Server(address, worker, log_file=file)
    except Occupied:
        return  # another warm process is there already
    except OSError as error:
        logs.info(f"cannot listen at {address.path}: {error}")
        return
    server.run()


if __name__ == "__main__":
    main()
