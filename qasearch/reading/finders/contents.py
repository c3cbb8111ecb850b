"""Sections that repeat the questions of the document: tables of contents, whatever their links lead
to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from qasearch.reading.document.outline import Mark, Outline, Section
from qasearch.reading.document.wording import clean_question
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, segments


def find(outline: Outline, marks: Sequence[Mark], claimed: Set[int]) -> frozenset[int]:
    """The numbers of the sections outside `claimed` at least half of whose items or cells are
    questions of `marks`.
    """
    if len(marks) < 2:
        return frozenset()
    asked = {_normal(mark.question) for mark in marks}
    return frozenset(
        section.number
        for section in outline.sections
        if section.number not in claimed
        and section.has_links
        and not section.is_structure
        and _repeats(section, asked)
    )


def _repeats(section: Section, asked: Set[str]) -> bool:
    texts = [_normal(clean_question(segments(block))) for block in _texts(section.blocks)]
    known = sum(text in asked for text in texts)
    return known > 1 and 2 * known >= len(texts)


def _texts(blocks: Sequence[Block]) -> Iterator[Block]:
    """The first paragraph of each item, nested ones included, and each row's cell with the most
    text.
    """
    for block in (inner for top in blocks for inner in top.walk()):
        if block.kind in LISTS:
            yield from (
                item.children[0]
                for item in block.children
                if item.children and item.children[0].kind is BlockKind.PARAGRAPH
            )
        elif block.kind is BlockKind.TABLE:
            yield from (
                max(row.children, key=lambda cell: len(cell.content))
                for row in block.children[1:]
                if row.children
            )


def _normal(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))
