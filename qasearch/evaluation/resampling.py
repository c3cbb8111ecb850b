"""Bootstrap intervals and a randomisation test over queries.

Both depend only on the values, not on their order, and give the same result each time, because
their random numbers have a fixed seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Interval = tuple[float, float]

RESAMPLES = 10_000
"""Number of resamples; the lowest possible p-value is 1 / 10,001."""

_STATISTIC_RESAMPLES = 1_000
"""Number of resamples for a statistic that is computed anew for each."""

LEVEL = 0.95
"""The confidence level of the intervals; reports call them 95 % intervals."""

_SEED = 0
"""Any number will do, as long as it stays the same."""

_MAX_CELLS = 4_000_000
"""Random numbers in memory at a time: 32 MB as 64-bit integers."""

_ROUNDING = 1e-12
"""Two sums of the same numbers in a different order count as equal within this tolerance."""


def statistic_interval(compute: Callable[[Indices], float | None], count: int) -> Interval | None:
    """The 95 % percentile bootstrap interval of a statistic that is not a mean.

    None if the statistic is not defined for some of the resamples.

    Args:
        compute: the statistic of the queries with these (count,) numbers.
        count: the number of queries.
    """
    generator = np.random.default_rng(_SEED)
    values = [compute(generator.integers(0, count, count)) for _ in range(_STATISTIC_RESAMPLES)]
    defined = [value for value in values if value is not None]
    if len(defined) < len(values):
        return None
    low, high = np.quantile(defined, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def mean_intervals(values: Matrix) -> Matrix:
    """(m, 2) float64: the lower and the upper end of a 95 % interval of the mean of each column.

    The percentile bootstrap (Efron 1979; Efron and Tibshirani 1993, chapter 13): n rows are drawn
    with replacement, 10,000 times. If all values of a column are equal, both ends are that value.
    So the interval of 0 hits in 8 queries has no width, although the true share is not certain.

    Args:
        values: (n, m) float64, a row for each query; for paired differences, the differences.

    Raises:
        ValueError: there are no rows.
    """
    count, columns = values.shape
    if not count:
        raise ValueError("the mean of no values is not defined")
    # Sorting makes the result independent of the order of the queries. Each column is sorted on
    # its own, because each interval is about one column.
    ordered = np.sort(values, axis=0)
    means = np.empty((RESAMPLES, columns))
    rng = np.random.default_rng(_SEED)
    for block in _blocks(count):
        rows = len(block)
        drawn = rng.integers(0, count, size=(rows, count)) + np.arange(rows)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)
        means[block] = times @ ordered / count
    tail = (1 - LEVEL) / 2
    return np.quantile(means, [tail, 1 - tail], axis=0).T


def sign_flip_p_values(differences: Matrix) -> npt.NDArray[np.float64]:
    """(m,) float64: the p-value of each column, under the hypothesis that two systems are equal.

    The paired two-sided randomisation test (Smucker, Allan and Carterette 2007): the sign of each
    difference is chosen at random, 10,000 times. The p-value is the share of these times in which
    the mean is at least as far from 0 as the observed mean. The observed signs count as one more
    time, so that the p-value is never 0 (Phipson and Smyth 2010). A column of zeros gives 1.

    Args:
        differences: (n, m) float64, one system minus the other, a row for each query; n may be 0.
    """
    count, columns = differences.shape
    sizes = np.sort(np.abs(differences), axis=0)
    observed = np.abs(differences.sum(axis=0))
    times_as_far = np.ones(columns)
    rng = np.random.default_rng(_SEED)
    for block in _blocks(count):
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(len(block), count), dtype=np.int8)
        times_as_far += (np.abs(signs @ sizes) >= observed - _ROUNDING).sum(axis=0)
    return times_as_far / (RESAMPLES + 1)


def _blocks(count: int) -> Iterator[npt.NDArray[np.int64]]:
    """The numbers of the resamples, in blocks that fit into memory for `count` queries."""
    size = max(1, _MAX_CELLS // max(1, count))
    for start in range(0, RESAMPLES, size):
        yield np.arange(start, min(RESAMPLES, start + size))
