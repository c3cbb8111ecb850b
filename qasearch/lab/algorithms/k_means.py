"""K-means with k-means++ seeds, and two measures of a partition.

Lloyd (1982), Least squares quantization in PCM; Arthur and Vassilvitskii (2007), k-means++: The
Advantages of Careful Seeding; Rousseeuw (1987), Silhouettes; Hubert and Arabie (1985), Comparing
partitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qasearch.lab.algorithms.norms import squared_distances
from qasearch.lab.arrays import Floats, Ids, Matrix

ROUNDS = 100
"""Upper limit of the rounds of one start; most starts end earlier, when no label changes."""

STARTS = 10
"""Starts of which the best is taken: where one start ends depends on its random seeds."""


def nearest_centres(points: Floats, centres: Floats) -> Ids:
    """(n,) number of the nearest of (k, d) centres for each of (n, d) points; the first of equals.

    |p - c|^2 = |p|^2 - 2 (p.c - |c|^2 / 2), and |p|^2 is the same for all centres.
    """
    nearness = points @ centres.T
    nearness -= (centres * centres).sum(axis=1) / 2
    return np.asarray(np.argmax(nearness, axis=1))


def k_means_plus_plus(x: Floats, k: int, rng: np.random.Generator) -> Floats:
    """(k, d) seeds, all of them points of (n, d) `x`.

    A point becomes the next seed with a probability proportional to its squared distance from the
    nearest seed so far. If there are fewer than k different points, some seeds coincide.
    """
    seeds: Floats = x[[rng.integers(len(x))]]
    while len(seeds) < k:
        nearest = squared_distances(x, seeds).min(axis=1)
        nearest[nearest < 1e-9] = 0  # rounding must not draw the same point twice
        weights = nearest / nearest.sum() if nearest.any() else None
        seeds = np.vstack([seeds, x[rng.choice(len(x), p=weights)]])
    return seeds


def lloyd(x: Floats, centres: Floats, rounds: int = ROUNDS) -> tuple[Ids, Floats, list[float]]:
    """(n,) labels, (k, d) centres, and the objective J after each assignment, which never rises.

    A round assigns each of (n, d) points to its nearest centre and moves each centre to the mean
    of its points. The algorithm stops when no label changes. A cluster without points keeps its
    centre. Centres have the precision of `x`; their means are summed in float64.
    """
    history: list[float] = []
    labels = np.full(len(x), -1)
    centres = centres.copy()
    for _ in range(rounds):
        before, labels = labels, nearest_centres(x, centres)
        history.append(float(((x - centres[labels]) ** 2).sum()))
        if np.array_equal(labels, before):
            break
        order = np.argsort(labels, kind="stable")
        used, starts, counts = np.unique(labels[order], return_index=True, return_counts=True)
        sums = np.add.reduceat(x[order], starts, axis=0, dtype=np.float64)
        centres[used] = sums / counts[:, None]
    return labels, centres, history


def k_means(x: Matrix, k: int) -> tuple[Ids, Floats, list[float]]:
    """Labels and centres of the best of `STARTS` starts, and the final J of each start."""
    rng = np.random.default_rng(0)
    runs = [lloyd(x, k_means_plus_plus(x, k, rng)) for _ in range(STARTS)]
    labels, centres, _ = min(runs, key=lambda run: run[2][-1])
    return labels, centres, [history[-1] for _, _, history in runs]


def silhouettes(x: Matrix, labels: Ids) -> Matrix:
    """(n,) widths (b - a) / max(a, b), from -1 to 1, of (n, d) points (Rousseeuw 1987).

    a is the mean distance to the other points of the own cluster, b that to the points of the
    nearest other cluster. A point that is alone in its cluster has 0. At least two clusters are
    needed.
    """
    _, own = np.unique(labels, return_inverse=True)
    members = np.eye(own.max() + 1)[own]
    counts, rows = members.sum(axis=0), np.arange(len(own))
    distances = np.sqrt(squared_distances(x, x))
    np.fill_diagonal(distances, 0)
    sums = distances @ members
    a = sums[rows, own] / np.maximum(counts[own] - 1, 1)
    means = sums / counts
    means[rows, own] = np.inf
    b = means.min(axis=1)
    return np.where(counts[own] > 1, (b - a) / np.maximum(np.maximum(a, b), 1e-12), 0.0)


def adjusted_rand_index(a: Sequence[object], b: Sequence[object]) -> float:
    """How far two partitions of the same n things agree on pairs (Hubert and Arabie 1985).

    1: the same partition; 0: as much agreement as by chance.
    """
    both = _pairs(Counter(zip(a, b, strict=True)))
    in_a, in_b = _pairs(Counter(a)), _pairs(Counter(b))
    expected, most = in_a * in_b / (len(a) * (len(a) - 1) / 2), (in_a + in_b) / 2
    return float((both - expected) / (most - expected)) if most > expected else 1.0


def _pairs(counts: Counter[object]) -> float:
    """The number of pairs of things in the same cluster, from the size of each cluster."""
    return sum(count * (count - 1) / 2 for count in counts.values())
