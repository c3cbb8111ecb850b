"""Stamps of folders: two stamps differ if a file in the folder changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

Stamp = frozenset[tuple[str, int, int]]

_PACKAGE = Path(__file__).parent.parent


def stamp_of(folder: str | Path) -> Stamp:
    """Path, size and time of every file below a folder, without compiled Python.

    A folder that cannot be read has an empty stamp.
    """
    return frozenset(_files(folder))


def program_stamp() -> Stamp:
    """The stamp of qasearch itself."""
    return stamp_of(_PACKAGE)


def _files(folder: str | Path) -> Iterator[tuple[str, int, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        yield from _files(entry.path)
                else:
                    status = entry.stat()
                    yield entry.path, status.st_size, status.st_mtime_ns
    except OSError:  # it is being replaced just now
        return
