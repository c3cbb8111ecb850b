"""A question with what belongs to it to an entry: the texts at its lines and its references."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind, Rule
from qasearch.reading.document.extents import Span
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.pointers import is_pointer
from qasearch.reading.markdown.blocks import Position, text_between

_SOURCE = re.compile(r"(?:src|source|credits?|refs?|references?|via)\W*\d*$", re.IGNORECASE)
_CREDIT = re.compile(
    r"\((?:credits?|source|src|via|from|asked)\b[^()]*(?:\([^()]*\)[^()]*)*\)", re.IGNORECASE
)
_HEADINGS = frozenset({Rule.HEADING, Rule.HEADING_IN_LIST_ITEM})


def make_entry(span: Span, outline: Outline, references: Sequence[Reference], path: str) -> Entry:
    """The entry of a question, without an id and without the fields of the front matter.

    `references` are those of the whole document, by line. A question without an answer below it is
    answered by the links in it, if there are any; then the answer is the lines of the question.
    """
    mark, start, end = span.mark, span.start, span.end
    own_references = tuple(
        reference
        for first, last in span.ranges
        for reference in _between(references, max(first, mark.line), last)
    )
    answered = span.is_answered or any(
        _answers(reference, mark, outline.lines[reference.line - 1]) for reference in own_references
    )
    if not span.is_answered:
        last = max(mark.line, span.body_start - 1) if span.body_start else span.question_end
        start, end = Position(mark.line, 1), Position(last, len(outline.lines[last - 1]))
    body = outline.lines[span.body_start - 1 : span.question_end] if span.body_start else []
    return Entry(
        id="",
        question=mark.question,
        aliases=(),
        answer=text_between(outline.lines, start, end) if answered else "",
        answered=answered,
        breadcrumb=mark.breadcrumb,
        tags=(),
        references=own_references,
        path=path,
        line_start=start.line,
        line_end=end.line,
        question_line=mark.line,
        rule=mark.rule,
        column_start=outline.column_in_file(*start),
        column_end=outline.column_in_file(*end),
        question_line_end=span.question_end,
        question_body="\n".join(body),
    )


def with_answer(entry: Entry, outline: Outline, start: Position, end: Position) -> Entry:
    """The entry with the text from `start` to `end` as its answer."""
    end = within_line(outline, end)
    return replace(
        entry,
        answered=True,
        answer=text_between(outline.lines, start, end),
        line_start=start.line,
        line_end=end.line,
        column_start=start.column,
        column_end=end.column,
    )


def within_line(outline: Outline, position: Position) -> Position:
    """The position; the last character of its line if the line is shorter (`END_OF_LINE`)."""
    line, column = position
    return Position(line, min(column, len(outline.lines[line - 1])))


def _answers(reference: Reference, mark: Mark, line: str) -> bool:
    """Whether a link in a question is its answer.

    It is none if it names the source of the question, or explains some of the words of a heading.
    """
    if reference.kind is ReferenceKind.ANCHOR or _SOURCE.match(reference.text):
        return False
    if any(reference.target in credit for credit in _CREDIT.findall(line)):
        return False
    is_most_of_question = 2 * len(reference.text) > len(mark.question)
    return mark.rule not in _HEADINGS or is_most_of_question or is_pointer(reference.text)


def _between(references: Sequence[Reference], first: int, last: int) -> tuple[Reference, ...]:
    low = bisect_left(references, first, key=lambda reference: reference.line)
    high = bisect_right(references, last, key=lambda reference: reference.line)
    return tuple(references[low:high])
