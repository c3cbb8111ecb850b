"""Where the questions of a document stand: one file for each way in which people mark one.

`find_marks` asks the ways in order, from the most explicit to the least. A mark says where a question
stands and how far its answer may reach; `qasearch.reading.document` turns marks into entries.
"""

from __future__ import annotations

from qasearch.reading.questions import headings, list_items, pointers, sections, topics
from qasearch.reading.questions.outline import Mark, Outline, Span, spans

__all__ = ["Mark", "Outline", "Span", "find_marks", "spans"]


def find_marks(outline: Outline) -> list[Mark]:
    """The questions that are marked in the body of a document, by line; none in one that only links to others."""
    if outline.is_index:
        return []
    asked = headings.find(outline)
    marks = [*asked.marks, *list_items.find(outline, asked.claimed)]
    if any(mark.rule == list_items.RULE for mark in marks):
        marks += pointers.find(outline, marks)
        marks += topics.find(outline, spans(outline, marks))
    marks += sections.find(outline, marks, asked.claimed)
    return sorted(marks, key=lambda mark: (mark.line, mark.nested))
