"""Questions that are headings inside list items: `1. ### What is React?`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import clean_question, looks_like_question
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position, segments


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The headings of list items, if at least half of those in the document ask."""
    found = [
        (section, heading)
        for section in outline.sections
        if section.number not in claimed
        for heading in _headings(section.open_blocks)
    ]
    questions = [clean_question(segments(heading)) for _, heading in found]
    if 2 * sum(map(looks_like_question, questions)) < len(questions):
        return []
    return [
        Mark(
            Rule.HEADING_IN_LIST_ITEM,
            question,
            heading.line_start,
            Position(heading.line_end + 1, 1),
            LIST_SCOPE,
            section.path,
        )
        for question, (section, heading) in zip(questions, found, strict=True)
    ]


def _headings(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind in LISTS:
            for item in block.children:
                if item.children and item.children[0].kind is BlockKind.HEADING:
                    yield item.children[0]
