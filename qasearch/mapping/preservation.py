"""The neighbourhoods of an embedding space, and how much of them a map of it keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.lab.algorithms.duplicates import apart, blocks, smallest

Floats = npt.NDArray[np.floating[Any]]

NEIGHBOURS, SAMPLE = 10, 2_000


@dataclass(frozen=True, slots=True)
class Preservation:
    """How far the `k` nearest on a map are the `k` nearest in the space, over `sampled` of the
    points.

    `share` of them are (`by_chance`: on a map at random). `trustworthiness` (Venna and Kaski 2001,
    Neighborhood preservation in nonlinear projection methods) is 1 less a penalty for how far false
    neighbours are in the space.
    """

    k: int
    share: float
    by_chance: float
    trustworthiness: float
    sampled: int


def preservation(vectors: Floats, xy: Floats) -> Preservation:
    """How much of the neighbourhoods of (n, d) vectors of unit norm the map (n, 2) keeps; n is 3 or
    more.
    """
    n = len(vectors)
    k = min(NEIGHBOURS, (n - 1) // 2)
    rows = (
        np.arange(n)
        if n <= SAMPLE
        else np.sort(np.random.default_rng(0).choice(n, SAMPLE, replace=False))
    )
    kept, penalty = 0, 0
    for block in blocks(rows):
        far, map_far = apart(vectors, block), ((xy[block][:, None] - xy[None]) ** 2).sum(axis=2)
        map_far[np.arange(len(block)), block] = np.inf
        near, map_near = smallest(far.copy(), k), smallest(map_far, k)
        kept += int((near[:, :, None] == map_near[:, None, :]).sum())
        for place in range(k):
            limit = np.take_along_axis(far, map_near[:, [place]], axis=1)
            ranks = 1 + (far < limit).sum(axis=1)
            penalty += int(np.maximum(ranks - k, 0).sum())
    worst = len(rows) * k * (2 * n - 3 * k - 1) / 2
    return Preservation(k, kept / (len(rows) * k), k / (n - 1), 1 - penalty / worst, len(rows))
