"""What no other way claims: plain notes, where each section answers the question that is its
heading path.

In a document with questions, a section among them that holds text of its own is an entry too, and
the links right under a heading of questions answer that heading. In a document that mainly consists
of questions, a few words next to them only introduce them, and carry no answer; a longer text does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import (
    is_badge,
    is_only_pointers,
    is_table_of_contents,
    leads_on,
)
from qasearch.reading.document.extents import Span
from qasearch.reading.document.outline import Mark, Outline, Section
from qasearch.reading.markdown.blocks import Position

_ENDS_AT_ANY_HEADING = 99
HEADING_PATH = " › "
_FEW = 3
"""With fewer questions than this, a document is not about them."""

_INTRODUCTION = 60
"""Up to this many words next to questions introduce them."""

_ADDRESS = re.compile(r"\(?<?(?:https?://|www\.)[^\s)>]*|\]\([^)]*\)|<[^>]*>")


def find(outline: Outline, spans: Sequence[Span]) -> list[Mark]:
    """The stretches of text that belong to no question and say something."""
    covered = sorted((span.mark.opens or span.mark.line, span.line_end) for span in spans)
    asking = [outline.section_at(span.mark.line) for span in spans]
    next_to_questions = {
        number for section in asking for number in (section.number, section.parent)
    }
    mainly = _is_mainly_questions(outline, covered)
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
                near = section.number in next_to_questions or (start, stop) != (first, last)
                near = near or (bool(spans) and not section.heading)
                alone = not near and (bool(section.heading) or not spans)
                found += _read(outline, section, start, stop, near=near, keep=alone or not mainly)
            if not taken:
                break
            start = max(start, covered[here][1] + 1)
            here += 1
    return found


def _is_mainly_questions(outline: Outline, covered: Sequence[tuple[int, int]]) -> bool:
    """Whether more than half of the text of a document belongs to questions, so that the rest only
    introduces them.

    A document that is called FAQ mainly consists of what it asks, however little that is.
    """
    if outline.is_about_questions and covered:
        return True
    if len(covered) < _FEW:
        return False
    lines = {number for first, last in covered for number in range(first, last + 1)}
    text = [
        number
        for number, line in enumerate(outline.lines, start=1)
        if number >= outline.first_line and line
    ]
    return 2 * sum(number in lines for number in text) > len(text)


def _read(
    outline: Outline, section: Section, first: int, last: int, *, near: bool, keep: bool
) -> list[Mark]:
    """The entry that lines `first` to `last` of a section make, if they make one.

    `near` questions, links alone give an overview; without `keep`, a few words only introduce.
    """
    while first <= last and outline.is_boilerplate(first):
        first += 1
    while last >= first and outline.is_boilerplate(last):
        last -= 1
    if first > last or all(_says_little(outline, number) for number in range(first, last + 1)):
        return []
    blocks = outline.blocks_between(first, last)
    if near and is_table_of_contents(blocks, leads_on, min_links=1):
        return []
    if near and section.heading and is_only_pointers(blocks):
        return [_mark(outline, section, Rule.SECTION_OVERVIEW, first, last)]
    leads = first == last and outline.lines[first - 1].rstrip().endswith((":", "："))
    if (keep and not (near and leads)) or is_long(outline.lines[first - 1 : last]):
        return [_mark(outline, section, Rule.SECTION, first, last)]
    return []


def is_long(lines: Sequence[str]) -> bool:
    """Whether lines next to questions say more than an introduction would."""
    return sum(len(_ADDRESS.sub(" ", line).split()) for line in lines) > _INTRODUCTION


_SUMMARY = re.compile(r"\s*(?:<details[^<>]*>\s*)?<summary>.*</summary>\s*", re.IGNORECASE)


def _says_little(outline: Outline, number: int) -> bool:
    line = outline.lines[number - 1]
    return outline.is_boilerplate(number) or is_badge(line) or bool(_SUMMARY.fullmatch(line))


def _mark(outline: Outline, section: Section, rule: Rule, first: int, last: int) -> Mark:
    at_heading = section.heading is not None and not outline.has_text(
        section.heading.line_end + 1, first - 1
    )
    question = section.title if rule is Rule.SECTION_OVERVIEW else HEADING_PATH.join(section.path)
    line = section.line if at_heading else first
    body, end = Position(first, 1), Position(last, 1 << 30)
    return Mark(
        rule,
        question or outline.title,
        line,
        body,
        _ENDS_AT_ANY_HEADING,
        section.breadcrumb,
        end=end,
        is_note=True,
    )
