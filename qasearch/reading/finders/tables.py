"""Tables with a column of questions and a column of answers, whatever their other columns.

The head names the columns. Without such a head, a column whose cells mostly end in a question mark
asks, and the next one answers. Of several columns of answers, the one with the most text counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.contents import is_table_of_contents
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.document.vocabulary import (
    ANSWER_WORDS,
    LONG_QUESTION_WORDS,
    QUESTION_WORDS,
)
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import Block, BlockKind, Position
from qasearch.reading.markdown.inline import plain, segments

_QUESTION_HEAD = re.compile(
    rf"^(?:{QUESTION_WORDS})s?$|\b(?:{LONG_QUESTION_WORDS})|^faq$", re.IGNORECASE
)
_ANSWER_HEAD = re.compile(
    rf"^a$|\b(?:{ANSWER_WORDS})|\bsolutions?\b|\bresponses?\b|\bexplanations?\b|\breply\b",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"(?<!\\)\|")

_WORDS_OF_ANSWER = 4
"""Cells with this many words on average say more than a level or a date, and can be answers."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """The numbers, from 0, of the columns that ask and answer; `answer` is None without answers."""

    question: int
    answer: int | None


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The questions in tables."""
    return [
        mark
        for section in sections
        if not section.is_structure
        for block in section.open_blocks
        if block.kind is BlockKind.TABLE and not is_table_of_contents([block], min_links=1)
        for mark in _marks(findings.outline, block, section.path)
    ]


def _marks(outline: Outline, table: Block, breadcrumb: tuple[str, ...]) -> Iterator[Mark]:
    head, *rows = table.children
    columns = _columns(head, rows, in_faq=outline.is_about_questions)
    if columns is None:
        return
    opens = table.line_start  # the head belongs to the first question
    if any(ends_in_question_mark(plain(cell)) for cell in head.children):
        rows, opens = [head, *rows], 0  # it is a question itself
    for row in rows:
        line = row.line_start
        cells = cells_of(outline.lines[line - 1])
        if columns.question >= min(len(cells), len(row.children)):
            continue
        question = clean_question(segments(row.children[columns.question]))
        if not question:
            continue
        if columns.answer is not None and columns.answer < len(cells):
            start, end = cells[columns.answer]
        else:
            last = cells[columns.question][1]
            start, end = last + 1, last
        says_more = columns.answer is None and len(cells) > 2
        yield Mark(
            Rule.TABLE,
            question,
            line,
            Position(line, start),
            LIST_SCOPE,
            breadcrumb,
            end=Position(line, end),
            opens=opens,
            aside=(line, line) if says_more else None,
        )
        opens = 0


def _columns(head: Block, rows: Sequence[Block], *, in_faq: bool) -> _Columns | None:
    """Which column asks and which answers; None if no column asks.

    Two columns without names in a FAQ ask and answer, whatever their words.
    """
    titles = [plain(cell) for cell in head.children]
    if in_faq and len(titles) == 2 and not any(titles):
        return _Columns(0, 1)
    if any(map(ends_in_question_mark, titles)):
        rows = [head, *rows]
    numbers = range(len(titles))
    question = next((n for n in numbers if _QUESTION_HEAD.search(titles[n])), None)
    answers = [n for n in numbers if _ANSWER_HEAD.search(titles[n]) and n != question]
    is_named = question is not None
    if question is None:
        question = _asking_column(rows, len(titles), has_answers=bool(answers))
    if question is None:
        return None
    following = question + 1
    if not answers and following < len(titles):
        # Beside a column that is called 'Question', another one can be anything.
        answers = [following] if not is_named or _are_sentences(rows, following) else []
    if not answers:
        return _Columns(question, None)
    text = {n: sum(len(cell.content) for cell in _cells(rows, n)) for n in answers}
    return _Columns(question, max(answers, key=lambda n: text[n]))


def _asking_column(rows: Sequence[Block], count: int, *, has_answers: bool) -> int | None:
    """The column with the most question marks, if it has them in more than half of the rows.

    A single row is too few, unless another column is called 'Answer'.
    """
    if not rows or (len(rows) < 2 and not has_answers):
        return None
    asking = [
        sum(ends_in_question_mark(plain(cell)) for cell in _cells(rows, column))
        for column in range(count)
    ]
    best = max(range(count), key=lambda column: asking[column])
    return best if 2 * asking[best] > len(rows) else None


def _are_sentences(rows: Sequence[Block], column: int) -> bool:
    """Whether the cells of a column say more than a level or a date does."""
    texts = [plain(cell).split() for cell in _cells(rows, column)]
    return bool(texts) and sum(map(len, texts)) >= _WORDS_OF_ANSWER * len(texts)


def _cells(rows: Sequence[Block], column: int) -> Iterator[Block]:
    return (row.children[column] for row in rows if column < len(row.children))


def cells_of(line: str) -> list[tuple[int, int]]:
    """The first and the last column (1-based) of the text of each cell of a row.

    An empty cell ends before it begins.
    """
    first = len(line) - len(line.lstrip())
    bounds = [match.start() for match in _DIVIDER.finditer(line)]
    if not bounds or line[first:].lstrip("> ").find("|") != 0:
        bounds.insert(0, first - 1)
    if bounds[-1] < len(line.rstrip()) - 1:
        bounds.append(len(line.rstrip()))
    cells = []
    for left, right in pairwise(bounds):
        text = line[left + 1 : right]
        start = left + 1 + len(text) - len(text.lstrip())
        end = left + 1 + len(text.rstrip())
        cells.append((start + 1, end) if text.strip() else (left + 2, left + 1))
    return cells
