"""What a build did, as plain text.

In a file of its own so that `qasearch build` does not load what shows Markdown.
"""

from __future__ import annotations

from qasearch.datatypes.index import BuildReport
from qasearch.phrases import counted
from qasearch.presenting.text.printable import one_line


def build_text(report: BuildReport) -> str:
    """A line for each problem, then what changed, then what the index holds."""
    changes = [
        f"{count} {change}"
        for count, change in (
            (report.added, "added"),
            (report.changed, "changed"),
            (report.removed, "removed"),
        )
        if count
    ]
    files = counted(report.documents, "file")
    texts = counted(report.embedded, "text")
    entries = counted(report.entries, "entry", "entries")
    unanswered = f" ({report.unanswered} unanswered)" if report.unanswered else ""
    passages = counted(report.passages, "passage")
    return "\n".join(
        [
            *(f"problem: {one_line(str(problem))}" for problem in report.problems),
            f"{files}: {', '.join(changes) or 'nothing changed'}; "
            f"{texts} embedded in {report.elapsed_s:.1f} s",
            f"{entries}{unanswered}, {passages} in {one_line(report.index)}",
        ]
    )
