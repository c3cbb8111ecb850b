"""Questions as paragraphs or first lines in bold: `**What is regression?**`, `**1)** The orders of
a day`.

Bold lines also serve as headings inside answers, so the document decides: where enough of them ask,
or are numbered, all are questions but those that end in a colon; else those with a question mark,
if there are two, or one that is a whole sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import is_boilerplate
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import (
    answer_label,
    clean_question,
    ends_in_question_mark,
    is_numbered,
    looks_like_question,
)
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, Segment, segments

_SHARE = 0.4
_LONGEST = 600
_WORDS_OF_ONE = 4
_OPENS = re.compile(r"\W{0,12}?(?:\*|_|<b>|<strong>)", re.IGNORECASE)
_IS_BOLD = re.compile(r"\W{0,12}?(?:\*\*|__|<b>|<strong>)", re.IGNORECASE)
_LABEL = re.compile(r"^(?:q|question)?\s*\.?\s*\d+\s*[.):]*$", re.IGNORECASE)
_LEAD = re.compile(
    r"\W{0,12}?(?P<sign>\*\*|__)(?P<text>[^*_\n]+?)(?P=sign)(?:\s*[-–—:])?(?:\s+|(?<=？\*\*|？__))(?=\S)"
)


@dataclass(frozen=True, slots=True)
class _Bold:
    mark: Mark
    asks: bool
    numbered: bool


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The bold questions outside the sections `claimed`."""
    found = [
        bold
        for section in outline.sections
        if section.number not in claimed and not section.is_structure
        for block in section.open_blocks
        if block.kind is BlockKind.PARAGRAPH and _OPENS.match(block.content)
        for bold in _read(outline, block, section.path)
    ]
    sure = sum(bold.asks or bold.numbered for bold in found)
    if sure > 1 and sure >= _SHARE * len(found):
        return [
            bold.mark
            for bold in found
            if bold.asks or bold.numbered or not bold.mark.question.endswith((":", "："))
        ]
    leads = sorted(
        block.line_start
        for section in outline.sections
        for block in section.open_blocks
        if block.kind is BlockKind.PARAGRAPH and _BOLD_LEAD.match(block.content)
    )
    asked = [
        _up_to(bold.mark, leads) for bold in found if ends_in_question_mark(bold.mark.question)
    ]
    return (
        asked
        if len(asked) > 1 or any(len(mark.question.split()) >= _WORDS_OF_ONE for mark in asked)
        else []
    )


_BOLD_LEAD = re.compile(r"(?:\*\*|__)[^*_\n]+(?:\*\*|__)[.:]?\s+\S")


def _up_to(mark: Mark, leads: Sequence[int]) -> Mark:
    """The mark with an answer that ends in front of the next paragraph with a lead in bold."""
    at = bisect_right(leads, mark.line)
    return replace(mark, end=Position(leads[at] - 1, 1 << 30)) if at < len(leads) else mark


def _read(outline: Outline, block: Block, breadcrumb: tuple[str, ...]) -> list[_Bold]:
    inline = segments(block)
    lines = _by_line(inline)
    bold = 0
    while bold < len(lines) and _is_bold(lines[bold]):
        bold += 1
    first_line = block.content.split("\n", 1)[0]
    if answer_label(first_line):
        return []
    if bold:
        asked = [segment for line in lines[:bold] for segment in (*line, Segment(" "))]
        label = "".join(segment.text for segment in asked).strip()
        body = Position(block.line_start + bold, 1)
        if bold < len(lines) and _LABEL.match(label):
            return []
    elif (match := _LEAD.match(first_line)) and (
        ends_in_question_mark(match["text"]) or _LABEL.match(match["text"])
    ):
        if _LABEL.match(match["text"]):  # `**1)** The number of orders.`
            asked, body = inline, Position(block.line_end + 1, 1)
        else:
            column = outline.lines[block.line_start - 1].find(first_line) + match.end() + 1
            asked, body = [Segment(match["text"])], Position(block.line_start, column)
    else:
        return []
    raw = "".join(segment.text for segment in asked).strip()
    question = clean_question(asked)
    if not question or len(question) > _LONGEST or is_boilerplate(question):
        return []
    if not _IS_BOLD.match(first_line) and not ends_in_question_mark(question):
        return []  # in italics, only what asks
    mark = Mark(Rule.BOLD, question, block.line_start, body, LIST_SCOPE, breadcrumb)
    return [_Bold(mark, looks_like_question(question), is_numbered(raw))]


def _by_line(inline: Sequence[Segment]) -> list[list[Segment]]:
    lines: list[list[Segment]] = [[]]
    for segment in inline:
        if segment.text == "\n":
            lines.append([])
        else:
            lines[-1].append(segment)
    return lines


_SIGNS = re.compile(r"[\W_]*")


def _is_bold(line: Sequence[Segment]) -> bool:
    """Whether all words of a line are bold or code."""
    words = [segment for segment in line if not _SIGNS.fullmatch(segment.text)]
    return bool(words) and all(segment.strong for segment in words)
