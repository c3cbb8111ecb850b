"""From the outcomes of single queries to figures over all of them, with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation import abstention
from qasearch.evaluation.report import (
    RANKING_METRICS,
    CalibrationBin,
    Comparison,
    CurvePoint,
    Difference,
    Figure,
    Outcome,
)
from qasearch.evaluation.resampling import Matrix, mean_intervals, sign_flip_p_values


def figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """Those of `RANKING_METRICS` and `CONFIDENCE_METRICS` that are defined, in their order.

    Args:
        outcomes: of the queries, in any order, at least one of them answerable.
    """
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.answerable]
    confidences, right = _first_hits(outcomes)
    areas = {
        "auroc": abstention.auroc(
            confidences, np.array([outcome.answerable for outcome in outcomes])
        ),
        "auroc-hit": abstention.auroc(confidences, right),
        "aurc": abstention.aurc(confidences, right),
    }
    found = dict(zip(RANKING_METRICS, _means(_ranking_metrics(outcomes)), strict=True))
    found |= {name: Figure(area, len(outcomes)) for name, area in areas.items() if area is not None}
    if unanswerable:
        found["false-answers"] = _share(each.verdict is Verdict.ANSWER for each in unanswerable)
    found["false-refusals"] = _share(each.verdict is Verdict.NONE for each in answerable)
    error = abstention.expected_calibration_error(abstention.calibration_bins(confidences, right))
    found["ece"] = Figure(error, len(outcomes))
    (found["brier"],) = _means(abstention.squared_errors(confidences, right)[:, None])
    return found


def curve(outcomes: Sequence[Outcome]) -> list[CurvePoint]:
    """The risk-coverage curve of the first hits, see `abstention.risk_coverage`."""
    return abstention.risk_coverage(*_first_hits(outcomes))


def calibration(outcomes: Sequence[Outcome]) -> list[CalibrationBin]:
    """The confidences of the first hits beside how many are relevant, see
    `abstention.calibration_bins`.
    """
    return abstention.calibration_bins(*_first_hits(outcomes))


def compare(mode: Mode, outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> Comparison:
    """How the ranking of `others`, which are of `mode`, differs from that of `outcomes`, for the
    same queries.
    """
    values = _ranking_metrics(others)
    differences = values - _ranking_metrics(outcomes)
    columns = zip(
        RANKING_METRICS,
        values.mean(axis=0).tolist(),
        differences.mean(axis=0).tolist(),
        mean_intervals(differences).tolist(),
        sign_flip_p_values(differences).tolist(),
        strict=True,
    )
    metrics = {
        name: Difference(value, more, low, high, p) for name, value, more, (low, high), p in columns
    }
    return Comparison(mode, metrics)


def _first_hits(outcomes: Sequence[Outcome]) -> tuple[abstention.Floats, abstention.Flags]:
    """(n,) float64 confidences of the first hits, and (n,) bool whether they are relevant."""
    confidences = np.array([outcome.confidence for outcome in outcomes], np.float64)
    return confidences, np.array([outcome.rank == 1 for outcome in outcomes], np.bool_)


def _ranking_metrics(outcomes: Sequence[Outcome]) -> Matrix:
    """(n, m) float64: a row for each answerable query, a column for each of `RANKING_METRICS`."""
    rows = [
        [outcome.metrics[name] for name in RANKING_METRICS]
        for outcome in outcomes
        if outcome.answerable
    ]
    return np.array(rows, np.float64)


def _means(values: Matrix) -> list[Figure]:
    """The mean of each column with its interval."""
    return [
        Figure(float(mean), len(values), float(low), float(high))
        for mean, (low, high) in zip(values.mean(axis=0), mean_intervals(values), strict=True)
    ]


def _share(flags: Iterable[bool]) -> Figure:
    (figure,) = _means(np.array([[float(flag)] for flag in flags]))
    return figure
