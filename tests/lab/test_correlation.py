"""Covariance and correlation against NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from qasearch.lab.algorithms.covariance import (
    correlation_matrix,
    covariance_matrix,
    mean_ranks,
    rank_correlation_matrix,
)

X = (
    np.random.default_rng(0).normal(size=(40, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    + 100
)


def test_the_worked_examples_of_the_corpus() -> None:
    """Covariance: products of deviations 4, 0, 0, 0, 2 by 4 are 1.5. Correlation: y = x^3 keeps the
    order, not the line."""
    pairs = np.array([[1, 2], [2, 4], [3, 5], [4, 4], [5, 5]], np.float64)
    np.testing.assert_allclose(covariance_matrix(pairs), [[2.5, 1.5], [1.5, 1.5]])
    x = np.arange(1.0, 6.0)
    cubes = np.column_stack([x, x**3])
    assert correlation_matrix(cubes)[0, 1] == pytest.approx(0.943, abs=5e-4)
    assert rank_correlation_matrix(cubes)[0, 1] == pytest.approx(1.0)


def test_both_are_numpys() -> None:
    np.testing.assert_allclose(covariance_matrix(X), np.cov(X, rowvar=False))
    np.testing.assert_allclose(correlation_matrix(X), np.corrcoef(X, rowvar=False))


def test_units_change_covariance_and_leave_correlation() -> None:
    np.testing.assert_allclose(covariance_matrix(100 * X), 1e4 * covariance_matrix(X))
    np.testing.assert_allclose(correlation_matrix(100 * X), correlation_matrix(X))


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert mean_ranks(np.array([20.0, 10.0, 20.0, 30.0])).tolist() == [2.5, 1.0, 2.5, 4.0]
    values = np.random.default_rng(2).integers(0, 5, 50).astype(np.float64)
    np.testing.assert_array_equal(mean_ranks(values), rankdata(values))


def test_spearman_with_ties_is_scipys() -> None:
    tied = np.round(X)
    np.testing.assert_allclose(rank_correlation_matrix(tied), spearmanr(tied).statistic)
