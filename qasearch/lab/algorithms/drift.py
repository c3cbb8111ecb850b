"""Whether two samples of points come from one distribution: tests and distances.

Gretton, Borgwardt, Rasch, Schölkopf and Smola (2012), A Kernel Two-Sample Test; Lopez-Paz and Oquab
(2017), Revisiting Classifier Two-Sample Tests; Kullback and Leibler (1951), On Information and
Sufficiency; Vallender (1974), Calculation of the Wasserstein Distance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from qasearch.lab.algorithms.metrics import stratified_folds
from qasearch.lab.algorithms.norms import SAME_POINT, squared_distances
from qasearch.lab.arrays import Flags, Floats, Matrix

ROUNDS = 499
"""Random assignments of a permutation test: the smallest possible p-value is 1 / 500."""


class TestResult(NamedTuple):
    """The result of a permutation test.

    Attributes:
        value: the statistic of the two samples as they are.
        by_chance: its mean over random assignments of the points to the samples.
        p: the share of the assignments with a statistic at least as large.
    """

    value: float
    by_chance: float
    p: float


def rbf_kernel(x: Floats) -> Floats:
    """(n, n) exp(-|x - y|^2 / 2 sigma^2) of (n, d) points.

    sigma is the median distance of two points at different places (Gretton et al.).
    """
    squared = squared_distances(x, x)
    positive = squared[squared > SAME_POINT]
    kernel: Floats = np.exp(-squared / (2 * float(np.median(positive)) if len(positive) else 1.0))
    return kernel


def mmd_squared(kernel: Floats, first: Flags) -> float:
    """The maximum mean discrepancy, squared: the distance of the mean embeddings of two samples.

    This is the biased estimate, which is at least 0.

    Args:
        kernel: (n, n) of all points of both samples.
        first: (n,) True for the points of the first sample; both samples have points.
    """
    weights = first / first.sum() - ~first / np.sum(~first)
    return max(float(weights @ kernel @ weights), 0.0)


def held_out_scores(x: Floats, first: Flags) -> Matrix:
    """(n,) how much nearer each of (n, d) points is to the centroid of the second sample.

    The points are split into two halves; the centroids that score a half come from the other one.
    """
    folds, scores = stratified_folds(first, 2, np.random.default_rng(0)), np.empty(len(x))
    for fold in (0, 1):
        a, b = x[first & (folds != fold)].mean(axis=0), x[~first & (folds != fold)].mean(axis=0)
        scores[folds == fold] = 2 * x[folds == fold] @ (b - a) + a @ a - b @ b
    return scores


def balanced_accuracy(scores: Floats, first: Flags) -> float:
    """The share of correctly classified points, the mean of both samples; guessing gives 0.5.

    A score above 0 says second sample, one below 0 first sample; 0 counts half.
    """
    correct = np.where(first, scores < 0, scores > 0) + 0.5 * (scores == 0)
    return float((correct[first].mean() + correct[~first].mean()) / 2)


def permutation_test(
    statistic: Callable[[Flags], float], first: Flags, rounds: int = ROUNDS
) -> TestResult:
    """The statistic of two samples, compared with random assignments of the points to them."""
    rng, value = np.random.default_rng(0), statistic(first)
    chance = np.array([statistic(rng.permutation(first)) for _ in range(rounds)])
    # 1e-12: rounding must not make an equal statistic smaller
    at_least = np.sum(chance >= value - 1e-12)
    return TestResult(value, float(chance.mean()), float((1 + at_least) / (1 + rounds)))


def z_scores(x: Floats, reference: Floats) -> Floats:
    """(n, d) distances of `x` from the mean of `reference`, in its standard deviations.

    A column in which the reference does not vary is only shifted.
    """
    spread = reference.std(axis=0)
    scores: Floats = (x - reference.mean(axis=0)) / np.where(spread > SAME_POINT, spread, 1)
    return scores


def gaussian_kl(z: Floats) -> Floats:
    """(d,) KL divergence D(N(mean, variance) || N(0, 1)) of each column of (n, d), in nats.

    Each column is taken to be Gaussian. The variance is at least 1e-6: a column that does not
    vary would be infinitely far away.
    """
    variance = np.maximum(z.var(axis=0), 1e-6)
    divergence: Floats = (z.mean(axis=0) ** 2 + variance - 1 - np.log(variance)) / 2
    return divergence


def wasserstein_1(x: Floats, y: Floats) -> Floats:
    """(d,) Wasserstein-1 distances of the columns of (n, d) and (m, d) values.

    The distance is the area between the two distribution functions (Vallender 1974).
    """
    both = np.concatenate([x, y])
    order = np.argsort(both, axis=0, kind="stable")
    steps = np.where(order < len(x), 1 / len(x), -1 / len(y))
    gaps = np.diff(np.take_along_axis(both, order, axis=0), axis=0)
    area: Floats = np.sum(np.abs(np.cumsum(steps, axis=0)[:-1]) * gaps, axis=0)
    return area
