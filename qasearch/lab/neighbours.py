"""The nearest neighbours of every entry, exactly, and what stands out among values.

Tukey (1977), Exploratory Data Analysis, for the fences.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int64]

BLOCK = 512
"""Of so many rows the cosines to all others are held at a time: 40 MB for 20,000 entries."""


def nearest(vectors: Floats, k: int) -> tuple[Ids, Floats]:
    """(n, k) the k rows nearest to each of (n, d) others than itself, best first, and the cosines; k below n.

    Exact: all n² cosines are computed, a block of rows at a time.
    """
    ids, cosines = [], []
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(block))[:, None]
        block[rows[:, 0], rows[:, 0] + start] = -np.inf
        best = np.argpartition(block, -k, axis=1)[:, -k:]
        best = np.take_along_axis(best, np.argsort(-block[rows, best], axis=1, kind="stable"), axis=1)
        ids.append(best)
        cosines.append(block[rows, best])
    return np.concatenate(ids), np.clip(np.concatenate(cosines), -1, 1)


def fences(values: Floats) -> tuple[float, float]:
    """The values below and above which one stands out: 1.5 interquartile ranges from the quartiles (Tukey 1977)."""
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low - 1.5 * (high - low)), float(high + 1.5 * (high - low))


def nearest_pairs(ids: Ids, cosines: Floats) -> list[tuple[float, int, int]]:
    """Each pair of neighbours once, with its cosine, nearest first.

    The first k are the k nearest of all pairs: were one of them not among the k neighbours of its first entry, that
    entry alone would have k nearer ones.
    """
    n, k = ids.shape
    ends = np.stack([np.repeat(np.arange(n), k), ids.ravel()])
    pairs, at = np.unique(np.sort(ends, axis=0), axis=1, return_index=True)
    found = zip(cosines.ravel()[at].tolist(), pairs[0].tolist(), pairs[1].tolist(), strict=True)
    return sorted(found, key=lambda pair: (-pair[0], pair[1:]))
