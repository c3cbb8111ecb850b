"""Worker processes: each answers one request at a time, over its standard input and output.

They are processes and not threads, because half of the time of a question is Python's own, which
threads cannot share. The first one starts at once, another one when all are busy and a core is
free.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Any, cast

from qasearch import logs
from qasearch.serving.dispatcher import DECLINED, RpcError

_MAX_WORKERS = 4
"""Each takes some 200 MB."""

_HUNG_S = 120.0
"""A worker that does not answer for so long hangs, and is killed."""

_END_S = 2.0
"""How long a worker may take to end by itself before it is killed."""

Params = dict[str, Any] | list[Any]


class _Worker:
    """One process. It sends `ready`, with its state, at first and after each response."""

    def __init__(self, command: list[str], ready: Callable[[_Worker], None]) -> None:
        self.started = time.monotonic()
        self.state: dict[str, Any] = {}
        self.alive = True
        self._ready = ready
        self._responses: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        self._requests = cast("IO[str]", self._process.stdin)
        for read in (self._read_output, self._read_log):
            threading.Thread(target=read, daemon=True).start()

    def call(self, method: str, params: Params) -> Any:
        """The result of a method.

        Raises:
            RpcError: the worker's own, or `DECLINED` if the process ended.
        """
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        try:
            self._requests.write(f"{request}\n")
            self._requests.flush()
            response = self._responses.get(timeout=_HUNG_S)
        except (OSError, queue.Empty):
            response = None
        if response is None:
            logs.info(f"worker {self._process.pid} did not answer")
            self.end()
            raise RpcError(DECLINED, "The worker ended.")
        if "error" in response:
            error = response["error"]
            raise RpcError(error["code"], error["message"], error.get("data"))
        return response["result"]

    def end(self) -> None:
        """End the process: by itself if it can."""
        self.alive = False
        try:
            self._requests.close()
            self._process.wait(_END_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()

    def _read_output(self) -> None:
        with cast("IO[str]", self._process.stdout) as output:
            for line in output:
                message = json.loads(line)
                if "method" in message:
                    self.state = message["params"]
                    self._ready(self)
                else:
                    self._responses.put(message)
        self.alive = False
        self._responses.put(None)

    def _read_log(self) -> None:
        """Log what the worker writes to standard error: its own log, warnings, the error it ends
        by.
        """
        with cast("IO[str]", self._process.stderr) as errors:
            for line in errors:
                logs.info(f"worker {self._process.pid}: {line.rstrip()}")


class Workers:
    """As many workers as there are questions at a time, at most one a core and four in all."""

    def __init__(self, command: list[str]) -> None:
        """Start the first one; `command` runs a worker."""
        self._command = command
        self._limit = min(_cores(), _MAX_WORKERS)
        self._lock = threading.Lock()
        # Last in, first out: the worker that answered last has everything in its caches.
        self._free: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._waiting = 0
        self._start_s: float | None = None
        self._all = [_Worker(command, self._is_ready)]

    @property
    def patience_s(self) -> float:
        """How long a question may take: as long as in a process of its own, for all that wait.

        0 while the first worker starts.
        """
        return (self._start_s or 0.0) * max(1.0, self._waiting / self._limit)

    def call(self, method: str, params: Params) -> Any:
        """The result of a method, from the worker that is free first.

        Raises:
            RpcError: the worker's own, or `DECLINED` if no worker is free in time.
        """
        return self._take().call(method, params)

    def states(self) -> list[dict[str, Any]]:
        """How each worker described itself last."""
        with self._lock:
            return [worker.state for worker in self._all if worker.alive and worker.state]

    def end(self) -> None:
        """End all workers."""
        for worker in self._all:
            worker.end()

    def _take(self) -> _Worker:
        with self._lock:
            self._waiting += 1
            patience_s = self.patience_s
        try:
            deadline = time.monotonic() + patience_s
            self._start_another()
            while True:
                worker = self._free.get(timeout=max(0.0, deadline - time.monotonic()))
                if worker.alive:
                    return worker
                self._start_another()
        except queue.Empty as error:
            raise RpcError(DECLINED, "All workers are busy.") from error
        finally:
            with self._lock:
                self._waiting -= 1

    def _start_another(self) -> None:
        """Start a worker if all are busy, none is starting, and the limit is not reached."""
        with self._lock:
            self._all = [worker for worker in self._all if worker.alive]
            starting = any(not worker.state for worker in self._all)
            if self._free.empty() and not starting and len(self._all) < self._limit:
                self._all.append(_Worker(self._command, self._is_ready))

    def _is_ready(self, worker: _Worker) -> None:
        with self._lock:
            if self._start_s is None:
                self._start_s = time.monotonic() - worker.started
        self._free.put(worker)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
