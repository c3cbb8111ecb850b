"""Measures of a decision, and bias and variance, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference
from sklearn.neighbors import KNeighborsClassifier

from qasearch.errors import BadRequest
from qasearch.evaluation.abstention import auroc
from qasearch.lab.algorithms.metrics import (
    Confusion,
    best_threshold,
    bias_variance,
    confusion,
    precision_at,
    roc_curve,
    stratified_folds,
    vote_of_neighbours,
)
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.metrics import demonstrate, tell_section_classifier
from tests.lab.spaces import Labels, at_degrees, made_space, random_units


def test_roc_by_hand() -> None:
    # Of the 3 x 3 pairs only (0.6, 0.7) is in the wrong order.
    positive = np.array([True, True, False, True, False, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.4, 0.2])
    fpr, tpr = roc_curve(positive, scores)
    assert (fpr * 3).tolist() == pytest.approx([0, 0, 0, 1, 1, 2, 3])
    assert (tpr * 3).tolist() == pytest.approx([0, 1, 2, 2, 3, 3, 3])
    assert auroc(scores, positive) == pytest.approx(8 / 9)


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
    assert np.trapezoid(tpr, fpr) == pytest.approx(reference.roc_auc_score(positive, scores))


def test_precision_where_the_positives_are_rare() -> None:
    # 0.9 of 1 % against 0.05 of 99 %: 0.009 / (0.009 + 0.0495); where nothing is predicted it is 0.
    precisions = precision_at(0.01, np.array([0.9, 0.0]), np.array([0.05, 0.0]))
    assert precisions == pytest.approx([0.009 / 0.0585, 0])


def test_the_best_threshold_is_the_lowest_of_equals() -> None:
    # From 0.2: 2 of 3 right, F1 0.8; from 0.6: 2 of 2, F1 1; from 0.7: 1 of 1 but 1 missed, F1 2/3.
    assert best_threshold(np.array([False, True, True]), np.array([0.2, 0.6, 0.7])) == 0.6


def test_folds_part_each_class() -> None:
    positive = np.arange(23) < 10
    folds = stratified_folds(positive, 5, np.random.default_rng(0))
    assert np.bincount(folds[positive]).tolist() == [2] * 5
    assert sorted(np.bincount(folds[~positive]).tolist()) == [2, 2, 3, 3, 3]


ONE = {"What is tea?": [1.0, 0.0]}


def test_the_decision_of_an_index_by_hand() -> None:
    """10 questions have an answer: 8 of them at 0.9, 2 at 0.3. 10 have none: 1 of them at 0.7.

    Precision 8/9, recall 0.8, F1 16/19. If answers are rare, the precision is
    0.05 * 0.8 / (0.05 * 0.8 + 0.95 * 0.1) = 0.04 / 0.135. Of 100 pairs, the 2 of 0.3 and 0.7 are
    in the wrong order.
    """
    confidences = [0.9] * 8 + [0.3] * 2 + [0.7] + [0.1] * 9
    labels = Labels(confidences, [True] * 10 + [False] * 10, [True] * 7 + [False] * 13)
    demonstration = demonstrate(made_space(ONE, labels=labels), ())
    numbers = demonstration.numbers
    assert [numbers[name] for name in ("tp", "fp", "fn", "tn", "right")] == [8, 1, 2, 9, 7]
    assert numbers["precision"] == pytest.approx(8 / 9, abs=1e-4)
    assert numbers["f1"] == pytest.approx(16 / 19, abs=1e-4)
    assert numbers["precision_rare"] == pytest.approx(0.04 / 0.135, abs=1e-4)
    assert numbers["auc"] == numbers["auc_rare"] == pytest.approx(0.98)
    # From 0.3 on, 10 of 11 are correct: F1 20/21, the best. Only the folds without the two
    # questions at 0.3 choose another threshold.
    assert numbers["best_threshold"] == 0.3
    assert sorted(numbers["threshold_by_fold"]) == [0.3] * 4 + [0.9]
    tables = [part for part in demonstration.body if isinstance(part, Table)]
    assert list(tables[0].rows) == [("has an answer", 8, 2), ("has none", 1, 9)]
    assert "Most answers would be wrong." in str(demonstration.body)
    assert next(part for part in demonstration.charts if isinstance(part, Curves)).marks == {
        "now": 0.1
    }
    assert demonstration.body[-1] == (
        "Bias and variance of a classifier of sections need two sections of at least 5 entries. "
        "This corpus has 0."
    )


def test_equal_confidences_decide_nothing() -> None:
    labels = Labels([0.7] * 12, [True] * 6 + [False] * 6, [True] * 12)
    numbers = demonstrate(made_space(ONE, labels=labels), ()).numbers
    assert numbers["auc"] == 0.5
    assert numbers["recall"] == 1
    assert numbers["precision"] == 0.5


@pytest.mark.parametrize("answerable", [0, 4])
def test_too_few_questions(answerable: int) -> None:
    labels = Labels([0.5] * 20, [number < answerable for number in range(20)], [False] * 20)
    with pytest.raises(
        BadRequest,
        match=rf"5 that it does not answer\. It has {answerable} and {20 - answerable}\.",
    ):
        demonstrate(made_space(ONE, labels=labels), ())


def test_the_decomposition_by_hand() -> None:
    """First case: the main prediction 0 is right, and 1 of 3 deviates.

    Second case: the main prediction 1 is wrong, and 1 of 4 is the truth.
    """
    predictions = np.array([[0, 1], [0, 1], [1, 0], [-1, 1]])
    assert bias_variance(predictions, np.array([0, 0])) == pytest.approx((0.5, 1 / 6, 1 / 8))


def test_bias_and_variance_sum_to_the_error() -> None:
    rng = np.random.default_rng(0)
    predictions, truth = rng.integers(0, 3, (40, 30)), rng.integers(0, 3, 30)
    parts = bias_variance(predictions, truth)
    assert parts.bias + parts.net_variance == pytest.approx(np.mean(predictions != truth))


@pytest.mark.parametrize("k", [1, 3, 5])
def test_neighbours_vote_as_in_scikit_learn(k: int) -> None:
    x = random_units(90, 5, seed=k)
    labels = np.random.default_rng(k).integers(0, 2, 60)
    expected = KNeighborsClassifier(k).fit(x[:60], labels).predict(x[60:])
    votes = vote_of_neighbours(x[60:] @ x[:60].T, labels, [1, k])
    assert votes[1].tolist() == expected.tolist()


def test_of_equal_votes_the_nearer_label_wins() -> None:
    similarities, labels = np.array([[0.9, 0.8, 0.7, 0.6]]), np.array([1, 0, 0, 1])
    assert vote_of_neighbours(similarities, labels, [2, 4]).tolist() == [[1], [0]]


def test_sections_that_are_apart_have_no_error_until_votes_reach_across() -> None:
    places = {f"a{i}": at_degrees(i) for i in range(6)}
    places |= {f"b{i}": at_degrees(90 + i) for i in range(6)}
    finding = tell_section_classifier(
        made_space(places, sections={name: name[0] for name in places})
    )
    assert finding.numbers["k"] == [1, 3, 5]
    assert finding.numbers["error"][0] == finding.numbers["bias"][0] == 0
    # a bootstrap sample can have fewer than three entries of a section
    assert finding.numbers["error"][2] > 0
    assert (
        "The error is smallest at k = 1: 0%. To always name the largest section would be wrong for "
        "50%." in str(finding.body[-1])
    )


def test_sections_that_are_too_small() -> None:
    places = {f"a{i}": at_degrees(i) for i in range(6)} | {"b": at_degrees(90)}
    finding = tell_section_classifier(
        made_space(places, sections={name: name[0] for name in places})
    )
    assert "need two sections of at least 5 entries. This corpus has 1." in str(finding.body[0])
    assert finding.numbers == {}


def test_all_entries_at_one_point() -> None:
    """Only the order of the examples decides, so many predictions are wrong."""
    places = {f"{name}{i}": [1.0, 0.0] for name in "ab" for i in range(6)}
    finding = tell_section_classifier(
        made_space(places, sections={name: name[0] for name in places})
    )
    assert 0.3 < finding.numbers["error"][0] <= 1
