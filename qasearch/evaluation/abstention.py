"""Whether the confidence separates right first hits from wrong ones, and how well calibrated it is.

The results do not depend on the order of the queries, even where confidences are equal. Which
metrics are reported: `metric_table`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.evaluation.report import CalibrationBin, RiskCoveragePoint

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

BINS = 10
"""Number of bins of a reliability diagram; each is 0.1 wide."""


def auroc(scores: Floats, labels: Flags) -> float | None:
    """The area under the ROC curve: the probability that a query with the label has a higher score
    than a query without it.

    Equal scores count one half (Hanley and McNeil 1982). None if all labels are the same.

    Args:
        scores: (n,) float64; queries with the label should have higher ones.
        labels: (n,) bool.
    """
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if not positives or not negatives:
        return None
    levels, level_of = np.unique(scores, return_inverse=True)
    positives_at = np.bincount(level_of[labels], minlength=len(levels))
    negatives_at = np.bincount(level_of[~labels], minlength=len(levels))
    negatives_below = np.cumsum(negatives_at) - negatives_at
    ordered_pairs = positives_at @ (negatives_below + negatives_at / 2)
    return float(ordered_pairs / (positives * negatives))


def risk_coverage(confidences: Floats, are_relevant: Flags) -> list[RiskCoveragePoint]:
    """The risk-coverage curve (El-Yaniv and Wiener 2010; Geifman and El-Yaniv 2017).

    It has one point for each different confidence, highest first. The last point covers all
    queries. The curve of no queries has no points.

    Args:
        confidences: (n,) float64.
        are_relevant: (n,) bool, whether the first hit is relevant; False for unanswerable queries.
    """
    levels, counts, wrong = _levels(confidences, are_relevant)
    covered, errors = np.cumsum(counts), np.cumsum(wrong)
    return [
        RiskCoveragePoint(float(level), float(count / len(are_relevant)), float(error / count))
        for level, count, error in zip(levels, covered, errors, strict=True)
    ]


def aurc(confidences: Floats, are_relevant: Flags) -> float:
    """The area under the risk-coverage curve: the mean risk over the coverages 1/n, 2/n, ... 1.

    Lower is better. From Geifman, Uziel and El-Yaniv (2019). Where confidences are equal, the risk
    is the expected one over all orders of these queries.

    Args:
        confidences: (n,) float64, n at least 1.
        are_relevant: (n,) bool, as in `risk_coverage`.
    """
    _, counts, wrong = _levels(confidences, are_relevant)
    covered = np.arange(1, len(are_relevant) + 1)
    errors = np.interp(covered, np.cumsum([0, *counts]), np.cumsum([0, *wrong]))
    return float(np.mean(errors / covered))


def calibration_bins(confidences: Floats, are_relevant: Flags) -> list[CalibrationBin]:
    """A reliability diagram: the queries in `BINS` bins of equal width by their confidence.

    The lowest confidence comes first. Empty bins are included.

    Args:
        confidences: (n,) float64, each 0 to 1.
        are_relevant: (n,) bool, whether the first hit is relevant.
    """
    # A confidence of 1 belongs to the last bin: no bin begins at 1.
    bin_of = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bin_of, minlength=BINS)
    means = np.bincount(bin_of, confidences, BINS) / np.maximum(counts, 1)
    shares = np.bincount(bin_of, are_relevant.astype(np.float64), BINS) / np.maximum(counts, 1)
    return [
        CalibrationBin(number / BINS, (number + 1) / BINS, int(count), float(mean), float(share))
        for number, (count, mean, share) in enumerate(zip(counts, means, shares, strict=True))
    ]


def expected_calibration_error(bins: list[CalibrationBin]) -> float:
    """The mean distance of confidence and accuracy over the bins, weighted by their queries.

    Lower is better; 0 for no queries. From Naeini et al. (2015) and Guo et al. (2017).
    """
    total = sum(part.queries for part in bins)
    distance = sum(part.queries * abs(part.confidence - part.accuracy) for part in bins)
    return distance / max(1, total)


def squared_errors(confidences: Floats, are_relevant: Flags) -> Floats:
    """(n,) float64: the squared error of each confidence. Their mean is the Brier score.

    Lower is better. From Brier (1950), for two classes.
    """
    return np.square(confidences - are_relevant)


def _levels(
    confidences: Floats, are_relevant: Flags
) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The different confidences, highest first, with the numbers of all and of wrong first hits."""
    negated, level_of = np.unique(-confidences, return_inverse=True)
    counts = np.bincount(level_of, minlength=len(negated))
    wrong = np.bincount(level_of[~are_relevant], minlength=len(negated))
    return -negated, counts, wrong
