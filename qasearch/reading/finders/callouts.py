"""Callouts whose title or type asks: `> [!tip] What is tea?` of note-taking programs and of GitHub.

Those that are no quotations, such as `!!! tip "What is tea?"`, are containers (`details`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import surely_asks
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.labels import question_label
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.document.summaries import reveals_answer
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, Block, BlockKind, Position

_CALLOUT = re.compile(r"\[!(?P<type>[\w&-]+)(?:\|[^\]]*)?\][+-]?[ \t]*(?P<title>[^\n]*)")
_ASKING = frozenset("question faq help quiz qa q&a".split())
"""Types of callouts that ask, whatever their title."""


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The callouts that ask."""
    return [
        mark
        for section in sections
        for block in section.open_blocks
        for mark in _marks(findings.outline, section, block)
    ]


def _marks(outline: Outline, section: Section, block: Block) -> Iterator[Mark]:
    """The mark of a block, if the block is a callout that asks."""
    if block.kind is not BlockKind.QUOTE or not block.children:
        return
    first, end = block.children[0], block.line_end
    match = _CALLOUT.match(first.content) if first.kind is BlockKind.PARAGRAPH else None
    if match is None or reveals_answer(match["title"]):
        return
    title, body = match["title"], block.line_start + 1
    if match["type"].lower() not in _ASKING and not surely_asks(title):
        return
    if any(question_label(line.lstrip("> ")) for line in outline.lines[block.line_start : end]):
        return  # it only wraps the questions in it
    if not title.strip():  # the question is the first line of the callout
        title, body = outline.lines[body - 1].lstrip("> ") if body <= end else "", body + 1
    if question := clean_text(title):
        yield Mark(
            Rule.CALLOUT,
            question,
            block.line_start,
            Position(body, 1),
            LIST_SCOPE,
            section.path,
            end=Position(end, END_OF_LINE),
        )
