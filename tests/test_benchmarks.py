"""What the benchmarks count themselves, by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.retrieval.baselines import reciprocal_rank_fusion
from benchmarks.retrieval.commands import false_answers, false_refusals
from benchmarks.shared import write_corpus


def test_reciprocal_rank_fusion_sums_over_the_lists() -> None:
    """1/61 + 1/63 for 3, 1/62 + 1/61 for 7, 1/63 for 5, 1/62 for 9."""
    assert reciprocal_rank_fusion([[3, 7, 5], [7, 9, 3]]) == [7, 3, 9, 5]


def test_reciprocal_rank_fusion_gives_ties_in_ascending_order() -> None:
    assert reciprocal_rank_fusion([[8, 2], [2, 8]]) == [2, 8]
    assert reciprocal_rank_fusion([[], []]) == []


def test_false_answers_and_refusals_go_by_the_confidence() -> None:
    """An entry without an answer always has the verdict none."""
    confidences = {True: [0.9, 0.16, 0.15, None], False: [0.64, 0.63, None]}
    queries = [
        {
            "answerable": answerable,
            "verdict": "none",
            "first_hit": None if confidence is None else {"confidence": confidence},
        }
        for answerable, values in confidences.items()
        for confidence in values
    ]
    assert false_answers({"queries": queries}) == pytest.approx(1 / 3)
    assert false_refusals({"queries": queries}) == pytest.approx(2 / 4)


@pytest.mark.parametrize(
    ("examples", "aliases"), [(True, "aliases:\n- 'It''s a?'\n- 'b?'\n"), (False, "")]
)
def test_a_corpus_with_and_without_its_examples(
    tmp_path: Path, examples: bool, aliases: str
) -> None:
    row = {"id": "x_1", "question": "a?", "answer": "", "examples": ["It's a?", "b?"]}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(row), encoding="utf-8")
    folder = tmp_path / "corpus"
    folder.mkdir()
    write_corpus(folder, tmp_path / "corpus.jsonl", examples=examples)
    written = (folder / "x-1.md").read_text(encoding="utf-8")
    assert written == f"---\nid: 'x_1'\nquestion: 'a?'\n{aliases}---\n\n\n"
