"""An evaluation. Its numbers are not rounded: others may want to compare them to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation.limits import Check
from qasearch.evaluation.report import (
    CalibrationBin,
    Comparison,
    CurvePoint,
    Difference,
    Expected,
    Figure,
    Found,
    Outcome,
    Report,
)
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
    """A report, the limits that were set, and how many of the worst queries are named."""

    report: Report
    checks: Sequence[Check]
    misses: int


_FIGURE = Record[Figure](
    "figure",
    "A metric over several queries.",
    (
        Field("value", NUMBER, "its value"),
        Field("queries", INTEGER, "over how many queries"),
        Field(
            "low", nullable(NUMBER), "lower end of a 95 % bootstrap interval; null but for means"
        ),
        Field("high", nullable(NUMBER), "upper end of that interval"),
    ),
)

_DIFFERENCE = Record[Difference](
    "difference",
    "A metric in another mode, beside the first mode.",
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
        Field("metrics", mapping(record(_DIFFERENCE)), "each metric of the ranking by name"),
    ),
)

_CURVE_POINT = Record[CurvePoint](
    "risk_coverage_point",
    "What happens if only first hits with at least this confidence are taken as answers.",
    (
        Field("threshold", NUMBER, "the confidence"),
        Field("coverage", NUMBER, "the share of all queries that are answered"),
        Field("risk", NUMBER, "the share of these whose first hit is not relevant"),
    ),
)

_BIN = Record[CalibrationBin](
    "calibration_bin",
    "The queries whose confidence is in one of ten equal parts of 0 to 1.",
    (
        Field("low", NUMBER, "the lowest confidence of the bin"),
        Field("high", NUMBER, "the end of the bin, which belongs to the next one; 1 to the last"),
        Field("queries", INTEGER, "how many queries"),
        Field("confidence", NUMBER, "their mean confidence"),
        Field("accuracy", NUMBER, "the share whose first hit is relevant"),
    ),
)

_CHECK = Record[Check](
    "check",
    "A limit that was set with `--min` or `--max`.",
    (
        Field("metric", STRING, "the metric", lambda check: check.limit.metric),
        Field("option", STRING, "`--min` or `--max`", lambda check: check.limit.option),
        Field("limit", NUMBER, "the limit", lambda check: check.limit.worst),
        Field("value", NUMBER, "the value of the metric"),
        Field("passed", BOOLEAN, "whether the value keeps the limit"),
    ),
)

_EXPECTED = Record[Expected](
    "expected",
    "An entry that is relevant for a query.",
    (
        Field("id", STRING, "its id"),
        Field("relevance", INTEGER, "its relevance, 1 or more"),
        Field("question", nullable(STRING), "its question; null if it is not in the index"),
        Field("rank", nullable(INTEGER), "its rank; null if it was not found"),
    ),
)

_FIRST_HIT = Record[Found](
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
    "What became of one query.",
    (
        Field(
            "id",
            STRING,
            "the id in the file; its name and the line if the file gives none; with `--self`,"
            " `own:N` or `off-topic:N`",
            lambda outcome: outcome.query.id,
        ),
        Field("text", STRING, "the query", lambda outcome: outcome.query.text),
        Field(
            "kind",
            STRING,
            'the column `kind` of the file; "" if it has none',
            lambda outcome: outcome.query.kind,
        ),
        Field("place", STRING, "`path:line` of the query", lambda outcome: outcome.query.place),
        Field("answerable", BOOLEAN, "whether any entry is relevant"),
        Field("expected", array(record(_EXPECTED)), "the relevant entries, most relevant first"),
        Field(
            "rank",
            nullable(INTEGER),
            "of the first relevant entry; null if not among the first 100",
        ),
        Field(
            "first_hit",
            nullable(record(_FIRST_HIT)),
            "the first hit; null if nothing was found",
            lambda outcome: outcome.found,
        ),
        Field("verdict", enum(Verdict), "the verdict on the first hit"),
        Field(
            "metrics",
            mapping(NUMBER),
            "the metrics of the ranking for this query; empty if it is not answerable",
        ),
    ),
)

EVALUATION = Record[EvaluationSource](
    "qasearch.eval/1",
    "An evaluation on queries whose answers are known. Numbers are not rounded; null stands for "
    "what is not defined.",
    (
        Field("index", record(INDEX), "the index", lambda source: source.report.index),
        Field("mode", enum(Mode), "which signals ranked", lambda source: source.report.mode),
        Field(
            "rerank",
            nullable(STRING),
            "the cross-encoder that ordered the best 50; null without `--rerank`",
            lambda source: source.report.rerank,
        ),
        Field(
            "answerable",
            INTEGER,
            "how many of the queries something answers",
            lambda source: len(source.report.outcomes) - source.report.unanswerable,
        ),
        Field(
            "unanswerable",
            INTEGER,
            "how many of the queries nothing answers",
            lambda source: source.report.unanswerable,
        ),
        Field(
            "metrics",
            mapping(record(_FIGURE)),
            "each metric that is defined for these queries. Of the ranking, over the answerable"
            " queries: `hit@1`, `hit@5` (share with a relevant entry among the first 1 or 5),"
            " `MRR@10` (mean of one by the rank of the first relevant entry, 0 below rank 10),"
            " `nDCG@10` (discounted cumulative gain by the largest possible one; the gain is the"
            " relevance, the discount log2(rank + 1)), `recall@100` (mean share of the relevant"
            " entries among the first 100). Of the confidence, over all queries: `auroc` (the"
            " probability that the first hit of an answerable query is more confident than that of"
            " an unanswerable one), `auroc-hit` (the same for right first hits and all others),"
            " `aurc` (mean risk over all coverages), `false-answers` (share of the unanswerable"
            " queries with the verdict `answer`), `false-refusals` (share of the answerable ones"
            " with the verdict `none`), `ece` (expected calibration error), `brier` (mean squared"
            " error of the confidence). From `aurc` on, lower is better",
            lambda source: source.report.metrics,
        ),
        Field(
            "risk_coverage",
            array(record(_CURVE_POINT)),
            "from the highest confidence to all queries",
            lambda source: source.report.curve,
        ),
        Field(
            "calibration",
            array(record(_BIN)),
            "ten bins of equal width",
            lambda source: source.report.calibration,
        ),
        Field(
            "comparisons",
            array(record(_COMPARISON)),
            "one for each `--compare`",
            lambda source: source.report.comparisons,
        ),
        Field("checks", array(record(_CHECK)), "one for each `--min` and `--max`, in that order"),
        Field(
            "misses",
            array(STRING),
            "ids of the answerable queries whose first hit is not relevant, the worst first, at "
            "most `--misses`: not found before found, then the lowest rank, then the highest "
            "confidence",
            lambda source: [outcome.query.id for outcome in source.report.misses()][
                : source.misses
            ],
        ),
        Field(
            "false_answers",
            array(STRING),
            "ids of the queries that were answered though nothing answers them, most confident"
            " first, at most `--misses`",
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
            "remarks: what was left out and why, entries that are not in the index",
            lambda source: source.report.notes,
        ),
    ),
    "`qasearch eval --json`",
)
