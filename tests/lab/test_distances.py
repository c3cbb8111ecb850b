"""Norms and distances against SciPy, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from qasearch.lab.algorithms.norms import ORDERS, distances, norm, unit, worst_detour

METRICS = {"L1": "cityblock", "L2": "euclidean", "max": "chebyshev"}
FLOATS = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3)


def test_norms_of_the_corpus_worked_example() -> None:
    x = np.array([[3.0, -4.0], [0.0, 0.0]])
    assert {name: norm(x, order).tolist() for name, order in ORDERS.items()} == {
        "L1": [7.0, 0.0], "L2": [5.0, 0.0], "max": [4.0, 0.0]
    }  # fmt: skip


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


def test_the_worst_detour_on_the_line() -> None:
    """Points 0, 1, 2: squared, from 0 to 2 it is 4, by way of 1 it is 1 + 1: a ratio of 2."""
    line = np.abs(np.subtract.outer(np.arange(3.0), np.arange(3.0)))
    assert worst_detour(line**2) == (2.0, 0, 1, 2)
    assert worst_detour(line)[0] == 1.0


def test_a_metric_has_no_worse_detour_than_one() -> None:
    points = np.random.default_rng(3).normal(size=(20, 4))
    for order in ORDERS.values():
        assert worst_detour(distances(points, points, order))[0] == pytest.approx(1.0)


def test_points_that_coincide_are_no_detour() -> None:
    assert worst_detour(np.zeros((3, 3))) == (1.0, 0, 0, 0)
