"""The thin client: hands a question to the warm process, and starts one for the next question.

Whatever is in the way, the answer is None and the caller does the work itself; nothing here is ever
an error.
"""

from __future__ import annotations

import os
import sys
from time import monotonic

from qasearch.serving.endpoint import AT_START, Endpoint, endpoint
from qasearch.serving.thin_json import decode, encode

TYPE_CHECKING = False  # importing typing takes as long as asking
if TYPE_CHECKING:
    from _socket import socket
    from typing import Any

_GREETING_S = 0.5
"""How long the warm process may take to say how long an answer may take: hardly longer than any
question takes cold."""

_ON = ("1", "true", "yes", "on")


def ask(arguments: list[str]) -> int | None:
    """Let the warm process run `qasearch ask`, and print what it printed: its exit code, or
    None.
    """
    if "--no-warm" in arguments or os.environ.get("QASEARCH_WARM", "1").lower() not in _ON:
        return None
    if any(
        each.startswith("--batch") for each in arguments
    ):  # reads standard input or a file, line by line
        return None
    terminals = [
        stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)
    ]
    if os.name != "posix" and any(
        terminals[1:]
    ):  # what a console of Windows can do is only known where it is
        return None
    try:
        size = list(os.get_terminal_size(1)) if terminals[1] else []
        params = {
            "arguments": arguments,
            "cwd": os.getcwd(),  # noqa: PTH109 - pathlib takes as long as asking
            "environ": dict(os.environ),
            "terminals": terminals,
            "size": size,
        }
    except OSError:  # the working folder is gone
        return None
    try:
        result = call("command", params)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return None if result is None else _print(result)


def call(method: str, params: dict[str, Any] | None = None, at: Endpoint | None = None) -> Any:
    """The result of a method of the warm process; None if there is none, or it does not give one in
    time.
    """
    try:
        at = at or endpoint()
        if at is None:
            return None
        connection = at.connect(_GREETING_S)
        try:
            return _exchange(connection, method, params or {})
        finally:
            connection.close()
    except (OSError, ValueError, KeyError):
        return None


def start(flags: list[str]) -> None:
    """Start a warm process, unless there is one, that loads what `qasearch ask` with these flags
    needs.
    """
    import contextlib
    import subprocess

    at = endpoint()
    if at is None:
        return
    try:
        at.connect(_GREETING_S).close()
    except OSError:
        pass
    else:
        return
    apart: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    with contextlib.suppress(OSError):  # too many processes
        process = subprocess.Popen(
            [sys.executable, "-m", "qasearch.serving.server", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),  # noqa: PTH100
            env=AT_START,
            **apart,
        )
        process.returncode = 0  # it is not ours to wait for


def _exchange(connection: socket, method: str, params: dict[str, Any]) -> Any:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    connection.sendall(f"{encode(request)}\n".encode())
    end = monotonic() + _GREETING_S
    received = b""
    while True:
        while b"\n" not in received:
            connection.settimeout(max(0.001, end - monotonic()))
            part = connection.recv(2**16)
            if not part:
                return None
            received += part
        line, _, received = received.partition(b"\n")
        message = decode(line.decode())
        if "method" not in message:
            return message.get("result")
        end = monotonic() + message["params"]["seconds"]


def _print(result: dict[str, Any]) -> int:
    streams = {1: sys.stdout, 2: sys.stderr}
    for stream in streams.values():
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        for number, text in result["output"]:
            streams[number].write(text)
            streams[number].flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return int(result["code"])
