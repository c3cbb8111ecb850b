"""Files that appear whole or not at all: written under another name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(file: Path, *, sync: bool = False) -> Iterator[BinaryIO]:
    """A stream whose content becomes `file` at the end of the block; until then the old file stays.

    Two processes may write the same file at once: each writes under a name of its own, and the last
    rename wins. If the block raises, nothing is left behind.

    Args:
        file: the file to write; its folder must exist.
        sync: whether the content and the rename are on disk when the block has ended.

    Raises:
        OSError: the file cannot be written.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if sync:
        sync_folder(file.parent)


def sync_file(file: Path) -> None:
    """Make what was written to the file survive a power cut."""
    descriptor = os.open(file, os.O_RDWR)  # Windows syncs no file that is open for reading only
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut, on platforms that can sync a folder."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
