"""Runs the real commands as processes, `qasearch build` and `qasearch eval`, and reads the report.

Knows the JSON of `qasearch eval`, which is called a report here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.retrieval.sets import SetFiles
from benchmarks.shared import QASEARCH, ROOT
from qasearch.datatypes.options import Trust
from qasearch.datatypes.reply import THRESHOLDS

METRIC = "nDCG@10"

ANSWER_FROM, WEAK_FROM = THRESHOLDS[Trust.BALANCED]


def build(files: SetFiles) -> None:
    """Bring the index of a set up to date."""
    _run("build", "--corpus", str(files.corpus), "--index", str(files.index))


def evaluate(files: SetFiles) -> dict[str, Any]:
    """The report on a set in the hybrid mode, compared with the other modes."""
    flags = ["--corpus", str(files.corpus), "--index", str(files.index)]
    flags += ["--queries", str(files.queries)]
    if files.qrels:
        flags += ["--qrels", str(files.qrels)]
    if files.no_answer:
        flags += ["--no-answer", str(files.no_answer)]
    output = _run("eval", "--json", *flags, "--compare", "dense", "--compare", "lexical")
    report: dict[str, Any] = json.loads(output)
    return report


def of_mode(report: dict[str, Any], mode: str) -> float:
    """nDCG@10 in one of the compared modes."""
    (comparison,) = (row for row in report["comparisons"] if row["mode"] == mode)
    return float(comparison["metrics"][METRIC]["value"])


def false_answers(report: dict[str, Any]) -> float:
    """The share of the unanswerable queries whose first hit has the confidence of an answer."""
    confidences = _confidences(report["queries"], answerable=False)
    return float(np.mean([confidence >= ANSWER_FROM for confidence in confidences]))


def false_refusals(report: dict[str, Any]) -> float:
    """The share of the answerable queries whose first hit has less than a weak confidence.

    The verdict would not do: it is `none` for every entry without an answer, such as an intent.
    """
    confidences = _confidences(report["queries"], answerable=True)
    return float(np.mean([confidence < WEAK_FROM for confidence in confidences]))


def _confidences(queries: Sequence[dict[str, Any]], *, answerable: bool) -> list[float]:
    """The confidence of the first hit of each query; 0 where there is no hit."""
    return [
        query["first_hit"]["confidence"] if query["first_hit"] else 0.0
        for query in queries
        if query["answerable"] is answerable
    ]


def _run(command: str, *arguments: str) -> str:
    """The output of a command; the benchmark ends if it fails."""
    line = [*QASEARCH, command, "--offline", *arguments]
    run = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if run.returncode:
        sys.exit(f"failed: {' '.join(line)}")
    return run.stdout
