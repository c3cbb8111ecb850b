"""Questions with a label: `Q: … A: …`, `Q1:- … Ans:- …`, `**Question**: … **Answer**: …`.

In paragraphs, on their lines, in items of a list and below them. Two labelled questions, or one
with a labelled answer, make the labels of a document count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline, Section
from qasearch.reading.document.wording import (
    answer_label,
    clean_text,
    ends_in_question_mark,
    inline_answer_at,
    is_only_question_label,
    looks_like_question,
    question_label,
    without_question_label,
)
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position, plain


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a paragraph: its number, its text, the paragraph, and the last line of the list it
    stands in (or 0).
    """

    number: int
    text: str
    block: Block
    list_end: int


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """The labelled questions outside the sections `claimed`."""
    marks: list[Mark] = []
    paired = False
    for section in outline.sections:
        if section.number in claimed:
            continue
        lines = list(_lines(section.open_blocks))
        for position, line in enumerate(lines):
            if question_label(line.text) and not answer_label(line.text):
                mark, has_answer = _mark(outline, section, lines, position)
                if mark:
                    marks.append(mark)
                    paired = paired or has_answer
    if not paired:  # items of a list with nothing but `Q1:` in front are like any others
        marks = [mark for mark in marks if mark.end is None]
        marks = (
            marks
            if 2 * sum(looks_like_question(mark.question) for mark in marks) >= len(marks)
            else []
        )
    return marks if paired or len(marks) > 1 else []


def _lines(blocks: Sequence[Block]) -> Iterator[_Line]:
    pending = [(block, block.line_end if block.kind in LISTS else 0) for block in reversed(blocks)]
    while pending:
        block, list_end = pending.pop()
        if block.kind is BlockKind.PARAGRAPH:
            for number, text in enumerate(block.content.split("\n"), start=block.line_start):
                yield _Line(number, text, block, list_end)
        elif block.kind not in (BlockKind.TABLE, BlockKind.HEADING):
            pending.extend((child, list_end) for child in reversed(block.children))


def _mark(
    outline: Outline, section: Section, lines: Sequence[_Line], position: int
) -> tuple[Mark | None, bool]:
    """The mark of a labelled line, and whether its answer has a label, too."""
    line = lines[position]
    here = line.text
    split = inline_answer_at(here)
    if split > 0:
        column = outline.lines[line.number - 1].find(here) + split + 1
        end = line.number
        asked, body, labelled = [here[:split]], Position(line.number, max(1, column)), True
    else:
        asked, end = [here], line.number
        following = position + 1
        if is_only_question_label(here) and following < len(lines):
            asked, end = [lines[following].text], lines[following].number
            line, following = lines[following], following + 1
        while following < len(lines) and lines[following].block is line.block:
            text = lines[following].text
            if (
                ends_in_question_mark(asked[-1].strip())
                or answer_label(text)
                or question_label(text)
            ):
                break
            asked.append(text)
            end = lines[following].number
            following += 1
        body = Position(end + 1, 1)
        labelled = following < len(lines) and bool(answer_label(lines[following].text))
    question = _question(asked)
    if not question:
        return None, False
    last = Position(line.list_end, 1 << 30) if line.list_end else None
    return Mark(
        Rule.LABEL, question, lines[position].number, body, LIST_SCOPE, section.path, end=last
    ), labelled


def _question(asked: Sequence[str]) -> str:
    """The visible words of raw lines without the label in front."""
    block = Block(BlockKind.PARAGRAPH, 1, 1)
    block.set_text("\n".join(asked), {})
    return clean_text(without_question_label(plain(block).lstrip("*_ ")))
