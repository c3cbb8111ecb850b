"""Exact search of a segment by FAISS (Douze et al. 2024, arXiv:2401.08281), where its vectors are, without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.storage.segments import Floats, Ids, Segment

Mask = npt.NDArray[np.bool_]


def nearest(segment: Segment, queries: Floats, top_k: int, allowed: Mask | None = None) -> tuple[Ids, Floats]:
    """Rows of a segment and their inner products to each query, both (q, k), best first.

    Args:
        segment: what is searched.
        queries: (q, d) float32, rows of unit norm.
        top_k: how many for each query; fewer come back where there are fewer.
        allowed: which rows may be found; None for all.
    """
    import faiss

    faiss.omp_set_num_threads(1)  # a second thread takes longer to wake up than one question takes
    count = min(top_k, len(segment) if allowed is None else int(np.count_nonzero(allowed)))
    rows, scores = np.empty((len(queries), count), np.int64), np.empty((len(queries), count), np.float32)
    if count:
        queries = np.ascontiguousarray(queries, np.float32)
        pointers: list[Any] = [faiss.swig_ptr(array) for array in (queries, segment.vectors, scores, rows)]
        sizes = (queries.shape[1], len(queries), len(segment), count)
        faiss.knn_inner_product(pointers[0], pointers[1], *sizes, pointers[2], pointers[3], selector(allowed))
    return rows, scores


def selector(allowed: Mask | None) -> Any:
    """What tells FAISS which rows may be found."""
    import faiss

    bitmap: Any = faiss.IDSelectorBitmap  # its generated signature is not that of the Python class
    return None if allowed is None else bitmap(np.packbits(allowed, bitorder="little"))
