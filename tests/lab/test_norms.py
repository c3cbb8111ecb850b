"""Norms shown on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.charts import Bars, Demonstration, Table
from qasearch.lab.demonstrations.norms import demonstrate
from qasearch.lab.space import Space
from tests.lab.spaces import made_space


def around(*degrees: float) -> list[list[float]]:
    return [[float(np.cos(angle)), float(np.sin(angle))] for angle in np.radians(degrees)]


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    found = demonstrate(space, ())
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    return found, dict(found.numbers)


def texts(found: Demonstration) -> str:
    return "\n".join(part for part in found.body if isinstance(part, str))


def test_the_cosine_distance_breaks_the_triangle_inequality() -> None:
    """At 0, 45 and 90 degrees: 1 apart, by way of the middle 2 (1 - root 1/2) = 0.586; a ratio of
    1.7071."""
    questions = dict(zip(("east", "middle", "north"), around(0, 45, 90), strict=True))
    found, numbers = shown(made_space(questions))
    assert numbers["cosine_distance_detour"] == 1.7071
    assert (
        "'east' and 'north' are 1.000 apart, yet by way of 'middle' only 0.293 + 0.293 = 0.586."
        in texts(found)
    )
    table = found.body[-2]
    assert isinstance(table, Table)
    names, factors, ratios = zip(*table.rows, strict=True)
    assert names == ("L1 norm", "L2 norm", "max norm", "squared L2", "cosine distance")
    assert factors == ("times 2", "times 2", "times 2", "times 4", "times 1")
    assert ratios == pytest.approx((1, 1, 1, 1.7071, 1.7071), abs=1e-4)


def test_length_moves_an_entry_to_the_front() -> None:
    """`broad` lies at 20, 100 and -60 degrees, so its mean is at 20, of length (1 + 2 cos 80) / 3 =
    0.449.

    Its question (of 7 passages one is asked, and the seed takes this one) is at no angle to its own
    mean. The inner product is 0.449 there, and cos 30 = 0.866 with the mean of `focused`, which is
    longer.
    """
    questions = dict(zip(("focused", "far", "broad"), around(50, 180, 20), strict=True))
    answers = {
        "focused": [("same", around(50)[0])],
        "broad": [(str(i), around(i)[0]) for i in (100, -60)],
    }
    found, numbers = shown(made_space(questions, answers))
    assert numbers["mean_lengths"] == [0.4491, 0.8164, 1.0]
    assert numbers["first_moved"] == 1.0
    assert "from 0.45 ('broad') to 1.00 ('focused')" in texts(found)
    assert (
        "another entry first for 100% of the questions: nearest by cosine to 'broad' is 'broad' (its mean has length"
        " 0.45), by inner product 'focused' (1.00)."
    ) in texts(found)


def test_unit_length_makes_the_rankings_agree() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found, numbers = shown(made_space({f"q{i}": row for i, row in enumerate(vectors.tolist())}))
    assert numbers["same_order"] == 1.0
    assert numbers["identity_error"] < 1e-14
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
    assert "no question gets another first entry by it" in texts(found)
    assert [type(chart) for chart in found.charts] == [Bars]


@pytest.mark.parametrize("zero", [False, True])
def test_all_in_one_point(zero: bool) -> None:
    questions = {name: [0.0, 1.0] for name in "abcd"} | ({"zero": [0.0, 0.0]} if zero else {})
    found, numbers = shown(made_space(questions))
    assert numbers["passages"] == 3
    assert set(numbers["recall_of_cosine"].values()) == {1.0}
    assert "No detour here is shorter" in texts(found)


def test_too_few_entries() -> None:
    with pytest.raises(
        BadRequest, match="Comparing norms needs at least 3 entries, and the index in made has 2"
    ):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
