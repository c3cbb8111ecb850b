"""Questions as items of a list: `1. What is a latent space?`, answered in the item, after it, by a link or not at all.

Lists of steps and of features look alike, so the document decides: where enough of its numbered items (or
of its bullets) ask, all of them are questions, also `8. SVD`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qasearch.reading.markdown import Block, BlockKind, segments
from qasearch.reading.questions.outline import (
    LIST_SCOPE,
    Mark,
    Outline,
    Section,
    is_structure,
    is_table_of_contents,
)
from qasearch.reading.wording import clean_question, ends_in_question_mark, looks_like_question, split_at_answer

RULE = "list_item"
_ASKING = {
    BlockKind.ORDERED_LIST: (looks_like_question, 0.4),
    BlockKind.BULLET_LIST: (ends_in_question_mark, 0.5),
}
"""What counts as asking, and which part of the items must ask. Bullets serve for everything else as well (`* Is fast`),
so they must ask more often, and with a question mark."""


def find(outline: Outline, claimed: frozenset[int]) -> list[Mark]:
    """Questions in the lists that stand outside the answers to heading questions (sections `claimed`)."""
    marks: list[Mark] = []
    for kind, (asks, share) in _ASKING.items():
        items = [
            (section, item)
            for section in outline.sections
            if section.number not in claimed
            for item in _items(section, kind)
        ]
        found = [_mark(section, item) for section, item in items]
        asked = sum(asks(mark.question) for mark in found)
        if asked >= share * len(found) and (asked > 1 or len(found) == 1):
            marks += found
    return marks


def _items(section: Section, kind: BlockKind) -> Iterator[Block]:
    lists: Sequence[Block] = [block for block in section.blocks if block.kind is kind]
    if is_structure(section) or is_table_of_contents(lists):
        return
    for block in lists:
        yield from (item for item in block.children if item.children and item.children[0].kind is BlockKind.PARAGRAPH)


def _mark(section: Section, item: Block) -> Mark:
    paragraph = item.children[0]
    question, lines = split_at_answer(segments(paragraph))
    body_start = paragraph.line_start + lines if lines else paragraph.line_end + 1
    return Mark(RULE, clean_question(question), item.line_start, body_start, LIST_SCOPE, section.path)
