"""Folded parts whose summary is the question: `<details><summary>What is tea?</summary> …`.

Also several folded answers in one section, each below the paragraph that asks. A single folded
answer belongs to its heading, or to the list item in which it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import (
    ends_in_question_mark,
    looks_like_question,
    surely_asks,
)
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.document.summaries import only_reveals
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import LISTS, BlockKind, Position
from qasearch.reading.markdown.details import Details
from qasearch.reading.markdown.inline import plain

_SHARE = 3
"""One of this many summaries must ask for all of them to be questions."""

_Folded = tuple[Details, Section]
"""A folded part, and the section in which it stands."""


def find(findings: Findings, _: Sequence[Section]) -> list[Mark]:
    """The summaries that ask; if at least a third of a document's summaries do, all of them.

    Below a heading that asks, folded parts belong to the answer, unless several of them ask.
    """
    outline = findings.outline
    folded = [(part, outline.section_at(part.opens.line)) for part in outline.folded]
    asking = Counter(
        section.number for part, section in folded if ends_in_question_mark(part.summary)
    )
    free = [(part, section) for part, section in folded if section.number not in findings.claimed]
    in_answers = [
        (part, section)
        for part, section in folded
        if section.number in findings.claimed and asking[section.number] > 1
    ]
    answers = [
        (part, section)
        for part, section in free
        if only_reveals(part.summary) and not _is_in_list(outline, part)
    ]
    return [*_summaries(outline, [*free, *in_answers]), *_paragraphs(outline, answers)]


def _summaries(outline: Outline, folded: Sequence[_Folded]) -> list[Mark]:
    """The summaries that are questions."""
    named = [(part, section) for part, section in folded if not only_reveals(part.summary)]
    asking = sum(looks_like_question(part.summary) for part, _ in named)
    if not asking:
        return []
    if _SHARE * asking < len(named):
        named = [(part, section) for part, section in named if ends_in_question_mark(part.summary)]
    return [mark for part, section in named for mark in _marks(outline, part, section)]


def _is_in_list(outline: Outline, part: Details) -> bool:
    line = part.opens.line
    return any(block.kind in LISTS for block in outline.blocks_between(line, line))


def _marks(outline: Outline, part: Details, section: Section) -> Iterator[Mark]:
    """The mark of a folded part, and of the parts in it that ask as well."""
    question = clean_text(part.summary) or outline.title
    yield _mark(part, question, section.path)
    for inner in part.inner:
        if inner.closed and surely_asks(inner.summary):
            goes_on = outline.has_text(inner.end.line + 1, part.end.line)
            breadcrumb = (*section.path, question)
            yield _mark(inner, clean_text(inner.summary), breadcrumb, nested=goes_on)


def _mark(
    part: Details, question: str, breadcrumb: tuple[str, ...], *, nested: bool = False
) -> Mark:
    return Mark(
        Rule.CALLOUT if part.is_callout else Rule.DETAILS,
        question,
        part.opens.line,
        part.start,
        LIST_SCOPE,
        breadcrumb,
        nested=nested,
        end=part.end,
        aside=part.aside,
    )


def _paragraphs(outline: Outline, answers: Sequence[_Folded]) -> Iterator[Mark]:
    """The first paragraph above each folded answer, in sections with at least two of them."""
    for _, group in groupby(answers, key=lambda folded: folded[1].number):
        folded = list(group)
        if len(folded) < 2:
            continue
        last = folded[0][1].line
        for part, section in folded:
            above = outline.blocks_between(last + 1, part.opens.line - 1)
            paragraph = next((block for block in above if block.kind is BlockKind.PARAGRAPH), None)
            if paragraph and (question := clean_text(plain(paragraph))):
                line, body = paragraph.line_start, Position(paragraph.line_end + 1, 1)
                yield Mark(Rule.DETAILS, question, line, body, LIST_SCOPE, section.path)
            last = part.line_end
