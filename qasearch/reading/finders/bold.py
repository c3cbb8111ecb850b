"""Questions in bold, as paragraphs or as first lines: `**What is regression?**`.

Bold lines are also headings inside answers, so the document decides. If enough of its bold lines
ask or are numbered, all are questions, except those that end in a colon. Else the lines with a
question mark are questions, if there are two of them, or one that is a whole sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import ends_in_question_mark, looks_like_question
from qasearch.reading.document.boilerplate import is_boilerplate
from qasearch.reading.document.cleaning import clean_question, is_numbered
from qasearch.reading.document.labels import answer_label
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, Block, BlockKind, Position
from qasearch.reading.markdown.inline import Segment, segments

_SHARE = 0.4
"""Which part of the bold lines must ask or be numbered for all to be questions."""

_LONGEST = 600
"""Characters of a bold question; more are a paragraph in bold."""

_WORDS_OF_SENTENCE = 4
"""A single bold line with a question mark needs this many words: `Why?` is no question alone."""

_OPENS = re.compile(r"\W{0,12}?(?:\*|_|<b>|<strong>)", re.IGNORECASE)
_IS_BOLD = re.compile(r"\W{0,12}?(?:\*\*|__|<b>|<strong>)", re.IGNORECASE)
_LABEL = re.compile(r"^(?:q|question)?\s*\.?\s*\d+\s*[.):]*$", re.IGNORECASE)
_LEAD = re.compile(
    r"\W{0,12}?(?P<sign>\*\*|__)(?P<text>[^*_\n]+?)(?P=sign)(?:\s*[-–—:])?"
    r"(?:\s+|(?<=？\*\*|？__))(?=\S)"
)
_PARAGRAPH_WITH_LEAD = re.compile(r"(?:\*\*|__)[^*_\n]+(?:\*\*|__)[.:]?\s+\S")
_SIGNS = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class _BoldLine:
    mark: Mark
    asks: bool
    is_numbered: bool


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The bold questions."""
    lines = [
        line
        for section in sections
        if not section.is_structure
        for block in section.open_blocks
        if block.kind is BlockKind.PARAGRAPH and _OPENS.match(block.content)
        if (line := _read(findings.outline, block, section.path))
    ]
    sure = sum(line.asks or line.is_numbered for line in lines)
    if sure > 1 and sure >= _SHARE * len(lines):
        return [
            line.mark
            for line in lines
            if line.asks or line.is_numbered or not line.mark.question.endswith((":", "："))
        ]
    marks = [line.mark for line in lines if ends_in_question_mark(line.mark.question)]
    if len(marks) < 2 and not any(
        len(mark.question.split()) >= _WORDS_OF_SENTENCE for mark in marks
    ):
        return []
    leads = _lines_with_lead(findings.outline)
    return [_up_to_next_lead(mark, leads) for mark in marks]


def _lines_with_lead(outline: Outline) -> list[int]:
    """The first lines of the paragraphs that begin with words in bold, in order."""
    return sorted(
        block.line_start
        for section in outline.sections
        for block in section.open_blocks
        if block.kind is BlockKind.PARAGRAPH and _PARAGRAPH_WITH_LEAD.match(block.content)
    )


def _up_to_next_lead(mark: Mark, leads: Sequence[int]) -> Mark:
    """The mark with an answer that ends in front of the next paragraph with a lead in bold."""
    following = bisect_right(leads, mark.line)
    if following == len(leads):
        return mark
    return replace(mark, end=Position(leads[following] - 1, END_OF_LINE))


def _read(outline: Outline, block: Block, breadcrumb: tuple[str, ...]) -> _BoldLine | None:
    """The question in bold at the beginning of a paragraph; None if there is none."""
    first_line = block.content.split("\n", 1)[0]
    if answer_label(first_line):
        return None
    lines = _by_line(segments(block))
    count = sum(1 for _ in takewhile(_is_bold, lines))
    candidate = (
        _bold_lines(block, lines, count) if count else _bold_lead(outline, block, first_line)
    )
    if not candidate:
        return None
    words, body = candidate
    question = clean_question(words)
    if not question or len(question) > _LONGEST or is_boilerplate(question):
        return None
    if not _IS_BOLD.match(first_line) and not ends_in_question_mark(question):
        return None  # in italics, only what asks
    mark = Mark(Rule.BOLD, question, block.line_start, body, LIST_SCOPE, breadcrumb)
    raw = "".join(segment.text for segment in words).strip()
    return _BoldLine(mark, looks_like_question(question), is_numbered(raw))


def _bold_lines(
    block: Block, lines: Sequence[Sequence[Segment]], count: int
) -> tuple[Sequence[Segment], Position] | None:
    """The words of the first `count` lines, which are all bold, and where the next line begins.

    None if they are only a number.
    """
    words = [segment for line in lines[:count] for segment in (*line, Segment(" "))]
    label = "".join(segment.text for segment in words).strip()
    if count < len(lines) and _LABEL.match(label):
        return None
    return words, Position(block.line_start + count, 1)


def _bold_lead(
    outline: Outline, block: Block, first_line: str
) -> tuple[Sequence[Segment], Position] | None:
    """The words in bold at the beginning of the first line, and where the rest of it begins.

    If they are only a number, `**1)** The number of orders.`, the paragraph is the question.
    """
    match = _LEAD.match(first_line)
    if not match:
        return None
    if _LABEL.match(match["text"]):
        return segments(block), Position(block.line_end + 1, 1)
    if not ends_in_question_mark(match["text"]):
        return None
    column = outline.lines[block.line_start - 1].find(first_line) + match.end() + 1
    return [Segment(match["text"])], Position(block.line_start, column)


def _by_line(inline: Sequence[Segment]) -> list[list[Segment]]:
    lines: list[list[Segment]] = [[]]
    for segment in inline:
        if segment.text == "\n":
            lines.append([])
        else:
            lines[-1].append(segment)
    return lines


def _is_bold(line: Sequence[Segment]) -> bool:
    """Whether all words of a line are bold or code."""
    words = [segment for segment in line if not _SIGNS.fullmatch(segment.text)]
    return bool(words) and all(segment.strong for segment in words)
