"""An evaluation as plain text: aligned columns that fit into 80."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from qasearch.evaluation.limits import Check
from qasearch.evaluation.metric_table import CONFIDENCE_METRICS, RANKING_METRICS, Metric
from qasearch.evaluation.metric_values import MetricValue
from qasearch.evaluation.report import Comparison, Kind, Outcome, Report, RiskCoveragePoint
from qasearch.phrases import counted
from qasearch.presenting.text.columns import padded, truncated, wrapped
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line

_WIDTH = 80
_MISS_LABEL = 11  # columns of the first column below a query of a list
_COVERAGES = (0.25, 0.5, 0.75, 1.0)
"""The shares of the queries for which the risk is shown."""
_DECIMALS, _MAX_DECIMALS = 3, 7
"""Decimals of a value beside its limit: as in the tables, or more if they tell the two apart."""


def report_text(report: Report, misses: int) -> str:
    """The whole report: what was asked, the metrics, the comparisons, the worst queries.

    Args:
        report: an evaluation.
        misses: how many misses and how many false answers to list.
    """
    parts = [
        _head(report),
        _table("ranking", RANKING_METRICS, report),
        _table("confidence", CONFIDENCE_METRICS, report),
        _kinds(report.kinds),
        _risk(report.risk_coverage),
        *(_comparison(comparison, report) for comparison in report.comparisons),
        _list("The worst misses", report.misses(), misses),
        _list("False answers: the corpus has no answer", report.false_answers(), misses),
    ]
    return "\n\n".join(part for part in parts if part)


def check_text(check: Check) -> str:
    """A sentence about a metric that is beyond its limit."""
    metric, limit = check.limit.metric, check.limit.bound
    side = "above the maximum" if metric.lower_is_better else "below the minimum"
    decimals = next(
        (
            decimals
            for decimals in range(_DECIMALS, _MAX_DECIMALS)
            if round(check.value, decimals) != limit
        ),
        _MAX_DECIMALS,
    )
    value = _decimal(check.value, decimals)
    return f"{metric.name} is {value}, {side} of {_decimal(limit, _MAX_DECIMALS)}."


def _decimal(value: float, decimals: int) -> str:
    """The value with at most so many decimals, without zeros at the end, but at least two."""
    whole, fraction = f"{value:.{decimals}f}".split(".")
    return f"{whole}.{fraction.rstrip('0'):0<2}"


def _head(report: Report) -> str:
    index = report.index
    entries = counted(index.entries, "entry", "entries")
    lines = [
        f"queries  {report.answerable} with an answer, {report.unanswerable} without",
        f"index    {entries}, {one_line(index.model)}, built {index.built_at}",
        f"mode     {report.mode.value}",
    ]
    lines += [f"rerank   {one_line(report.rerank)}"] if report.rerank else []
    lines += [wrapped(one_line(note), _WIDTH, "note     ") for note in report.notes]
    return "\n".join(lines)


def _table(title: str, metrics: Sequence[Metric], report: Report) -> str:
    """A row for each of the metrics that the report has."""
    rows = [
        _metric_row(metric, report.metrics[metric.name])
        for metric in metrics
        if metric.name in report.metrics
    ]
    return "\n".join([f"{title:<15}  {'value':>6}  {'95 % interval':<16}  queries", *rows])


def _metric_row(metric: Metric, measured: MetricValue) -> str:
    has_interval = measured.low is not None and measured.high is not None
    interval = f"{measured.low:.3f} to {measured.high:.3f}" if has_interval else ""
    remark = "  lower is better" if metric.lower_is_better else ""
    numbers = f"{measured.value:>6.3f}  {interval:<16}  {measured.queries:>7}"
    return f"{metric.name:<15}  {numbers}{remark}"


def _kinds(kinds: Sequence[Kind]) -> str:
    """How many queries of each kind got which verdict."""
    lines = ["kind             answer    weak    none  queries"]
    for kind in kinds:
        shares = "  ".join(f"{share.value:>6.3f}" for share in kind.verdicts.values())
        queries = next(iter(kind.verdicts.values())).queries
        lines.append(f"{padded(one_line(kind.name), 15)}  {shares}  {queries:>7}")
    return "\n".join(lines)


def _risk(curve: Sequence[RiskCoveragePoint]) -> str:
    """How many first hits are wrong if only the most confident queries are answered."""
    lines = ["coverage  risk  minimum confidence"]
    for coverage in _COVERAGES:
        # the curve ends at a coverage of 1 up to a rounding error
        point = next(point for point in curve if point.coverage >= coverage - 1e-9)
        lines.append(f"{100 * point.coverage:>6.0f} % {point.risk:>6.3f}  {point.threshold:.3f}")
    return "\n".join(lines)


def _comparison(comparison: Comparison, report: Report) -> str:
    """The metrics of the report beside those of another mode."""
    base = "rerank" if report.rerank else report.mode.value
    mode = comparison.mode.value
    title = f"{mode} - {base}"
    lines = [f"{title:<16}  {base:>7}  {mode:>7}  difference  {'95 % interval':<16}       p"]
    for name, difference in comparison.metrics.items():
        interval = f"{difference.low:+.3f} to {difference.high:+.3f}"
        lines.append(
            f"{name:<16}  {report.metrics[name].value:>7.3f}  {difference.value:>7.3f}"
            f"  {difference.difference:>+10.3f}  {interval}  {difference.p:.4f}"
        )
    return "\n".join(lines)


def _list(title: str, outcomes: Sequence[Outcome], count: int) -> str:
    """The first `count` outcomes below a title; "" if there are none."""
    listed = outcomes[:count]
    if not listed:
        return ""
    total = f" ({len(listed)} of {len(outcomes)})" if len(listed) < len(outcomes) else ""
    return "\n".join([title + total, *(line for outcome in listed for line in _miss(outcome))])


def _miss(outcome: Outcome) -> list[str]:
    """A query, the expected entry with its rank, and the first hit with its confidence."""
    lines = [truncated(one_line(outcome.query.text), _WIDTH)]
    if outcome.expected:
        best = next(
            (entry for entry in outcome.expected if entry.rank == outcome.rank),
            outcome.expected[0],
        )
        rank = f"rank {best.rank}" if best.rank else "not found"
        more = len(outcome.expected) - 1
        alternatives = f" (or {more} more)" if more else ""
        question = best.question or "not in the index"
        lines.append(_labelled("expected", f"{best.id}{alternatives}: {question}", rank))
    if outcome.first_hit:
        hit = f"{outcome.first_hit.id}: {outcome.first_hit.question}"
        lines.append(_labelled("found", hit, percent(outcome.first_hit.confidence)))
    return lines


def _labelled(label: str, text: str, remark: str) -> str:
    """A label, the text cut to what is left of the line, and at the right a remark, never cut."""
    room = _WIDTH - _MISS_LABEL - cell_len(remark) - 2
    return f"{'  ' + label:<{_MISS_LABEL}}{padded(one_line(text), room)}  {remark}"
