"""Callouts that ask: `> [!question] What is tea?` of note-taking programs, `??? question "What is
tea?"` of MkDocs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline, Section
from qasearch.reading.document.wording import clean_text, hides_answer, question_label
from qasearch.reading.markdown.blocks import Block, BlockKind, Position

_CALLOUT = re.compile(
    r"\[!(?:question|faq|help|quiz|qa|q&a)\][+-]?[ \t]*(?P<title>[^\n]*)", re.IGNORECASE
)
_ADMONITION = re.compile(
    r"(?:\?\?\?\+?|!!!)[ \t]+(?:question|faq|help)[ \t]+([\"'])(?P<title>.+?)\1[ \t]*(?:\n|$)",
    re.IGNORECASE,
)


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The callouts outside the sections `claimed` that are marked as questions."""
    return [
        mark
        for section in outline.sections
        if section.number not in claimed
        for block in section.open_blocks
        for mark in _read(outline, section, block)
    ]


def _read(outline: Outline, section: Section, block: Block) -> Iterator[Mark]:
    if (
        block.kind is BlockKind.QUOTE
        and block.children
        and block.children[0].kind is BlockKind.PARAGRAPH
    ):
        match, end = _CALLOUT.match(block.children[0].content), block.line_end
    elif block.kind is BlockKind.PARAGRAPH:
        match, end = _ADMONITION.match(block.content), 0
    else:
        return
    if match is None or hides_answer(match["title"])[1]:
        return
    if any(question_label(line.lstrip("> ")) for line in outline.lines[block.line_start : end]):
        return  # it only wraps the questions in it
    title, body = match["title"], block.line_start + 1
    end = end or _indented_to(outline, block.line_start)
    if not title.strip():  # the question is the first line of the callout
        title, body = outline.lines[body - 1].lstrip("> ") if body <= end else "", body + 1
    if question := clean_text(title):
        start, stop = Position(body, 1), Position(end, 1 << 30)
        yield Mark(
            Rule.CALLOUT, question, block.line_start, start, LIST_SCOPE, section.path, end=stop
        )


def _indented_to(outline: Outline, line: int) -> int:
    """The last of the lines below a line that are indented, blank ones between them included."""
    last = line
    for number in range(line + 1, len(outline.lines) + 1):
        text = outline.lines[number - 1]
        if text.startswith(("    ", "\t")):
            last = number
        elif text.strip():
            break
    return last
