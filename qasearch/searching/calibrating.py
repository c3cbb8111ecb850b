"""Fits the confidence of one corpus to questions whose answers its owner knows.

A question with an answer is asked twice: as it is, and as if its right entries did not exist. So a
list of answerable questions also shows what a gap looks like.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.index import Curve
from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import Candidates
from qasearch.ranking.confidence import CURVES, Standings, fit, weights_of_kinds
from qasearch.ranking.fusion import rank

_FOLDS = 5
"""Parts of the questions, each of which is held out once."""

MIN_QUESTIONS = 10
"""With fewer questions, the parts that are held out would be too small to compare curves."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What was found for a question whose right entries are known.

    Attributes:
        everything: the candidates among all entries.
        lexical_weight: the weight of the words in the hybrid mode.
        right: row ids of the right entries; none if nothing answers the question.
    """

    everything: Candidates
    lexical_weight: float
    right: Collection[int]


@dataclass(frozen=True, slots=True)
class FittedCurve:
    """The curve of one mode, fitted to questions.

    Attributes:
        curve: the fitted curve if it is better, else the shipped one.
        loss: the mean log loss of questions that were held out, with the fitted curve.
        shipped_loss: the same with the shipped one.
    """

    curve: Curve
    loss: float
    shipped_loss: float

    @property
    def is_better(self) -> bool:
        """Whether the fitted curve says more about new questions than the shipped one."""
        return self.loss < self.shipped_loss


def fit_curve(questions: Sequence[Labelled], mode: Mode) -> FittedCurve:
    """The curve of one mode for this corpus.

    Args:
        questions: at least `MIN_QUESTIONS`, in any order.
        mode: which signals rank.
    """
    rows = [
        (number, *row)
        for number, question in enumerate(questions)
        for row in _first_hits(question, mode)
    ]
    owners = np.array([row[0] for row in rows])
    numbers = np.array([row[1] for row in rows], np.float64)
    kinds = np.array([row[2] for row in rows])
    losses = {True: 0.0, False: 0.0}
    for fold in range(_FOLDS):
        held_out = owners % _FOLDS == fold
        fitted = _fit(numbers[~held_out], kinds[~held_out], mode)
        weights = weights_of_kinds(kinds[held_out], float(np.sum(held_out)))
        for is_fitted, curve in ((True, fitted), (False, CURVES[mode])):
            part = _losses(curve, numbers[held_out], kinds[held_out] == "right")
            losses[is_fitted] += float(weights @ part) / len(rows)
    is_better = losses[True] < losses[False]
    curve = _fit(numbers, kinds, mode) if is_better else CURVES[mode]
    return FittedCurve(curve, losses[True], losses[False])


def _fit(numbers: npt.NDArray[np.float64], kinds: npt.NDArray[np.str_], mode: Mode) -> Curve:
    weights = weights_of_kinds(kinds, len(kinds) / 2)  # most questions have two rows
    return fit(numbers, kinds == "right", weights, CURVES[mode])


def _losses(
    curve: Curve, numbers: npt.NDArray[np.float64], are_right: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """(n,), the negative logarithm of the probability that the curve gives what is the case."""
    logits = numbers @ np.array([curve.score, curve.lead]) + curve.offset
    losses: npt.NDArray[np.float64] = np.logaddexp(0, np.where(are_right, -logits, logits))
    return losses


def _first_hits(question: Labelled, mode: Mode) -> list[tuple[tuple[float, float], str]]:
    """The score and the lead of the first hit with its kind, with and without the right entries."""
    rows = []
    everything, lexical_weight = question.everything, question.lexical_weight
    if question.right:
        rows += _first_hit(everything, mode, lexical_weight, question.right)
        is_right = np.isin(everything.entries, np.array([*question.right], np.int64))
        everything = everything.where(~is_right)
    return rows + _first_hit(everything, mode, lexical_weight, ())


def _first_hit(
    candidates: Candidates, mode: Mode, lexical_weight: float, right: Collection[int]
) -> list[tuple[tuple[float, float], str]]:
    hits = rank(candidates, mode, lexical_weight, 1)
    if not hits:
        return []
    kind = "gap"
    if right:
        kind = "right" if hits[0].entry in right else "wrong"
    return [(Standings(candidates, mode).of(hits)[0], kind)]
