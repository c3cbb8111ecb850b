"""Duplicates and outliers, on spaces worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.duplicates import fences, nearest_pairs
from qasearch.lab.algorithms.neighbours import nearest_neighbours
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.duplicates import demonstrate
from tests.lab.spaces import at_degrees, made_space, random_units


def test_the_first_pairs_are_the_nearest_of_all() -> None:
    vectors = random_units(60, 8)
    first, second = np.triu_indices(60, 1)
    cosines = (vectors @ vectors.T)[first, second]
    expected = [(first[at], second[at]) for at in np.argsort(-cosines)[:7]]
    assert [pair[1:] for pair in nearest_pairs(*nearest_neighbours(vectors, 7))[:7]] == expected


def test_fences_by_hand() -> None:
    # Quartiles 2 and 4: 1.5 * 2 below the lower and above the upper one.
    assert fences(np.array([1.0, 2, 3, 4, 5])) == (-1, 7)


def test_a_pair_that_is_too_near_and_an_entry_far_from_all() -> None:
    # 9 neighbours 20 degrees apart, one of them with a copy, and one entry 120 degrees from the
    # nearest
    places = {f"q{i}": at_degrees(20 * i) for i in range(9)} | {
        "copy": at_degrees(80),
        "far": at_degrees(280),
    }
    demonstration = demonstrate(made_space(places), ())
    pairs, lonely = [part for part in demonstration.body if isinstance(part, Table)]
    assert [row[1:] for row in pairs.rows[:2]] == [
        ("yes", "q4", "notes.md:1"),
        ("", "copy", "notes.md:1"),
    ]
    assert [row[1] for row in pairs.rows[2:]] == ["no", ""] * 9
    assert lonely.rows[0][1:] == ("yes", "far", "notes.md:1")
    assert [row[1] for row in lonely.rows[1:]] == ["no"] * 2
    assert demonstration.numbers["entries_with_duplicate"] == 2
    assert demonstration.numbers["outliers"] == 1
    assert demonstration.numbers["nearest_median"] == pytest.approx(
        np.cos(np.radians(20)), abs=1e-4
    )
    assert demonstration.numbers["nearest_pair"] == ["q4", "copy", 1.0]
    assert demonstration.numbers["farthest_entry"] == "far"


def test_equally_near_neighbours_are_no_duplicates() -> None:
    demonstration = demonstrate(made_space({f"q{i}": at_degrees(60 * i) for i in range(6)}), ())
    assert demonstration.numbers["entries_with_duplicate"] == demonstration.numbers["outliers"] == 0
    assert demonstration.numbers["any_two"] == pytest.approx(
        -1 / 5
    )  # six unit vectors with the sum 0
    assert any(
        "so by this measure the corpus has no duplicates" in part
        for part in demonstration.body
        if isinstance(part, str)
    )


def test_all_at_one_point_are_all_duplicates() -> None:
    demonstration = demonstrate(made_space({f"q{i}": [0.6, 0.8] for i in range(5)}), ())
    assert demonstration.numbers["entries_with_duplicate"] == 5
    assert demonstration.numbers["outliers"] == 0
    (curves,) = [part for part in demonstration.body if isinstance(part, Curves)]
    assert curves.series["entries"].sum() == 1


def test_a_zero_vector_is_far_from_all() -> None:
    demonstration = demonstrate(
        made_space({f"q{i}": at_degrees(i) for i in range(6)} | {"nothing": [0, 0]}), ()
    )
    assert demonstration.numbers["farthest_entry"] == "nothing"
    assert demonstration.numbers["outliers"] == 1


def test_too_few_entries() -> None:
    with pytest.raises(
        BadRequest,
        match="search for duplicates needs at least 5 entries, and the index in made has 1",
    ):
        demonstrate(made_space({"alone": [1, 0]}), ())
