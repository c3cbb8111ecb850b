"""What belongs to each question: its answer, and the code or the choices below its wording.

An answer reaches to the next mark, or to a heading of its question's level or above. It begins
where the document says so (`openings`), else right below the question. Lines at its ends that say
nothing are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qasearch.reading.document.asking import asks_about_code
from qasearch.reading.document.boilerplate import is_boilerplate, lead_of, tail_of
from qasearch.reading.document.choices import Choices
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.openings import Opening
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.titles import is_advertisement
from qasearch.reading.markdown.blocks import (
    CODE_BLOCKS,
    END_OF_LINE,
    LISTS,
    Block,
    BlockKind,
    Position,
)

_WORD = re.compile(r"\w")
_CHOICES_IN_LINE = re.compile(r"\(?[Aa][.)]\s.+\s\(?[Bb][.)]\s", re.DOTALL)
_PICTURE = re.compile(r"(?:\s*\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+")


class Range(NamedTuple):
    """The first and the last character of a text; `last` is before `first` if it is empty."""

    first: Position
    last: Position


@dataclass(frozen=True, slots=True)
class Span:
    """A mark with what belongs to it.

    Attributes:
        mark: the question.
        body_start: the first line of what belongs to the question below its wording, such as code
            or choices; 0 if there is nothing.
        question_end: the last line of the question, with what belongs to it.
        start: the first character of the answer.
        end: the last character of the answer; before `start` if there is no answer.
    """

    mark: Mark
    body_start: int
    question_end: int
    start: Position
    end: Position

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return self.start <= self.end

    @property
    def line_end(self) -> int:
        """The last line of question and answer."""
        return max(self.question_end, self.end.line if self.is_answered else 0)


def spans(outline: Outline, marks: Sequence[Mark]) -> list[Span]:
    """Each mark with what belongs to it, in the order of the marks' lines."""
    reaches = list(_reaches(outline, marks))
    lettered = sum(
        bool(_choices(outline, outline.letters, mark.body, end)) for mark, end in reaches
    )
    # Only where most questions have choices with letters; else the letters can be the answer.
    is_quiz = lettered > 1 and 2 * lettered >= len(reaches)
    return [_span(outline, mark, end, is_quiz=is_quiz) for mark, end in reaches]


class _Stop(NamedTuple):
    """A line in front of which the answer to a question of `scope` or below ends."""

    line: int
    scope: int
    is_nested: bool


def _reaches(outline: Outline, marks: Sequence[Mark]) -> Iterator[tuple[Mark, Position]]:
    """Each mark with the last character that can belong to it."""
    ordered = sorted(marks, key=lambda mark: (mark.line, mark.nested))
    stops = _stops(outline, ordered)
    position = 0
    for mark in ordered:
        while position < len(stops) and stops[position].line <= mark.line:
            position += 1
        stop = position
        while stop < len(stops) and not _ends(stops[stop], mark):
            stop += 1
        last = stops[stop].line - 1 if stop < len(stops) else len(outline.lines)
        end = Position(last, max(1, len(outline.lines[last - 1])))
        yield mark, min(end, mark.end) if mark.end else end


def _stops(outline: Outline, marks: Sequence[Mark]) -> list[_Stop]:
    """The marks, and the headings that are no questions, in order. A mark ends every answer."""
    stops = [_Stop(mark.first_line, 0, mark.nested) for mark in marks]
    questions = {mark.line for mark in marks}
    for section in outline.sections:
        if section.heading and section.line not in questions:
            scope = 0 if is_advertisement(section.raw_title) else section.level
            stops.append(_Stop(section.line, scope, is_nested=False))
    return sorted(stops)


def _ends(stop: _Stop, mark: Mark) -> bool:
    """Whether a stop below a mark ends its answer. A nested mark ends only nested ones."""
    return stop.scope <= mark.scope and (mark.nested or not stop.is_nested)


def _span(outline: Outline, mark: Mark, end: Position, *, is_quiz: bool) -> Span:
    start = _start_of_body(outline, mark, end)
    body, answer = _body_and_answer(outline, mark, Range(start, end), is_quiz=is_quiz)
    question_end = _last_line_of_wording(outline, mark)
    body_start = 0
    if body and start.column == 1:
        body_start, question_end = body.first.line, body.last.line
    if mark.aside:
        first, last = mark.aside
        body_start, question_end = first, max(last, question_end if body_start else 0)
    trimmed = _trim(outline, answer)
    if trimmed is None:
        trimmed = Range(Position(answer.last.line + 1, 1), answer.last)
    return Span(mark, body_start, question_end, *trimmed)


def _last_line_of_wording(outline: Outline, mark: Mark) -> int:
    """The last line of the words of a question; it can be the line where the answer begins."""
    line, column = mark.body
    in_front = outline.lines[line - 1][: column - 1] if line <= len(outline.lines) else ""
    last = max(mark.line, line if _WORD.search(in_front) else line - 1)
    while last > mark.line and outline.is_boilerplate(last):
        last -= 1
    return last


def _start_of_body(outline: Outline, mark: Mark, end: Position) -> Position:
    """Where the body begins: in the line of the question only if something is said there."""
    start = mark.body
    if start.column > 1 and start < end:
        rest = outline.lines[start.line - 1][start.column - 1 :]
        if is_boilerplate(rest):
            return Position(start.line + 1, 1)
    return start


def _body_and_answer(
    outline: Outline, mark: Mark, text: Range, *, is_quiz: bool
) -> tuple[Range | None, Range]:
    """The text below a question in two parts: what belongs to the question, and the answer.

    The first part ends where the document says that the answer begins, else behind choices, else
    behind code that the question is about. Plain notes are one part.
    """
    start, end = text
    if mark.rule.is_note:
        return None, text
    if opening := _opening(outline, start, end):
        before = outline.lines[opening.opens.line - 1][: opening.opens.column - 1]
        last_line = opening.opens.line if before.strip() else opening.opens.line - 1
        return _to_line(outline, start, last_line), Range(opening.start, end)
    choices = _choices(outline, outline.boxes, start, end)
    if not choices and is_quiz:
        choices = _choices(outline, outline.letters, start, end)
    if choices:
        first = Position(choices.first_right or choices.line_end + 1, 1)
        below = Range(Position(choices.line_end + 1, 1), end)
        if choices.first_right and not _trim(outline, below):
            end = Position(choices.last_right, END_OF_LINE)
        return _to_line(outline, start, choices.line_end), Range(first, end)
    if code_end := _code_of_question(outline, mark, end):
        return _to_line(outline, start, code_end), Range(Position(code_end + 1, 1), end)
    if mark.is_linked and all(
        block.kind in CODE_BLOCKS for block in outline.blocks_between(start.line, end.line)
    ):
        return _trim(outline, text), Range(Position(end.line + 1, 1), end)
    return None, text


def _to_line(outline: Outline, start: Position, line: int) -> Range | None:
    return _trim(outline, Range(start, Position(line, END_OF_LINE)))


def _code_of_question(outline: Outline, mark: Mark, end: Position) -> int:
    """The last line of the code right below a question that is about it; 0 if there is none."""
    if mark.body.column > 1 or not asks_about_code(mark.question):
        return 0
    last = 0
    for block in outline.blocks_within(mark.body.line, end.line):
        if block.kind not in CODE_BLOCKS:
            break
        last = block.line_end
    # Code below a heading is the answer if nothing follows; in a list it belongs to the question.
    return last if mark.scope == LIST_SCOPE or outline.has_text(last + 1, end.line) else 0


def _opening(outline: Outline, start: Position, end: Position) -> Opening | None:
    """The first place from `start` to `end` where the document says that the answer begins."""
    number = bisect_left(outline.openings, start, key=lambda opening: opening.opens)
    is_after_prose = False
    while number < len(outline.openings) and outline.openings[number].opens <= end:
        opening = outline.openings[number]
        above = opening.opens.line - 1
        is_after_prose = is_after_prose or _has_prose(outline, start.line, above)
        if opening.sure or not is_after_prose:
            return opening
        number += 1
    return None


def _has_prose(outline: Outline, first: int, last: int) -> bool:
    """Whether the lines hold more than code, choices and pictures."""
    if not outline.has_text(first, last):
        return False
    return any(map(_is_prose, outline.blocks_between(first, last)))


def _is_prose(block: Block) -> bool:
    if block.kind is BlockKind.PARAGRAPH:
        return not (_PICTURE.fullmatch(block.content) or _CHOICES_IN_LINE.match(block.content))
    if block.kind in LISTS:
        return any(
            child.kind is BlockKind.PARAGRAPH
            for item in block.children
            for child in item.children[1:]
        )
    return block.kind is BlockKind.QUOTE


def _choices(
    outline: Outline, candidates: Sequence[Choices], start: Position, end: Position
) -> Choices | None:
    """The first of these choices from `start` to `end`; letters only without prose before them."""
    number = bisect_left(candidates, start.line, key=lambda choices: choices.line_start)
    if number == len(candidates) or candidates[number].line_end > end.line:
        return None
    choices = candidates[number]
    if candidates is outline.boxes:
        return choices
    return None if _has_prose(outline, start.line, choices.line_start - 1) else choices


def _trim(outline: Outline, text: Range) -> Range | None:
    """The range without the lines at its ends that say nothing; None if nothing is left."""
    first = _trimmed_start(outline, text)
    last = _trimmed_end(outline, first, text.last)
    return Range(first, last) if last else None


def _trimmed_start(outline: Outline, text: Range) -> Position:
    """The first character that says something; behind the end of the range if there is none."""
    start, end = text
    while start <= end:
        line = outline.lines[start.line - 1]
        is_whole_line = start.line < end.line or end.column >= len(line)
        if start.column == 1 and is_whole_line:
            if not outline.is_boilerplate(start.line):
                return start
        else:
            part = line[start.column - 1 : end.column if start.line == end.line else len(line)]
            if not is_boilerplate(part):
                lead = lead_of(part) if start.column > 1 else 0
                return Position(start.line, start.column + lead)
        start = Position(start.line + 1, 1)
    return start


def _trimmed_end(outline: Outline, start: Position, end: Position) -> Position | None:
    """The last character from `start` on that says something; None if there is none."""
    while start <= end:
        line = outline.lines[end.line - 1]
        first = start.column if start.line == end.line else 1
        part = line[first - 1 : end.column]
        is_outside = 0 < outline.footer <= end.line
        if not (is_outside or is_boilerplate(part)):
            column = min(end.column, len(line) - tail_of(line))
            if column < len(line):
                column = first - 1 + len(part.rstrip())
            return Position(end.line, column)
        end = Position(end.line - 1, len(outline.lines[end.line - 2]))
        if end.line == 0:
            return None
    return None
