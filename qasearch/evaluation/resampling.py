"""How far figures could be off: bootstrap intervals and a randomisation test, over queries.

Both depend on the values alone, not on the order in which they come, and give the same result each
time (fixed seed).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

RESAMPLES = 10_000
LEVEL = 0.95
_SEED = 0
_CELLS = 4_000_000  # random numbers that are held at a time
_ROUNDING = 1e-12  # sums of the same numbers in another order


def mean_intervals(values: Matrix) -> Matrix:
    """(m, 2) float64: the lower and the upper end of a 95 % interval of the mean of each column.

    The percentile bootstrap (Efron 1979; Efron and Tibshirani 1993, chapter 13): 10,000 times, as
    many rows as there are, drawn with replacement. Where all values of a column are the same, so
    are the ends: a share of 0 of 8 has no width, which does not make it certain.

    Args:
        values: (n, m) float64, a row for each query; for paired differences, the differences.

    Raises:
        ValueError: there are no rows.
    """
    count, columns = values.shape
    if not count:
        raise ValueError("there is no mean of no values")
    ordered = np.sort(
        values, axis=0
    )  # the columns one by one: each interval is about its own column
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
    """(m,) float64: for each column, how probable a mean as far from 0 is if the two systems are
    alike.

    The paired two-sided randomisation test (Smucker, Allan and Carterette 2007): the sign of each
    difference is flipped at random, 10,000 times. The observed signs count as one more time, so
    that the value is never 0 (Phipson and Smyth 2010). A column of zeros gives 1.

    Args:
        differences: (n, m) float64, one system less the other, a row for each query; n may be 0.
    """
    count, columns = differences.shape
    sizes = np.sort(np.abs(differences), axis=0)
    observed = np.abs(differences.sum(axis=0))
    as_far = np.ones(columns)
    rng = np.random.default_rng(_SEED)
    for block in _blocks(count):
        signs = 1.0 - 2.0 * rng.integers(0, 2, size=(len(block), count), dtype=np.int8)
        as_far += (np.abs(signs @ sizes) >= observed - _ROUNDING).sum(axis=0)
    return as_far / (RESAMPLES + 1)


def _blocks(count: int) -> Iterator[npt.NDArray[np.int64]]:
    """The numbers of the resamples, as many at a time as fit."""
    size = max(1, _CELLS // max(1, count))
    for start in range(0, RESAMPLES, size):
        yield np.arange(start, min(RESAMPLES, start + size))
