"""The text of one Markdown file to its entries. Pure: the same text at the same path gives the same
entries.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from qasearch.datatypes.entry import Document, Entry, Problem, Reference, ReferenceKind, Rule
from qasearch.identity import derive_ids, pair_digest
from qasearch.reading.document.extents import spans
from qasearch.reading.document.wording import ends_in_question_mark, is_pointer, looks_like_question
from qasearch.reading.finders import (
    Mark,
    Outline,
    Span,
    find_spans,
    front_matter,
)
from qasearch.reading.finders.front_matter import FrontMatter
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, anchors, parse
from qasearch.reading.markdown.links import find_references


@dataclass(frozen=True, slots=True)
class Reading:
    """A document with what it was read from: its outline, and its front matter where it has
    some.
    """

    document: Document
    outline: Outline
    head: Block | None


def read_document(text: str, path: str) -> Document:
    """The entries of a Markdown text in the order of their lines, for a file at `path` of a corpus.

    Never raises: broken front matter is reported in `problems`, and the text below it is read as it
    is.
    """
    return read(text, path).document


def read(text: str, path: str) -> Reading:
    """`read_document`, and what it was read from."""
    lines, blocks = parse(text)
    problems: list[Problem] = []
    fields = FrontMatter()
    head = blocks[0] if blocks and blocks[0].kind is BlockKind.FRONT_MATTER else None
    if head:
        try:
            fields = front_matter.read(head)
        except ValueError as error:
            line, reason = _line_and_reason(str(error))
            problems.append(Problem(path, line, reason))
    references = find_references(blocks)
    outline = Outline(lines, blocks, fields.title or _title(path))
    asks = bool(fields.question or (fields.title and fields.answer)) or ends_in_question_mark(
        fields.title
    )
    found = [] if asks else find_spans(outline)
    if asks or _is_one_question(fields, outline, found):
        entries = [_whole_file(fields, outline, head, references, path)]
    else:
        entries = [_entry(span, outline, references, path) for span in found]
    listed = [_entry(span, outline, references, path) for span in _in_front_matter(fields, outline)]
    entries = sorted([*listed, *entries], key=lambda entry: entry.question_line)
    entries = [
        replace(entry, id=entry_id, tags=fields.tags)
        for entry, entry_id in zip(entries, derive_ids(path, entries), strict=True)
    ]
    declared = {
        entry.id: fields.id
        for entry in entries
        if len(entries) == 1 and fields.id not in ("", entry.id)
    }
    pairs = {entry.id: pair_digest(entry) for entry in entries if entry.answered}
    document = Document(
        path, tuple(entries), anchors(blocks, lines), tuple(problems), declared, pairs
    )
    return Reading(document, outline, head)


def _line_and_reason(message: str) -> tuple[int, str]:
    line, _, reason = message.removeprefix("line ").partition(": ")
    return int(line), reason


def _title(path: str) -> str:
    return re.sub(r"[-_]+", " ", PurePosixPath(path).stem).strip() or path


def _is_one_question(fields: FrontMatter, outline: Outline, found: Sequence[Span]) -> bool:
    """Whether a file whose front matter has a title without a question mark answers that title as a
    whole.
    """
    if not fields.title:
        return False
    questions = sum(not span.mark.rule.is_note for span in found)
    if looks_like_question(fields.title):
        return questions < 2 and len(found) < _MANY_SECTIONS
    is_one_note = len(found) == 1 and len(outline.sections) < 3
    return (
        not questions
        and bool(found)
        and (is_one_note or (bool(fields.aliases) and len(found) < _MANY_SECTIONS))
    )


_MANY_SECTIONS = 6
"""A file whose front matter has other wordings of its title answers it as a whole, unless it has
this many sections."""


def _whole_file(
    fields: FrontMatter,
    outline: Outline,
    head: Block | None,
    references: Sequence[Reference],
    path: str,
) -> Entry:
    question = fields.question or fields.title
    body = Position(head.line_end + 1 if head else 1, 1)
    mark = Mark(Rule.FRONT_MATTER, question, fields.question_line, body, 0, ())
    span = spans(outline, [mark])[0]
    entry = _entry(span, outline, references, path)
    if not entry.question_body:
        entry = replace(entry, question_line_end=fields.question_line)
    last = Position(fields.reference_lines[1], len(outline.lines[fields.reference_lines[1] - 1]))
    sources = (Position(fields.reference_lines[0], 1), last) if fields.references else None
    for extent in (fields.answer, sources):
        if not entry.answered and extent:  # the front matter holds the answer, or sources that do
            entry = _answered_at(entry, outline, *extent)
    return replace(
        entry,
        aliases=tuple(alias for alias in fields.aliases if alias != entry.question),
        references=(*fields.references, *entry.references),
    )


def _answered_at(entry: Entry, outline: Outline, start: Position, end: Position) -> Entry:
    end = Position(end.line, min(end.column, len(outline.lines[end.line - 1])))
    return replace(
        entry,
        answered=True,
        answer=text_between(outline.lines, start, end),
        line_start=start.line,
        line_end=end.line,
        column_start=start.column,
        column_end=end.column,
    )


def _in_front_matter(fields: FrontMatter, outline: Outline) -> list[Span]:
    """The questions that the front matter lists with their answers."""
    found = []
    for pair in fields.pairs:
        start, end = pair.answer or (Position(pair.line, 1), Position(pair.line, 0))
        mark = Mark(Rule.FRONT_MATTER, pair.question, pair.line, start, 0, ())
        column = min(end.column, len(outline.lines[end.line - 1]))
        found.append(Span(mark, 0, pair.line, start, Position(end.line, column)))
    return found


def _entry(span: Span, outline: Outline, references: Sequence[Reference], path: str) -> Entry:
    mark, start, end = span.mark, span.start, span.end
    inside = _between(references, mark.line, span.line_end)
    answered = span.is_answered or any(
        _answers(each, mark, outline.lines[each.line - 1]) for each in inside
    )
    if not span.is_answered:  # a question that has only links is answered by them, where they stand
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
        references=inside,
        path=path,
        line_start=start.line,
        line_end=end.line,
        question_line=mark.line,
        rule=mark.rule,
        column_start=start.column,
        column_end=end.column,
        question_line_end=span.question_end,
        question_body="\n".join(body),
    )


_SOURCE = re.compile(r"(?:src|source|credits?|refs?|references?|via)\W*\d*$", re.IGNORECASE)
_CREDIT = re.compile(
    r"\((?:credits?|source|src|via|from|asked)\b[^()]*(?:\([^()]*\)[^()]*)*\)", re.IGNORECASE
)


def _answers(reference: Reference, mark: Mark, line: str) -> bool:
    """Whether a link in a question is its answer, and neither its source nor what some of its words
    mean.
    """
    if reference.kind is ReferenceKind.ANCHOR or _SOURCE.match(reference.text):
        return False
    if any(reference.target in credit for credit in _CREDIT.findall(line)):
        return False
    is_whole = 2 * len(reference.text) > len(mark.question)
    return mark.rule not in _HEADINGS or is_whole or is_pointer(reference.text)


_HEADINGS = frozenset({Rule.HEADING, Rule.HEADING_IN_LIST_ITEM})


def text_between(lines: Sequence[str], start: Position, end: Position) -> str:
    """The text from one character of a document to another, both included."""
    if start.line == end.line:
        return lines[start.line - 1][start.column - 1 : end.column]
    middle = lines[start.line : end.line - 1]
    return "\n".join(
        [lines[start.line - 1][start.column - 1 :], *middle, lines[end.line - 1][: end.column]]
    )


def _between(references: Sequence[Reference], first: int, last: int) -> tuple[Reference, ...]:
    low = bisect_left(references, first, key=lambda reference: reference.line)
    high = bisect_right(references, last, key=lambda reference: reference.line)
    return tuple(references[low:high])
