"""The listening side of an endpoint: at most one process listens, and only for this user."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import socket
import struct
from pathlib import Path

from filelock import FileLock, Timeout

from qasearch.serving.endpoint import Endpoint, UnixEndpoint, check_private

_LOCK_S = 2.0
"""How long to wait for the other process: it may be about to end."""

_BACKLOG = 128
"""Connections that wait to be accepted; as many as the server serves at once."""

_TOKEN_S = 5.0
"""How long a client may take to send its token."""


class Occupied(Exception):
    """Another process listens already."""


class Listener:
    """Accepts connections of this user.

    The endpoint is free again after `close`, or when the process ends in any other way.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        """Listen.

        Raises:
            Occupied: another process listens there.
            OSError: the folder cannot be made, or does not belong to this user alone.
        """
        Path(endpoint.folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        check_private(endpoint.folder)
        self._path = Path(endpoint.path)
        self._lock = FileLock(f"{endpoint.path}.lock")
        try:
            self._lock.acquire(timeout=_LOCK_S)
        except Timeout as error:
            raise Occupied(endpoint.path) from error
        self._path.unlink(missing_ok=True)  # left by a process that was killed: its lock is free
        self._token = "" if isinstance(endpoint, UnixEndpoint) else secrets.token_hex(32)
        self._socket = self._listen_on_loopback() if self._token else self._listen_on_a_path()
        self._file = self._path.lstat().st_ino

    def accept(self, timeout_s: float) -> socket.socket | None:
        """A connection, or None after `timeout_s`. It must still pass `admits`."""
        self._socket.settimeout(timeout_s)
        try:
            return self._socket.accept()[0]
        except TimeoutError:
            return None

    def admits(self, connection: socket.socket) -> bool:
        """Whether the other side is this user, as the kernel or the token says."""
        if not self._token:
            return _peer(connection) in (None, os.geteuid())
        connection.settimeout(_TOKEN_S)
        sent = b""
        while len(sent) <= len(self._token) and (
            part := connection.recv(len(self._token) + 1 - len(sent))
        ):
            sent += part
        return hmac.compare_digest(sent, f"{self._token}\n".encode())

    def stands(self) -> bool:
        """Whether clients still find this process: nobody removed or replaced its file."""
        try:
            return self._path.lstat().st_ino == self._file
        except OSError:
            return False

    def close(self) -> None:
        """Leave the endpoint to another process; accepted connections stay open."""
        if self.stands():
            self._path.unlink(missing_ok=True)
        self._socket.close()
        self._lock.release()

    def _listen_on_a_path(self) -> socket.socket:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            listening.bind(str(self._path))
        finally:
            os.umask(mask)
        listening.listen(_BACKLOG)
        return listening

    def _listen_on_loopback(self) -> socket.socket:
        listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        written = self._path.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            written.unlink()
        with os.fdopen(
            os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii"
        ) as file:
            file.write(f"{listening.getsockname()[1]} {self._token}")
        written.replace(self._path)
        return listening


def _peer(connection: socket.socket) -> int | None:
    """The user id of the other side; None if the platform does not tell it."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    credentials = connection.getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")
    )
    return int(struct.unpack("3i", credentials)[1])
