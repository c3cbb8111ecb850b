from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.metrics import (
    Confusion,
    auc,
    best_threshold,
    confusion,
    precision_at,
    roc_curve,
    stratified_folds,
)
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.metrics import demonstrate
from tests.lab.spaces import made_space


def test_roc_by_hand() -> None:
    # Of the 3 x 3 pairs only (0.6, 0.7) is in the wrong order.
    positive = np.array([True, True, False, True, False, False])
    fpr, tpr = roc_curve(positive, np.array([0.9, 0.8, 0.7, 0.6, 0.4, 0.2]))
    assert (fpr * 3).tolist() == pytest.approx([0, 0, 0, 1, 1, 2, 3])
    assert (tpr * 3).tolist() == pytest.approx([0, 1, 2, 2, 3, 3, 3])
    assert auc(fpr, tpr) == pytest.approx(8 / 9)


def test_shares_of_nothing_are_0() -> None:
    nothing = Confusion(0, 0, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.false_positive_rate) == (
        0,
        0,
        0,
        0,
    )


@pytest.mark.parametrize("seed", range(3))
def test_measures_agree_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    positive = rng.random(300) < 0.3
    scores = np.round(rng.normal(size=300) + positive, 1)  # with ties
    at = confusion(positive, scores, 0.5)
    said = scores >= 0.5
    assert reference.confusion_matrix(positive, said).tolist() == [[at.tn, at.fp], [at.fn, at.tp]]
    assert at.precision == pytest.approx(reference.precision_score(positive, said))
    assert at.recall == pytest.approx(reference.recall_score(positive, said))
    assert at.f1 == pytest.approx(reference.f1_score(positive, said))
    fpr, tpr = roc_curve(positive, scores)
    expected_fpr, expected_tpr, _ = reference.roc_curve(positive, scores, drop_intermediate=False)
    assert fpr == pytest.approx(expected_fpr)
    assert tpr == pytest.approx(expected_tpr)
    assert auc(fpr, tpr) == pytest.approx(reference.roc_auc_score(positive, scores))


def test_precision_where_the_positives_are_rare() -> None:
    # 0.9 of 1 % against 0.05 of 99 %: 0.009 / (0.009 + 0.0495); where nothing is predicted it is 0.
    found = precision_at(0.01, np.array([0.9, 0.0]), np.array([0.05, 0.0]))
    assert found == pytest.approx([0.009 / 0.0585, 0])


def test_the_best_threshold_is_the_lowest_of_equals() -> None:
    # From 0.2: 2 of 3 right, F1 0.8; from 0.6: 2 of 2, F1 1; from 0.7: 1 of 1 but 1 missed, F1 2/3.
    assert best_threshold(np.array([False, True, True]), np.array([0.2, 0.6, 0.7])) == 0.6


def test_folds_part_each_class() -> None:
    positive = np.arange(23) < 10
    folds = stratified_folds(positive, 5, np.random.default_rng(0))
    assert np.bincount(folds[positive]).tolist() == [2] * 5
    assert sorted(np.bincount(folds[~positive]).tolist()) == [2, 2, 3, 3, 3]


ONE = {"What is tea?": [1.0, 0.0]}


def test_what_is_said_of_an_index() -> None:
    # 10 questions with an answer, 8 of them from 0.5 on; 10 without, 1 of them at 0.5: precision 8
    # / 9, recall 0.8,
    # F1 16 / 19. Rare: 0.05 · 0.8 / (0.05 · 0.8 + 0.95 · 0.1) = 0.04 / 0.135.
    confidences = [0.9] * 8 + [0.3] * 2 + [0.5] + [0.1] * 9
    shown = demonstrate(
        made_space(
            ONE, calibration=(confidences, [True] * 10 + [False] * 10, [True] * 7 + [False] * 13)
        ),
        (),
    )
    numbers = shown.numbers
    assert [numbers[name] for name in ("tp", "fp", "fn", "tn", "right")] == [8, 1, 2, 9, 7]
    assert numbers["precision"] == pytest.approx(8 / 9, abs=1e-4)
    assert numbers["f1"] == pytest.approx(16 / 19, abs=1e-4)
    assert numbers["precision_rare"] == pytest.approx(0.04 / 0.135, abs=1e-4)
    assert (
        numbers["auc"] == numbers["auc_rare"] == pytest.approx(0.98)
    )  # 2 of 100 pairs: 0.3 below 0.5
    # From 0.3 on: 10 of 11 right, F1 20 / 21, which is the best, but for the folds that hold out
    # both questions at 0.3.
    assert numbers["best_threshold"] == 0.3
    assert sorted(numbers["threshold_by_fold"]) == [0.3] * 4 + [0.9]
    tables = [part for part in shown.body if isinstance(part, Table)]
    assert list(tables[0].rows) == [("it can answer", 8, 2), ("it cannot", 1, 9)]
    assert any(
        "most answers given would be wrong" in part for part in shown.body if isinstance(part, str)
    )
    assert next(part for part in shown.body if isinstance(part, Curves)).marks == {"now": 0.1}
    assert shown.body[-1] == (
        "Bias and variance of a section classifier need two sections of 5 entries or more. This corpus has 0."
    )


def test_confidences_that_are_all_the_same() -> None:
    shown = demonstrate(
        made_space(ONE, calibration=([0.5] * 12, [True] * 6 + [False] * 6, [True] * 12)), ()
    )
    assert shown.numbers["auc"] == 0.5
    assert shown.numbers["recall"] == 1
    assert shown.numbers["precision"] == 0.5


@pytest.mark.parametrize("answerable", [0, 4])
def test_too_few_questions(answerable: int) -> None:
    known = ([0.5] * 20, [number < answerable for number in range(20)], [False] * 20)
    with pytest.raises(
        BadRequest,
        match=f"index in made answers and 5 that it does not; it can be asked {answerable} ",
    ):
        demonstrate(made_space(ONE, calibration=known), ())
