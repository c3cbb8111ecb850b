"""Fitting the confidence of a corpus to questions whose answers its owner knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import qasearch as package
from qasearch.datatypes.options import Mode
from qasearch.errors import BadRequest
from qasearch.ranking.candidates import DENSE, Candidates
from qasearch.ranking.confidence import CURVES
from qasearch.searching.calibrating import Labelled, fit_curve
from qasearch.storage.database import Database
from qasearch.storage.metadata import IndexMetadata
from qasearch.storage.passage_ids import question_id
from tests.conftest import Command, Corpus

NOTES = {
    f"{name}.md": f"# What is {name}?\n\nAll about {name}.\n"
    for name in ("tea", "milk", "sugar", "salt", "water", "soup", "leaf", "piano", "guitar", "vpn")
}
QUESTIONS = [(f"what is {Path(name).stem}", frozenset({Path(name).stem})) for name in NOTES]


def found(scores: Sequence[float]) -> Candidates:
    """Entries 1, 2, ... with these scores, whatever ranks."""
    entries = np.arange(1, len(scores) + 1)
    signal = np.array(scores, np.float32)
    return Candidates(entries, question_id(entries), dict.fromkeys((*DENSE, "lexical"), signal))


def labelled(first: float, rest: float, right: set[int]) -> Labelled:
    return Labelled(found([first, *[rest] * 11]), 0.3, right)


def test_where_low_scores_are_right_the_curve_is_moved_to_them() -> None:
    """The right entry has 0.35 and the others 0.2: the shipped curve is too careful here."""
    draw = np.random.default_rng(0)
    questions = [
        labelled(0.35 + 0.02 * noise, 0.2 + 0.02 * noise, {1}) for noise in draw.normal(size=60)
    ]
    fitted = fit_curve(questions, Mode.DENSE)
    assert fitted.is_better
    assert fitted.loss < fitted.shipped_loss
    assert CURVES[Mode.DENSE].confidence(0.35, 0.15) < 0.5
    assert fitted.curve.confidence(0.35, 0.15) > CURVES[Mode.DENSE].confidence(0.35, 0.15)


def test_a_curve_that_is_no_better_is_not_taken() -> None:
    """Whether the first hit is right is drawn as the shipped curve says."""
    shipped, taken = CURVES[Mode.DENSE], []
    for seed in range(6):
        draw = np.random.default_rng(seed)
        questions = []
        for score in draw.uniform(0.2, 0.9, 12):
            is_right = draw.uniform() < shipped.confidence(score, score - 0.3)
            questions.append(labelled(score, 0.3, {1} if is_right else set()))
        fitted = fit_curve(questions, Mode.DENSE)
        taken.append(fitted.is_better)
        assert (fitted.curve != shipped) == fitted.is_better
    assert not all(taken)


def metadata(index: Path) -> IndexMetadata:
    with Database.open_for_reading(index) as database:
        return database.metadata()


@pytest.fixture
def flags(corpus: Corpus, tmp_path: Path, tiny_model: str) -> list[str]:
    package.build(corpus(NOTES), tmp_path / "index", tiny_model)
    return ["--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "index")]


def test_the_index_keeps_the_curves_through_builds(
    flags: list[str], tmp_path: Path, corpus: Corpus
) -> None:
    questions = [
        (f"{text}?", frozenset({f"{name}#what-is-{name}" for name in ids}))
        for text, ids in QUESTIONS
    ]
    with package.open(flags[1], flags[3]) as index:
        fitted = index.calibrate(questions, "q.tsv")
        status = index.status()
    calibrated = metadata(tmp_path / "index").calibrated
    assert set(fitted) == set(Mode)
    assert any(curve.is_better for curve in fitted.values())
    assert calibrated
    assert status.calibrated == calibrated
    assert (calibrated.file, calibrated.questions) == ("q.tsv", 10)
    corpus({"new.md": "# What is new?\n\nThis.\n"})
    package.build(flags[1], flags[3])
    assert metadata(tmp_path / "index").calibrated == calibrated
    package.build(flags[1], flags[3], full=True)
    assert metadata(tmp_path / "index").calibrated == calibrated


def test_too_few_questions(flags: list[str]) -> None:
    with (
        package.open(flags[1], flags[3]) as index,
        pytest.raises(BadRequest, match="There are 9 questions; a curve needs at least 10"),
    ):
        index.calibrate(QUESTIONS[:9], "q.tsv")


def test_on_the_command_line(flags: list[str], tmp_path: Path, qasearch: Command) -> None:
    rows = [f"{text} now\t{name}#what-is-{name}" for text, (name,) in QUESTIONS]
    (tmp_path / "q.tsv").write_text("\n".join(["question\texpected", *rows]), encoding="utf-8")
    run = qasearch("eval", "--calibrate", "q.tsv", "--json", *flags)
    assert run.code == 0
    lines = run.err.splitlines()
    assert len(lines) == 3
    assert all("log loss of held-out queries" in line for line in lines)
    status = json.loads(qasearch("status", "--json", *flags).out)["index"]
    kept = any("its own is used" in line for line in lines)
    assert (status["calibrated"] is not None) == kept
    assert ("curves fitted to 10 questions of q.tsv" in qasearch("status", *flags).out) == kept
