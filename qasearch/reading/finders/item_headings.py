"""Headings in list items: `1. ### What is React?`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import looks_like_question
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position
from qasearch.reading.markdown.inline import segments


def find(_: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The headings of list items, if at least half of the document's ask."""
    marks = [
        _mark(heading, section.path)
        for section in sections
        for heading in _headings(section.open_blocks)
    ]
    asking = sum(looks_like_question(mark.question) for mark in marks)
    return marks if 2 * asking >= len(marks) else []


def _mark(heading: Block, breadcrumb: tuple[str, ...]) -> Mark:
    question, body = clean_question(segments(heading)), Position(heading.line_end + 1, 1)
    line = heading.line_start
    return Mark(Rule.HEADING_IN_LIST_ITEM, question, line, body, LIST_SCOPE, breadcrumb)


def _headings(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind in LISTS:
            for item in block.children:
                if item.children and item.children[0].kind is BlockKind.HEADING:
                    yield item.children[0]
