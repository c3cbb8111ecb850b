"""Plain notes: the text that no other finder took. A section answers the path of its headings.

In a document with questions, text beside them is an entry as well, however short, so that nothing
is lost; and links right below a heading of questions answer that heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import is_badge
from qasearch.reading.document.contents import (
    is_list_of_links,
    is_only_pointers,
    is_table_of_contents,
    leads_on,
)
from qasearch.reading.document.marks import HEADING_PATH, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, Position

_ANY_HEADING = 99
"""The scope of a note, below all levels: any heading ends it."""

_SUMMARY = re.compile(r"\s*(?:<details[^<>]*>\s*)?<summary>.*</summary>\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The lines of a section between questions.

    Attributes:
        section: the section.
        first: the first line.
        last: the last line.
        is_near: whether questions stand next to it. Then links alone are an overview.
    """

    section: Section
    first: int
    last: int
    is_near: bool


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The stretches of text that belong to no question and say something."""
    outline = findings.outline
    return [
        mark
        for stretch in _stretches(findings, sections)
        if (mark := _read(outline, _trimmed(outline, stretch)))
    ]


def _stretches(findings: Findings, sections: Sequence[Section]) -> Iterator[_Stretch]:
    """The lines that belong to no question, in order, cut at the sections and at the questions."""
    outline = findings.outline
    spans = findings.spans()
    covered = sorted((span.mark.first_line, span.line_end) for span in spans)
    asking = [outline.section_at(span.mark.line) for span in spans]
    next_to_questions = {
        number for section in asking for number in (section.number, section.parent)
    }
    position = 0
    for section, following in zip(sections, [*sections[1:], None], strict=True):
        first = section.heading.line_end + 1 if section.heading else outline.first_line
        first = max(first, section.contents_end + 1)
        last = following.line - 1 if following else len(outline.lines)
        while position < len(covered) and covered[position][1] < first:
            position += 1
        if section.is_structure or section.is_index or section.number in findings.repeats:
            continue
        is_top = not section.heading
        for start, stop in _gaps(covered, position, first, last):
            is_cut = (start, stop) != (first, last)
            is_near = is_cut or section.number in next_to_questions or (is_top and bool(spans))
            yield _Stretch(section, start, stop, is_near)


def _gaps(
    covered: Sequence[tuple[int, int]], position: int, first: int, last: int
) -> Iterator[tuple[int, int]]:
    """The lines from `first` to `last` that are not covered, as first and last lines.

    `covered` are ranges of lines in order; those before `position` end above `first`.
    """
    start = first
    while start <= last:
        is_taken = position < len(covered) and covered[position][0] <= last
        stop = covered[position][0] - 1 if is_taken else last
        if start <= stop:
            yield start, stop
        if not is_taken:
            return
        start = max(start, covered[position][1] + 1)
        position += 1


def _trimmed(outline: Outline, stretch: _Stretch) -> _Stretch:
    """The stretch without the lines at its ends that carry no answer."""
    first, last = stretch.first, stretch.last
    while first <= last and outline.is_boilerplate(first):
        first += 1
    while last >= first and outline.is_boilerplate(last):
        last -= 1
    return replace(stretch, first=first, last=last)


def _read(outline: Outline, stretch: _Stretch) -> Mark | None:
    """The entry that a stretch makes; None if it says too little."""
    section, first, last = stretch.section, stretch.first, stretch.last
    if all(_says_little(outline, number) for number in range(first, last + 1)):
        return None
    blocks = outline.blocks_between(first, last)
    if stretch.is_near:
        if is_table_of_contents(blocks, leads_on, min_links=1):
            return None
        if section.heading and is_only_pointers(blocks):
            return _mark(outline, stretch, Rule.SECTION_OVERVIEW)
    if is_list_of_links(blocks):
        return _mark(outline, stretch, Rule.LINKS)
    return _mark(outline, stretch, Rule.SECTION)


def _says_little(outline: Outline, number: int) -> bool:
    line = outline.lines[number - 1]
    return outline.is_boilerplate(number) or is_badge(line) or bool(_SUMMARY.fullmatch(line))


def _mark(outline: Outline, stretch: _Stretch, rule: Rule) -> Mark:
    section, first = stretch.section, stretch.first
    is_below_heading = section.heading is not None and not outline.has_text(
        section.heading.line_end + 1, first - 1
    )
    is_overview = rule is Rule.SECTION_OVERVIEW
    question = section.title if is_overview else HEADING_PATH.join(section.path)
    return Mark(
        rule,
        question or outline.title,
        section.line if is_below_heading else first,
        Position(first, 1),
        _ANY_HEADING,
        section.breadcrumb if section.heading else (),
        end=Position(stretch.last, END_OF_LINE),
    )
