"""The JSON of an evaluation. Numbers are not rounded, so that programs can compare them exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation.abstention import BINS
from qasearch.evaluation.limits import Check
from qasearch.evaluation.metric_table import CONFIDENCE_METRICS, RANKING_METRICS, Metric
from qasearch.evaluation.metric_values import MetricValue
from qasearch.evaluation.ranking_metrics import DEPTH
from qasearch.evaluation.report import (
    CalibrationBin,
    Comparison,
    Difference,
    ExpectedEntry,
    FirstHit,
    Outcome,
    Report,
    RiskCoveragePoint,
)
from qasearch.evaluation.report import Kind as ReportKind
from qasearch.presenting.schemas.fields import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    Field,
    Record,
    array,
    enum,
    mapping,
    nullable,
    record,
)
from qasearch.presenting.schemas.index import INDEX


class EvaluationSource(NamedTuple):
    """What the JSON of an evaluation is made from.

    Attributes:
        report: the evaluation.
        checks: the limits of `--min` and `--max` with their results.
        misses: how many ids of misses and of false answers to list at most.
    """

    report: Report
    checks: Sequence[Check]
    misses: int


def _metric_words(metrics: Sequence[Metric]) -> str:
    """Each metric with its meaning, as Markdown."""
    return "; ".join(
        f"`{metric.name}` ({metric.meaning}{'; lower is better' if metric.lower_is_better else ''})"
        for metric in metrics
    )


_METRIC_VALUE = Record[MetricValue](
    "metric_value",
    "The value of a metric over several queries.",
    (
        Field("value", NUMBER, "the value"),
        Field("queries", INTEGER, "number of queries that it was computed from"),
        Field(
            "low",
            nullable(NUMBER),
            "lower end of the 95 % bootstrap interval; null where some resamples have no value",
        ),
        Field("high", nullable(NUMBER), "upper end of that interval, or null"),
    ),
)

_KIND = Record[ReportKind](
    "kind",
    "How the queries of one kind fared.",
    (
        Field(
            "name",
            STRING,
            "`right entry` or `wrong entry` for answerable queries, by their first hit; for others "
            "the kind that the file says, or `no answer`",
        ),
        Field(
            "verdicts", mapping(record(_METRIC_VALUE)), "the share of the queries with each verdict"
        ),
    ),
)

_DIFFERENCE = Record[Difference](
    "difference",
    "A metric in another mode, compared with the first mode.",
    (
        Field("value", NUMBER, "its value in the other mode"),
        Field("difference", NUMBER, "that value minus the value in the first mode"),
        Field("low", NUMBER, "lower end of the 95 % paired bootstrap interval of the difference"),
        Field("high", NUMBER, "upper end of that interval"),
        Field("p", NUMBER, "the p-value of the paired two-sided randomisation test"),
    ),
)

_COMPARISON = Record[Comparison](
    "comparison",
    "The ranking in another mode, always without a cross-encoder.",
    (
        Field("mode", enum(Mode), "the other mode"),
        Field(
            "metrics",
            mapping(record(_DIFFERENCE)),
            "the difference in each ranking metric, by name",
        ),
    ),
)

_RISK_COVERAGE_POINT = Record[RiskCoveragePoint](
    "risk_coverage_point",
    "The effect of answering only where the confidence is at least `threshold`.",
    (
        Field("threshold", NUMBER, "the confidence"),
        Field("coverage", NUMBER, "the share of all queries that are answered"),
        Field("risk", NUMBER, "the share of these queries whose first hit is not relevant"),
    ),
)

_BIN = Record[CalibrationBin](
    "calibration_bin",
    "The queries whose confidence is from `low` to below `high`.",
    (
        Field("low", NUMBER, "the lowest confidence of the bin"),
        Field(
            "high",
            NUMBER,
            "the end of the bin, which belongs to the next bin; the last bin includes 1",
        ),
        Field("queries", INTEGER, "the number of queries"),
        Field("confidence", NUMBER, "their mean confidence; 0 for no queries"),
        Field(
            "accuracy", NUMBER, "the share of queries whose first hit is relevant; 0 for no queries"
        ),
    ),
)

_CHECK = Record[Check](
    "check",
    "A limit that was set with `--min` or `--max`.",
    (
        Field("metric", STRING, "the metric", lambda check: check.limit.metric.name),
        Field("option", STRING, "`--min` or `--max`", lambda check: check.limit.option),
        Field("limit", NUMBER, "the limit", lambda check: check.limit.bound),
        Field("value", NUMBER, "the value of the metric"),
        Field(
            "passed", BOOLEAN, "whether the value is within the limit; the limit itself is allowed"
        ),
    ),
)

_EXPECTED = Record[ExpectedEntry](
    "expected",
    "An entry that is relevant for a query.",
    (
        Field("id", STRING, "its id"),
        Field("relevance", INTEGER, "its relevance, 1 or more"),
        Field(
            "question", nullable(STRING), "its question; null if the index does not have the entry"
        ),
        Field("rank", nullable(INTEGER), f"its rank; null if it is not among the first {DEPTH}"),
    ),
)

_FIRST_HIT = Record[FirstHit](
    "first_hit",
    "The first hit for a query.",
    (
        Field("id", STRING, "the id of the entry"),
        Field("question", STRING, "its question"),
        Field("confidence", NUMBER, "its confidence"),
    ),
)

_QUERY = Record[Outcome](
    "query",
    "The result for one query.",
    (
        Field(
            "id",
            STRING,
            "the id in the file, or `file:line` if the file has no ids; with `--self`, `own:N`, "
            "`gap:N` or `off-topic:N`",
            lambda outcome: outcome.query.id,
        ),
        Field("text", STRING, "the query", lambda outcome: outcome.query.text),
        Field(
            "kind",
            STRING,
            'the column `kind` of the file; "" if it has none; with `--self`, `own`, `gap` or '
            "`off-topic`",
            lambda outcome: outcome.query.kind,
        ),
        Field(
            "place",
            STRING,
            "`path:line` of the query; with `--self`, the id of its entry, or `off-topic`",
            lambda outcome: outcome.query.place,
        ),
        Field("answerable", BOOLEAN, "whether the query has a relevant entry"),
        Field(
            "expected", array(record(_EXPECTED)), "the relevant entries, highest relevance first"
        ),
        Field(
            "rank",
            nullable(INTEGER),
            f"rank of the first relevant entry; null if none is among the first {DEPTH}",
        ),
        Field(
            "first_hit",
            nullable(record(_FIRST_HIT)),
            "the first hit; null if nothing was found",
        ),
        Field("verdict", enum(Verdict), "the verdict on the first hit"),
        Field(
            "metrics",
            mapping(NUMBER),
            "each ranking metric for this query, by name; empty for an unanswerable query",
        ),
    ),
)

EVALUATION = Record[EvaluationSource](
    "qasearch.eval/1",
    "An evaluation with queries whose answers are known. A query is answerable if it has a "
    "relevant entry. Numbers are not rounded.",
    (
        Field("index", record(INDEX), "the index", lambda source: source.report.index),
        Field(
            "mode",
            enum(Mode),
            "the mode in which the queries were asked",
            lambda source: source.report.mode,
        ),
        Field(
            "rerank",
            nullable(STRING),
            "the cross-encoder that ordered the best entries; null without `--rerank`",
            lambda source: source.report.rerank,
        ),
        Field(
            "answerable",
            INTEGER,
            "the number of answerable queries",
            lambda source: source.report.answerable,
        ),
        Field(
            "unanswerable",
            INTEGER,
            "the number of unanswerable queries",
            lambda source: source.report.unanswerable,
        ),
        Field(
            "metrics",
            mapping(record(_METRIC_VALUE)),
            "each metric that is defined for these queries, by name. Metrics of the ranking, over "
            f"the answerable queries: {_metric_words(RANKING_METRICS)}. Metrics of the confidence "
            f"of the first hits, over all queries: {_metric_words(CONFIDENCE_METRICS)}",
            lambda source: source.report.metrics,
        ),
        Field(
            "risk_coverage",
            array(record(_RISK_COVERAGE_POINT)),
            "the curve, from the highest confidence to all queries",
            lambda source: source.report.risk_coverage,
        ),
        Field(
            "calibration",
            array(record(_BIN)),
            f"the reliability diagram: {BINS} bins of equal width, lowest confidence first",
            lambda source: source.report.calibration,
        ),
        Field(
            "kinds",
            array(record(_KIND)),
            "how the queries of each kind fared",
            lambda source: source.report.kinds,
        ),
        Field(
            "comparisons",
            array(record(_COMPARISON)),
            "one for each `--compare`",
            lambda source: source.report.comparisons,
        ),
        Field("checks", array(record(_CHECK)), "one for each `--min`, then one for each `--max`"),
        Field(
            "misses",
            array(STRING),
            "ids of the answerable queries whose first hit is not relevant, at most `--misses`, "
            "worst first: queries without a found relevant entry, then queries by the rank of "
            "their first relevant entry, from the last rank to rank 2; for the same rank, the "
            "highest confidence first",
            lambda source: [outcome.query.id for outcome in source.report.misses()][
                : source.misses
            ],
        ),
        Field(
            "false_answers",
            array(STRING),
            "ids of the unanswerable queries with the verdict `answer`, highest confidence first, "
            "at most `--misses`",
            lambda source: [
                outcome.query.id for outcome in source.report.false_answers()[: source.misses]
            ],
        ),
        Field(
            "queries",
            array(record(_QUERY)),
            "each query, in the order of the files",
            lambda source: source.report.outcomes,
        ),
        Field(
            "notes",
            array(STRING),
            "remarks: queries that were left out and why, relevant entries that the index lacks",
            lambda source: source.report.notes,
        ),
    ),
    "`qasearch eval --json`",
)
