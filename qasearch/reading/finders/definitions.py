"""Definition lists: a term on a line of its own, and below it lines that begin with a colon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, Block, BlockKind, Position
from qasearch.reading.markdown.inline import segments


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The terms, each answered by its definitions."""
    return [
        mark
        for section in sections
        if not section.is_structure
        for block in section.open_blocks
        if block.kind is BlockKind.DEFINITIONS
        for mark in _marks(findings.outline, block, section.path)
    ]


def _marks(outline: Outline, block: Block, breadcrumb: tuple[str, ...]) -> Iterator[Mark]:
    for term, definitions in _terms(block):
        question = clean_question(segments(term))
        if not question or not definitions or not definitions[0].children:
            continue
        first, last = definitions[0].children[0], definitions[-1]
        line = outline.lines[first.line_start - 1]
        column = len(line) - len(line.lstrip(" \t:~>")) + 1
        yield Mark(
            Rule.DEFINITION,
            question,
            term.line_start,
            Position(first.line_start, column),
            LIST_SCOPE,
            breadcrumb,
            end=Position(max(inner.line_end for inner in last.walk()), END_OF_LINE),
        )


def _terms(block: Block) -> Iterator[tuple[Block, list[Block]]]:
    """The terms of a definition list, each with its definitions."""
    term: Block | None = None
    definitions: list[Block] = []
    for child in block.children:
        if child.kind is not BlockKind.TERM:
            definitions.append(child)
            continue
        if term:
            yield term, definitions
        term, definitions = child, []
    if term:
        yield term, definitions
