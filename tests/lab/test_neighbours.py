"""Exact neighbours against FAISS, and rankings compared by hand."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.lab.algorithms.neighbours import (
    BLOCK,
    comparison_depth,
    exclude_self,
    first_hit_accuracy,
    nearest_neighbours,
    recall_at,
    recall_at_10,
    same_order,
)
from tests.lab.spaces import random_units


def test_recall_by_hand() -> None:
    """Of the two best, the first row finds one of b and c, the second row both of a and d."""
    reference = np.array([[0.1, 0.9, 0.8, 0.2], [0.9, 0.1, 0.2, 0.8]])
    scores = np.array([[0.9, 0.8, 0.1, 0.2], [0.5, 0.1, 0.2, 0.6]])
    assert recall_at(2, reference, scores) == 0.75
    assert recall_at(2, reference, reference) == 1.0
    assert recall_at(2, reference, -reference) == 0.0


def test_a_tie_with_the_last_of_the_best_counts_as_one_of_them() -> None:
    assert recall_at(2, np.array([[0.9, 0.5, 0.5, 0.1]]), np.array([[0.9, 0.1, 0.5, 0.2]])) == 1.0
    assert recall_at(2, np.array([[0.9, 0.5, 0.49, 0.1]]), np.array([[0.9, 0.1, 0.5, 0.2]])) == 0.5


def test_the_same_order_apart_from_ties() -> None:
    reference = np.array([[0.9, 0.5, 0.5, 0.1], [0.9, 0.5, 0.4, 0.1]])
    scores = np.array([[4.0, 2.0, 3.0, 1.0], [4.0, 2.0, 3.0, 1.0]])
    assert same_order(reference, scores) == 0.5


@pytest.mark.parametrize(("count", "k"), [(1, 1), (3, 1), (8, 4), (20, 10), (500, 10)])
def test_the_depth_is_ten_or_half_of_the_candidates(count: int, k: int) -> None:
    assert comparison_depth(count) == k


def test_recall_at_10_counts_a_tie_with_the_tenth() -> None:
    exact = np.array([[9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1, 0.0]])
    other = exact.copy()
    other[0, [9, 8]] = -1  # two of the three that tie are last, so the 0 comes among the ten
    assert recall_at_10(exact, exact) == 1
    assert recall_at_10(exact, other) == pytest.approx(0.9)
    # the ten best of the reverse are 0, 1, 1, 1 and 2 to 7: all but the 0 count
    assert recall_at_10(exact, -exact) == pytest.approx(0.9)
    assert recall_at_10(exact[:, :4], exact[:, ::-1][:, :4]) == 1


def test_a_query_does_not_find_itself() -> None:
    scores = exclude_self(np.ones((2, 3)), np.array([2, 0]))
    assert scores.tolist() == [[1, 1, -np.inf], [-np.inf, 1, 1]]
    assert recall_at_10(scores, scores) == 1


def test_first_hits_by_hand() -> None:
    scores = np.array([[0.9, 0.1, 0.2], [0.1, 0.2, 0.3]])
    owners = np.array([7, 7, 8])
    assert first_hit_accuracy(scores, owners, np.array([7, 7])) == 0.5
    assert first_hit_accuracy(scores[:0], owners, np.array([], np.int64)) == 0


def test_neighbours_are_those_of_faiss_across_blocks() -> None:
    import faiss

    vectors = random_units(BLOCK + 90, 16).astype(np.float32)
    index = faiss.IndexFlatIP(16)
    index.add(vectors)
    expected_cosines, expected_ids = index.search(vectors, 6)
    ids, cosines = nearest_neighbours(vectors, 5)
    assert ids.tolist() == expected_ids[:, 1:].tolist()
    assert cosines == pytest.approx(expected_cosines[:, 1:], abs=1e-5)


def test_neighbours_at_one_point_come_in_their_order() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32)
    ids, _ = nearest_neighbours(vectors, 2)
    np.testing.assert_array_equal(ids, [[2, 3], [0, 2], [0, 3], [0, 2]])
