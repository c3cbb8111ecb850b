"""What a build did as plain text; a file of its own, as it needs none of what shows Markdown."""

from __future__ import annotations

from qasearch.datatypes.index import BuildReport
from qasearch.presenting.text.printable import one_line


def build_text(report: BuildReport) -> str:
    """What a build did, in two lines, and a line for each problem on top."""
    done = [(report.added, "added"), (report.changed, "changed"), (report.removed, "removed")]
    changes = ", ".join(f"{count} {what}" for count, what in done if count) or "nothing changed"
    unanswered = f" ({report.unanswered} unanswered)" if report.unanswered else ""
    files = "1 file" if report.documents == 1 else f"{report.documents} files"
    return "\n".join(
        [
            *(f"problem: {one_line(str(problem))}" for problem in report.problems),
            f"{files}: {changes}; {report.embedded} texts embedded in {report.elapsed_s:.1f} s",
            f"{report.entries} entries{unanswered}, {report.passages} passages in {one_line(report.index)}",
        ]
    )
