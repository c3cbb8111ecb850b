"""Sections that only repeat the questions of their document, such as tables of contents.

Unlike `contents.is_table_of_contents`, this looks at the words, whatever the links lead to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.sections import Section
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, walk_all
from qasearch.reading.markdown.inline import segments


def repeating_sections(sections: Iterable[Section], questions: Sequence[str]) -> frozenset[int]:
    """The numbers of the sections that repeat the questions of their document.

    In such a section, at least half of the items or rows, and two of them, are among `questions`.
    """
    if len(questions) < 2:
        return frozenset()
    normal_questions = {_normal(question) for question in questions}
    return frozenset(
        section.number
        for section in sections
        if section.has_links and not section.is_structure and _repeats(section, normal_questions)
    )


def _repeats(section: Section, normal_questions: Set[str]) -> bool:
    texts = [_normal(clean_question(segments(block))) for block in _items(section.blocks)]
    known = sum(text in normal_questions for text in texts)
    return known > 1 and 2 * known >= len(texts)


def _items(blocks: Sequence[Block]) -> Iterator[Block]:
    """The first paragraph of each item, nested or not, and the longest cell of each row."""
    for block in walk_all(blocks):
        if block.kind in LISTS:
            for item in block.children:
                if item.children and item.children[0].kind is BlockKind.PARAGRAPH:
                    yield item.children[0]
        elif block.kind is BlockKind.TABLE:
            for row in block.children[1:]:
                if row.children:
                    yield max(row.children, key=lambda cell: len(cell.content))


def _normal(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.lower()))
