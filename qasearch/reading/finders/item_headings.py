"""Headings in list items: `1. ### What is React?`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import looks_like_question
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, LISTS, Block, BlockKind, Position
from qasearch.reading.markdown.inline import segments


def find(_: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The headings of list items, if at least half of the document's ask."""
    marks = [
        _mark(heading, section.path, end)
        for section in sections
        for heading, end in _headings(section.open_blocks)
    ]
    asking = sum(looks_like_question(mark.question) for mark in marks)
    return marks if 2 * asking >= len(marks) else []


def _mark(heading: Block, breadcrumb: tuple[str, ...], end: Position | None) -> Mark:
    question, body = clean_question(segments(heading)), Position(heading.line_end + 1, 1)
    line = heading.line_start
    return Mark(Rule.HEADING_IN_LIST_ITEM, question, line, body, LIST_SCOPE, breadcrumb, end=end)


def _headings(blocks: Sequence[Block]) -> Iterator[tuple[Block, Position | None]]:
    """The headings at the beginnings of items, each with the end of its answer.

    In an outline, where other items follow, that is the end of the item; else None.
    """
    for block in blocks:
        if block.kind not in LISTS:
            continue
        for item in block.children:
            if item.children and item.children[0].kind is BlockKind.HEADING:
                is_outline = len(item.children) > 1 and item is not block.children[-1]
                end = Position(item.line_end, END_OF_LINE) if is_outline else None
                yield item.children[0], end
