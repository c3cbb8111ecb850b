"""Tables with a column of questions and one of answers, whatever their other columns.

The heads name them; without such a head, a column most of whose cells end in a question mark asks,
and the next one answers. Of several columns of answers, the one with the most text counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import is_table_of_contents
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import clean_question, ends_in_question_mark
from qasearch.reading.markdown.blocks import Block, BlockKind, Position, plain, segments

_QUESTION_HEAD = re.compile(
    r"\bquestions?\b|^q$|\bfrage|\bpregunta|\bpergunta|\bdomand|вопрос|问题|問題|質問|질문|^题目$|^faq$",
    re.IGNORECASE,
)
_ANSWER_HEAD = re.compile(
    r"\banswers?\b|^a$|^ans$|\bsolutions?\b|\bresponses?\b|\bantwort|\brespuesta|\bresposta|\brispost|\bréponse|ответ|答案|回答|"
    r"解答|답변?|\bexplanations?\b|\breply\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Columns:
    question: int
    answer: int | None


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The questions in the tables outside the sections `claimed`."""
    marks: list[Mark] = []
    for section in outline.sections:
        if section.number in claimed or section.is_structure:
            continue
        for block in section.open_blocks:
            if block.kind is BlockKind.TABLE and not is_table_of_contents([block], min_links=1):
                marks += _marks(outline, block, section.path)
    return marks


def _marks(outline: Outline, table: Block, breadcrumb: tuple[str, ...]) -> list[Mark]:
    head, *rows = table.children
    columns = _columns(head, rows)
    if columns is None:
        return []
    marks: list[Mark] = []
    for row in rows:
        cells = cells_of(outline.lines[row.line_start - 1])
        if columns.question >= min(len(cells), len(row.children)):
            continue
        question = clean_question(segments(row.children[columns.question]))
        if not question:
            continue
        if columns.answer is not None and columns.answer < len(cells):
            start, end = cells[columns.answer]
        else:
            start, end = cells[columns.question][1] + 1, cells[columns.question][1]
        line = row.line_start
        body, last = Position(line, start), Position(line, end)
        opens = line if marks else table.line_start
        aside = (
            (line, line) if columns.answer is None and len(cells) > 2 else None
        )  # what else the row says
        marks.append(
            Mark(
                Rule.TABLE,
                question,
                line,
                body,
                LIST_SCOPE,
                breadcrumb,
                end=last,
                opens=opens,
                aside=aside,
            )
        )
    return marks


def _columns(head: Block, rows: Sequence[Block]) -> _Columns | None:
    """Which column asks and which answers; None where none asks."""
    heads = [plain(cell) for cell in head.children]
    question = next((at for at, text in enumerate(heads) if _QUESTION_HEAD.search(text)), None)
    answers = [at for at, text in enumerate(heads) if _ANSWER_HEAD.search(text) and at != question]
    if question is None and rows:
        asking = [
            sum(
                ends_in_question_mark(plain(row.children[at]))
                for row in rows
                if at < len(row.children)
            )
            for at in range(len(heads))
        ]
        best = max(range(len(heads)), key=lambda at: asking[at])
        if 2 * asking[best] <= len(rows) or (len(rows) < 2 and not answers):
            return None
        question = best
    if question is None:
        return None
    if not answers and question + 1 < len(heads):
        named = bool(_QUESTION_HEAD.search(heads[question]))
        answers = [question + 1] if not named or _are_sentences(rows, question + 1) else []
    if not answers:
        return _Columns(question, None)
    text = {
        at: sum(len(row.children[at].content) for row in rows if at < len(row.children))
        for at in answers
    }
    return _Columns(question, max(answers, key=lambda at: text[at]))


def _are_sentences(rows: Sequence[Block], column: int) -> bool:
    """Whether the cells of a column say more than a level or a date does."""
    texts = [plain(row.children[column]).split() for row in rows if column < len(row.children)]
    return bool(texts) and sum(map(len, texts)) >= 4 * len(texts)


_DIVIDER = re.compile(r"(?<!\\)\|")


def cells_of(line: str) -> list[tuple[int, int]]:
    """First and last column (1-based) of the text of each cell of a row; an empty cell ends before
    it begins.
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
