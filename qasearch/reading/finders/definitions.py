"""Definition lists: a term on a line of its own, and below it lines that begin with a colon."""

from __future__ import annotations

from collections.abc import Iterator, Set

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import clean_question
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, segments


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The terms outside the sections `claimed`, each answered by its definitions."""
    return [
        mark
        for section in outline.sections
        if section.number not in claimed and not section.is_structure
        for block in section.open_blocks
        if block.kind is BlockKind.DEFINITIONS
        for mark in _marks(outline, block, section.path)
    ]


def _marks(outline: Outline, block: Block, breadcrumb: tuple[str, ...]) -> Iterator[Mark]:
    term: Block | None = None
    definitions: list[Block] = []
    for child in [*block.children, None]:
        if child is None or child.kind is BlockKind.TERM:
            if (
                term
                and definitions
                and definitions[0].children
                and (question := clean_question(segments(term)))
            ):
                first, last = definitions[0].children[0], definitions[-1]
                line = outline.lines[first.line_start - 1]
                column = len(line) - len(line.lstrip(" \t:~>")) + 1
                end = Position(
                    max(last.line_end, *(inner.line_end for inner in last.walk())), 1 << 30
                )
                body = Position(first.line_start, column)
                yield Mark(
                    Rule.DEFINITION,
                    question,
                    term.line_start,
                    body,
                    LIST_SCOPE,
                    breadcrumb,
                    end=end,
                )
            term, definitions = child, []
        else:
            definitions.append(child)
