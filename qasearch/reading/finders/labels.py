"""Questions with a label: `Q: … A: …`, `Q1:- … Ans:- …`, `**Question**: … **Answer**: …`.

Labels stand at the beginning of lines: in paragraphs, in list items and below them. A document's
labels mark questions if there are two of them, or one whose answer has a label too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import ends_in_question_mark, looks_like_question
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.labels import (
    SURE_LABELS,
    Labels,
    inline_answer_at,
    is_only_question_label,
    paired_labels,
)
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import END_OF_LINE, LISTS, Block, BlockKind, Position
from qasearch.reading.markdown.inline import plain


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a paragraph.

    `list_end` is the last line of the list in which the paragraph stands; 0 if it is in no list.
    """

    number: int
    text: str
    paragraph: Block
    list_end: int


@dataclass(frozen=True, slots=True)
class _Question:
    """The raw lines of a question, its last line, where its answer begins, and what ends it."""

    lines: list[str]
    body: Position
    end: Position | None
    has_answer_label: bool


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The questions with a label."""
    lines = [(section, list(_lines(section.open_blocks))) for section in sections]
    if marks := _sure(findings.outline, lines):
        return marks
    texts = (line.text for _, group in lines for line in group)
    for labels in paired_labels(texts):
        marks = [mark for mark, is_paired in _find(findings.outline, lines, labels) if is_paired]
        if marks and not (
            labels.is_letter and not any(looks_like_question(mark.question) for mark in marks)
        ):
            return marks
    return []


def _sure(outline: Outline, lines: Sequence[tuple[Section, list[_Line]]]) -> list[Mark]:
    """The questions whose label has a word for 'question'."""
    found = _find(outline, lines, SURE_LABELS)
    marks = [mark for mark, _ in found]
    if any(is_paired for _, is_paired in found):
        return marks
    # List items with only `Q1:` at the beginning are like any others.
    marks = [mark for mark in marks if mark.end is None]
    asking = sum(looks_like_question(mark.question) for mark in marks)
    return marks if len(marks) > 1 and 2 * asking >= len(marks) else []


def _find(
    outline: Outline, lines: Sequence[tuple[Section, list[_Line]]], labels: Labels
) -> list[tuple[Mark, bool]]:
    """The questions with such a label; each with whether its answer has a label too."""
    marks = []
    for section, group in lines:
        for position, line in enumerate(group):
            if labels.asks(line.text):
                question = _read(outline, group, position, labels)
                if words := _words(question.lines, labels):
                    mark = _mark(words, line, question, section.path)
                    marks.append((mark, question.has_answer_label))
    return marks


def _mark(words: str, line: _Line, question: _Question, breadcrumb: tuple[str, ...]) -> Mark:
    return Mark(
        Rule.LABEL, words, line.number, question.body, LIST_SCOPE, breadcrumb, end=question.end
    )


def _lines(blocks: Sequence[Block]) -> Iterator[_Line]:
    """The lines of all paragraphs, without those in tables, in order."""
    pending = [(block, block.line_end if block.kind in LISTS else 0) for block in reversed(blocks)]
    while pending:
        block, list_end = pending.pop()
        if block.kind is BlockKind.PARAGRAPH:
            for number, text in enumerate(block.content.split("\n"), start=block.line_start):
                yield _Line(number, text, block, list_end)
        elif block.kind not in (BlockKind.TABLE, BlockKind.HEADING):
            pending.extend((child, list_end) for child in reversed(block.children))


def _read(outline: Outline, lines: Sequence[_Line], position: int, labels: Labels) -> _Question:
    """The question whose label stands in the line at this position."""
    line = lines[position]
    end = Position(line.list_end, END_OF_LINE) if line.list_end else None
    split = inline_answer_at(line.text) if labels.is_sure else 0
    if split > 0:
        column = outline.lines[line.number - 1].find(line.text) + split + 1
        body = Position(line.number, max(1, column))
        return _Question([line.text[:split]], body, end, has_answer_label=True)
    following = position + 1
    is_bare = (
        is_only_question_label(line.text) if labels.is_sure else not _words([line.text], labels)
    )
    if is_bare and following < len(lines):
        line, following = lines[following], following + 1
        end = Position(line.list_end, END_OF_LINE) if line.list_end else None
    question, last = [line.text], line.number
    while following < len(lines) and lines[following].paragraph is line.paragraph:
        text = lines[following].text
        is_complete = ends_in_question_mark(question[-1].strip())
        if is_complete or labels.answers(text) or labels.asks(text):
            break
        question.append(text)
        last = lines[following].number
        following += 1
    has_answer_label = following < len(lines) and labels.answers(lines[following].text)
    return _Question(question, Position(last + 1, 1), end, has_answer_label)


def _words(lines: Sequence[str], labels: Labels) -> str:
    """The visible words of raw lines, without the label at their beginning."""
    block = Block(BlockKind.PARAGRAPH, 1, 1)
    block.set_text("\n".join(lines), {})
    return clean_text(labels.without(plain(block).lstrip("*_ ")).lstrip("*_ "))
