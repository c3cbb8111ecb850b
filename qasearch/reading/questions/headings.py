"""Questions marked by headings: `## What is regression?`, and headings inside list items, `1. ### What is React?`.

Where at least half of the headings under one parent ask, their siblings are questions too, so that noun
phrases and error messages among questions are found. Elsewhere only a question mark makes a heading one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qasearch.reading.markdown import Block, BlockKind, segments
from qasearch.reading.questions.outline import Mark, Outline, Section, is_structure
from qasearch.reading.wording import clean_question, ends_in_question_mark, looks_like_question

HEADING, HEADING_IN_ITEM = "heading", "heading_in_list_item"


@dataclass(frozen=True, slots=True)
class AskedByHeading:
    """The marks, and the numbers of the sections that are questions or belong to the answer of one."""

    marks: list[Mark]
    claimed: frozenset[int]


def find(outline: Outline) -> AskedByHeading:
    """Questions in headings, and which sections their answers claim."""
    asking = _asking_sections(outline.sections)
    claimed = set(asking)
    for section in outline.sections:  # parents come before their children
        if section.parent in claimed:
            claimed.add(section.number)
    marks = [
        Mark(
            HEADING,
            section.title,
            section.heading.line_start,
            section.heading.line_end + 1,
            section.level,
            section.breadcrumb,
        )
        for section in outline.sections
        if section.number in asking and section.heading
    ]
    in_items = [
        (section, heading)
        for section in outline.sections
        if section.number not in claimed
        for heading in _headings_in_items(section.blocks)
    ]
    questions = [clean_question(segments(heading)) for _, heading in in_items]
    if sum(map(looks_like_question, questions)) * 2 >= len(questions):
        marks += [
            Mark(
                HEADING_IN_ITEM,
                question,
                heading.line_start,
                heading.line_end + 1,
                heading.level,
                section.path,
            )
            for question, (section, heading) in zip(questions, in_items, strict=True)
        ]
    return AskedByHeading(marks, frozenset(claimed))


def _asking_sections(sections: Sequence[Section]) -> set[int]:
    siblings: dict[tuple[int, int], list[Section]] = defaultdict(list)
    for section in sections:
        if section.heading and section.title and not is_structure(section):
            siblings[section.parent, section.level].append(section)
    asking: set[int] = set()
    for (parent, _), group in siblings.items():
        titles = [section.title for section in group]
        asked = sum(map(looks_like_question, titles))
        marked = sum(map(ends_in_question_mark, titles))
        if asked * 2 >= len(group) and (marked or asked > 1):
            asking.update(section.number for section in group)
            if parent >= 0 and sections[parent].level == 1 and asked > 1:
                asking.discard(parent)  # a title above questions is a title, even one that asks
        else:
            asking.update(section.number for section in group if ends_in_question_mark(section.title))
    return {number for number in asking if not _above(sections, number) & asking}


def _above(sections: Sequence[Section], number: int) -> set[int]:
    above: set[int] = set()
    while (number := sections[number].parent) >= 0:
        above.add(number)
    return above


def _headings_in_items(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.kind in (BlockKind.ORDERED_LIST, BlockKind.BULLET_LIST):
            for item in block.children:
                if item.children and item.children[0].kind is BlockKind.HEADING:
                    yield item.children[0]
