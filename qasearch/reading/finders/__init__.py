"""Where the questions of a document stand: one file for each way in which people mark one.

`find_spans` asks the ways in order, from the most explicit to the least; a section belongs to the
first way that finds questions in it. A mark says where a question stands and how far its answer may
reach; `qasearch.reading.entries` turns what belongs to a mark into an entry.
"""

from __future__ import annotations

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.extents import Span, spans
from qasearch.reading.document.outline import Mark, Outline
from qasearch.reading.finders import (
    bold,
    callouts,
    contents,
    definitions,
    details_questions,
    headings,
    item_headings,
    labels,
    list_items,
    pointers,
    sections,
    tables,
    topics,
)

__all__ = ["Mark", "Outline", "Span", "find_spans", "spans"]

_WAYS = (details_questions, callouts, labels, item_headings, tables, definitions, bold, list_items)
_BESIDE_OTHERS = (details_questions, callouts, tables, definitions)
"""What these find ends where it ends, so that a section may hold questions of other kinds as
well."""


def find_spans(outline: Outline) -> list[Span]:
    """The questions of the body of a document with what belongs to each, by line; none in a mere
    index of others.
    """
    if outline.is_index:
        return []
    asked = headings.find(outline)
    marks, claimed = list(asked.marks), set(asked.claimed)
    for way in _WAYS:
        if way is tables:
            outline.repeats = contents.find(outline, marks, claimed)
            claimed |= outline.repeats
        found = way.find(outline, claimed)
        if way not in _BESIDE_OTHERS:
            claimed.update(outline.section_at(mark.line).number for mark in found)
        marks += found
    if any(mark.rule == Rule.LIST_ITEM for mark in marks):
        marks += pointers.find(outline, marks)
        marks += topics.find(outline, spans(outline, marks))
    if not marks:
        marks = headings.find_by_title(outline)
    found_spans = spans(outline, marks)
    rest = sections.find(outline, found_spans)
    return spans(outline, [*marks, *rest]) if rest else found_spans
