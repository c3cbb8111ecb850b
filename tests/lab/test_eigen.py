"""Eigenvectors shown on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.charts import Bars, Curves, Demonstration, Table
from qasearch.lab.demonstrations.eigen import _speed, demonstrate
from qasearch.lab.space import Space
from tests.lab.spaces import made_space

CROSS = {"east": [1.0, 0.0], "west": [-1.0, 0.0], "north": [0.0, 1.0], "east again": [1.0, 0.0]}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    found = demonstrate(space, ())
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    return found, dict(found.numbers)


def test_a_cross_by_hand() -> None:
    """x is (1, -1, 0, 1), mean 1/4: variance 11/12. y is (0, 0, 1, 0): variance 1/4. Covariance
    -1/12.

    So trace 7/6, determinant 11/48 - 1/144 = 2/9, and the values are 7/12 plus and minus root
    (49/144 - 32/144).
    """
    found, numbers = shown(made_space(CROSS))
    values = [(7 + 17**0.5) / 12, (7 - 17**0.5) / 12]
    assert numbers["values"] == pytest.approx(values, abs=1e-6)
    assert numbers["shares"] == pytest.approx([value * 6 / 7 for value in values], abs=1e-4)
    assert numbers["ends"][0] == ["west", "north", "east again", "east"]
    assert numbers["rate"][0] == pytest.approx(values[1] / values[0], abs=1e-4)
    assert numbers["rate"][1] == pytest.approx(numbers["rate"][0], abs=0.01)
    table, bars, curves = found.body[1], *found.charts
    assert isinstance(table, Table)
    assert table.rows[0][-2:] == ("west / north", "east again / east")
    assert isinstance(bars, Bars)
    assert bars.labels == ("west", "north", "east", "east again")
    assert isinstance(curves, Curves)
    assert curves.series["measured"][-1] == curves.series["predicted"][-1]
    assert "from 'west' to 'east again'" in str(found.body[2])


def test_values_and_best_direction_on_random_vectors() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 12))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    space = made_space({f"q{i}": row for i, row in enumerate(vectors.tolist())})
    found, numbers = shown(space)
    exact = np.linalg.eigvalsh(np.asarray(np.cov(space.vectors, rowvar=False)))[::-1]
    assert numbers["values"] == pytest.approx(exact[:5], rel=1e-5)
    assert numbers["trace"] == pytest.approx(exact.sum(), rel=1e-5)
    assert numbers["residual"] < 1e-8
    assert exact.mean() / exact[0] < numbers["best_random_direction"] < 1
    bars = found.charts[0]
    assert isinstance(bars, Bars)
    assert len(bars.labels) == 8
    assert list(bars.values) == sorted(bars.values)


def test_two_points_make_one_eigenvector() -> None:
    """All variance is between a and the two others: one value, found in a step or two, and nothing
    to draw."""
    found, numbers = shown(
        made_space({"a": [1.0, 0.0, 0.0], "b": [0.0, 1.0, 0.0], "c": [0.0, 1.0, 0.0]})
    )
    assert numbers["shares"] == [1.0]
    assert numbers["rate"] == []
    assert "as the second eigenvalue is nothing to it" in str(found.body[-1])


def test_one_dimension_is_its_own_eigenvector() -> None:
    """1, -1, 1 have variance 4/3, in one direction."""
    _, numbers = shown(made_space({"a": [1.0], "b": [-1.0], "c": [1.0]}))
    assert (numbers["values"], numbers["shares"], numbers["steps"]) == ([1.33333], [1.0], [1])


def test_an_iteration_that_was_stopped_says_so() -> None:
    words, charts, rates = _speed(0.999 ** np.arange(2000.0), 0.999)
    assert words.endswith("Two nearly equal eigenvalues make it slow, and it was stopped.")
    assert len(charts) == 1
    assert rates == [0.999, 0.999]


def test_all_in_one_point() -> None:
    space = made_space({name: [0.6, 0.8] for name in "abc"})
    with pytest.raises(BadRequest, match="All 3 entries of the index in made lie in one point"):
        demonstrate(space, ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="Finding eigenvectors needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
