"""What a build did, from what it found and what is in the index now."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

from qasearch.building.changes import Changes
from qasearch.datatypes.entry import Problem
from qasearch.datatypes.index import BuildReport


def report(
    index: Path,
    meta: dict[str, str],
    known: Iterable[Problem],
    changes: Changes,
    *,
    embedded: int,
    started: float,
) -> BuildReport:
    """The report of a build.

    Args:
        index: the folder of the index.
        meta: what is recorded about the index as a whole.
        known: the problems that the index knows of.
        changes: what was found.
        embedded: how many texts were embedded.
        started: when it began, on the clock of `time.perf_counter`.
    """
    problems = {*changes.problems, *known}
    return BuildReport(
        corpus=meta["corpus"],
        index=str(index),
        model=meta["model"],
        documents=int(meta["documents"]),
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        unchanged=changes.unchanged + len(changes.touched),
        entries=int(meta["entries"]),
        unanswered=int(meta["unanswered"]),
        passages=int(meta["passages"]),
        embedded=embedded,
        elapsed_s=time.perf_counter() - started,
        problems=tuple(sorted(problems, key=lambda problem: (problem.path, problem.line))),
    )
