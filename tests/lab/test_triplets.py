"""The triplet loss against torch, mining by hand, and triplets of small spaces."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.triplets import (
    batch_all,
    batch_hard,
    batch_losses,
    kinds,
    nearest_by_class,
    triplet_loss,
)
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.triplets import demonstrate
from tests.lab.spaces import made_space, random_units

LINE = np.array([0.0, 1, 3, 2, 6])
DISTANCES, CLASSES = np.abs(LINE[:, None] - LINE), np.array([0, 0, 0, 1, 1])


def test_kinds_of_triplets_at_the_limits() -> None:
    # The positive is at 1, the margin 0.5: hard up to 1, easy from 1.5.
    d_an = np.array([0.5, 1.0, 1.25, 1.5, 3.0])
    assert kinds(np.ones(5), d_an, 0.5) == (2, 1, 2)
    assert triplet_loss(np.ones(5), d_an, 0.5).tolist() == [1.0, 0.5, 0.25, 0.0, 0.0]


def test_batch_hard_by_hand() -> None:
    # Class A at 0, 1, 3, class B at 2, 6. For the anchor 0 the farthest of A is 3, the nearest of B
    # is 2: 0.5 + 3 - 2.
    assert batch_hard(DISTANCES, CLASSES, 0.5).tolist() == [1.5, 1.5, 2.5, 3.5, 1.5]


def test_all_triplets_of_a_batch() -> None:
    # 3 anchors with 2 positives and 2 negatives, and 2 with 1 and 3. The anchor 0: (1, 2), (1, 6),
    # (3, 2), (3, 6).
    losses = batch_all(DISTANCES, CLASSES, 0.5)
    assert len(losses) == 3 * 2 * 2 + 2 * 1 * 3
    assert losses[:4].tolist() == [0, 0, 1.5, 0]


def test_a_collapsed_encoder_has_the_margin() -> None:
    hard, every = batch_losses(np.tile(np.array([1.0, 0.0]), (12, 1)), np.repeat(np.arange(3), 4))
    assert hard.shape == (20, 12)
    assert every.shape == (20, 12 * 3 * 8)
    assert hard == pytest.approx(0.2)
    assert every == pytest.approx(0.2)


def test_no_batches_without_two_classes() -> None:
    assert [
        len(losses) for losses in batch_losses(np.ones((7, 2)), np.array([0, 0, 0, 0, 1, 1, 1]))
    ] == [0, 0]


def test_triplet_loss_agrees_with_torch() -> None:
    rng = np.random.default_rng(0)
    a, p, n = rng.normal(size=(3, 50, 8))
    expected = torch.nn.TripletMarginLoss(margin=0.3, reduction="none", eps=0)(
        *map(torch.tensor, (a, p, n))
    )
    losses = triplet_loss(np.linalg.norm(a - p, axis=1), np.linalg.norm(a - n, axis=1), 0.3)
    assert losses == pytest.approx(expected.numpy())


def test_the_nearest_of_each_class_by_comparing_all() -> None:
    anchors, examples = random_units(7, 4), random_units(9, 4, seed=1)
    classes = np.array([0, 0, 1, 1, 1, 3, 3, 3, 3])
    distances = nearest_by_class(anchors, examples, classes, 4)
    squared = ((anchors[:, None] - examples) ** 2).sum(axis=2)
    for number in (0, 1, 3):
        assert distances[:, number] == pytest.approx(
            squared[:, classes == number].min(axis=1), abs=1e-6
        )
    assert np.isinf(distances[:, 2]).all()


QUESTIONS = {"tea?": [1.0, 0.0], "chai?": [0.8, 0.6], "rock?": [-1.0, 0.0], "open?": [0.0, 1.0]}
ANSWERS = {
    "tea?": [("A drink.", [1.0, 0.0]), ("It is hot.", [0.0, -1.0])],
    "chai?": [("Tea with milk.", [0.0, 1.0])],
    "rock?": [("A stone.", [-1.0, 0.0])],
}


def test_the_hardest_negative_of_each_question() -> None:
    # tea?: its own nearest piece is at 0, chai's answer at 2: easy. chai?: its own is at
    # 2 - 2 * 0.6 = 0.8, tea's at 0.4: hard, with a loss of 0.8 - 0.4 + 0.2. rock?: 0 and 2: easy.
    # "open?" has no answer, so it is no anchor and no negative.
    demonstration = demonstrate(made_space(QUESTIONS, ANSWERS), ())
    numbers = demonstration.numbers
    assert (numbers["anchors"], numbers["triplets"]) == (3, 6)
    assert numbers["hardest"] == {"easy": 2, "semi_hard": 0, "hard": 1}
    assert numbers["mean_loss"] == pytest.approx(0.2)
    assert numbers["easy_share"] == pytest.approx(5 / 6, abs=1e-4)
    assert numbers["hard_questions"] == 1
    (table,) = [part for part in demonstration.body if isinstance(part, Table)]
    (loss, *row), other, worst = table.rows
    assert loss == pytest.approx(0.6)
    assert row == [1, "chai?", "notes.md:1"]
    assert (other, worst) == (("", "", "tea?", "notes.md:1"), ("", "", "'chai?'", ""))
    (curves,) = [part for part in demonstration.body if isinstance(part, Curves)]
    assert {name: float(shares.sum()) for name, shares in curves.series.items()} == pytest.approx(
        {"all other entries": 1, "hardest negative": 1}
    )
    assert (
        demonstration.body[-1]
        == "Batch-hard mining needs two entries with 4 passages. This index does not have them."
    )


def test_entries_that_are_confused_with_each_other() -> None:
    questions = {"a?": [1, 0], "b?": [0, 1]}
    answers = {"a?": [("b", [0, 1])] * 3, "b?": [("a", [1, 0])] * 3}
    demonstration = demonstrate(made_space(questions, answers), ())
    assert demonstration.numbers["mutual_pairs"] == 1
    assert demonstration.numbers["worst_pairs"] == [["a?", "b?"], ["b?", "a?"]]
    assert any(
        "1 pair is confused in both directions" in part
        for part in demonstration.body
        if isinstance(part, str)
    )
    # The farthest passage of its entry is root 2 away, the nearest of the other at the same place.
    assert demonstration.numbers["batch_hard_loss"] == pytest.approx(np.sqrt(2) + 0.2, abs=1e-4)


def test_entries_that_are_not_confused() -> None:
    demonstration = demonstrate(
        made_space({"a?": [1, 0], "b?": [0, 1]}, {"a?": [("a", [1, 0])], "b?": [("b", [0, 1])]}), ()
    )
    assert "No wording is nearer to the answer of another entry." in demonstration.body
    assert demonstration.numbers["mean_loss"] == 0


def test_answers_at_one_point_are_hard() -> None:
    demonstration = demonstrate(
        made_space({"a?": [1, 0], "b?": [1, 0]}, {"a?": [("a", [1, 0])], "b?": [("b", [1, 0])]}), ()
    )
    assert demonstration.numbers["hardest"] == {"easy": 0, "semi_hard": 0, "hard": 2}


@pytest.mark.parametrize("answers", [{}, {"tea?": ANSWERS["tea?"]}])
def test_too_few_answers(answers: dict[str, list[tuple[str, list[float]]]]) -> None:
    with pytest.raises(
        BadRequest, match=f"two entries with an answer, and the index in made has {len(answers)}"
    ):
        demonstrate(made_space(QUESTIONS, answers), ())
