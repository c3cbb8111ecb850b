"""One build at a time for each index folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from qasearch.errors import IndexNotWritable
from qasearch.storage.connecting import not_writable

_FILE_NAME = "build.lock"


@contextmanager
def locked(index: Path, *, wait: bool) -> Iterator[None]:
    """Keep other builds of the index out; the folder is made if it is missing.

    Raises:
        IndexNotWritable: another build is running and `wait` is false, or the folder cannot be
            made or written.
    """
    with not_writable(index):
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / _FILE_NAME, timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexNotWritable(
                f"Another build is writing {index}.", "Wait until it has ended."
            ) from error
    try:
        yield
    finally:
        lock.release()
