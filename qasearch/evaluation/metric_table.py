"""The table of metrics. Everything that names, explains or computes metrics reads it.

A new metric is one entry in `RANKING_METRICS` or `CONFIDENCE_METRICS`, a function in
`ranking_metrics` or `abstention`, and a test in `tests/test_evaluation.py`. Reports, the JSON
documentation and `--min` and `--max` follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.reply import Verdict
from qasearch.evaluation.abstention import (
    BINS,
    Flags,
    Floats,
    aurc,
    auroc,
    calibration_bins,
    expected_calibration_error,
    squared_errors,
)
from qasearch.evaluation.metric_values import MetricValue, mean
from qasearch.evaluation.ranking_metrics import DEPTH, hit, ndcg, recall, reciprocal_rank
from qasearch.evaluation.report import GAP, Outcome
from qasearch.evaluation.resampling import statistic_interval


@dataclass(frozen=True, slots=True)
class FirstHits:
    """The first hits for n queries as arrays, in the order of the queries.

    Attributes:
        confidences: (n,) float64, 0 to 1; 0 where a query has no hit.
        are_relevant: (n,) bool, whether the first hit is relevant.
        are_answerable: (n,) bool, whether the query has a relevant entry.
        are_answers: (n,) bool, whether the verdict is `answer`.
        are_refusals: (n,) bool, whether the verdict is `none`.
        are_gaps: (n,) bool, whether the query is of the kind `gap`.
    """

    confidences: Floats
    are_relevant: Flags
    are_answerable: Flags
    are_answers: Flags
    are_refusals: Flags
    are_gaps: Flags

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> FirstHits:
        """The first hits of these outcomes."""

        def flags(has_property: Callable[[Outcome], bool]) -> Flags:
            return np.array([has_property(outcome) for outcome in outcomes], np.bool_)

        return cls(
            confidences=np.array([outcome.confidence for outcome in outcomes], np.float64),
            are_relevant=flags(lambda outcome: outcome.rank == 1),
            are_answerable=flags(lambda outcome: outcome.answerable),
            are_answers=flags(lambda outcome: outcome.verdict is Verdict.ANSWER),
            are_refusals=flags(lambda outcome: outcome.verdict is Verdict.NONE),
            are_gaps=flags(lambda outcome: outcome.query.kind == GAP),
        )

    def over_all(
        self, compute: Callable[[Floats, Flags], float | None], labels: Flags
    ) -> MetricValue | None:
        """A value that is computed from the confidences and the labels of all n queries, with a
        bootstrap interval; None if it is not defined.
        """
        value = compute(self.confidences, labels)
        if value is None:
            return None
        interval = statistic_interval(
            lambda rows: compute(self.confidences[rows], labels[rows]), len(labels)
        )
        return MetricValue(value, len(labels), *(interval or (None, None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of an evaluation.

    Attributes:
        name: its name in reports, in JSON and in `--min` and `--max`.
        meaning: what it is, as Markdown, for the documentation of the JSON.
        lower_is_better: whether a lower value is better.
    """

    name: str
    meaning: str
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingMetric(Metric):
    """A metric of the ranking for one answerable query; a report has the mean over the queries.

    Attributes:
        compute: the value, 0 to 1, from the gains and the relevances that `ranking_metrics`
            describes.
    """

    compute: Callable[[Sequence[int], Sequence[int]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceMetric(Metric):
    """A metric of the first hits for all queries, their confidence and their verdict.

    Attributes:
        compute: the value; None where the metric is not defined for these queries.
    """

    compute: Callable[[FirstHits], MetricValue | None]


RANKING_METRICS = (
    RankingMetric(
        name="hit@1",
        meaning="share of queries whose first hit is relevant",
        compute=lambda gains, _: hit(gains, 1),
    ),
    RankingMetric(
        name="hit@5",
        meaning="share of queries with a relevant entry among the first 5 hits",
        compute=lambda gains, _: hit(gains, 5),
    ),
    RankingMetric(
        name="MRR@10",
        meaning="mean of 1 / rank of the first relevant entry, 0 below rank 10",
        compute=lambda gains, _: reciprocal_rank(gains, 10),
    ),
    RankingMetric(
        name="nDCG@10",
        meaning=(
            "discounted cumulative gain of the first 10 hits, divided by the highest possible one; "
            "the gain is the relevance, the discount is log2(rank + 1)"
        ),
        compute=lambda gains, relevances: ndcg(gains, relevances, 10),
    ),
    RankingMetric(
        name=f"recall@{DEPTH}",
        meaning=f"mean share of the relevant entries that are among the first {DEPTH} hits",
        compute=lambda gains, relevances: recall(gains, relevances, DEPTH),
    ),
)
"""Metrics of the ranking, over the answerable queries, in the order in which reports show them."""

CONFIDENCE_METRICS = (
    ConfidenceMetric(
        name="auroc",
        meaning=(
            "probability that the first hit for an answerable query has a higher confidence than "
            "the first hit for an unanswerable query"
        ),
        compute=lambda hits: hits.over_all(auroc, hits.are_answerable),
    ),
    ConfidenceMetric(
        name="auroc-hit",
        meaning="probability that a relevant first hit has a higher confidence than another one",
        compute=lambda hits: hits.over_all(auroc, hits.are_relevant),
    ),
    ConfidenceMetric(
        name="aurc",
        meaning="area under the risk-coverage curve: the mean risk over all coverages",
        lower_is_better=True,
        compute=lambda hits: hits.over_all(aurc, hits.are_relevant),
    ),
    ConfidenceMetric(
        name="false-answers",
        meaning="share of the unanswerable queries with the verdict `answer`",
        lower_is_better=True,
        compute=lambda hits: mean(hits.are_answers[~hits.are_answerable]),
    ),
    ConfidenceMetric(
        name="gaps-answered",
        meaning="share of the queries of the kind `gap` with the verdict `answer`",
        lower_is_better=True,
        compute=lambda hits: mean(hits.are_answers[hits.are_gaps]),
    ),
    ConfidenceMetric(
        name="right-answered",
        meaning="share of the relevant first hits with the verdict `answer`",
        compute=lambda hits: mean(hits.are_answers[hits.are_relevant]),
    ),
    ConfidenceMetric(
        name="right-refused",
        meaning="share of the relevant first hits with the verdict `none`",
        lower_is_better=True,
        compute=lambda hits: mean(hits.are_refusals[hits.are_relevant]),
    ),
    ConfidenceMetric(
        name="false-refusals",
        meaning="share of the answerable queries with the verdict `none`",
        lower_is_better=True,
        compute=lambda hits: mean(hits.are_refusals[hits.are_answerable]),
    ),
    ConfidenceMetric(
        name="ece",
        meaning=(
            f"expected calibration error: mean distance of confidence and accuracy over {BINS} "
            "bins, weighted by their queries"
        ),
        lower_is_better=True,
        compute=lambda hits: hits.over_all(
            lambda confidences, labels: expected_calibration_error(
                calibration_bins(confidences, labels)
            ),
            hits.are_relevant,
        ),
    ),
    ConfidenceMetric(
        name="brier",
        meaning="Brier score: mean squared error of the confidence",
        lower_is_better=True,
        compute=lambda hits: mean(squared_errors(hits.confidences, hits.are_relevant)),
    ),
)
"""Metrics of the confidence of first hits, in the order in which reports show them."""

METRICS: Mapping[str, Metric] = {
    metric.name: metric for metric in (*RANKING_METRICS, *CONFIDENCE_METRICS)
}
"""Every metric by its name."""


def measure_ranking(ranking: Sequence[str], relevance: Mapping[str, int]) -> dict[str, float]:
    """The value of each of `RANKING_METRICS` for one query, by name.

    Args:
        ranking: ids of entries without repetition, best first; may be empty.
        relevance: relevance of the judged entries by id, at least one above 0. Entries that are
            not judged are not relevant.

    Raises:
        ValueError: no entry is relevant, so no metric is defined.
    """
    gains = [max(0, relevance.get(entry_id, 0)) for entry_id in ranking]
    relevances = [value for value in relevance.values() if value > 0]
    if not relevances:
        raise ValueError("a query without a relevant entry has no metrics")
    return {metric.name: metric.compute(gains, relevances) for metric in RANKING_METRICS}
