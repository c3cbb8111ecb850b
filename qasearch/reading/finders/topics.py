"""Bare topics under a question of a list that answers little: `1. List all losses` with `*
Sigmoid`, `* ReLU` below.

In such a list a topic is a question in short. They are entries of their own, nested in the one
above, whose answer still is the whole list. Topics that end in a colon wait for an answer inside
the item and stay there.
"""

from __future__ import annotations

from collections.abc import Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.extents import Span
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import clean_question
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, plain, segments

_MIN_TOPICS, _MAX_WORDS = 3, 12


def find(outline: Outline, found: Sequence[Span]) -> list[Mark]:
    """The bare topics of a document more than half of whose list questions have no answer."""
    unanswered = sum(not span.is_answered for span in found)
    if 2 * unanswered <= len(found):
        return []
    blocks = (inner for top in outline.blocks for inner in top.walk())
    lists = {block.line_start: block for block in blocks if block.kind is BlockKind.BULLET_LIST}
    asked = {span.mark.line for span in found}
    marks = []
    for span in found:
        block = lists.get(span.start.line)
        if not block or any(
            item.line_start in asked for item in block.children
        ):  # follow-up questions
            continue
        if len(block.children) >= _MIN_TOPICS and all(map(_is_bare, block.children)):
            breadcrumb = (*span.mark.breadcrumb, span.mark.question)
            for item in block.children:
                question = clean_question(segments(item.children[0]))
                marks.append(_mark(item, question, breadcrumb))
    return marks


def _mark(item: Block, question: str, breadcrumb: tuple[str, ...]) -> Mark:
    body, end = Position(item.line_end + 1, 1), Position(item.line_end, 1 << 30)
    return Mark(
        Rule.TOPIC, question, item.line_start, body, LIST_SCOPE, breadcrumb, nested=True, end=end
    )


def _is_bare(item: Block) -> bool:
    if len(item.children) != 1 or item.children[0].kind is not BlockKind.PARAGRAPH:
        return False
    text = plain(item.children[0])
    linked = any(segment.href for segment in segments(item.children[0]))
    return not linked and not text.endswith((":", "：")) and 0 < len(text.split()) <= _MAX_WORDS
