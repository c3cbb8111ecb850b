"""Held-out questions, samples, and the sizes that are tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.demonstrations import held_out
from qasearch.lab.demonstrations.held_out import hold_out, passages_text, sizes_up_to
from qasearch.lab.sampling import fixed_sample
from tests.lab.spaces import made_space

QUESTIONS = {f"q{i}": [np.cos(i), np.sin(i)] for i in range(6)}
ANSWERS = {f"q{i}": [(f"a{i}", [np.cos(i), -np.sin(i)])] for i in range(6)}


def test_a_fifth_of_the_passages_is_held_out_and_these_are_questions() -> None:
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


def test_a_sample_is_called_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    space = made_space(QUESTIONS, ANSWERS)
    assert passages_text(space, 12) == "12 passages"
    assert passages_text(space, 10) == "10 passages"
    assert passages_text(space, 9) == "9 passages (a sample of 12)"
    assert passages_text(replace(space, total=50_000), 12) == (
        "12 passages (a sample: 6 of 50,000 entries are used)"
    )
    monkeypatch.setattr(held_out, "MAX_PASSAGES", 4)
    assert passages_text(space, 4) == "4 passages (a sample of 12)"


def test_a_zero_vector_is_neither_held_out_nor_searched() -> None:
    queries, others = hold_out(made_space(QUESTIONS | {"zero": [0.0, 0.0]}), 100)
    assert sorted([*queries, *others]) == list(range(6))


def test_too_few_passages() -> None:
    space = made_space({"a": [1.0, 0.0], "b": [0.0, 1.0], "zero": [0.0, 0.0]})
    with pytest.raises(BadRequest, match="in made has 2 passages with a vector that is not zero"):
        hold_out(space, 100)


def test_a_fixed_sample_is_all_or_the_same_choice_every_time() -> None:
    assert fixed_sample(4, 4).tolist() == [0, 1, 2, 3]
    sample = fixed_sample(100, 10).tolist()
    assert len(set(sample)) == 10
    assert sample == sorted(sample) == fixed_sample(100, 10).tolist()


def test_sizes_end_at_the_largest() -> None:
    assert sizes_up_to(1) == [1]
    assert sizes_up_to(20) == [1, 2, 4, 8, 16, 20]
    assert sizes_up_to(48) == [1, 2, 4, 8, 16, 32, 48]
    assert sizes_up_to(384) == [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256, 384]
