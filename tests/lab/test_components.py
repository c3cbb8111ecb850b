"""Principal components against scikit-learn, and what is derived from them by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from qasearch.lab.algorithms.pca import (
    effective_dimension,
    mean_cosine,
    nearness_in,
    principal_components,
)

X = np.random.default_rng(0).normal(size=(40, 6)) @ np.diag([5.0, 3.0, 2.0, 1.0, 0.5, 0.1]) + 7


def test_the_worked_example_of_the_corpus() -> None:
    """Variances 4 and 1 along (1, 1) and (1, -1); without the second the squared error is (5 - 1) *
    1 = 4."""
    points = np.array([[7, 5], [3, 1], [6, 2], [4, 4], [5, 3]], np.float64)
    pca = principal_components(points)
    np.testing.assert_allclose(pca.mean, [5, 3])
    np.testing.assert_allclose(pca.variances, [4, 1])
    np.testing.assert_allclose(np.abs(pca.axes), 0.5**0.5)
    assert (pca.scores(points)[:, 1:] ** 2).sum() == pytest.approx(4)


def test_components_are_scikit_learns() -> None:
    pca, theirs = principal_components(X), PCA().fit(X)
    np.testing.assert_allclose(pca.variances, theirs.explained_variance_)
    np.testing.assert_allclose(np.abs(pca.axes.T), np.abs(theirs.components_), atol=1e-10)
    np.testing.assert_allclose(np.abs(pca.scores(X)), np.abs(theirs.transform(X)), atol=1e-9)
    np.testing.assert_allclose(
        np.cov(pca.scores(X), rowvar=False), np.diag(pca.variances), atol=1e-9
    )


def test_the_dropped_variances_are_the_squared_error() -> None:
    pca = principal_components(X)
    rebuilt = pca.mean + pca.scores(X)[:, :2] @ pca.axes[:, :2].T
    assert ((X - rebuilt) ** 2).sum() == pytest.approx((len(X) - 1) * pca.variances[2:].sum())


@pytest.mark.parametrize(
    ("variances", "dimension"), [([2, 2, 2], 3), ([5, 0, 0], 1), ([3, 1], 1.6)]
)
def test_effective_dimension(variances: list[float], dimension: float) -> None:
    assert effective_dimension(np.array(variances, np.float64)) == pytest.approx(dimension)


def test_mean_cosine_is_that_of_all_pairs() -> None:
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert mean_cosine(unit) == pytest.approx(np.mean([a @ b for a, b in combinations(unit, 2)]))


@pytest.mark.parametrize("dimensions", [1, 3, 6])
def test_nearness_ranks_as_scikit_learn(dimensions: int) -> None:
    queries = np.random.default_rng(1).normal(size=(5, 6)) + 7
    neighbours = NearestNeighbors(n_neighbors=40).fit(X[:, :dimensions])
    wanted = neighbours.kneighbors(queries[:, :dimensions], return_distance=False)
    np.testing.assert_array_equal(np.argsort(-nearness_in(dimensions, queries, X), axis=1), wanted)
