"""Processes that answer, each one request at a time, over their standard input and output.

Processes and not threads: half of the time of a question is Python's own, which threads cannot
share. The first is started at once, another when all are busy and a core is free for it.
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

from qasearch.serving.dispatcher import DECLINED, RpcError

_MOST = 4
"""Workers; each takes some 200 MB."""

_HUNG_S = 120.0
"""A worker that says nothing for so long is ended."""

_END_S = 2.0

Params = dict[str, Any] | list[Any]


class _Worker:
    """One process. It says `ready`, with its state, when it can take a request: at first, and after
    each response.
    """

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
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self._requests, self._output = (
            cast("IO[str]", self._process.stdin),
            cast("IO[str]", self._process.stdout),
        )
        threading.Thread(target=self._read, daemon=True).start()

    def call(self, method: str, params: Params) -> Any:
        """The result of a method.

        Raises:
            RpcError: the worker's own, or `DECLINED` if it is gone.
        """
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        try:
            self._requests.write(f"{request}\n")
            self._requests.flush()
            response = self._responses.get(timeout=_HUNG_S)
        except (OSError, queue.Empty):
            response = None
        if response is None:
            self.end()
            raise RpcError(DECLINED, "The worker is gone.")
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

    def _read(self) -> None:
        with self._output:
            for line in self._output:
                message = json.loads(line)
                if "method" in message:
                    self.state = message["params"]
                    self._ready(self)
                else:
                    self._responses.put(message)
        self.alive = False
        self._responses.put(None)


class Workers:
    """As many workers as there are questions at a time, but not more than cores, nor than four."""

    def __init__(self, command: list[str]) -> None:
        """Start the first one; `command` runs a worker."""
        self._command = command
        cores = (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
        self._limit = min(cores, _MOST)
        self._lock = threading.Lock()
        self._free: queue.LifoQueue[_Worker] = (
            queue.LifoQueue()
        )  # the last one has everything in its caches
        self._waiting = 0
        self._start_s: float | None = None
        self._all = [_Worker(command, self._is_ready)]

    @property
    def patience_s(self) -> float:
        """How long a question may take: what it would take if all that wait were asked in processes
        of their own.

        0 while the first worker is starting.
        """
        return (self._start_s or 0.0) * max(1.0, self._waiting / self._limit)

    def call(self, method: str, params: Params) -> Any:
        """The result of a method of whichever worker is free first.

        Raises:
            RpcError: the worker's own, or `DECLINED` if none is free in time.
        """
        return self._take().call(method, params)

    def states(self) -> list[dict[str, Any]]:
        """What each worker last said of itself."""
        with self._lock:
            return [worker.state for worker in self._all if worker.alive and worker.state]

    def end(self) -> None:
        """End all of them."""
        for worker in self._all:
            worker.end()

    def _take(self) -> _Worker:
        with self._lock:
            self._waiting += 1
            patience_s = self.patience_s
        try:
            end = time.monotonic() + patience_s
            self._start_another()
            while True:
                worker = self._free.get(timeout=max(0.0, end - time.monotonic()))
                if worker.alive:
                    return worker
                self._start_another()
        except queue.Empty as error:
            raise RpcError(DECLINED, "All workers are busy.") from error
        finally:
            with self._lock:
                self._waiting -= 1

    def _start_another(self) -> None:
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
