"""Covariance, and the two correlations made from it.

Pearson (1895), Note on regression and inheritance in the case of two parents; Spearman (1904), The
proof and measurement of association between two things.
"""

from __future__ import annotations

import numpy as np

from qasearch.lab.arrays import Matrix


def covariance_matrix(x: Matrix) -> Matrix:
    """(d, d) unbiased covariances of the columns of (n, d), n at least 2.

    The products of deviations from the mean are summed and divided by n - 1.
    """
    deviations = x - x.mean(axis=0)
    return np.asarray(deviations.T @ deviations / (len(x) - 1))


def correlation_matrix(x: Matrix) -> Matrix:
    """(d, d) Pearson's r of the columns of (n, d): covariance divided by both standard deviations.

    No column may be constant.
    """
    covariances = covariance_matrix(x)
    scales = np.sqrt(np.diag(covariances))
    return np.asarray(covariances / np.outer(scales, scales))


def mean_ranks(values: Matrix) -> Matrix:
    """(n,) ranks from 1, the smallest value first; equal values share the mean of their ranks."""
    _, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[level])


def rank_correlation_matrix(x: Matrix) -> Matrix:
    """(d, d) Spearman's rho of the columns of (n, d): Pearson's r of their ranks.

    No column may be constant.
    """
    return correlation_matrix(np.column_stack([mean_ranks(column) for column in x.T]))
