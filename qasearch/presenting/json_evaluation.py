"""An evaluation as JSON, `qasearch.eval/1`. The schema only grows; docs/json.md describes every
field.

Numbers are not rounded, so that they can be compared with those of other tools to the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from qasearch.evaluation.limits import Check
from qasearch.evaluation.report import Comparison, Outcome, Report
from qasearch.presenting.json_reply import Fields, index_fields


def report_fields(report: Report, checks: Sequence[Check], misses: int) -> Fields:
    """A report with the limits that were set and the ids of the `misses` worst queries of each
    kind.
    """
    return {
        "schema": "qasearch.eval/1",
        "index": index_fields(report.index),
        "mode": report.mode.value,
        "rerank": report.rerank,
        "answerable": len(report.outcomes) - report.unanswerable,
        "unanswerable": report.unanswerable,
        "metrics": {name: asdict(figure) for name, figure in report.metrics.items()},
        "risk_coverage": [asdict(point) for point in report.curve],
        "calibration": [asdict(each) for each in report.calibration],
        "comparisons": [_comparison_fields(each) for each in report.comparisons],
        "checks": [_check_fields(each) for each in checks],
        "misses": [outcome.query.id for outcome in report.misses()[:misses]],
        "false_answers": [outcome.query.id for outcome in report.false_answers()[:misses]],
        "queries": [_outcome_fields(each) for each in report.outcomes],
        "notes": list(report.notes),
    }


def _outcome_fields(outcome: Outcome) -> Fields:
    return {
        "id": outcome.query.id,
        "text": outcome.query.text,
        "kind": outcome.query.kind,
        "place": outcome.query.place,
        "answerable": outcome.answerable,
        "expected": [asdict(each) for each in outcome.expected],
        "rank": outcome.rank,
        "found": asdict(outcome.found) if outcome.found else None,
        "verdict": outcome.verdict.value,
        "metrics": dict(outcome.metrics),
    }


def _comparison_fields(comparison: Comparison) -> Fields:
    return {
        "mode": comparison.mode.value,
        "metrics": {name: asdict(difference) for name, difference in comparison.metrics.items()},
    }


def _check_fields(check: Check) -> Fields:
    return {
        "metric": check.limit.metric,
        "option": check.limit.option,
        "limit": check.limit.worst,
        "value": check.value,
        "passed": check.passed,
    }
