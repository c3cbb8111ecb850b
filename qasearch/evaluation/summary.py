"""Summarises the outcomes of single queries: metric values, curves and comparisons of modes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation import abstention
from qasearch.evaluation.metric_table import CONFIDENCE_METRICS, RANKING_METRICS, FirstHits
from qasearch.evaluation.metric_values import MetricValue, column_means
from qasearch.evaluation.report import (
    CalibrationBin,
    Comparison,
    Difference,
    Kind,
    Outcome,
    RiskCoveragePoint,
)
from qasearch.evaluation.resampling import Matrix, mean_intervals, sign_flip_p_values


def metric_values(outcomes: Sequence[Outcome]) -> dict[str, MetricValue]:
    """The value of each metric by name, in the order of the metric table.

    A metric that is not defined for these queries is missing.

    Args:
        outcomes: the outcomes of the queries, in any order; at least one query is answerable.
    """
    names = [metric.name for metric in RANKING_METRICS]
    values = dict(zip(names, column_means(_ranking_matrix(outcomes)), strict=True))
    first_hits = FirstHits.of(outcomes)
    for metric in CONFIDENCE_METRICS:
        value = metric.compute(first_hits)
        if value is not None:
            values[metric.name] = value
    return values


def kinds(outcomes: Sequence[Outcome]) -> list[Kind]:
    """How the queries of each kind fared: answerable ones first, the others as they come."""
    groups: dict[str, list[Outcome]] = {"right entry": [], "wrong entry": []}
    for outcome in outcomes:
        if outcome.answerable:
            name = "right entry" if outcome.rank == 1 else "wrong entry"
        else:
            name = outcome.query.kind or "no answer"
        groups.setdefault(name, []).append(outcome)
    return [
        Kind(name, dict(zip(Verdict, _shares_of_verdicts(group), strict=True)))
        for name, group in groups.items()
        if group
    ]


def _shares_of_verdicts(outcomes: Sequence[Outcome]) -> list[MetricValue]:
    return column_means(
        np.array(
            [[outcome.verdict is verdict for verdict in Verdict] for outcome in outcomes],
            np.float64,
        )
    )


def risk_coverage(outcomes: Sequence[Outcome]) -> list[RiskCoveragePoint]:
    """The risk-coverage curve of the first hits, from the highest confidence to all queries."""
    first_hits = FirstHits.of(outcomes)
    return abstention.risk_coverage(first_hits.confidences, first_hits.are_relevant)


def calibration(outcomes: Sequence[Outcome]) -> list[CalibrationBin]:
    """The reliability diagram of the first hits, lowest confidence first."""
    first_hits = FirstHits.of(outcomes)
    return abstention.calibration_bins(first_hits.confidences, first_hits.are_relevant)


def compare(
    mode: Mode, outcomes: Sequence[Outcome], mode_outcomes: Sequence[Outcome]
) -> Comparison:
    """The difference in each ranking metric: that of `mode_outcomes` minus that of `outcomes`.

    Args:
        mode: the mode of `mode_outcomes`.
        outcomes: the outcomes that the report is about.
        mode_outcomes: the outcomes for the same queries, in the same order, in the other mode.
    """
    values = _ranking_matrix(mode_outcomes)
    differences = values - _ranking_matrix(outcomes)
    columns = zip(
        RANKING_METRICS,
        values.mean(axis=0).tolist(),
        differences.mean(axis=0).tolist(),
        mean_intervals(differences).tolist(),
        sign_flip_p_values(differences).tolist(),
        strict=True,
    )
    metrics = {
        metric.name: Difference(value, difference, low, high, p)
        for metric, value, difference, (low, high), p in columns
    }
    return Comparison(mode, metrics)


def _ranking_matrix(outcomes: Sequence[Outcome]) -> Matrix:
    """(n, m) float64: a row for each answerable query, a column for each ranking metric."""
    rows = [
        [outcome.metrics[metric.name] for metric in RANKING_METRICS]
        for outcome in outcomes
        if outcome.answerable
    ]
    return np.array(rows, np.float64)
