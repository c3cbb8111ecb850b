"""The report of a build."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qasearch.building.changes import Changes
from qasearch.datatypes.entry import Problem
from qasearch.datatypes.index import BuildReport
from qasearch.storage.metadata import Counts, IndexMetadata


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build found and did, and what the index says now.

    Attributes:
        index: the folder of the index.
        metadata: what the index records.
        counts: what it holds.
        problems: those that the index knows of.
        changes: the difference between the corpus and the index before the build.
        embedded: how many texts were embedded.
    """

    index: Path
    metadata: IndexMetadata
    counts: Counts
    problems: Sequence[Problem]
    changes: Changes
    embedded: int


def report(outcome: Outcome, started: float) -> BuildReport:
    """The report of a build that began at `started`, on the clock of `time.perf_counter`.

    Problems are in the order of path and line; each is named once.
    """
    metadata, counts, changes = outcome.metadata, outcome.counts, outcome.changes
    problems = {*changes.problems, *outcome.problems}
    return BuildReport(
        corpus=str(metadata.corpus),
        index=str(outcome.index),
        model=metadata.model,
        documents=counts.documents,
        added=len(changes.added),
        changed=len(changes.changed),
        removed=len(changes.removed),
        unchanged=changes.unchanged + len(changes.touched),
        entries=counts.entries,
        unanswered=counts.unanswered,
        passages=counts.passages,
        embedded=outcome.embedded,
        elapsed_s=time.perf_counter() - started,
        problems=tuple(
            sorted(problems, key=lambda problem: (problem.path, problem.line, problem.reason))
        ),
    )
