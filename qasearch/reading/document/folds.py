"""The folded parts of a document that count as one thing each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from qasearch.reading.document.asking import looks_like_question, surely_asks
from qasearch.reading.document.cleaning import is_numbered
from qasearch.reading.document.summaries import only_reveals, reveals_answer
from qasearch.reading.markdown.blocks import END_OF_LINE, Block, BlockKind, Position
from qasearch.reading.markdown.details import Details
from qasearch.reading.markdown.inline import plain


def folded_parts(details: Sequence[Details], blocks: Sequence[Block]) -> Iterator[Details]:
    """The folded parts of a document in order.

    A part that only wraps a list of questions gives way to the parts in it. A part without a
    closing tag ends at the next heading.
    """
    details = _without_callouts(details)
    if not details:
        return
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    lines = [heading.line_start for heading in headings]
    pending = list(reversed(details))
    while pending:
        part = pending.pop()
        low, high = bisect_left(lines, part.start.line), bisect_right(lines, part.end.line)
        if part.closed and _wraps_questions(part, headings[low:high]):
            pending.extend(reversed(part.inner))
            continue
        if not part.closed:
            following = bisect_right(lines, part.opens.line)
            if following < len(lines) and lines[following] <= part.end.line:
                part.end = Position(lines[following] - 1, END_OF_LINE)
        yield part


def _without_callouts(details: Sequence[Details]) -> list[Details]:
    """The parts without callouts whose title says nothing of a question or of its answer.

    Such a callout gives way to the parts in it.
    """
    parts: list[Details] = []
    for part in details:
        inner = _without_callouts(part.inner)
        if part.is_callout and not (surely_asks(part.summary) or reveals_answer(part.summary)):
            parts += inner
        else:
            part.inner = inner
            parts.append(part)
    return parts


def _wraps_questions(part: Details, headings: Sequence[Block]) -> bool:
    """Whether several headings in a part, or several parts in it, ask."""
    if reveals_answer(part.summary):
        return False
    texts = (plain(heading) for heading in headings)
    asking_headings = sum(looks_like_question(text) or is_numbered(text) for text in texts)
    asking_parts = sum(not only_reveals(inner.summary) for inner in part.inner)
    return asking_headings > 1 or asking_parts > 1
