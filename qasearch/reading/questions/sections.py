"""What no other way claims: plain notes, where each section answers the question that is its heading path.

In a document with questions, a section among them that holds text of its own is an entry too, and the links
right under a heading of questions answer that heading. A few words next to questions only introduce them, and carry no
answer; a longer text does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qasearch.reading.boilerplate import is_badge, is_only_pointers
from qasearch.reading.markdown import Position
from qasearch.reading.questions.outline import Mark, Outline, Section
from qasearch.reading.questions.spans import Span

SECTION, OVERVIEW = "section", "section_overview"
RULES = frozenset({SECTION, OVERVIEW})
_ENDS_AT_ANY_HEADING = 99
HEADING_PATH = " › "
_INTRODUCTION = 60
"""Up to this many words next to questions introduce them."""

_ADDRESS = re.compile(r"\(?<?(?:https?://|www\.)[^\s)>]*|\]\([^)]*\)|<[^>]*>")


def find(outline: Outline, spans: Sequence[Span]) -> list[Mark]:
    """The stretches of text that belong to no question and say something."""
    covered = sorted((span.mark.line, span.line_end) for span in spans)
    asking = [outline.section_at(line) for line, _ in covered]
    next_to_questions = {number for section in asking for number in (section.number, section.parent)}
    found: list[Mark] = []
    position = 0
    for section, after in zip(outline.sections, [*outline.sections[1:], None], strict=True):
        first = section.heading.line_end + 1 if section.heading else outline.first_line
        first = max(first, section.contents_end + 1)
        last = after.line - 1 if after else len(outline.lines)
        while position < len(covered) and covered[position][1] < first:
            position += 1
        if section.is_structure or section.is_index or section.number in outline.repeats:
            continue
        here, start = position, first
        while start <= last:
            taken = here < len(covered) and covered[here][0] <= last
            stop = covered[here][0] - 1 if taken else last
            if start <= stop:
                alone = (start, stop) == (first, last) and section.number not in next_to_questions
                found += _read(outline, section, start, stop, alone=alone and (bool(section.heading) or not spans))
            if not taken:
                break
            start = max(start, covered[here][1] + 1)
            here += 1
    return found


def _read(outline: Outline, section: Section, first: int, last: int, *, alone: bool) -> list[Mark]:
    """The entry that lines `first` to `last` of a section make, if they make one; `alone` if no questions are near."""
    while first <= last and outline.is_boilerplate(first):
        first += 1
    while last >= first and outline.is_boilerplate(last):
        last -= 1
    if first > last or all(_is_badge_or_boilerplate(outline, number) for number in range(first, last + 1)):
        return []
    if not alone and section.heading and is_only_pointers(outline.blocks_between(first, last)):
        return [_mark(outline, section, OVERVIEW, first, last)]
    if alone or is_long(outline.lines[first - 1 : last]):
        return [_mark(outline, section, SECTION, first, last)]
    return []


def is_long(lines: Sequence[str]) -> bool:
    """Whether lines next to questions say more than an introduction would."""
    return sum(len(_ADDRESS.sub(" ", line).split()) for line in lines) > _INTRODUCTION


def _is_badge_or_boilerplate(outline: Outline, number: int) -> bool:
    return outline.is_boilerplate(number) or is_badge(outline.lines[number - 1])


def _mark(outline: Outline, section: Section, rule: str, first: int, last: int) -> Mark:
    at_heading = section.heading is not None and not outline.has_text(section.heading.line_end + 1, first - 1)
    question = section.title if rule == OVERVIEW else HEADING_PATH.join(section.path)
    line = section.line if at_heading else first
    body, end = Position(first, 1), Position(last, 1 << 30)
    return Mark(
        rule, question or outline.title, line, body, _ENDS_AT_ANY_HEADING, section.breadcrumb, end=end, is_note=True
    )
