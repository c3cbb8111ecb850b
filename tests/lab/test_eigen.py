"""Power iteration against NumPy, and eigenvectors on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.eigen import MAX_STEPS, PRECISION, leading_eigenpairs, power_iteration
from qasearch.lab.arrays import Matrix
from qasearch.lab.charts import Bars, Curves, Demonstration, Table
from qasearch.lab.demonstrations.eigen import demonstrate, speed_of, tell_speed
from qasearch.lab.space import Space
from tests.lab.spaces import made_space, random_units


def semi_definite(size: int, rank: int, seed: int) -> Matrix:
    factor = np.random.default_rng(seed).normal(size=(size, rank))
    return np.asarray(factor @ factor.T)


def test_the_worked_example_of_the_corpus() -> None:
    """The matrix with rows (2, 1), (1, 2): 3 along (1, 1), 1 along (1, -1)."""
    first, second = leading_eigenpairs(np.array([[2.0, 1.0], [1.0, 2.0]]), 5)
    assert [first.value, second.value] == pytest.approx([3, 1])
    np.testing.assert_allclose(first.vector, [0.5**0.5, 0.5**0.5])
    np.testing.assert_allclose(np.abs(second.vector), [0.5**0.5, 0.5**0.5])
    assert second.vector @ first.vector == pytest.approx(0, abs=1e-8)


def test_each_step_shrinks_the_rest_by_the_ratio_of_the_values() -> None:
    """From (1, 1), v is (3^t, 1) divided by its length.

    So |A v - value v| = 2 * 3^t / (9^t + 1), and value = (3 * 9^t + 1) / (9^t + 1).
    """
    steps = power_iteration(np.diag([3.0, 1.0]), np.array([1.0, 1.0])).residuals
    powers = 9.0 ** np.arange(len(steps))
    np.testing.assert_allclose(steps, 2 * powers**0.5 / (3 * powers + 1), rtol=1e-6, atol=1e-15)
    assert steps[-1] < PRECISION <= steps[-2]


@pytest.mark.parametrize(("size", "rank", "seed"), [(3, 3, 0), (8, 8, 1), (30, 12, 2)])
def test_values_and_vectors_are_numpys(size: int, rank: int, seed: int) -> None:
    a = semi_definite(size, rank, seed)
    values, vectors = np.linalg.eigh(a)
    pairs = leading_eigenpairs(a, 5)
    assert len(pairs) == min(5, rank)
    np.testing.assert_allclose(
        [pair.value for pair in pairs], values[::-1][: len(pairs)], rtol=1e-9
    )
    for number, pair in enumerate(pairs, start=1):
        assert abs(pair.vector @ vectors[:, -number]) == pytest.approx(1)
        assert pair.vector[np.abs(pair.vector).argmax()] > 0


def test_no_more_than_the_rank_are_found() -> None:
    assert len(leading_eigenpairs(semi_definite(6, 2, 3), 5)) == 2


def test_equal_values_are_found_at_once_and_nearly_equal_ones_never() -> None:
    assert len(power_iteration(np.eye(4), np.ones(4)).residuals) == 1
    slow = power_iteration(np.diag([1.0, 1.0 - 1e-6]), np.array([1.0, 1.0]))
    assert len(slow.residuals) == MAX_STEPS
    assert slow.value == pytest.approx(1, abs=1e-6)


CROSS = {"east": [1.0, 0.0], "west": [-1.0, 0.0], "north": [0.0, 1.0], "east again": [1.0, 0.0]}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    """The demonstration and its numbers, which JSON can hold."""
    demonstration = demonstrate(space, ())
    numbers = dict(demonstration.numbers)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    return demonstration, numbers


def test_a_cross_by_hand() -> None:
    """x is (1, -1, 0, 1), mean 1/4: variance 11/12. y is (0, 0, 1, 0): variance 1/4.

    The covariance is -1/12. So the trace is 7/6, the determinant 11/48 - 1/144 = 2/9, and the
    values are 7/12 plus and minus root (49/144 - 32/144).
    """
    demonstration, numbers = shown(made_space(CROSS))
    values = [(7 + 17**0.5) / 12, (7 - 17**0.5) / 12]
    assert numbers["values"] == pytest.approx(values, abs=1e-6)
    assert numbers["shares"] == pytest.approx([value * 6 / 7 for value in values], abs=1e-4)
    assert numbers["ends"][0] == ["west", "north", "east again", "east"]
    assert numbers["rate"][0] == pytest.approx(values[1] / values[0], abs=1e-4)
    assert numbers["rate"][1] == pytest.approx(numbers["rate"][0], abs=0.01)
    table, bars, curves = demonstration.body[1], *demonstration.charts
    assert isinstance(table, Table)
    assert table.rows[0][-2:] == ("west / north", "east again / east")
    assert isinstance(bars, Bars)
    assert bars.labels == ("west", "north", "east", "east again")
    assert isinstance(curves, Curves)
    assert curves.series["measured"][-1] == pytest.approx(curves.series["predicted"][-1])
    assert "from 'west' to 'east again'" in str(demonstration.body[2])


def test_values_and_best_direction_on_random_vectors() -> None:
    space = made_space({f"q{i}": row for i, row in enumerate(random_units(50, 12).tolist())})
    demonstration, numbers = shown(space)
    exact = np.linalg.eigvalsh(np.asarray(np.cov(space.vectors, rowvar=False)))[::-1]
    assert numbers["values"] == pytest.approx(exact[:5], rel=1e-5)
    assert numbers["trace"] == pytest.approx(exact.sum(), rel=1e-5)
    assert numbers["residual"] < 1e-8
    assert exact.mean() / exact[0] < numbers["best_random_direction"] < 1
    bars = demonstration.charts[0]
    assert isinstance(bars, Bars)
    assert len(bars.labels) == 8
    assert list(bars.values) == sorted(bars.values)


def test_two_points_make_one_eigenvector() -> None:
    """All variance is between a and the two others: one value, found in a step or two."""
    demonstration, numbers = shown(
        made_space({"a": [1.0, 0.0, 0.0], "b": [0.0, 1.0, 0.0], "c": [0.0, 1.0, 0.0]})
    )
    assert numbers["shares"] == [1.0]
    assert numbers["rate"] == []
    assert "too few to measure its speed" in str(demonstration.body[-1])


def test_one_dimension_is_its_own_eigenvector() -> None:
    """1, -1, 1 have variance 4/3, in one direction."""
    _, numbers = shown(made_space({"a": [1.0], "b": [-1.0], "c": [1.0]}))
    assert (numbers["values"], numbers["shares"], numbers["steps"]) == ([1.33333], [1.0], [1])


def test_an_iteration_that_was_stopped_says_so() -> None:
    residuals = 0.999 ** np.arange(2000.0)
    speed = speed_of(residuals, 0.999)
    assert speed is not None
    assert speed.predicted == 0.999
    assert speed.measured == pytest.approx(0.999)
    text, chart = tell_speed(speed, residuals)
    assert isinstance(chart, Curves)
    assert str(text).endswith("Two nearly equal eigenvalues made it slow, and it was stopped.")


def test_all_in_one_point() -> None:
    space = made_space({name: [0.6, 0.8] for name in "abc"})
    with pytest.raises(BadRequest, match="All 3 entries of the index in made lie at one point"):
        demonstrate(space, ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="Finding eigenvectors needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
