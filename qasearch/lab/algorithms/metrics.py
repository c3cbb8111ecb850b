"""Measures of a yes-or-no decision, cross-validation, and bias and variance of a classifier.

Fawcett (2006), An introduction to ROC analysis; Manning, Raghavan and Schütze (2008), Introduction
to Information Retrieval, chapter 8; Stone (1974), Cross-Validatory Choice and Assessment of
Statistical Predictions; Domingos (2000), A Unified Bias-Variance Decomposition for Zero-One and
Squared Loss. The area under the ROC curve is `qasearch.evaluation.abstention.auroc`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qasearch.lab.arrays import Flags, Floats, Ids, Matrix


class Confusion(NamedTuple):
    """The numbers of true positives, false positives, false negatives and true negatives.

    A share of nothing is 0.
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
        """The share of the positives that are predicted positive: the true positive rate."""
        return self.tp / max(self.tp + self.fn, 1)

    @property
    def false_positive_rate(self) -> float:
        """The share of the negatives that are predicted positive."""
        return self.fp / max(self.fp + self.tn, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.tp / max(2 * self.tp + self.fp + self.fn, 1)


def confusion(positive: Flags, scores: Matrix, threshold: float) -> Confusion:
    """The counts of (n,) cases; a case is predicted positive if its score is at least `threshold`.

    Args:
        positive: (n,) True for the cases that are positive.
        scores: (n,) float64.
        threshold: lowest score of a predicted positive.
    """
    predicted = scores >= threshold
    return Confusion(
        tp=int(np.sum(predicted & positive)),
        fp=int(np.sum(predicted & ~positive)),
        fn=int(np.sum(~predicted & positive)),
        tn=int(np.sum(~predicted & ~positive)),
    )


def roc_curve(positive: Flags, scores: Matrix) -> tuple[Matrix, Matrix]:
    """False and true positive rates for every threshold, from (0, 0) to (1, 1).

    Cases with equal scores pass the threshold together. Both classes must occur.
    """
    order = np.argsort(-scores, kind="stable")
    hits, ranked = positive[order], scores[order]
    last = np.append(np.diff(ranked) != 0, True)
    tp, fp = np.cumsum(hits)[last], np.cumsum(~hits)[last]
    return np.append(0, fp / fp[-1]), np.append(0, tp / tp[-1])


def precision_at(prevalence: float, tpr: Matrix, fpr: Matrix) -> Matrix:
    """The precision that these rates give where a share `prevalence` of the cases is positive.

    By Bayes' rule. Where nothing is predicted positive it is 0.
    """
    true, false = prevalence * tpr, (1 - prevalence) * fpr
    return np.divide(true, true + false, out=np.zeros_like(true), where=true + false > 0)


def best_threshold(positive: Flags, scores: Matrix) -> float:
    """The score that gives the largest F1 as a threshold; the lowest of equally good ones."""
    return float(
        max(np.unique(scores), key=lambda threshold: confusion(positive, scores, threshold).f1)
    )


def stratified_folds(positive: Flags, k: int, rng: np.random.Generator) -> Ids:
    """(n,) the fold of each case, 0 to k - 1, at random; both classes are spread over all folds."""
    folds = np.empty(len(positive), np.int64)
    for label in (False, True):
        members = rng.permutation(np.flatnonzero(positive == label))
        folds[members] = np.arange(len(members)) % k
    return folds


def vote_of_neighbours(similarities: Floats, labels: Ids, ks: Sequence[int]) -> Ids:
    """(len(ks), t) the most frequent label among the k most similar examples of each of t cases.

    Of equally frequent labels, the label of the nearer examples wins.

    Args:
        similarities: (t, n) to the examples.
        labels: (n,) of the examples, from 0 on.
        ks: numbers of neighbours, none above n.
    """
    order = np.argsort(-similarities, axis=1, kind="stable")[:, : max(ks)]
    # A nearer vote weighs a little more; all differences together are less than one vote, so they
    # only break ties.
    weights = 1 - np.arange(order.shape[1]) / order.shape[1] ** 2 / 2
    votes = np.cumsum(np.eye(labels.max() + 1)[labels[order]] * weights[:, None], axis=1)
    return np.stack([votes[:, k - 1].argmax(axis=1) for k in ks])


class BiasVariance(NamedTuple):
    """The mean error of a classifier, split: error = bias + variance_unbiased - variance_biased.

    Attributes:
        bias: the share of the cases whose main prediction is wrong. The main prediction is the
            most frequent one over the training sets.
        variance_unbiased: deviations from a correct main prediction; each of them is an error.
        variance_biased: deviations from a wrong main prediction to the truth; each saves an error.
    """

    bias: float
    variance_unbiased: float
    variance_biased: float

    @property
    def net_variance(self) -> float:
        """What deviations from the main prediction cost: error minus bias."""
        return self.variance_unbiased - self.variance_biased


def bias_variance(predictions: Ids, truth: Ids) -> BiasVariance:
    """The decomposition of zero-one loss without noise (Domingos 2000).

    Args:
        predictions: (r, t) labels by r training sets; -1 where the case was in the training set.
        truth: (t,) labels; every case has a prediction.
    """
    columns = [column[column >= 0] for column in predictions.T]
    main = np.array([np.bincount(column).argmax() for column in columns])
    wrong = np.array(
        [np.mean(column != label) for column, label in zip(columns, truth, strict=True)]
    )
    biased = main != truth
    return BiasVariance(
        bias=float(biased.mean()),
        variance_unbiased=float((wrong * ~biased).mean()),
        variance_biased=float(((1 - wrong) * biased).mean()),
    )
