"""Held-out questions, and rankings compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qasearch.datatypes import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab import rankings
from qasearch.lab.rankings import brief, counted, depth, hold_out, kept, ladder, mean_vectors, same_order
from tests.lab.spaces import made_space

QUESTIONS = {f"q{i}": [np.cos(i), np.sin(i)] for i in range(6)}
ANSWERS = {f"q{i}": [(f"a{i}", [np.cos(i), -np.sin(i)])] for i in range(6)}


def test_a_fifth_of_the_passages_is_held_out_and_all_of_it_is_questions() -> None:
    space = made_space(QUESTIONS, ANSWERS)
    queries, others = hold_out(space, 100)
    assert len(queries) == 2
    assert {space.passages[i].kind for i in queries} == {PassageKind.QUESTION}
    assert sorted([*queries, *others]) == list(range(12))
    assert [ids.tolist() for ids in hold_out(space, 100)] == [queries.tolist(), others.tolist()]
    assert len(hold_out(space, 1)[0]) == 1


def test_of_many_passages_a_sample_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rankings, "MOST_PASSAGES", 4)
    queries, others = hold_out(made_space(QUESTIONS, ANSWERS), 100)
    assert len(others) == 4
    assert not set(others) & set(queries)


def test_a_sample_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    space = made_space(QUESTIONS, ANSWERS)
    assert counted(space, 12) == "12 passages"
    assert counted(space, 10) == "10 passages"
    assert counted(space, 9) == "9 passages (a sample of 12)"
    assert counted(replace(space, total=50_000), 12) == ("12 passages (a sample; of 50,000 entries 6 are looked at)")
    monkeypatch.setattr(rankings, "MOST_PASSAGES", 4)
    assert counted(space, 4) == "4 passages (a sample of 12)"


def test_a_zero_vector_is_neither_asked_nor_found() -> None:
    queries, others = hold_out(made_space(QUESTIONS | {"zero": [0.0, 0.0]}), 100)
    assert sorted([*queries, *others]) == list(range(6))


def test_too_few_passages() -> None:
    space = made_space({"a": [1.0, 0.0], "b": [0.0, 1.0], "zero": [0.0, 0.0]})
    with pytest.raises(BadRequest, match="in made has 2 passages with a vector that is not zero"):
        hold_out(space, 100)


def test_mean_vectors_are_not_normalised() -> None:
    """The passages of q0 are (1, 0) twice; of the other (0.6, ±0.8), so its mean is (0.6, 0)."""
    space = made_space(
        {"q0": [1.0, 0.0], "q1": [0.6, 0.8], "none": [1.0, 0.0]},
        {"q0": [("a", [1.0, 0.0])], "q1": [("b", [0.6, -0.8])], "none": [("c", [-1.0, 0.0])]},
    )
    names, means = mean_vectors(space)
    assert names == ("q0", "q1")
    np.testing.assert_allclose(means, [[1.0, 0.0], [0.6, 0.0]], atol=1e-7)


def test_kept_counts_what_is_found_of_the_best() -> None:
    """Of the two best by the first scores (b and c; a and d) one is among the two best by the others, then both."""
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


def test_brief_is_one_line_cut_at_a_word() -> None:
    assert brief("What is\ntea?") == "What is tea?"
    assert brief("word " * 30) == " ".join(["word"] * 14) + " …"


def test_ladder_ends_at_the_top() -> None:
    assert ladder(1) == [1]
    assert ladder(20) == [1, 2, 4, 8, 16, 20]
    assert ladder(384) == [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384]
