"""Callouts that ask.

`> [!question] What is tea?` of note-taking programs, `??? question "What is tea?"` of MkDocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.labels import question_label
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.document.summaries import reveals_answer
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, Block, BlockKind, Position

_CALLOUT = re.compile(
    r"\[!(?:question|faq|help|quiz|qa|q&a)\][+-]?[ \t]*(?P<title>[^\n]*)", re.IGNORECASE
)
_ADMONITION = re.compile(
    r"(?:\?\?\?\+?|!!!)[ \t]+(?:question|faq|help)[ \t]+([\"'])(?P<title>.+?)\1[ \t]*(?:\n|$)",
    re.IGNORECASE,
)


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The callouts whose type says that they ask."""
    return [
        mark
        for section in sections
        for block in section.open_blocks
        for mark in _marks(findings.outline, section, block)
    ]


def _marks(outline: Outline, section: Section, block: Block) -> Iterator[Mark]:
    """The mark of a block, if the block is a callout that asks."""
    if block.kind is BlockKind.PARAGRAPH:
        match, end = _ADMONITION.match(block.content), 0
    elif block.kind is BlockKind.QUOTE and block.children:
        first = block.children[0]
        is_text = first.kind is BlockKind.PARAGRAPH
        match, end = _CALLOUT.match(first.content) if is_text else None, block.line_end
    else:
        return
    if match is None or reveals_answer(match["title"]):
        return
    if any(question_label(line.lstrip("> ")) for line in outline.lines[block.line_start : end]):
        return  # it only wraps the questions in it
    title, body = match["title"], block.line_start + 1
    end = end or _last_indented(outline, block.line_start)
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


def _last_indented(outline: Outline, line: int) -> int:
    """The last of the indented lines below a line; blank lines can stand between them."""
    last = line
    for number in range(line + 1, len(outline.lines) + 1):
        text = outline.lines[number - 1]
        if text.startswith(("    ", "\t")):
            last = number
        elif text.strip():
            break
    return last
