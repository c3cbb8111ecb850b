"""The vectors file: passage ids and their vectors. It is mapped into memory, not read.

    header   64 bytes: magic, number of rows, dimension, SHA-256 of the vectors; little-endian
    vectors  (n, d) float32
    ids      (n,) int64, ascending, from the next multiple of 8 bytes

`index.db` has the SHA-256 of header and ids, which is compared whenever the file is opened. The
header has that of the vectors, which only `verify` compares, because that reads all of them. Python
opens the files and not FAISS: on Windows, FAISS fails on paths with letters outside the ANSI code
page.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qasearch.atomic import new_file
from qasearch.errors import IndexDamaged
from qasearch.storage.connecting import REBUILD

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_HEADER = struct.Struct("<8sQQ32s8x")
_MAGIC = b"qasearch"
_MAX_MAPPED_BYTES = 2**28
"""Rows of a larger file are read, not taken from the mapped file, if the platform can do that: see
`_LargeFile`."""
_NAME = re.compile(r"(vectors|lists)-\d+\.\w+|\.(vectors|lists)-\d+\.\w+\.\d+\.tmp")
"""The names of the files, and of those that `qasearch.atomic` has not renamed yet."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Vectors by passage id.

    Attributes:
        ids: (n,) int64, ascending.
        vectors: (n, d) float32, rows of unit norm.
        file: reads the vectors of a large file; None if they are taken from the mapped file.
    """

    ids: Ids
    vectors: Floats
    file: _LargeFile | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def open(cls, file: Path, sha256: str) -> Segment:
        """The vectors in a file whose header and ids have this SHA-256.

        A vector is read when it is used.

        Raises:
            IndexDamaged: the file is missing, truncated, or another one.
        """
        header, mapped, large = _mapped(file)
        rows, dimension, ids_at = header.rows, header.dimension, header.ids_at
        ids = np.frombuffer(mapped, "<i8", rows, ids_at)
        if hashlib.sha256(mapped[: _HEADER.size] + mapped[ids_at:]).hexdigest() != sha256:
            raise IndexDamaged(f"{file} is altered, or belongs to another index.", REBUILD)
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
        """(m,) int64, the rows of the ids; ids that are not in the segment are left out."""
        rows = np.searchsorted(self.ids, ids)
        return rows[self.ids[np.minimum(rows, len(self) - 1)] == ids] if len(self) else rows[:0]

    def holds(self, ids: Ids) -> npt.NDArray[np.bool_]:
        """Bool, in the shape of `ids`: which of them are in the segment."""
        return np.asarray(np.searchsorted(self.ids, ids, "right") > np.searchsorted(self.ids, ids))

    def between(self, starts: Ids, stops: Ids) -> tuple[Ids, Ids]:
        """The rows of the ids in some ranges, in the order of the ranges.

        Args:
            starts: (r,) int64, the first id of each range.
            stops: (r,) int64, the id after its last one.

        Returns:
            (m,) int64 rows, and (m,) int64 the number of the range of each row.
        """
        first, last = np.searchsorted(self.ids, starts), np.searchsorted(self.ids, stops)
        counts = last - first
        offsets = first - np.r_[0, np.cumsum(counts)[:-1]]  # from a place in the result to a row
        rows = np.repeat(offsets, counts) + np.arange(counts.sum())
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

    If a process touches one page of a mapped file, the kernel maps many pages around it and counts
    all of them as memory of the process. After some dozen questions to a million passages that
    would be the whole file.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)

    def take(self, rows: Ids, dimension: int) -> Floats:
        """(m, d) float32, the vectors of some rows. Neighbouring rows are read together."""
        size = 4 * dimension
        firsts = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        counts = np.diff(firsts, append=len(rows))
        read = [
            os.pread(self._descriptor, size * count, _HEADER.size + size * first)
            for first, count in zip(rows[firsts].tolist(), counts.tolist(), strict=True)
        ]
        return np.frombuffer(b"".join(read), "<f4").reshape(len(rows), dimension)


def _mapped(file: Path) -> tuple[_Header, mmap.mmap, _LargeFile | None]:
    """The header of a vectors file and the file, mapped; and its reader if it is large.

    The size of the file is compared first: reading beyond the end of a mapped file would kill the
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
            large = header.ids_at > _MAX_MAPPED_BYTES and hasattr(os, "pread")
            mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            return header, mapped, _LargeFile(os.dup(stream.fileno())) if large else None
    except OSError as error:
        raise IndexDamaged(f"Cannot read {file}: {error.strerror}.", REBUILD) from error


def verify(file: Path) -> None:
    """Read all vectors in `file` and compare their SHA-256.

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
    """Write the vectors file of a generation, synced to disk.

    Args:
        folder: that of the index.
        generation: names the file.
        dimension: of the vectors.
        parts: (n,) ids, ascending from part to part, and (n, d) vectors of unit norm. Only one part
            is in memory at a time.

    Returns:
        the SHA-256 of the header and the ids.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    ids, vectors_digest = [np.empty(0, np.int64)], hashlib.sha256()
    with new_file(folder / file_name(generation), sync=True) as stream:
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


def file_name(generation: int) -> str:
    """The name of the vectors file that a generation wrote."""
    return f"vectors-{generation}.f32"


def lists_file_name(generation: int) -> str:
    """The name of the lists for an approximate search that a generation wrote."""
    return f"lists-{generation}.faiss"


def remove_others(folder: Path, generation: int) -> None:
    """Delete the vectors files and lists that other generations wrote, and what interrupted builds
    left behind.
    """
    current = file_name(generation), lists_file_name(generation)
    for file in folder.iterdir():
        if _NAME.fullmatch(file.name) and file.name not in current:
            # on Windows, a process that asks may have it open: a later build tries again
            with contextlib.suppress(OSError):
                file.unlink()
