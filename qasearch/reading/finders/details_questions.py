"""Details parts whose summary is the question: `<details><summary>What is tea?</summary> A
drink.</details>`.

Also several folded answers in one section, each under the paragraph that asks. A single one belongs
to its heading or to the item that it stands in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Set
from itertools import groupby

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline, Section
from qasearch.reading.document.wording import (
    clean_text,
    ends_in_question_mark,
    hides_answer,
    looks_like_question,
    surely_asks,
)
from qasearch.reading.markdown.blocks import LISTS, BlockKind, Position, plain
from qasearch.reading.markdown.details import Details


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The summaries that ask; where at least a third of a document's do, all of them."""
    places = [(folded, outline.section_at(folded.opens.line)) for folded in outline.folded]
    asking = Counter(
        section.number for folded, section in places if ends_in_question_mark(folded.summary)
    )
    free = [(folded, section) for folded, section in places if section.number not in claimed]
    # Below a heading that asks, folds are part of the answer, but not several that ask.
    below = [
        (folded, section)
        for folded, section in places
        if section.number in claimed and asking[section.number] > 1
    ]
    named = [
        (folded, section) for folded, section in free + below if not hides_answer(folded.summary)[0]
    ]
    asked = sum(looks_like_question(folded.summary) for folded, _ in named)
    if 3 * asked < len(named):
        named = [
            (folded, section) for folded, section in named if ends_in_question_mark(folded.summary)
        ]
    marks = (
        [mark for folded, section in named for mark in _marks(outline, folded, section)]
        if asked
        else []
    )
    answers = [
        each
        for each in free
        if hides_answer(each[0].summary)[0] and not _is_in_list(outline, each[0])
    ]
    return marks + _below_paragraphs(outline, answers)


def _is_in_list(outline: Outline, folded: Details) -> bool:
    return any(
        block.kind in LISTS
        for block in outline.blocks_between(folded.opens.line, folded.opens.line)
    )


def _marks(outline: Outline, folded: Details, section: Section) -> Iterator[Mark]:
    """The mark of a folded part, and those of the parts in it that ask as well."""
    question = clean_text(folded.summary) or outline.title
    line, body = folded.opens.line, folded.start
    yield Mark(
        Rule.DETAILS,
        question,
        line,
        body,
        LIST_SCOPE,
        section.path,
        end=folded.end,
        aside=folded.aside,
    )
    for inner in folded.inner:
        if surely_asks(inner.summary) and inner.closed:
            more = outline.has_text(inner.end.line + 1, folded.end.line)
            breadcrumb = (*section.path, question)
            line, body, aside = inner.opens.line, inner.start, inner.aside
            yield Mark(
                Rule.DETAILS,
                clean_text(inner.summary),
                line,
                body,
                LIST_SCOPE,
                breadcrumb,
                more,
                inner.end,
                aside=aside,
            )


def _below_paragraphs(outline: Outline, answers: list[tuple[Details, Section]]) -> list[Mark]:
    """Where a section has two or more folded answers, the first paragraph in front of each asks."""
    marks = []
    for _, group in groupby(answers, key=lambda each: each[1].number):
        folded = list(group)
        if len(folded) < 2:
            continue
        after = folded[0][1].line
        for each, section in folded:
            before = outline.blocks_between(after + 1, each.opens.line - 1)
            paragraph = next((block for block in before if block.kind is BlockKind.PARAGRAPH), None)
            if paragraph:
                question = clean_text(plain(paragraph))
                body = Position(paragraph.line_end + 1, 1)
                marks.append(
                    Mark(
                        Rule.DETAILS, question, paragraph.line_start, body, LIST_SCOPE, section.path
                    )
                )
            after = each.line_end
    return [mark for mark in marks if mark.question]
