"""Norms and distances against SciPy, their laws, and norms on spaces worked out by hand."""

from __future__ import annotations

import json
import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.norms import (
    ORDERS,
    distances,
    mean_cosine,
    norm,
    squared_distances,
    unit,
    worst_detour,
)
from qasearch.lab.charts import Bars, Demonstration, Table
from qasearch.lab.demonstrations.norms import demonstrate, mean_vectors
from qasearch.lab.space import Space
from tests.lab.spaces import at_degrees, made_space, random_units

METRICS = {"L1": "cityblock", "L2": "euclidean", "max": "chebyshev"}
FLOATS = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3)


def test_norms_of_the_corpus_worked_example() -> None:
    x = np.array([[3.0, -4.0], [0.0, 0.0]])
    assert {name: norm(x, order).tolist() for name, order in ORDERS.items()} == {
        "L1": [7.0, 0.0],
        "L2": [5.0, 0.0],
        "max": [4.0, 0.0],
    }


@pytest.mark.parametrize("order", [1.0, 1.5, 2.0, 3.0, math.inf])
def test_norms_are_numpys(order: float) -> None:
    x = np.random.default_rng(1).normal(size=(7, 5))
    np.testing.assert_allclose(norm(x, order), np.linalg.norm(x, ord=order, axis=1))


@pytest.mark.parametrize("name", ORDERS)
def test_distances_are_scipys(name: str) -> None:
    rng = np.random.default_rng(2)
    queries, points = rng.normal(size=(4, 6)), rng.normal(size=(9, 6))
    np.testing.assert_allclose(
        distances(queries, points, ORDERS[name]), cdist(queries, points, METRICS[name])
    )


@pytest.mark.parametrize("order", ORDERS.values())
@given(x=FLOATS, y=FLOATS, factor=st.floats(-10, 10))
def test_homogeneity_and_triangle_inequality(
    order: float, x: list[float], y: list[float], factor: float
) -> None:
    u, v = np.array(x), np.array(y)
    assert norm(factor * u, order) == pytest.approx(abs(factor) * norm(u, order), abs=1e-9)
    assert norm(u + v, order) <= norm(u, order) + norm(v, order) + 1e-9


def test_below_one_the_triangle_inequality_fails() -> None:
    axes = np.eye(2)
    assert norm(axes, 0.5).tolist() == [1.0, 1.0]
    assert norm(axes.sum(axis=0), 0.5) == 4.0


def test_unit_rows_keep_their_direction() -> None:
    np.testing.assert_allclose(unit(np.array([[3.0, 4.0], [0.0, -2.0]])), [[0.6, 0.8], [0.0, -1.0]])


def test_squared_distances_are_scipys() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(4, 6)), rng.normal(size=(9, 6))
    np.testing.assert_allclose(squared_distances(x, y), cdist(x, y, "sqeuclidean"))
    assert squared_distances(x, x).min() >= 0


def test_the_mean_cosine_is_that_of_all_pairs() -> None:
    vectors = random_units(40, 6)
    expected = np.mean([a @ b for a, b in combinations(vectors, 2)])
    assert mean_cosine(vectors) == pytest.approx(expected)
    # a zero row has cosine 0 with the others: 40 x 39 / 2 of 41 x 40 / 2 pairs are left
    with_zero = np.vstack([vectors, np.zeros(6)])
    assert mean_cosine(with_zero) == pytest.approx(expected * 39 / 41)


def test_the_worst_detour_on_the_line() -> None:
    """Points 0, 1, 2, squared distances: 4 from 0 to 2, 1 + 1 through 1. The ratio is 2."""
    line = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    assert worst_detour(line**2) == (2.0, 0, 1, 2)
    assert worst_detour(line)[0] == 1.0


def test_a_metric_has_no_worse_detour_than_one() -> None:
    points = np.random.default_rng(3).normal(size=(20, 4))
    for order in ORDERS.values():
        assert worst_detour(distances(points, points, order))[0] == pytest.approx(1.0)


def test_points_at_one_place_are_no_detour() -> None:
    assert worst_detour(np.zeros((3, 3))) == (1.0, 0, 0, 0)


def around(*degrees: float) -> list[list[float]]:
    return [at_degrees(angle) for angle in degrees]


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    """The demonstration and its numbers, which JSON can hold."""
    demonstration = demonstrate(space, ())
    numbers = dict(demonstration.numbers)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    return demonstration, numbers


def texts(demonstration: Demonstration) -> str:
    return "\n".join(part for part in demonstration.body if isinstance(part, str))


def test_the_cosine_distance_breaks_the_triangle_inequality() -> None:
    """At 0, 45 and 90 degrees: 1 directly, 2 (1 - root 1/2) = 0.586 through the middle.

    The ratio is 1.7071.
    """
    questions = dict(zip(("east", "middle", "north"), around(0, 45, 90), strict=True))
    demonstration, numbers = shown(made_space(questions))
    assert numbers["cosine_distance_detour"] == 1.7071
    assert (
        "'east' and 'north' are 1.000 apart, but the detour through 'middle' is only "
        "0.293 + 0.293 = 0.586 long." in texts(demonstration)
    )
    table = demonstration.body[-2]
    assert isinstance(table, Table)
    names, factors, ratios = zip(*table.rows, strict=True)
    assert names == ("L1 norm", "L2 norm", "max norm", "squared L2", "cosine distance")
    assert factors == ("times 2", "times 2", "times 2", "times 4", "times 1")
    assert ratios == pytest.approx((1, 1, 1, 1.7071, 1.7071), abs=1e-4)


def test_length_moves_an_entry_to_the_front() -> None:
    """`broad` lies at 20, 100 and -60 degrees, so its mean is at 20, of length (1 + 2 cos 80) / 3 =
    0.449.

    Its question (of 7 passages one is held out, and the seed takes this one) is at angle 0 to its
    own mean. The inner product is 0.449 there, and cos 30 = 0.866 with the mean of `focused`, which
    is longer.
    """
    questions = dict(zip(("focused", "far", "broad"), around(50, 180, 20), strict=True))
    answers = {
        "focused": [("same", around(50)[0])],
        "broad": [(str(i), around(i)[0]) for i in (100, -60)],
    }
    demonstration, numbers = shown(made_space(questions, answers))
    assert numbers["mean_lengths"] == [0.4491, 0.8164, 1.0]
    assert numbers["first_moved"] == 1.0
    assert "from 0.45 ('broad') to 1.00 ('focused')" in texts(demonstration)
    assert (
        "It puts another entry first than the cosine for 100% of the questions. An example is "
        "'broad': nearest by cosine is 'broad', whose mean has length 0.45; nearest by inner "
        "product is 'focused', with length 1.00."
    ) in texts(demonstration)


def test_unit_length_makes_the_rankings_agree() -> None:
    vectors = random_units(60, 16)
    demonstration, numbers = shown(
        made_space({f"q{i}": row for i, row in enumerate(vectors.tolist())})
    )
    assert numbers["same_order"] == 1.0
    assert numbers["identity_error"] < 1e-12
    assert numbers["recall_of_cosine"]["L2, unit length"] == 1.0
    assert (
        numbers["recall_of_cosine"]["max, unit length"]
        < numbers["recall_of_cosine"]["L1, unit length"]
        < 1.0
    )
    assert numbers["norms"]["L2"] == [1.0, 1.0, 1.0]
    assert numbers["norms"]["max"][2] == pytest.approx(np.abs(vectors).max(), abs=0.05)
    # one passage each: the mean is that passage, of length 1, and nothing moves
    assert numbers["mean_lengths"] == [1.0, 1.0, 1.0]
    assert numbers["first_moved"] == 0.0
    assert "it changes the first entry of no question" in texts(demonstration)
    assert [type(chart) for chart in demonstration.charts] == [Bars]


@pytest.mark.parametrize("zero", [False, True])
def test_all_in_one_point(zero: bool) -> None:
    questions = {name: [0.0, 1.0] for name in "abcd"} | ({"zero": [0.0, 0.0]} if zero else {})
    demonstration, numbers = shown(made_space(questions))
    assert numbers["passages"] == 3
    assert set(numbers["recall_of_cosine"].values()) == {1.0}
    assert "No detour is shorter than the direct way here" in texts(demonstration)


def test_too_few_entries() -> None:
    with pytest.raises(
        BadRequest, match="Comparing norms needs at least 3 entries, and the index in made has 2"
    ):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())


def test_mean_vectors_are_not_normalised() -> None:
    """The passages of q0 are (1, 0) twice, those of q1 (0.6, 0.8) and (0.6, -0.8)."""
    space = made_space(
        {"q0": [1.0, 0.0], "q1": [0.6, 0.8], "none": [1.0, 0.0]},
        {"q0": [("a", [1.0, 0.0])], "q1": [("b", [0.6, -0.8])], "none": [("c", [-1.0, 0.0])]},
    )
    names, means = mean_vectors(space, 100)
    assert names == ("q0", "q1")
    np.testing.assert_allclose(means, [[1.0, 0.0], [0.6, 0.0]], atol=1e-7)
    assert len(mean_vectors(space, 1)[1]) == 1


def test_passages_that_cancel_out_have_no_mean_vector() -> None:
    space = made_space({"q": [1.0, 0.0]}, {"q": [("a", [-1.0, 0.0])]})
    with pytest.raises(BadRequest, match="the passage vectors of every entry add up to zero"):
        mean_vectors(space, 100)
