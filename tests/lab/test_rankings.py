"""Rankings compared."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.lab.demonstrations.rankings import depth, kept, ladder, same_order


def test_kept_counts_what_is_found_of_the_best() -> None:
    """Of the two best by the first scores (b and c; a and d) one is among the two best by the
    others, then both."""
    wanted = np.array([[0.1, 0.9, 0.8, 0.2], [0.9, 0.1, 0.2, 0.8]])
    found = np.array([[0.9, 0.8, 0.1, 0.2], [0.5, 0.1, 0.2, 0.6]])
    assert kept(wanted, found, 2) == 0.75
    assert kept(wanted, wanted, 2) == 1.0
    assert kept(wanted, -wanted, 2) == 0.0


def test_ties_with_the_last_of_the_best_count_as_found() -> None:
    assert kept(np.array([[0.9, 0.5, 0.5, 0.1]]), np.array([[0.9, 0.1, 0.5, 0.2]]), 2) == 1.0
    assert kept(np.array([[0.9, 0.5, 0.49, 0.1]]), np.array([[0.9, 0.1, 0.5, 0.2]]), 2) == 0.5


def test_same_order_is_of_all_candidates_and_lets_ties_be() -> None:
    wanted = np.array([[0.9, 0.5, 0.5, 0.1], [0.9, 0.5, 0.4, 0.1]])
    found = np.array([[4.0, 2.0, 3.0, 1.0], [4.0, 2.0, 3.0, 1.0]])
    assert same_order(wanted, found) == 0.5


@pytest.mark.parametrize(("count", "k"), [(1, 1), (3, 1), (8, 4), (20, 10), (500, 10)])
def test_depth(count: int, k: int) -> None:
    assert depth(count) == k


def test_ladder_ends_at_the_top() -> None:
    assert ladder(1) == [1]
    assert ladder(20) == [1, 2, 4, 8, 16, 20]
    assert ladder(384) == [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384]
