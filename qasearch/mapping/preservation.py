"""How much of the neighbourhoods of an embedding space a map of it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qasearch.lab.algorithms.neighbours import blocks, negated_cosines, smallest_columns
from qasearch.lab.algorithms.norms import distances
from qasearch.lab.arrays import Floats
from qasearch.lab.sampling import fixed_sample

NEIGHBOURS = 10
"""Nearest entries that are compared."""

SAMPLE = 2_000
"""Entries whose neighbours are compared; of more, a sample that is always the same."""


@dataclass(frozen=True, slots=True)
class Preservation:
    """How far the nearest entries on a map are the nearest ones in the space.

    Attributes:
        k: number of nearest entries that are compared.
        recall: share of the k nearest in the space that are among the k nearest on the map.
        random_recall: the same for a random map, as expected by chance.
        trustworthiness: 1 minus a penalty for neighbours on the map that are far in the space
            (Venna and Kaski 2001, Neighborhood preservation in nonlinear projection methods).
        sampled: number of entries whose neighbours were compared.
    """

    k: int
    recall: float
    random_recall: float
    trustworthiness: float
    sampled: int


def preservation(vectors: Floats, xy: Floats) -> Preservation:
    """What a map keeps of the neighbourhoods of a space.

    Args:
        vectors: (n, d) rows of unit norm, n at least 3; near means a large cosine.
        xy: (n, 2) places on the map; near means a small distance.
    """
    n = len(vectors)
    k = min(NEIGHBOURS, (n - 1) // 2)
    rows = fixed_sample(n, SAMPLE)
    common, penalty = 0, 0
    for block in blocks(rows):
        in_space = negated_cosines(vectors, block)
        on_map = distances(xy[block], xy, 2)
        on_map[np.arange(len(block)), block] = np.inf
        nearest = smallest_columns(in_space.copy(), k)
        map_nearest = smallest_columns(on_map, k)
        common += int((nearest[:, :, None] == map_nearest[:, None, :]).sum())
        for place in range(k):
            neighbour = np.take_along_axis(in_space, map_nearest[:, [place]], axis=1)
            ranks = 1 + (in_space < neighbour).sum(axis=1)
            penalty += int(np.maximum(ranks - k, 0).sum())
    largest_penalty = len(rows) * k * (2 * n - 3 * k - 1) / 2
    return Preservation(
        k=k,
        recall=common / (len(rows) * k),
        random_recall=k / (n - 1),
        trustworthiness=1 - penalty / largest_penalty,
        sampled=len(rows),
    )
