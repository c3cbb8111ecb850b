"""The real commands as processes: `qasearch build` and `qasearch eval`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.retrieval.sets import SetFiles
from benchmarks.shared import ROOT
from qasearch.datatypes.reply import ANSWER_FROM, WEAK_FROM

METRIC = "nDCG@10"


def build(files: SetFiles) -> None:
    """Bring the set's index up to date."""
    _run("build", "--corpus", str(files.corpus), "--index", str(files.index))


def evaluate(files: SetFiles) -> dict[str, Any]:
    """What `qasearch eval --json` says of the set, in the hybrid mode and compared with the
    others.
    """
    flags = [
        "--corpus",
        str(files.corpus),
        "--index",
        str(files.index),
        "--queries",
        str(files.queries),
    ]
    for flag, file in (("--qrels", files.qrels), ("--no-answer", files.no_answer)):
        flags += [flag, str(file)] if file else []
    said: dict[str, Any] = json.loads(
        _run("eval", "--json", *flags, "--compare", "dense", "--compare", "lexical")
    )
    return said


def of_mode(said: dict[str, Any], mode: str) -> float:
    """nDCG@10 in one of the compared modes."""
    (found,) = (each for each in said["comparisons"] if each["mode"] == mode)
    return float(found["metrics"][METRIC]["value"])


def false_answers(said: dict[str, Any]) -> float:
    """The share of the queries that nothing answers whose first hit is as confident as an
    answer.
    """
    return float(
        np.mean([each >= ANSWER_FROM for each in _confidences(said["queries"], answerable=False)])
    )


def false_refusals(said: dict[str, Any]) -> float:
    """The share of the answerable queries whose first hit is less confident than a weak answer.

    By the confidence and not by the verdict, which is `none` for every entry without an answer,
    such as an intent.
    """
    return float(
        np.mean([each < WEAK_FROM for each in _confidences(said["queries"], answerable=True)])
    )


def _confidences(queries: Sequence[dict[str, Any]], *, answerable: bool) -> list[float]:
    return [
        each["found"]["confidence"] if each["found"] else 0.0
        for each in queries
        if each["answerable"] is answerable
    ]


def _run(command: str, *arguments: str) -> str:
    line = [sys.executable, "-m", "qasearch", command, "--offline", *arguments]
    run = subprocess.run(line, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if run.returncode:
        sys.exit(f"failed: {' '.join(line)}")
    return run.stdout
