"""The vectors file: passage ids and their vectors, mapped into memory and not read.

    header   64 bytes: magic, number of rows, dimension, SHA-256 of the vectors; little-endian
    vectors  (n, d) float32
    ids      (n,) int64, ascending, from the next multiple of 8 bytes

`index.db` names the SHA-256 of header and ids, which is compared whenever the file is opened; that
of the vectors is compared by `verify` alone, as that reads all of them. Files are opened by Python
and not by FAISS, whose own functions fail on paths with letters outside the ANSI code page on
Windows.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from qasearch.errors import IndexDamaged
from qasearch.storage.connecting import REBUILD

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_HEADER = struct.Struct("<8sQQ32s8x")
_MAGIC = b"qasearch"
_MAPPED_AT_MOST = 2**28
"""Of a file with more bytes, rows are read and not taken from the mapped one, where the platform
can."""
_NAME = re.compile(r"(vectors|lists)-\d+\.\w+(\.tmp)?")


@dataclass(frozen=True, slots=True)
class Segment:
    """Vectors by passage id.

    Attributes:
        ids: (n,) int64, ascending.
        vectors: (n, d) float32, rows of unit norm.
        file: where they are read from, if that is a large one; else None.
    """

    ids: Ids
    vectors: Floats
    file: _LargeFile | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def open(cls, file: Path, digest: str) -> Segment:
        """The vectors in a file whose header and ids have this SHA-256; no vector is read before it
        is used.

        Raises:
            IndexDamaged: the file is missing, truncated, or another one.
        """
        header, mapped, large = _mapped(file)
        rows, dimension, ids_at = header.rows, header.dimension, header.ids_at
        ids = np.frombuffer(mapped, "<i8", rows, ids_at)
        if hashlib.sha256(mapped[: _HEADER.size] + mapped[ids_at:]).hexdigest() != digest:
            raise IndexDamaged(f"{file} is altered, or not of this index.", REBUILD)
        vectors = np.frombuffer(mapped, "<f4", rows * dimension, _HEADER.size).reshape(
            rows, dimension
        )
        return cls(ids, vectors, large)

    def take(self, rows: Ids) -> Floats:
        """(m, d) float32, the vectors of some rows."""
        return (
            self.vectors[rows] if self.file is None else self.file.take(rows, self.vectors.shape[1])
        )

    def rows_of(self, ids: Ids) -> Ids:
        """(m,) int64, the rows of those of the ids that are here."""
        rows = np.searchsorted(self.ids, ids)
        return rows[self.ids[np.minimum(rows, len(self) - 1)] == ids] if len(self) else rows[:0]

    def holds(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Which of the ids are here, in their shape."""
        return np.asarray(np.searchsorted(self.ids, ids, "right") > np.searchsorted(self.ids, ids))

    def between(self, starts: Ids, stops: Ids) -> tuple[Ids, Ids]:
        """The rows of the ids from each start up to but not including its stop, and the number of
        the range of each.
        """
        first, last = np.searchsorted(self.ids, starts), np.searchsorted(self.ids, stops)
        counts = last - first
        rows = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        return rows, np.repeat(np.arange(len(starts)), counts)


@dataclass(frozen=True, slots=True)
class _Header:
    rows: int
    dimension: int
    vectors_sha256: bytes

    @property
    def ids_at(self) -> int:
        """Where the ids begin."""
        return -(-(_HEADER.size + 4 * self.rows * self.dimension) // 8) * 8

    def packed(self) -> bytes:
        return _HEADER.pack(_MAGIC, self.rows, self.dimension, self.vectors_sha256)


class _LargeFile:
    """Reads rows of a vectors file.

    Around each page that is touched of a mapped file the kernel maps many more, and counts all of
    them as memory of the process: after some dozen questions to a million passages that would be
    the whole file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)

    def take(self, rows: Ids, dimension: int) -> Floats:
        """(m, d) float32, the vectors of some rows; those that follow each other are read at
        once.
        """
        size = 4 * dimension
        firsts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        counts = np.diff(firsts, append=len(rows))
        read = [
            os.pread(self._descriptor, size * count, _HEADER.size + size * first)
            for first, count in zip(rows[firsts].tolist(), counts.tolist(), strict=True)
        ]
        return np.frombuffer(b"".join(read), "<f4").reshape(len(rows), dimension)


def _mapped(file: Path) -> tuple[_Header, mmap.mmap, _LargeFile | None]:
    """A vectors file of the right size: reading behind the end of a mapped one would end the
    process.
    """
    try:
        with file.open("rb") as stream:
            magic, *fields = _HEADER.unpack(stream.read(_HEADER.size).ljust(_HEADER.size))
            header = _Header(*fields)
            if (
                magic != _MAGIC
                or os.fstat(stream.fileno()).st_size != header.ids_at + 8 * header.rows
            ):
                raise IndexDamaged(f"{file} is truncated or altered.", REBUILD)
            large = header.ids_at > _MAPPED_AT_MOST and hasattr(os, "pread")
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            return header, mapped, _LargeFile(os.dup(stream.fileno())) if large else None
    except OSError as error:
        raise IndexDamaged(f"Cannot read {file}: {error.strerror}.", REBUILD) from error


def verify(file: Path) -> None:
    """Read the vectors in `file` and compare their digest.

    Raises:
        IndexDamaged: the file is missing, truncated, or altered.
    """
    header, mapped, _ = _mapped(file)
    with mapped, memoryview(mapped) as data:
        vectors = data[_HEADER.size : _HEADER.size + 4 * header.rows * header.dimension]
        with vectors:
            intact = hashlib.sha256(vectors).digest() == header.vectors_sha256
    if not intact:
        raise IndexDamaged(f"{file} is altered.", REBUILD)


def write(
    folder: Path, generation: int, dimension: int, parts: Iterable[tuple[Ids, Floats]]
) -> str:
    """Write the vectors file of a generation, synced to disk, and give the SHA-256 of its header
    and ids.

    Args:
        folder: that of the index.
        generation: names the file.
        dimension: of the vectors.
        parts: (n,) ids, ascending from part to part, and (n, d) vectors, of unit norm. One is held
            at a time.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    ids, vectors_digest = [np.empty(0, np.int64)], hashlib.sha256()
    with new_file(folder / file_name(generation)) as stream:
        stream.write(bytes(_HEADER.size))
        for part, vectors in parts:
            data = vectors.astype("<f4", copy=False).tobytes()
            ids.append(part)
            vectors_digest.update(data)
            stream.write(data)
        all_ids = np.concatenate(ids).astype("<i8").tobytes()
        header = _Header(len(all_ids) // 8, dimension, vectors_digest.digest())
        stream.write(bytes(header.ids_at - stream.tell()))
        stream.write(all_ids)
        stream.seek(0)
        stream.write(header.packed())
    return hashlib.sha256(header.packed() + all_ids).hexdigest()


@contextlib.contextmanager
def new_file(file: Path) -> Iterator[BinaryIO]:
    """Write a file that is there whole, and synced to disk, or not at all."""
    temporary = file.with_name(f"{file.name}.tmp")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def file_name(generation: int) -> str:
    """The name of the vectors file that a generation wrote."""
    return f"vectors-{generation}.f32"


def lists_file_name(generation: int) -> str:
    """The name of the file with the lists of an approximate search that a generation wrote."""
    return f"lists-{generation}.faiss"


def remove_others(folder: Path, generation: int) -> None:
    """Delete all files of vectors but those that `generation` wrote, and what interrupted builds
    left.
    """
    kept = file_name(generation), lists_file_name(generation)
    for file in folder.iterdir():
        if _NAME.fullmatch(file.name) and file.name not in kept:
            with contextlib.suppress(
                OSError
            ):  # a reader on Windows still has it open: the next build removes it
                file.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut, where the platform lets a folder be
    synced.
    """
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
