"""Whether the confidence of the first hit tells right answers from wrong ones, and how true it is.

Everything here depends on the values alone, not on the order of the queries, also where confidences
are equal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.evaluation.report import CalibrationBin, CurvePoint

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 10


def auroc(scores: Floats, labels: Flags) -> float | None:
    """The area under the ROC curve: how probably a query with the label has a higher score than one
    without.

    Equal scores count one half (Hanley and McNeil 1982). None where all labels are the same.

    Args:
        scores: (n,) float64, higher for what should have the label.
        labels: (n,) bool.
    """
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if not positives or not negatives:
        return None
    levels, at = np.unique(scores, return_inverse=True)
    having = np.bincount(at[labels], minlength=len(levels))
    lacking = np.bincount(at[~labels], minlength=len(levels))
    below = np.cumsum(lacking) - lacking
    return float(having @ (below + lacking / 2) / (positives * negatives))


def risk_coverage(confidences: Floats, right: Flags) -> list[CurvePoint]:
    """The risk-coverage curve (El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017): a point for
    each confidence that occurs, the highest first. The last one covers every query. No queries have
    no points.

    Args:
        confidences: (n,) float64.
        right: (n,) bool, whether answering with the first hit is right; it never is where nothing
            answers the query.
    """
    levels, counts, wrong = _from_the_top(confidences, right)
    return [
        CurvePoint(float(level), float(count / len(right)), float(errors / count))
        for level, count, errors in zip(levels, np.cumsum(counts), np.cumsum(wrong), strict=True)
    ]


def aurc(confidences: Floats, right: Flags) -> float:
    """The area under the risk-coverage curve: the mean risk over the n coverages 1/n to 1; lower is
    better.

    As in Geifman, Uziel and El-Yaniv (2019). Queries of equal confidence are covered in every order
    alike: the expected risk is taken.

    Args:
        confidences: (n,) float64, n at least 1.
        right: (n,) bool, as for `risk_coverage`.
    """
    _, counts, wrong = _from_the_top(confidences, right)
    covered = np.arange(1, len(right) + 1)
    errors = np.interp(covered, np.cumsum([0, *counts]), np.cumsum([0, *wrong]))
    return float(np.mean(errors / covered))


def calibration_bins(confidences: Floats, right: Flags) -> list[CalibrationBin]:
    """The queries in ten bins of equal width by their confidence: a reliability diagram.

    Args:
        confidences: (n,) float64, each 0 to 1.
        right: (n,) bool, whether the first hit is relevant.
    """
    at = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(at, minlength=BINS)
    means = np.bincount(at, confidences, BINS) / np.maximum(counts, 1)
    shares = np.bincount(at, right.astype(np.float64), BINS) / np.maximum(counts, 1)
    return [
        CalibrationBin(number / BINS, (number + 1) / BINS, int(count), float(mean), float(share))
        for number, (count, mean, share) in enumerate(zip(counts, means, shares, strict=True))
    ]


def expected_calibration_error(bins: list[CalibrationBin]) -> float:
    """The mean distance of confidence and accuracy over the bins, weighted by their queries (Naeini
    et al. 2015; Guo et al. 2017); lower is better. 0 of no queries.
    """
    total = sum(each.queries for each in bins)
    return sum(each.queries * abs(each.confidence - each.accuracy) for each in bins) / max(1, total)


def squared_errors(confidences: Floats, right: Flags) -> Floats:
    """(n,) float64, of which the mean is the Brier score (Brier 1950, for two classes); lower is
    better.
    """
    return np.square(confidences - right)


def _from_the_top(
    confidences: Floats, right: Flags
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The confidences that occur, the highest first, with the number of queries and of wrong ones
    at each.
    """
    levels, at = np.unique(-confidences, return_inverse=True)
    counts = np.bincount(at, minlength=len(levels))
    return -levels, counts, np.bincount(at[~right], minlength=len(levels))
