"""Pairs of near neighbours, and the fences beyond which a value is an outlier.

Tukey (1977), Exploratory Data Analysis, for the fences. The neighbours themselves are found in
`qasearch.lab.algorithms.neighbours`.
"""

from __future__ import annotations

import numpy as np

from qasearch.lab.arrays import Floats, Ids


def fences(values: Floats) -> tuple[float, float]:
    """The lower and the upper fence: 1.5 interquartile ranges beyond the quartiles (Tukey 1977).

    A value outside of the fences is an outlier.
    """
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low - 1.5 * (high - low)), float(high + 1.5 * (high - low))


def nearest_pairs(ids: Ids, cosines: Floats) -> list[tuple[float, int, int]]:
    """Every pair of neighbours once: its cosine and both numbers, nearest pair first.

    The first k pairs are the k nearest of all pairs. If one of these were missing, its first entry
    would have k nearer neighbours, which are k nearer pairs.

    Args:
        ids: (n, k) neighbours of each row.
        cosines: (n, k) their cosines.
    """
    n, k = ids.shape
    ends = np.stack([np.repeat(np.arange(n), k), ids.ravel()])
    pairs, first = np.unique(np.sort(ends, axis=0), axis=1, return_index=True)
    distinct = zip(
        cosines.ravel()[first].tolist(), pairs[0].tolist(), pairs[1].tolist(), strict=True
    )
    return sorted(distinct, key=lambda pair: (-pair[0], pair[1:]))
