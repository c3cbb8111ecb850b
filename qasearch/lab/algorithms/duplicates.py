"""The nearest neighbours of every entry, exactly, and what stands out among values.

Tukey (1977), Exploratory Data Analysis, for the fences.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int64]

BLOCK = 256
"""Of so many rows the cosines to all others are held at a time: 20 MB for 20,000 entries."""


def nearest(vectors: Floats, k: int) -> tuple[Ids, Floats]:
    """(n, k) the k rows nearest to each of (n, d) others than itself, best first, and the cosines;
    k below n.

    Exact: all n² cosines are computed, a block of rows at a time. Ties are in the order of the
    rows.
    """
    ids, cosines = [], []
    for rows in blocks(np.arange(len(vectors))):
        far = apart(vectors, rows)
        best = smallest(far.copy(), k)
        ids.append(best)
        cosines.append(-np.take_along_axis(far, best, axis=1))
    return np.concatenate(ids), np.clip(np.concatenate(cosines), -1, 1)


def blocks(rows: Ids) -> Iterator[Ids]:
    """The rows, `BLOCK` of them at a time."""
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def apart(vectors: Floats, rows: Ids) -> Floats:
    """(r, n): minus the cosine of each of these rows with all, infinite with itself."""
    far = -(vectors[rows] @ vectors.T)
    far[np.arange(len(rows)), rows] = np.inf
    return far


def smallest(far: Floats, k: int) -> Ids:
    """(r, k) int64: where the `k` smallest of each row are, in order; they are overwritten.

    For few, one pass over the row for each is faster than to partition it.
    """
    found = np.empty((len(far), k), np.int64)
    for place in range(k):
        found[:, place] = far.argmin(axis=1)
        far[np.arange(len(far)), found[:, place]] = np.inf
    return found


def fences(values: Floats) -> tuple[float, float]:
    """The values below and above which one stands out: 1.5 interquartile ranges from the quartiles
    (Tukey 1977).
    """
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low - 1.5 * (high - low)), float(high + 1.5 * (high - low))


def nearest_pairs(ids: Ids, cosines: Floats) -> list[tuple[float, int, int]]:
    """Each pair of neighbours once, with its cosine, nearest first.

    The first k are the k nearest of all pairs: were one of them not among the k neighbours of its
    first entry, that entry alone would have k nearer ones.
    """
    n, k = ids.shape
    ends = np.stack([np.repeat(np.arange(n), k), ids.ravel()])
    pairs, at = np.unique(np.sort(ends, axis=0), axis=1, return_index=True)
    found = zip(cosines.ravel()[at].tolist(), pairs[0].tolist(), pairs[1].tolist(), strict=True)
    return sorted(found, key=lambda pair: (-pair[0], pair[1:]))
