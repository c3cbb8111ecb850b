"""Where the warm process of this user and this program listens.

That is a Unix socket, or a TCP port with a token on platforms without them. It is in a folder that
only this user can reach; without such a folder there is no warm process. The thin client imports
this module, so it imports almost nothing.
"""

from __future__ import annotations

import os
import stat
import sys

import qasearch

try:  # the compiled halves: importing the others takes longer than asking
    import _socket as socket
    from _blake2 import blake2b
except ImportError:
    import socket  # type: ignore[no-redef]
    from hashlib import blake2b

TYPE_CHECKING = False  # importing typing takes as long as asking
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_PATH = 103
"""Bytes of a socket's path that every system allows."""

_READ_ONCE = (
    "PYTHON",
    "HF_",
    "TRANSFORMERS_",
    "SENTENCE_TRANSFORMERS_",
    "CUDA_",
    "ORT_",
    "HOME",
    "XDG_CACHE_HOME",
)
"""Beginnings of the names of environment variables that Python or a library reads only once.

A process with other values of these needs a warm process of its own.
"""

AT_START = dict(os.environ)
"""The environment as this process started, before libraries add to it.

The name of the socket depends on it, and both sides must come to the same name.
"""


class UnixEndpoint:
    """A Unix socket in `folder`."""

    def __init__(self, folder: str, name: str) -> None:
        self.folder = folder
        self.path = f"{folder}/{name}.socket"

    def connect(self, timeout_s: float) -> socket.socket:
        """A connection.

        Raises:
            OSError: nobody listens, or the folder does not belong to this user alone.
        """
        check_private(self.folder)
        return _connected(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), self.path, timeout_s)


class LoopbackEndpoint:
    """A TCP port of this machine; a file in `folder` holds the port and a secret token.

    The token is the first line that a client sends.
    """

    def __init__(self, folder: str, name: str) -> None:
        self.folder = folder
        self.path = f"{folder}/{name}.port"

    def connect(self, timeout_s: float) -> socket.socket:
        """A connection over which the token was sent.

        Raises:
            OSError: nobody listens, or the folder does not belong to this user alone.
        """
        check_private(self.folder)
        # pathlib takes as long as asking
        with open(self.path, encoding="ascii") as file:  # noqa: PTH123
            port, _, token = file.read().partition(" ")
        if not port.isdigit():
            raise OSError(f"{self.path} names no port")
        connection = _connected(
            socket.socket(socket.AF_INET, socket.SOCK_STREAM), ("127.0.0.1", int(port)), timeout_s
        )
        connection.sendall(f"{token}\n".encode())
        return connection


Endpoint = UnixEndpoint | LoopbackEndpoint


def endpoint(environ: Mapping[str, str] = AT_START) -> Endpoint | None:
    """The endpoint of this user, program and interpreter.

    None if there is no folder for it, or if its path is too long for a socket.
    """
    name = _name(environ)
    if os.name != "posix":
        local = environ.get("LOCALAPPDATA")
        return LoopbackEndpoint(f"{local}/qasearch/warm", name) if local else None
    unix = UnixEndpoint(_runtime_folder(environ), name)
    return unix if len(os.fsencode(unix.path)) <= MAX_PATH else None


def check_private(folder: str) -> None:
    """Make sure that nobody but this user can put something into the folder.

    Raises:
        OSError: the folder is missing or a link, belongs to another user, or is open to others.
    """
    if os.name != "posix":
        return  # the user's own application data
    status = os.lstat(folder)
    open_to_others = status.st_mode & 0o077
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or open_to_others:
        raise PermissionError(f"{folder} does not belong to this user alone")


def _runtime_folder(environ: Mapping[str, str]) -> str:
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime:
        try:
            check_private(runtime)
        except OSError:
            pass  # after `su`, the variable names the folder of the user before
        else:
            return f"{runtime}/qasearch"
    return f"{environ.get('TMPDIR') or '/tmp'}/qasearch-{os.geteuid()}"  # noqa: S108 - it is checked


def _name(environ: Mapping[str, str]) -> str:
    read_once = [
        f"{name}={value}" for name, value in sorted(environ.items()) if name.startswith(_READ_ONCE)
    ]
    identity = [qasearch.__version__, qasearch.__file__, sys.executable, sys.version, *read_once]
    return blake2b(os.fsencode("\0".join(identity)), digest_size=8).hexdigest()


def _connected(
    connection: socket.socket, address: str | tuple[str, int], timeout_s: float
) -> socket.socket:
    connection.settimeout(timeout_s)
    try:
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection
