"""The searchable vectors: one FAISS index a generation (Douze et al. 2024, arXiv:2401.08281).

The only importer of faiss. Files are read and written by Python and not by FAISS, whose own file functions
fail on paths with letters outside the ANSI code page on Windows.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.errors import IndexDamaged

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_NAME = re.compile(r"vectors-(\d+)\.faiss(\.tmp)?")


class VectorIndex:
    """Vectors by passage id, searched exactly by inner product."""

    def __init__(self, index: Any, ids: Ids, vectors: Floats) -> None:
        self._index = index
        self._ids = ids
        self._vectors = vectors

    @classmethod
    def read(cls, file: Path, sha256: str) -> VectorIndex:
        """The vectors in a file whose digest must be `sha256`.

        Raises:
            IndexDamaged: the file is missing, truncated or altered.
        """
        import faiss

        try:
            data = file.read_bytes()
        except OSError as error:
            raise IndexDamaged(
                f"Cannot read {file}: {error.strerror}.", "Build again: qasearch build --full"
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise IndexDamaged(f"{file} is truncated or altered.", "Build again: qasearch build --full")
        return cls._around(faiss.deserialize_index(np.frombuffer(data, np.uint8)))

    @classmethod
    def make(cls, ids: Ids, vectors: Floats) -> VectorIndex:
        """An index in memory.

        Args:
            ids: (n,) int64, passage ids, ascending.
            vectors: (n, d) float32, rows of unit norm.
        """
        import faiss

        index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
        index.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.ascontiguousarray(ids, np.int64))
        return cls._around(index)

    @classmethod
    def _around(cls, index: Any) -> VectorIndex:
        import faiss

        faiss.omp_set_num_threads(1)  # a second thread takes longer to wake up than one question takes
        ids = np.array(faiss.vector_to_array(index.id_map), np.int64)
        flat: Any = faiss.downcast_index(index.index)
        vectors = faiss.rev_swig_ptr(flat.get_xb(), index.ntotal * index.d).reshape(index.ntotal, index.d)
        return cls(index, ids, vectors)

    def write(self, folder: Path, generation: int) -> str:
        """Write the vectors file of a generation, synced to disk, and give its SHA-256.

        Raises:
            OSError: it cannot be written; nothing is left behind.
        """
        import faiss

        data = faiss.serialize_index(self._index).tobytes()
        temporary = folder / f"{file_name(generation)}.tmp"
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(folder / file_name(generation))
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(folder)
        return hashlib.sha256(data).hexdigest()

    def search(self, queries: Floats, top_k: int, only: Ids | None = None) -> tuple[Ids, Floats]:
        """The passages nearest to each query by inner product, best first.

        Args:
            queries: (q, d) float32, rows of unit norm.
            top_k: how many for each query; fewer come back where there are fewer.
            only: passage ids to search among; None for all.

        Returns:
            ids and scores, both (q, k).
        """
        import faiss

        top_k = min(top_k, len(self._ids) if only is None else len(only))
        if top_k == 0:
            return np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0), np.float32)
        selecting: Any = faiss.SearchParameters  # its generated signature knows no fields
        parameters = selecting(sel=faiss.IDSelectorBatch(only)) if only is not None else None
        scores, ids = self._index.search(np.ascontiguousarray(queries, np.float32), top_k, params=parameters)
        return ids, scores

    @property
    def ids(self) -> Ids:
        """(n,) int64, the ids of all passages, ascending."""
        return self._ids

    def between(self, starts: Ids, stops: Ids) -> tuple[Ids, Floats]:
        """The passages whose ids lie in some ranges, in the order of the ranges.

        Args:
            starts: (r,) int64, the first id of each range.
            stops: (r,) int64, the id after its last one.

        Returns:
            (m,) int64 ids and (m, d) float32 vectors.
        """
        first, last = np.searchsorted(self._ids, starts), np.searchsorted(self._ids, stops)
        counts = last - first
        places = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        return self._ids[places], np.asarray(self._vectors[places], np.float32)


def cosines(vectors: Floats, vector: Floats) -> Floats:
    """(n,) float32, the inner products of (n, d) unit vectors with one, (d,), in this thread alone.

    NumPy's `@` wakes the threads of its BLAS, which takes longer than the products do.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, vector), np.float32)


def file_name(generation: int) -> str:
    """The name of the vectors file of a generation."""
    return f"vectors-{generation}.faiss"


def remove_others(folder: Path, generation: int) -> None:
    """Delete the vectors files of every other generation, and what interrupted builds left."""
    for file in folder.iterdir():
        match = _NAME.fullmatch(file.name)
        if match and (match[2] or int(match[1]) != generation):
            with contextlib.suppress(OSError):  # a reader on Windows still has it open: the next build removes it
                file.unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut, where the platform lets a folder be synced."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
