"""A section of a question list that is one paragraph with a link to its answer.

`Comparison of optimizers - [blog](…)` under the heading `Optimizers`.
"""

from __future__ import annotations

from collections.abc import Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import clean_question, count_trailing_pointers
from qasearch.reading.markdown.blocks import BlockKind, Position, segments


def find(outline: Outline, marks: Sequence[Mark]) -> list[Mark]:
    """The paragraphs that stand alone in their section and end in a link to an answer."""
    taken = {mark.line for mark in marks}
    found = []
    for section in outline.sections:
        if (
            section.heading
            and len(section.blocks) == 1
            and section.blocks[0].kind is BlockKind.PARAGRAPH
        ):
            paragraph = section.blocks[0]
            inline = segments(paragraph)
            if section.heading.line_start not in taken and count_trailing_pointers(inline):
                question = clean_question(inline)
                body = Position(paragraph.line_end + 1, 1)
                found.append(
                    Mark(
                        Rule.POINTER, question, paragraph.line_start, body, LIST_SCOPE, section.path
                    )
                )
    return found
