"""The thin client: it hands a question to the warm process, and starts one for the next question.

Whatever goes wrong here, the result is None and the caller does the work itself; nothing is ever an
error. The client is imported before anything else, so it imports almost nothing.
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
"""How long the client waits for the first message, which says how long to wait for the reply.

Hardly any question takes longer in a process of its own.
"""

_ON = ("1", "true", "yes", "on")

_OWN_PROCESS = ("--no-warm", "--verbose", "-v")
"""Options that are for a process of its own; so is `--batch`, which reads line by line."""


def ask(arguments: list[str]) -> int | None:
    """Let the warm process run `qasearch ask`, and print what it printed.

    Returns:
        The exit code; None if there is no warm process, or it does not answer in time.
    """
    if os.environ.get("QASEARCH_WARM", "1").lower() not in _ON or os.environ.get("QASEARCH_LOG"):
        return None
    if any(argument in _OWN_PROCESS or argument.startswith("--batch") for argument in arguments):
        return None
    streams = (sys.stdin, sys.stdout, sys.stderr)
    terminals = [stream is not None and stream.isatty() for stream in streams]
    if os.name != "posix" and any(terminals[1:]):  # only its own process knows a Windows console
        return None
    try:
        params = {
            "arguments": arguments,
            "cwd": os.getcwd(),  # noqa: PTH109 - pathlib takes as long as asking
            "environ": dict(os.environ),
            "terminals": terminals,
            "size": list(os.get_terminal_size(1)) if terminals[1] else [],
        }
    except OSError:  # the working folder was removed
        return None
    try:
        result = call("command", params)
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    return None if result is None else _print(result)


def call(method: str, params: dict[str, Any] | None = None, address: Endpoint | None = None) -> Any:
    """The result of a method of the warm process.

    None if there is no warm process, or it does not give a result in time.
    """
    try:
        address = address or endpoint()
        if address is None:
            return None
        connection = address.connect(_GREETING_S)
        try:
            return _exchange(connection, method, params or {})
        finally:
            connection.close()
    except (OSError, ValueError, KeyError):
        return None


def start(flags: list[str]) -> None:
    """Start a warm process, unless there is one, that loads what a question with these flags
    needs.
    """
    import contextlib
    import subprocess

    address = endpoint()
    if address is None:
        return
    try:
        address.connect(_GREETING_S).close()
    except OSError:
        pass
    else:
        return
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        flag = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        detached = {"creationflags": flag}
    with contextlib.suppress(OSError):  # too many processes: the next question tries again
        process = subprocess.Popen(
            [sys.executable, "-m", "qasearch.serving.server", *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=os.path.abspath(os.sep),  # noqa: PTH100
            env=AT_START,
            **detached,
        )
        process.returncode = 0  # it outlives this process, which must not wait for it


def _exchange(connection: socket, method: str, params: dict[str, Any]) -> Any:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    connection.sendall(f"{encode(request)}\n".encode())
    deadline = monotonic() + _GREETING_S
    received = b""
    while True:
        while b"\n" not in received:
            connection.settimeout(max(0.001, deadline - monotonic()))
            part = connection.recv(2**16)
            if not part:
                return None
            received += part
        line, _, received = received.partition(b"\n")
        message = decode(line.decode())
        if "method" not in message:
            return message.get("result")
        deadline = monotonic() + message["params"]["seconds"]


def _print(result: dict[str, Any]) -> int:
    streams = {1: sys.stdout, 2: sys.stderr}
    for stream in streams.values():
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        for number, text in result["output"]:
            streams[number].write(text)
            streams[number].flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    return int(result["code"])
