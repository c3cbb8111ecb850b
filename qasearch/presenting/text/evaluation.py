"""An evaluation as plain text: aligned columns that fit into 80."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from qasearch.evaluation.limits import Check
from qasearch.evaluation.report import (
    CONFIDENCE_METRICS,
    LOWER_IS_BETTER,
    RANKING_METRICS,
    Comparison,
    CurvePoint,
    Figure,
    Outcome,
    Report,
)
from qasearch.presenting.text.printable import one_line
from qasearch.presenting.text.reply import percent

_WIDTH = 80
_LABEL = 11  # the first column below a miss
_COVERAGES = (0.25, 0.5, 0.75, 1.0)


def report_text(report: Report, misses: int) -> str:
    """The report: what was asked, the figures, the comparisons, and the `misses` worst queries of
    each kind.
    """
    parts = [
        _head(report),
        _table("ranking", RANKING_METRICS, report),
        _table("confidence", CONFIDENCE_METRICS, report),
        _risk(report.curve),
        *(_comparison(each, report) for each in report.comparisons),
        _list("The worst misses", report.misses(), misses),
        _list("Answered, though nothing answers them", report.false_answers(), misses),
    ]
    return "\n\n".join(part for part in parts if part)


def check_text(check: Check) -> str:
    """A limit that is not kept."""
    limit = check.limit
    side = "above the most" if limit.metric in LOWER_IS_BETTER else "below the least"
    return f"{limit.metric} is {check.value:.6g}, {side} that it may be, {limit.worst:g}."


def _head(report: Report) -> str:
    index, unanswerable = report.index, report.unanswerable
    asked = f"queries  {len(report.outcomes) - unanswerable} with an answer, {unanswerable} without"
    held = f"index    {index.entries} entries, {one_line(index.model)}, built {index.built_at}"
    notes = (_wrapped("note     ", one_line(note)) for note in report.notes)
    rerank = [f"rerank   {one_line(report.rerank)}"] if report.rerank else []
    return "\n".join([asked, held, f"mode     {report.mode.value}", *rerank, *notes])


def _table(title: str, names: Iterable[str], report: Report) -> str:
    rows = [_figure(name, report.metrics[name]) for name in names if name in report.metrics]
    return "\n".join([f"{title:<15}  {'value':>6}  {'95 % interval':<16}  queries", *rows])


def _figure(name: str, figure: Figure) -> str:
    ends = (
        ""
        if figure.low is None or figure.high is None
        else f"{figure.low:.3f} to {figure.high:.3f}"
    )
    lower = "  lower is better" if name in LOWER_IS_BETTER else ""
    return f"{name:<15}  {figure.value:>6.3f}  {ends:<16}  {figure.queries:>7}{lower}"


def _risk(curve: Sequence[CurvePoint]) -> str:
    """The share of wrong first hits if only the most confident queries are answered, at some
    coverages.
    """
    lines = ["coverage  risk  if confidence is at least"]
    for wanted in _COVERAGES:
        point = next(each for each in curve if each.coverage >= wanted - 1e-9)
        lines.append(f"{100 * point.coverage:>6.0f} % {point.risk:>6.3f}  {point.threshold:.3f}")
    return "\n".join(lines)


def _comparison(comparison: Comparison, report: Report) -> str:
    mode, first = comparison.mode.value, "rerank" if report.rerank else report.mode.value
    lines = [
        f"{mode + ' - ' + first:<16}  {first:>7}  {mode:>7}  difference  {'95 % interval':<16}       p"
    ]
    for name, each in comparison.metrics.items():
        ends = f"{each.low:+.3f} to {each.high:+.3f}"
        value = report.metrics[name].value
        lines.append(
            f"{name:<16}  {value:>7.3f}  {each.value:>7.3f}  {each.difference:>+10.3f}  {ends}  {each.p:.4f}"
        )
    return "\n".join(lines)


def _list(title: str, outcomes: Sequence[Outcome], count: int) -> str:
    """The first `count` of the outcomes below a title; "" if there are none."""
    shown = outcomes[:count]
    of = f" ({len(shown)} of {len(outcomes)})" if len(shown) < len(outcomes) else ""
    return (
        "\n".join([f"{title}{of}", *(line for each in shown for line in _miss(each))])
        if shown
        else ""
    )


def _miss(outcome: Outcome) -> list[str]:
    """A query, what was expected and at which rank it came, and what came first instead."""
    lines = [_fitted("", outcome.query.text)]
    if outcome.expected:
        best = next(
            (each for each in outcome.expected if each.rank == outcome.rank), outcome.expected[0]
        )
        rank = f"rank {best.rank}" if best.rank else "not found"
        others = f" (or {len(outcome.expected) - 1} more)" if len(outcome.expected) > 1 else ""
        lines.append(
            _fitted("  expected", f"{best.id}{others}: {best.question or 'not in the index'}", rank)
        )
    if found := outcome.found:
        lines.append(_fitted("  found", f"{found.id}: {found.question}", percent(found.confidence)))
    return lines


def _wrapped(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fitted(label: str, text: str, last: str = "") -> str:
    """A label, the text cut to what is left of the line, and at the right what must not be cut."""
    head = f"{label:<{_LABEL}}" if label else ""
    room = _WIDTH - len(head) - (len(last) + 2 if last else 0)
    shown = one_line(text)
    shown = shown if len(shown) <= room else shown[: room - 1] + "…"
    return f"{head}{shown:<{room}}  {last}" if last else head + shown
