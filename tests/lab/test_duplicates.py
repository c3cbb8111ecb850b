from __future__ import annotations

import faiss
import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.duplicates import BLOCK, fences, nearest, nearest_pairs
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.duplicates import demonstrate
from tests.lab.spaces import made_space


def circle(degrees: float) -> list[float]:
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


def test_neighbours_are_those_of_faiss_across_blocks() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(BLOCK + 90, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexFlatIP(16)
    index.add(vectors)
    expected_cosines, expected_ids = index.search(vectors, 6)
    ids, cosines = nearest(vectors, 5)
    assert ids.tolist() == expected_ids[:, 1:].tolist()
    assert cosines == pytest.approx(expected_cosines[:, 1:], abs=1e-5)


def test_the_first_pairs_are_the_nearest_of_all() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(60, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    first, second = np.triu_indices(60, 1)
    cosines = (vectors @ vectors.T)[first, second]
    expected = [(first[at], second[at]) for at in np.argsort(-cosines)[:7]]
    assert [pair[1:] for pair in nearest_pairs(*nearest(vectors, 7))[:7]] == expected


def test_fences_by_hand() -> None:
    # Quartiles 2 and 4, so 1.5 · 2 beyond each.
    assert fences(np.array([1.0, 2, 3, 4, 5])) == (-1, 7)


def test_a_pair_that_stands_out_and_an_entry_far_from_all() -> None:
    # Neighbours 20 degrees apart, 9 of them, of which one has a copy; the last is 120 degrees from
    # the nearest.
    places = {f"q{i}": circle(20 * i) for i in range(9)} | {"copy": circle(80), "far": circle(280)}
    shown = demonstrate(made_space(places), ())
    pairs, lonely = [part for part in shown.body if isinstance(part, Table)]
    assert [row[1:] for row in pairs.rows[:2]] == [
        ("yes", "q4", "notes.md:1"),
        ("", "copy", "notes.md:1"),
    ]
    assert [row[1] for row in pairs.rows[2:]] == ["no", ""] * 9
    assert lonely.rows[0][1:] == ("yes", "far", "notes.md:1")
    assert [row[1] for row in lonely.rows[1:]] == ["no"] * 2
    assert shown.numbers["entries_with_duplicate"] == 2
    assert shown.numbers["outliers"] == 1
    assert shown.numbers["nearest_median"] == pytest.approx(np.cos(np.radians(20)), abs=1e-4)
    assert shown.numbers["nearest_pair"] == ["q4", "copy", 1.0]
    assert shown.numbers["farthest_entry"] == "far"


def test_neighbours_alike_are_no_duplicates() -> None:
    shown = demonstrate(made_space({f"q{i}": circle(60 * i) for i in range(6)}), ())
    assert shown.numbers["entries_with_duplicate"] == shown.numbers["outliers"] == 0
    assert shown.numbers["any_two"] == pytest.approx(-1 / 5)  # six unit vectors with the sum 0
    assert any(
        "by its own measure the corpus has no duplicates" in part
        for part in shown.body
        if isinstance(part, str)
    )


def test_all_at_one_point_are_all_duplicates() -> None:
    shown = demonstrate(made_space({f"q{i}": [0.6, 0.8] for i in range(5)}), ())
    assert shown.numbers["entries_with_duplicate"] == 5
    assert shown.numbers["outliers"] == 0
    (curves,) = [part for part in shown.body if isinstance(part, Curves)]
    assert curves.series["entries"].sum() == 1


def test_a_zero_vector_is_far_from_all() -> None:
    shown = demonstrate(
        made_space({f"q{i}": circle(i) for i in range(6)} | {"nothing": [0, 0]}), ()
    )
    assert shown.numbers["farthest_entry"] == "nothing"
    assert shown.numbers["outliers"] == 1


def test_too_few_entries() -> None:
    with pytest.raises(
        BadRequest,
        match="search for duplicates needs at least 5 entries, and the index in made has 1",
    ):
        demonstrate(made_space({"alone": [1, 0]}), ())
