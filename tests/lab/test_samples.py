"""Held-out questions, and samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.demonstrations import samples
from qasearch.lab.demonstrations.samples import counted, hold_out, mean_vectors
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


def test_of_many_passages_a_sample_is_searched() -> None:
    queries, others = hold_out(made_space(QUESTIONS, ANSWERS), 100, 4)
    assert len(others) == 4
    assert not set(others) & set(queries)


def test_a_sample_is_called_one(monkeypatch: pytest.MonkeyPatch) -> None:
    space = made_space(QUESTIONS, ANSWERS)
    assert counted(space, 12) == "12 passages"
    assert counted(space, 10) == "10 passages"
    assert counted(space, 9) == "9 passages (a sample of 12)"
    assert counted(replace(space, total=50_000), 12) == (
        "12 passages (a sample; of 50,000 entries 6 are looked at)"
    )
    monkeypatch.setattr(samples, "MOST_PASSAGES", 4)
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
    names, means = mean_vectors(space, 100)
    assert names == ("q0", "q1")
    np.testing.assert_allclose(means, [[1.0, 0.0], [0.6, 0.0]], atol=1e-7)
    assert len(mean_vectors(space, 1)[1]) == 1


def test_passages_that_cancel_out_have_no_mean_vector() -> None:
    space = made_space({"q": [1.0, 0.0]}, {"q": [("a", [-1.0, 0.0])]})
    with pytest.raises(
        BadRequest, match="In the index in made the passages of every entry cancel out"
    ):
        mean_vectors(space, 100)
