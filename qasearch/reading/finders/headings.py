"""Questions marked by headings of any level, `## What is regression?`, also underlined or in HTML.

Where at least half of the headings under one parent ask, or a fifth in a document that is called
FAQ, their siblings are questions too, so that noun phrases and error messages among questions are
found. Elsewhere a question mark, a `Q5.`, or an answer that is folded or labelled right below makes
a heading one. A heading that only says 'Question' is asked by the text below it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import takewhile

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import Mark, Outline, Section
from qasearch.reading.document.wording import (
    answer_label,
    clean_text,
    ends_in_question_mark,
    hides_answer,
    is_advertisement,
    is_answer_key,
    is_answer_title,
    is_closing_title,
    is_generic_question,
    is_labelled_question,
    is_numbered,
    is_readme_title,
    is_sequel_title,
    is_short_label,
    looks_like_question,
    question_label,
    surely_asks,
    without_question_label,
)
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, plain
from qasearch.reading.markdown.details import Details


@dataclass(frozen=True, slots=True)
class AskedByHeading:
    """The marks, and the numbers of the sections that are questions or belong to the answer of
    one.
    """

    marks: list[Mark]
    claimed: frozenset[int]


def find(outline: Outline) -> AskedByHeading:
    """Questions in headings, and which sections their answers claim."""
    asking = _asking_sections(outline)
    claimed = set(asking)
    for section in outline.sections:  # parents come before their children
        if section.parent in claimed:
            claimed.add(section.number)
    marks = [_mark(section) for section in outline.sections if section.number in asking]
    return AskedByHeading(marks, frozenset(claimed))


def find_by_title(outline: Outline) -> list[Mark]:
    """The headings of a document whose title says that it answers questions, but in which nothing
    asks.

    `# Common issues` with error messages as headings: those that have text and siblings and no
    headings below.
    """
    if not outline.is_about_questions:
        return []
    has_children = {section.parent for section in outline.sections}
    return [
        _mark(section)
        for _, group in _siblings(outline.sections)
        if _are_answered(outline, group, has_children)
        for section in group
    ]


def _mark(section: Section) -> Mark:
    assert section.heading is not None  # noqa: S101 - only headings ask
    question, end = section.title, section.heading.line_end
    first = section.blocks[0] if section.blocks else None
    breadcrumb = section.breadcrumb
    if first and is_labelled_question(first.content) and first.kind is BlockKind.PARAGRAPH:
        question, end = _text(first), first.line_end
        breadcrumb = section.path if not is_generic_question(section.raw_title) else breadcrumb
    elif first and is_generic_question(section.raw_title) and first.kind in _TEXT:
        texts = list(takewhile(lambda block: not answer_label(block.content), section.blocks))
        asking = next((block for block in texts if question_label(block.content)), None)
        asking = asking or next(
            (block for block in texts if ends_in_question_mark(_text(block))), first
        )
        question = _text(asking) or question
        if asking is first:  # else what stands in front of it belongs to the question
            end = asking.line_end
    question = clean_text(without_question_label(question))
    return Mark(
        Rule.HEADING, question, section.line, Position(end + 1, 1), section.level, breadcrumb
    )


_TEXT = (BlockKind.QUOTE, BlockKind.PARAGRAPH)


def _text(block: Block) -> str:
    """The words of a paragraph or a quotation; "" of any other block."""
    if block.kind not in _TEXT:
        return ""
    return " ".join(plain(inner) for inner in block.walk() if inner.kind is BlockKind.PARAGRAPH)


def _asking_sections(outline: Outline) -> set[int]:
    sections = outline.sections
    asking: set[int] = set()
    has_children = {section.parent for section in sections}
    containers = {
        section.number
        for section in sections
        if not section.blocks and section.number in has_children
    }
    containers |= {section.parent for section in sections if ends_in_question_mark(section.title)}
    for parent, siblings in _siblings(sections):
        group = [
            each
            for each in siblings
            if not (is_closing_title(each.raw_title) or is_advertisement(each.raw_title))
        ]
        is_quiz = any(
            surely_asks(section.title) or is_numbered(section.raw_title) for section in group
        )
        sure = {
            section.number
            for section in group
            if (is_quiz and _has_choices(outline, section)) or _is_surely_asked(outline, section)
        }
        asked = sure | {section.number for section in group if looks_like_question(section.title)}
        marked = sure | {
            section.number for section in group if ends_in_question_mark(section.title)
        }
        surely = marked or (len(asked) > 1 and any(surely_asks(section.title) for section in group))
        share = 5 if marked and outline.is_about_questions else 2
        if share * len(asked) >= len(group) and surely:
            answered = sum(_is_answered(outline, each) for each in group)
            asking.update(
                each.number
                for each in group
                if each.number in asked
                or not (
                    _is_apart(each, containers)
                    or (2 * answered >= len(group) and not _is_answered(outline, each))
                )
            )
            if parent >= 0 and sections[parent].level == 1 and len(asked) > 1:
                asking.discard(parent)  # a title above questions is a title, even one that asks
        else:
            asking.update(marked)
    asking = {number for number in asking if not _only_introduces(outline, sections[number])}
    return {number for number in asking if not _above(sections, number) & asking}


def _is_answered(outline: Outline, section: Section) -> bool:
    """Whether there is text or a heading below a heading before the next one of its level."""
    following = section.number + 1
    has_child = (
        following < len(outline.sections) and outline.sections[following].parent == section.number
    )
    return has_child or outline.has_text(section.line_of_text, section.line_end)


def _siblings(sections: Sequence[Section]) -> list[tuple[int, list[Section]]]:
    """The sections of one level under one parent, with its number; those that are no answers but
    structure left out.
    """
    siblings: dict[tuple[int, int], list[Section]] = defaultdict(list)
    for section in sections:
        if (
            section.heading
            and section.title
            and not section.is_structure
            and not is_answer_title(section.raw_title)
        ):
            siblings[section.parent, section.level].append(section)
    return [(parent, group) for (parent, _), group in siblings.items()]


def _is_apart(section: Section, containers: Set[int]) -> bool:
    """Whether a heading among questions is none of them: it continues one, holds others, or is one
    of a README.
    """
    title = section.raw_title
    return (
        section.number in containers
        or is_sequel_title(title)
        or is_answer_key(title)
        or is_readme_title(title)
    )


def _is_surely_asked(outline: Outline, section: Section) -> bool:
    """Whether more than its wording makes a heading a question."""
    generic = is_generic_question(section.raw_title)
    if generic or question_label(section.raw_title):
        spelled_out = not (
            generic or (is_short_label(section.raw_title) and not outline.counts_questions)
        )
        return (
            spelled_out
            or looks_like_question(section.title)
            or _holds_answer_or_question(outline, section)
        )
    if section.level < 2 and not ends_in_question_mark(section.title):
        return False
    openings = outline.openings
    low = bisect_left(openings, (section.line + 1, 0), key=lambda opening: opening.opens)
    high = bisect_left(openings, (section.line_end + 1, 0), key=lambda opening: opening.opens)
    if low < high and openings[low].opens.line <= _first_line(section):
        return openings[low].sure or high == low + 1
    if high == low + 1 and any(
        hides_answer(each.summary)[0] for each in _folded_in(outline, section)
    ):
        return not _asks_in_text(section)
    return _is_answered_by_heading(outline, section)


def _is_answered_by_heading(outline: Outline, section: Section) -> bool:
    """Whether the heading right below a section says 'Answer'."""
    following = section.number + 1
    if following == len(outline.sections):
        return False
    child = outline.sections[following]
    return child.parent == section.number and is_answer_title(child.raw_title)


def _holds_answer_or_question(outline: Outline, section: Section) -> bool:
    """Whether an answer begins in a section or right below it, or its text asks."""
    at = bisect_left(outline.openings, (section.line + 1, 0), key=lambda opening: opening.opens)
    following = section.number + 1
    last = section.line_end
    if following < len(outline.sections) and outline.sections[following].parent == section.number:
        last = outline.sections[following].line
    if at < len(outline.openings) and outline.openings[at].opens.line <= last:
        return True
    texts = [_text(block) for block in section.blocks]
    if any(ends_in_question_mark(text) for text in texts):
        return True
    return (bool(texts) and looks_like_question(texts[0])) or any(
        section.line < c.line_start <= last for c in outline.boxes
    )


def _has_choices(outline: Outline, section: Section) -> bool:
    """Whether a section holds choices of which one is ticked."""
    boxes = outline.boxes
    at = bisect_left(boxes, section.line, key=lambda choices: choices.line_start)
    return at < len(boxes) and boxes[at].line_end <= section.line_end and boxes[at].first_right > 0


def _first_line(section: Section) -> int:
    return section.blocks[0].line_start if section.blocks else section.line


def _folded_in(outline: Outline, section: Section) -> list[Details]:
    return outline.folded_between(section.line + 1, section.line_end)


def _asks_in_text(section: Section) -> bool:
    """Whether the questions of a section are marked in its text, so that its heading is a title."""
    return any(
        block.kind is BlockKind.PARAGRAPH and question_label(block.content)
        for block in section.blocks
    )


def _only_introduces(outline: Outline, section: Section) -> bool:
    """Whether a section holds several folded questions, of which its heading is the title."""
    folded = [each for each in _folded_in(outline, section) if looks_like_question(each.summary)]
    return len(folded) > 1 and not outline.has_text(section.line + 1, folded[0].opens.line - 1)


def _are_answered(outline: Outline, group: Sequence[Section], has_children: set[int]) -> bool:
    """Whether sections each hold text and no further headings."""
    return (
        len(group) > 1
        and group[0].level > 1
        and all(section.number not in has_children for section in group)
        and all(
            section.blocks and outline.has_text(section.line + 1, section.blocks[-1].line_end)
            for section in group
        )
    )


def _above(sections: Sequence[Section], number: int) -> set[int]:
    above: set[int] = set()
    while (number := sections[number].parent) >= 0:
        above.add(number)
    return above
