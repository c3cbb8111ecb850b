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
from tests.lab.spaces import made_space

LINE = np.array([0.0, 1, 3, 2, 6])
DISTANCES, CLASSES = np.abs(LINE[:, None] - LINE), np.array([0, 0, 0, 1, 1])


def test_kinds_of_triplets_at_their_borders() -> None:
    # The positive is at 1, the margin 0.5: hard up to 1, easy from 1.5.
    d_an = np.array([0.5, 1.0, 1.25, 1.5, 3.0])
    assert kinds(np.ones(5), d_an, 0.5) == (2, 1, 2)
    assert triplet_loss(np.ones(5), d_an, 0.5).tolist() == [1.0, 0.5, 0.25, 0.0, 0.0]


def test_batch_hard_by_hand() -> None:
    # Class A at 0, 1, 3, class B at 2, 6. For the anchor 0 the farthest of A is 3, the nearest of B
    # is 2: 0.5 + 3 − 2.
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
    found = triplet_loss(np.linalg.norm(a - p, axis=1), np.linalg.norm(a - n, axis=1), 0.3)
    assert found == pytest.approx(expected.numpy())


def test_the_nearest_of_each_class_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    anchors, examples = rng.normal(size=(7, 4)), rng.normal(size=(9, 4))
    anchors, examples = (
        each / np.linalg.norm(each, axis=1, keepdims=True) for each in (anchors, examples)
    )
    classes = np.array([0, 0, 1, 1, 1, 3, 3, 3, 3])
    found = nearest_by_class(anchors, examples, classes, 4)
    squared = ((anchors[:, None] - examples) ** 2).sum(axis=2)
    for number in (0, 1, 3):
        assert found[:, number] == pytest.approx(
            squared[:, classes == number].min(axis=1), abs=1e-6
        )
    assert np.isinf(found[:, 2]).all()


QUESTIONS = {"tea?": [1.0, 0.0], "chai?": [0.8, 0.6], "rock?": [-1.0, 0.0], "open?": [0.0, 1.0]}
ANSWERS = {
    "tea?": [("A drink.", [1.0, 0.0]), ("It is hot.", [0.0, -1.0])],
    "chai?": [("Tea with milk.", [0.0, 1.0])],
    "rock?": [("A stone.", [-1.0, 0.0])],
}


def test_the_hardest_negative_of_each_question() -> None:
    # tea?: its nearest piece at 0, chai's answer at 2: easy. chai?: its own at 2 − 2 · 0.6 = 0.8,
    # tea's at 0.4: hard, with
    # a loss of 0.8 − 0.4 + 0.2. rock?: 0 and 2: easy. "open?" has no answer, so it is no anchor and
    # no negative.
    shown = demonstrate(made_space(QUESTIONS, ANSWERS), ())
    numbers = shown.numbers
    assert (numbers["anchors"], numbers["triplets"]) == (3, 6)
    assert numbers["hardest"] == {"easy": 2, "semi_hard": 0, "hard": 1}
    assert numbers["mean_loss"] == pytest.approx(0.2)
    assert numbers["easy_share"] == pytest.approx(5 / 6, abs=1e-4)
    assert numbers["hard_questions"] == 1
    (table,) = [part for part in shown.body if isinstance(part, Table)]
    (loss, *row), other, worst = table.rows
    assert loss == pytest.approx(0.6)
    assert row == [1, "chai?", "notes.md:1"]
    assert (other, worst) == (("", "", "tea?", "notes.md:1"), ("", "", "'chai?'", ""))
    (curves,) = [part for part in shown.body if isinstance(part, Curves)]
    assert {name: float(shares.sum()) for name, shares in curves.series.items()} == pytest.approx(
        {"all other entries": 1, "hardest negative": 1}
    )
    assert (
        shown.body[-1]
        == "Batch-hard mining needs two entries with 4 passages, which this index does not have."
    )


def test_entries_mistaken_for_each_other() -> None:
    shown = demonstrate(made_space(
        {"a?": [1, 0], "b?": [0, 1]}, {"a?": [("b", [0, 1])] * 3, "b?": [("a", [1, 0])] * 3}
    ), ())  # fmt: skip
    assert shown.numbers["mutual_pairs"] == 1
    assert shown.numbers["worst_pairs"] == [["a?", "b?"], ["b?", "a?"]]
    assert any(
        "Pairs mistaken for each other both ways (1 here)" in part
        for part in shown.body
        if isinstance(part, str)
    )
    # The farthest of its entry is √2 away, the nearest of the other is at the same place.
    assert shown.numbers["batch_hard_loss"] == pytest.approx(np.sqrt(2) + 0.2, abs=1e-4)


def test_entries_told_apart() -> None:
    shown = demonstrate(
        made_space({"a?": [1, 0], "b?": [0, 1]}, {"a?": [("a", [1, 0])], "b?": [("b", [0, 1])]}), ()
    )
    assert "No wording is nearer to another entry's answer." in shown.body
    assert shown.numbers["mean_loss"] == 0


def test_answers_at_one_point_are_hard() -> None:
    shown = demonstrate(
        made_space({"a?": [1, 0], "b?": [1, 0]}, {"a?": [("a", [1, 0])], "b?": [("b", [1, 0])]}), ()
    )
    assert shown.numbers["hardest"] == {"easy": 0, "semi_hard": 0, "hard": 2}


@pytest.mark.parametrize("answers", [{}, {"tea?": ANSWERS["tea?"]}])
def test_too_few_answers(answers: dict[str, list[tuple[str, list[float]]]]) -> None:
    with pytest.raises(
        BadRequest, match=f"two entries with an answer, and the index in made has {len(answers)}"
    ):
        demonstrate(made_space(QUESTIONS, answers), ())
