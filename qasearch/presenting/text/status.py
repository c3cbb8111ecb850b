"""The settings and the status of an index as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from qasearch.datatypes.index import ApproximateSearch, Calibrated, IndexStatus
from qasearch.datatypes.rules import ToldFlavour
from qasearch.phrases import counted
from qasearch.presenting.schemas.index import settings_with_sources
from qasearch.presenting.text.printable import one_line
from qasearch.settings import Settings

_MB = 2**20


def status_text(settings: Settings, status: IndexStatus | None) -> str:
    """A line for each setting and for each thing that is known of the index."""
    sources = settings_with_sources((settings, status))
    lines = [f"{name:<8}  {_shown(value)}  ({source})" for name, (value, source) in sources.items()]
    if status is None:
        return "\n".join([*lines, "There is no index yet. Build it: qasearch build"])
    state, runtime = status.state, status.runtime
    reason = f" ({runtime.reason})" if runtime.reason else ""
    sizes = ", ".join(f"{name} {size / _MB:.1f} MB" for name, size in status.bytes.items())
    return "\n".join(
        [
            *lines,
            f"built     {state.built_at} with the model {state.model}",
            f"encoder   {runtime.name}{reason}",
            f"read as   {_flavours_text(status.flavours)}",
            f"holds     {counted(state.documents, 'file')}, "
            f"{counted(state.entries, 'entry', 'entries')} ({status.unanswered} unanswered), "
            f"{counted(state.passages, 'passage')}",
            f"search    {_search_text(status.search)}",
            f"trusts    {_calibration_text(status.calibrated)}",
            f"size      {sizes}",
            f"stale     {_stale_text(status)}",
            *(f"problem   {problem}" for problem in status.problems),
        ]
    )


def _shown(value: object) -> str:
    """The value of a setting: yes or no for a switch."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "nothing"
    return "as marker files tell" if value is None else str(value)


def _flavours_text(flavours: Sequence[ToldFlavour]) -> str:
    """What the corpus was written for, and what told it."""
    told = (
        f"{told.flavour.value} ({one_line(told.told_by)})" if told.told_by else told.flavour.value
        for told in flavours
    )
    return ", ".join(told) or "unknown"


def _search_text(search: ApproximateSearch | None) -> str:
    if search is None:
        return "exact"
    recall = f"recall@10 {search.recall:.3f} on {search.questions} questions of the corpus"
    return f"{search.name}, {search.lists_read} lists a question: {recall}"


def _calibration_text(calibrated: Calibrated | None) -> str:
    """What the confidence was fitted to."""
    if calibrated is None:
        return "the shipped curves"
    questions = counted(calibrated.questions, "question")
    return f"curves fitted to {questions} of {one_line(calibrated.file)}, {calibrated.at}"


def _stale_text(status: IndexStatus) -> str:
    if not status.state.stale:
        return "no"
    files = counted(len(status.state.changed_files), "file")
    return f"yes, {files} changed; bring it up to date: qasearch build"
