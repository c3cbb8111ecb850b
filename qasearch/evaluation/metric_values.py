"""The value of a metric over several queries, with its confidence interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.evaluation.resampling import Matrix, mean_intervals


@dataclass(frozen=True, slots=True)
class MetricValue:
    """The value of one metric.

    Attributes:
        value: the value.
        queries: number of queries that it was computed from.
        low: lower end of its 95 % bootstrap interval; None where some resamples have no value.
        high: upper end of that interval, or None.
    """

    value: float
    queries: int
    low: float | None = None
    high: float | None = None


def column_means(values: Matrix) -> list[MetricValue]:
    """The mean of each column with its interval.

    Args:
        values: (n, m) float64, a row for each query, a column for each metric; n at least 1.
    """
    return [
        MetricValue(float(mean), len(values), float(low), float(high))
        for mean, (low, high) in zip(values.mean(axis=0), mean_intervals(values), strict=True)
    ]


def mean(values: npt.NDArray[np.float64 | np.bool_]) -> MetricValue | None:
    """The mean with its interval; None for no values.

    Args:
        values: (n,), one for each query; flags are counted as 0 and 1.
    """
    return column_means(values.astype(float)[:, None])[0] if len(values) else None
