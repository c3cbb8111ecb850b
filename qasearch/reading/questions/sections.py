"""Sections that no other way claims: plain notes, where each section answers the question that is its heading path.

In a document with questions, a section among them that holds text of its own is an entry too, and the links
right under a heading of questions answer that heading; introductions and tables of contents carry no answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from qasearch.reading.questions.outline import Mark, Outline, Section, is_only_pointers, is_structure

SECTION, OVERVIEW = "section", "section_overview"
_ENDS_AT_ANY_HEADING = 99
HEADING_PATH = " › "


def find(outline: Outline, marks: Sequence[Mark], claimed: frozenset[int]) -> list[Mark]:
    """The sections outside `claimed` that are entries by themselves."""
    mark_lines = sorted(mark.line for mark in marks)
    with_marks = _sections_with(outline, mark_lines)
    found = []
    for section in outline.sections:
        if section.number in claimed or is_structure(section):
            continue
        if section.number in with_marks:
            first_mark = bisect_right(mark_lines, _start(section))
            end = mark_lines[first_mark] if first_mark < len(mark_lines) else 0
            intro = [block for block in section.blocks if block.line_end < end]
            if section.heading and is_only_pointers(intro):
                found.append(_mark(outline, section, OVERVIEW))
        elif _has_text(outline, section) and (section.heading or not marks):
            found.append(_mark(outline, section, SECTION))
    return found


def _sections_with(outline: Outline, mark_lines: Sequence[int]) -> set[int]:
    """The sections in or below which a mark stands."""
    starts = [_start(section) for section in outline.sections]
    result: set[int] = set()
    for line in mark_lines:
        number = bisect_right(starts, line) - 1
        while number >= 0 and number not in result:
            result.add(number)
            number = outline.sections[number].parent
    return result


def _has_text(outline: Outline, section: Section) -> bool:
    return any(outline.has_text(block.line_start, block.line_end) for block in section.blocks)


def _start(section: Section) -> int:
    return section.heading.line_start if section.heading else 0


def _mark(outline: Outline, section: Section, rule: str) -> Mark:
    body_start = section.heading.line_end + 1 if section.heading else (section.blocks[0].line_start)
    question = section.title if rule == OVERVIEW else HEADING_PATH.join(section.path)
    line = section.heading.line_start if section.heading else body_start
    return Mark(rule, question or outline.title, line, body_start, _ENDS_AT_ANY_HEADING, section.breadcrumb)
