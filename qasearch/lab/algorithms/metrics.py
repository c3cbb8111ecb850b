"""Measures of a yes-or-no decision, and cross-validation of its threshold.

Fawcett (2006), An introduction to ROC analysis; Manning, Raghavan and Schütze (2008), Introduction
to Information Retrieval, chapter 8; Stone (1974), Cross-Validatory Choice and Assessment of
Statistical Predictions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Confusion(NamedTuple):
    """How many cases are true and false positives, false and true negatives. A share of nothing is
    0.
    """

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def precision(self) -> float:
        """The share of the predicted positives that are positive."""
        return self.tp / max(self.tp + self.fp, 1)

    @property
    def recall(self) -> float:
        """The share of the positives that are predicted: the true positive rate."""
        return self.tp / max(self.tp + self.fn, 1)

    @property
    def false_positive_rate(self) -> float:
        """The share of the negatives that are predicted to be positive."""
        return self.fp / max(self.fp + self.tn, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.tp / max(2 * self.tp + self.fp + self.fn, 1)


def confusion(positive: Flags, scores: Floats, threshold: float) -> Confusion:
    """The counts of (n,) cases where those with a score from `threshold` on are predicted to be
    positive.
    """
    said = scores >= threshold
    return Confusion(*(int(np.sum(each)) for each in
                       (said & positive, said & ~positive, ~said & positive, ~said & ~positive)))  # fmt: skip


def roc_curve(positive: Flags, scores: Floats) -> tuple[Floats, Floats]:
    """False and true positive rates for every threshold, from (0, 0) to (1, 1). Equal scores pass
    it together.
    """
    order = np.argsort(-scores, kind="stable")
    hits, ranked = positive[order], scores[order]
    last = np.append(np.diff(ranked) != 0, True)
    tp, fp = np.cumsum(hits)[last], np.cumsum(~hits)[last]
    return np.append(0, fp / fp[-1]), np.append(0, tp / tp[-1])


def auc(fpr: Floats, tpr: Floats) -> float:
    """The area under the curve: how probably a positive scores above a negative, ties counting one
    half.
    """
    return float(np.sum(np.diff(fpr) * (tpr[1:] + tpr[:-1]) / 2))


def precision_at(prevalence: float, tpr: Floats, fpr: Floats) -> Floats:
    """The precision that these rates give where a share of the cases is positive (Bayes' rule); 0
    for 0 and 0.
    """
    found, false_alarms = prevalence * tpr, (1 - prevalence) * fpr
    return np.divide(
        found, found + false_alarms, out=np.zeros_like(found), where=found + false_alarms > 0
    )


def best_threshold(positive: Flags, scores: Floats) -> float:
    """The threshold with the largest F1: of the scores themselves, the lowest of equally good
    ones.
    """
    return float(
        max(np.unique(scores), key=lambda threshold: confusion(positive, scores, threshold).f1)
    )


def stratified_folds(positive: Flags, k: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """(n,) the fold of each case, 0 to k − 1, shuffled; each fold has its share of both classes."""
    folds = np.empty(len(positive), np.int64)
    for label in (False, True):
        members = rng.permutation(np.flatnonzero(positive == label))
        folds[members] = np.arange(len(members)) % k
    return folds
