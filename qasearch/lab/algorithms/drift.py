"""Whether two samples of points come from one distribution: tests, and distances between
distributions.

Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), A Kernel Two-Sample Test; Lopez-Paz and Oquab
(2017), Revisiting Classifier Two-Sample Tests; Kullback and Leibler (1951), On Information and
Sufficiency; Vallender (1974), Calculation of the Wasserstein Distance.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from qasearch.lab.algorithms.k_means import squared_distances
from qasearch.lab.algorithms.metrics import stratified_folds

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def rbf_kernel(x: Floats) -> Floats:
    """(n, n) exp(−‖x − y‖² / 2σ²) of (n, d) points, σ the median distance of different points
    (Gretton et al.).
    """
    squared = squared_distances(x, x)
    apart = squared[squared > 1e-6]
    kernel: Floats = np.exp(-squared / (2 * float(np.median(apart)) if len(apart) else 1.0))
    return kernel


def mmd_squared(kernel: Floats, first: Flags) -> float:
    """How far apart the mean embeddings of two samples are, squared: the biased estimate, at least
    0.

    Args:
        kernel: (n, n) of both samples together.
        first: (n,) which points are of the first; both samples have some.
    """
    weights = first / first.sum() - ~first / np.sum(~first)
    return max(float(weights @ kernel @ weights), 0.0)


def held_out_scores(x: Floats, first: Flags) -> Floats:
    """(n,) how much nearer each point is to the centroid of the second sample, both centroids from
    the other half.
    """
    folds, scores = stratified_folds(first, 2, np.random.default_rng(0)), np.empty(len(x))
    for fold in (0, 1):
        a, b = x[first & (folds != fold)].mean(axis=0), x[~first & (folds != fold)].mean(axis=0)
        scores[folds == fold] = 2 * x[folds == fold] @ (b - a) + a @ a - b @ b
    return scores


def balanced_accuracy(scores: Floats, first: Flags) -> float:
    """The mean share of either sample that is classified rightly, the second by scores above 0; 0.5
    is guessing.
    """
    right = np.where(first, scores < 0, scores > 0) + 0.5 * (scores == 0)
    return float((right[first].mean() + right[~first].mean()) / 2)


def permutation_test(
    statistic: Callable[[Flags], float], first: Flags, rounds: int = 499
) -> tuple[float, float, float]:
    """The statistic, its mean over random assignments, and the p-value: how often chance gives as
    much.
    """
    rng, value = np.random.default_rng(0), statistic(first)
    chance = np.array([statistic(rng.permutation(first)) for _ in range(rounds)])
    return value, float(chance.mean()), float((1 + np.sum(chance >= value - 1e-12)) / (1 + rounds))


def z_scores(x: Floats, by: Floats) -> Floats:
    """(n, d) points in standard deviations of others from their mean; where those do not vary, in
    units as they are.
    """
    spread = by.std(axis=0)
    scores: Floats = (x - by.mean(axis=0)) / np.where(spread > 1e-6, spread, 1)
    return scores


def gaussian_kl(z: Floats) -> Floats:
    """(d,) D(N(μ, σ²) ‖ N(0, 1)) in nats of each column of (n, d) z-scores, each taken as
    Gaussian.
    """
    variance = np.maximum(
        z.var(axis=0), 1e-6
    )  # a column that does not vary would be infinitely far
    divergence: Floats = (z.mean(axis=0) ** 2 + variance - 1 - np.log(variance)) / 2
    return divergence


def wasserstein_1(x: Floats, y: Floats) -> Floats:
    """(d,) the area between the distribution functions of each column of (n, d) and (m, d) values
    (Vallender 1974).
    """
    both = np.concatenate([x, y])
    order = np.argsort(both, axis=0, kind="stable")
    steps = np.where(order < len(x), 1 / len(x), -1 / len(y))
    gaps = np.diff(np.take_along_axis(both, order, axis=0), axis=0)
    area: Floats = np.sum(np.abs(np.cumsum(steps, axis=0)[:-1]) * gaps, axis=0)
    return area
