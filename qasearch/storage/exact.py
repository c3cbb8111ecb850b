"""Exact search of a segment where its vectors are, without a copy.

FAISS (Douze et al. 2024, arXiv:2401.08281) searches many vectors, NumPy few.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.storage.segments import Floats, Ids, Segment

Mask = npt.NDArray[np.bool_]

FEW = 2**14
"""Among so few vectors, NumPy answers one question in a millisecond; importing FAISS takes 30 ms
and 13 MB."""


def nearest(
    segment: Segment, queries: Floats, top_k: int, allowed: Mask | None = None
) -> tuple[Ids, Floats]:
    """Rows of a segment and their inner products to each query, both (q, k), best first.

    Args:
        segment: what is searched.
        queries: (q, d) float32, rows of unit norm.
        top_k: how many for each query; fewer come back where there are fewer.
        allowed: which rows may be found; None for all.
    """
    count = min(top_k, len(segment) if allowed is None else int(np.count_nonzero(allowed)))
    if len(queries) == 1 and count > 0 and len(segment) <= FEW:
        return _nearest_by_numpy(segment.vectors, queries[0], count, allowed)
    rows = np.empty((len(queries), count), np.int64)
    scores = np.empty((len(queries), count), np.float32)
    if count:
        import faiss

        # a second thread takes longer to wake up than one question takes
        faiss.omp_set_num_threads(1)
        queries = np.ascontiguousarray(queries, np.float32)
        pointers: list[Any] = [
            faiss.swig_ptr(array) for array in (queries, segment.vectors, scores, rows)
        ]
        sizes = (queries.shape[1], len(queries), len(segment), count)
        faiss.knn_inner_product(
            pointers[0], pointers[1], *sizes, pointers[2], pointers[3], selector(allowed)
        )
    return rows, scores


def _nearest_by_numpy(
    vectors: Floats, query: Floats, count: int, allowed: Mask | None
) -> tuple[Ids, Floats]:
    """Rows and inner products of the nearest vectors, both (1, count), best first; ties by row."""
    scores = cosines(vectors, query)
    rows = np.arange(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    if count < len(rows):
        rows = rows[np.argpartition(-scores[rows], count)[:count]]
    rows = rows[np.lexsort((rows, -scores[rows]))]
    return rows[None], scores[rows][None]


def cosines(vectors: Floats, vector: Floats) -> Floats:
    """(n,) float32, the inner products of (n, d) unit vectors with one, (d,), in this thread alone.

    NumPy's `@` wakes the threads of its BLAS, which takes longer than the products do.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, vector), np.float32)


def selector(allowed: Mask | None) -> Any:
    """What tells FAISS which rows may be found; None for all."""
    import faiss

    bitmap: Any = faiss.IDSelectorBitmap  # its generated signature is not that of the Python class
    return None if allowed is None else bitmap(np.packbits(allowed, bitorder="little"))
