"""Principal components against scikit-learn, and PCA on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.pca import (
    effective_dimension,
    nearness_in,
    principal_components,
    principal_plane,
)
from qasearch.lab.charts import Curves, Demonstration, Points, Table
from qasearch.lab.demonstrations.pca import demonstrate
from qasearch.lab.space import Space
from tests.lab.spaces import made_space

X = np.random.default_rng(0).normal(size=(40, 6)) @ np.diag([5.0, 3.0, 2.0, 1.0, 0.5, 0.1]) + 7


def test_the_worked_example_of_the_corpus() -> None:
    """Variances 4 and 1 along (1, 1) and (1, -1).

    Without the second direction the squared error is (5 - 1) * 1 = 4.
    """
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


def test_the_plane_of_a_cross_by_hand() -> None:
    """Sums of squares: 18 along the second axis, 8 along the third; 2 along the first is lost."""
    cross = np.array([[0, 3, 0], [0, -3, 0], [0, 0, 2], [0, 0, -2], [1, 0, 0], [-1, 0, 0]]) + 5
    plane = principal_plane(cross.astype(np.float32))
    np.testing.assert_allclose(plane.mean, [5, 5, 5])
    np.testing.assert_allclose(plane.axes, [[0, 1, 0], [0, 0, 1]], atol=1e-12)
    assert plane.share == pytest.approx(26 / 28)
    np.testing.assert_allclose(plane.place(np.array([[9.0, 6.0, 3.0]])), [[1, -2]])


@pytest.mark.parametrize("shape", [(60, 12), (12, 60), (3, 2)])
def test_the_plane_is_that_of_scikit_learn(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    x = (rng.standard_normal(shape) * np.linspace(3, 1, shape[1])).astype(np.float32)
    theirs = PCA(2, svd_solver="full").fit(x.astype(np.float64))
    plane = principal_plane(x)
    np.testing.assert_allclose(plane.axes, theirs.components_, atol=1e-6)
    np.testing.assert_allclose(plane.place(x), theirs.transform(x), atol=1e-5)
    assert plane.share == pytest.approx(theirs.explained_variance_ratio_.sum())


def test_points_on_a_line_have_a_plane() -> None:
    line = np.arange(5, dtype=np.float32)[:, None] * np.array([[3, 4]], np.float32)
    plane = principal_plane(line)
    assert plane.share == pytest.approx(1)
    np.testing.assert_allclose(plane.place(line), [[x, 0] for x in (-10, -5, 0, 5, 10)], atol=1e-5)


@pytest.mark.parametrize("dimensions", [1, 4])
def test_one_point_has_a_plane_without_variance(dimensions: int) -> None:
    plane = principal_plane(np.ones((3, dimensions)))
    assert plane.share == 0
    assert plane.place(np.ones((3, dimensions))).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("dimensions", [1, 3, 6])
def test_nearness_ranks_as_scikit_learn(dimensions: int) -> None:
    queries = np.random.default_rng(1).normal(size=(5, 6)) + 7
    neighbours = NearestNeighbors(n_neighbors=40).fit(X[:, :dimensions])
    expected = neighbours.kneighbors(queries[:, :dimensions], return_distance=False)
    np.testing.assert_array_equal(
        np.argsort(-nearness_in(dimensions, queries, X), axis=1), expected
    )


CROSS = {
    "east": [1.0, 0.0, 0.0],
    "west": [-1.0, 0.0, 0.0],
    "north": [0.0, 1.0, 0.0],
    "south": [0.0, -1.0, 0.0],
}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    """The demonstration and its numbers, which JSON can hold."""
    demonstration = demonstrate(space, ())
    numbers = dict(demonstration.numbers)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    return demonstration, numbers


def flat_space(noise: float) -> Space:
    """Forty entries with an answer each, in 3 of 20 dimensions, with noise in all 20.

    Answers lie close to their questions.
    """
    rng = np.random.default_rng(0)
    questions = np.pad(rng.normal(size=(40, 3)), ((0, 0), (0, 17))) + noise * rng.normal(
        size=(40, 20)
    )
    answers = questions + 0.001 * np.pad(rng.normal(size=(40, 3)), ((0, 0), (0, 17)))
    questions, answers = (
        x / np.linalg.norm(x, axis=1, keepdims=True) for x in (questions, answers)
    )
    names = [f"q{i}" for i in range(40)]
    return made_space(
        dict(zip(names, questions.tolist(), strict=True)),
        {name: [("a", row)] for name, row in zip(names, answers.tolist(), strict=True)},
        {name: f"part{i % 2}" for i, name in enumerate(names)},
    )


def test_by_hand() -> None:
    """`south` is held out by the seed. Of the other three, x is (1, -1, 0) and y is (0, 0, 1).

    Variances 1 and 1/3 without covariance: 75% and 25%, participation ratio (4/3)^2 / (10/9) = 1.6.
    Cosines of the pairs: -1, 0, 0. The mean (0, 1/3, 0) has 1/9 of the squared length.
    """
    demonstration, numbers = shown(made_space(CROSS))
    assert numbers["variance"] == [0.75, 1.0, 1.0]
    assert (numbers["half_of_variance"], numbers["most_of_variance"]) == (1, 2)
    assert numbers["participation_ratio"] == 1.6
    assert (numbers["mean_cosine"], numbers["mean_vector_share"]) == (-0.3333, 0.1111)
    # no entry has another passage, so no question can find its own entry
    assert (numbers["own_entry_first"], numbers["enough_for_own_entry"]) == ([], None)
    assert "The aim is that a question finds its own entry" not in "".join(
        part for part in demonstration.body if isinstance(part, str)
    )
    table = demonstration.body[4]
    assert isinstance(table, Table)
    assert table.heads == ("dimensions", "variance", "1 nearest", "1 nearest, random axes")


def test_three_of_twenty_dimensions_are_enough() -> None:
    """All the variance and the whole ranking lie in three dimensions: 2 are too few, 4 enough."""
    demonstration, numbers = shown(flat_space(0.0))
    tried = numbers["dimensions"]
    assert tried == [1, 2, 4, 8, 16, 20]
    assert numbers["most_of_variance"] <= 3
    assert numbers["variance"][2:] == [1.0] * 4
    assert numbers["recall"][2:] == [1.0] * 4
    assert numbers["recall"][1] < 0.9
    assert numbers["enough_for_recall"] == 4
    assert numbers["own_entry_first"][-1] == 1.0
    # axes at random need nearly all of the twenty
    assert numbers["recall_random_axes"][2] < numbers["recall_random_axes"][4] < 1.0
    assert numbers["recall_random_axes"][-1] == 1.0
    table, curves, points = (
        next(p for p in demonstration.body if isinstance(p, kind))
        for kind in (Table, Curves, Points)
    )
    assert isinstance(table, Table)
    assert table.rows[2][:3] == ("4", "100.0%", "100.0%")
    assert isinstance(curves, Curves)
    assert curves.marks == {
        "participation ratio": pytest.approx(numbers["participation_ratio"], abs=0.01)
    }
    assert isinstance(points, Points)
    assert points.xy.shape == (40, 2)
    assert set(points.groups) == {"part0", "part1"}


def test_noise_in_all_dimensions_raises_the_effective_dimension() -> None:
    clean, noisy = (shown(flat_space(noise))[1] for noise in (0.0, 0.5))
    assert clean["participation_ratio"] <= 3 < noisy["participation_ratio"] <= 20
    assert noisy["enough_for_recall"] > clean["enough_for_recall"]


def test_one_dimension_has_everything() -> None:
    demonstration, numbers = shown(made_space({"a": [1.0], "b": [-1.0], "c": [1.0], "d": [-1.0]}))
    assert (numbers["dimensions"], numbers["variance"], numbers["recall"]) == ([1], [1.0], [1.0])
    points = demonstration.charts[1]
    assert isinstance(points, Points)
    assert points.xy[:, 1].tolist() == [0.0] * 4


def test_all_in_one_point() -> None:
    with pytest.raises(
        BadRequest, match="The 3 passages searched in the index in made lie at one point"
    ):
        demonstrate(made_space({name: [0.6, 0.8] for name in "abcd"}), ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="PCA needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
