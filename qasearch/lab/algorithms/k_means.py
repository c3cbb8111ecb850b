"""K-means with k-means++ seeds, and two measures of a partition: silhouettes and the adjusted Rand
index.

Lloyd (1982), Least squares quantization in PCM; Arthur and Vassilvitskii (2007), k-means++: The
Advantages of Careful Seeding; Rousseeuw (1987), Silhouettes; Hubert and Arabie (1985), Comparing
partitions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def squared_distances(x: Floats, y: Floats) -> Floats:
    """(n, k) of (n, d) points to (k, d) others: ‖x‖² − 2 x·y + ‖y‖²."""
    squared: Floats = np.sum(x**2, axis=1)[:, None] - 2 * x @ y.T + np.sum(y**2, axis=1)
    return np.maximum(squared, 0)


def k_means_plus_plus(x: Floats, k: int, rng: np.random.Generator) -> Floats:
    """(k, d) seeds: each further one a point drawn with probability proportional to its squared
    distance to the others.

    Where the (n, d) points have fewer than k different ones, some seeds coincide.
    """
    seeds: Floats = x[[rng.integers(len(x))]]
    while len(seeds) < k:
        nearest = squared_distances(x, seeds).min(axis=1)
        nearest[nearest < 1e-9] = 0  # rounding must not draw a point twice
        weights = nearest / nearest.sum() if nearest.any() else None
        seeds = np.vstack([seeds, x[rng.choice(len(x), p=weights)]])
    return seeds


def lloyd(x: Floats, centres: Floats, rounds: int = 100) -> tuple[Labels, Floats, list[float]]:
    """(n,) labels, (k, d) centres, and the objective J after each assignment, which never rises.

    A cluster that lost all its points keeps its centre.
    """
    history: list[float] = []
    for _ in range(rounds):
        distances = squared_distances(x, centres)
        labels = distances.argmin(axis=1)
        history.append(float(distances[np.arange(len(x)), labels].sum()))
        if len(history) > 1 and history[-1] >= history[-2] * (1 - 1e-12):
            break
        members = np.eye(len(centres))[labels]
        counts = members.sum(axis=0)[:, None]
        centres = np.where(counts > 0, members.T @ x / np.maximum(counts, 1), centres)
    return labels, centres, history


def k_means(x: Floats, k: int, starts: int = 10) -> tuple[Labels, Floats, list[float]]:
    """Labels and centres of the best of some starts, and J of each start."""
    rng = np.random.default_rng(0)
    runs = [lloyd(x, k_means_plus_plus(x, k, rng)) for _ in range(starts)]
    labels, centres, _ = min(runs, key=lambda run: run[2][-1])
    return labels, centres, [run[2][-1] for run in runs]


def silhouettes(x: Floats, labels: Labels) -> Floats:
    """(n,) widths (b − a) / max(a, b), −1 to 1, of (n, d) points; 0 for a point alone in its
    cluster.

    a is the mean distance to the other points of the cluster, b to those of the nearest other
    cluster (Rousseeuw 1987). Needs at least two clusters.
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
    """How far two partitions of n agree on pairs: 1 the same, 0 as expected by chance (Hubert and
    Arabie 1985).
    """

    def pairs(counts: Counter[object]) -> float:
        return sum(count * (count - 1) / 2 for count in counts.values())

    both, in_a, in_b = pairs(Counter(zip(a, b, strict=True))), pairs(Counter(a)), pairs(Counter(b))
    expected, most = in_a * in_b / (len(a) * (len(a) - 1) / 2), (in_a + in_b) / 2
    return float((both - expected) / (most - expected)) if most > expected else 1.0
