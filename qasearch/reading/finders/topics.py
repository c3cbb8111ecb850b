"""Bare topics below a question of a list: `1. List all losses` with `* Sigmoid`, `* ReLU` below.

In a list that answers little, a topic is a short question. Topics are entries of their own inside
the answer of the question above, which still is the whole list. Topics that end in a colon wait for
an answer in the item and stay a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.extents import Span
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import (
    END_OF_LINE,
    Block,
    BlockKind,
    Position,
    walk_all,
)
from qasearch.reading.markdown.inline import plain, segments

_MIN_TOPICS = 3
"""A shorter list can be the whole answer."""

_MAX_WORDS = 12
"""An item of more words is a sentence and no topic."""


def find(findings: Findings, _: Sequence[Section]) -> list[Mark]:
    """The bare topics of a document, if more than half of its questions have no answer."""
    spans = findings.spans()
    unanswered = sum(not span.is_answered for span in spans)
    if 2 * unanswered <= len(spans):
        return []
    blocks = walk_all(findings.outline.blocks)
    lists = {block.line_start: block for block in blocks if block.kind is BlockKind.BULLET_LIST}
    questions = {span.mark.line for span in spans}
    return [
        mark
        for span in spans
        if (answer := lists.get(span.start.line))
        and not any(item.line_start in questions for item in answer.children)
        and _are_topics(answer.children)
        for mark in _marks(answer.children, span)
    ]


def _are_topics(items: Sequence[Block]) -> bool:
    return len(items) >= _MIN_TOPICS and all(map(_is_bare, items))


def _is_bare(item: Block) -> bool:
    """Whether an item is a few words without a link and without a colon at the end."""
    if len(item.children) != 1 or item.children[0].kind is not BlockKind.PARAGRAPH:
        return False
    text = plain(item.children[0])
    is_linked = any(segment.href for segment in segments(item.children[0]))
    return not is_linked and not text.endswith((":", "：")) and 0 < len(text.split()) <= _MAX_WORDS


def _marks(items: Sequence[Block], span: Span) -> Iterator[Mark]:
    for item in items:
        yield Mark(
            Rule.TOPIC,
            clean_question(segments(item.children[0])),
            item.line_start,
            Position(item.line_end + 1, 1),
            LIST_SCOPE,
            (*span.mark.breadcrumb, span.mark.question),
            nested=True,
            end=Position(item.line_end, END_OF_LINE),
        )
