"""Paragraphs that are a question and a link to its answer, alone in their section.

`Comparison of optimizers - [blog](…)` under the heading `Optimizers`. Only in documents whose
questions are list items.
"""

from __future__ import annotations

from collections.abc import Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.pointers import count_trailing_pointers
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import BlockKind, Position
from qasearch.reading.markdown.inline import segments


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The paragraphs that are alone below a heading and end in a link to an answer."""
    questions = {mark.line for mark in findings.marks}
    marks = []
    for section in sections:
        if not section.heading or section.line in questions or len(section.blocks) != 1:
            continue
        paragraph = section.blocks[0]
        if paragraph.kind is not BlockKind.PARAGRAPH:
            continue
        inline = segments(paragraph)
        if count_trailing_pointers(inline):
            question, body = clean_question(inline), Position(paragraph.line_end + 1, 1)
            line = paragraph.line_start
            marks.append(Mark(Rule.POINTER, question, line, body, LIST_SCOPE, section.path))
    return marks
