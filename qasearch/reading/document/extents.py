"""What of a document belongs to each question: its answer, and code or choices below its wording.

An answer reaches to the next mark, or to a heading of its question's level or above, without the
lines at its ends that say nothing. It begins where the document says so (`openings`), else right
below the question.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qasearch.reading.document.boilerplate import is_boilerplate, lead_of, tail_of
from qasearch.reading.document.choices import Choices
from qasearch.reading.document.openings import Opening
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline
from qasearch.reading.document.wording import asks_about_code, is_advertisement
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position


@dataclass(frozen=True, slots=True)
class Span:
    """A mark, the last line of its question with what belongs to it, and the answer from `start` to
    `end`.

    `body_start` is the first line of what belongs to the question below its wording, such as code
    or choices, 0 where there is nothing of the kind. Where there is no answer, `end` is before
    `start`.
    """

    mark: Mark
    body_start: int
    question_end: int
    start: Position
    end: Position

    @property
    def is_answered(self) -> bool:
        """Whether there is anything between start and end."""
        return self.start <= self.end

    @property
    def line_end(self) -> int:
        """The last line of question or answer."""
        return max(self.question_end, self.end.line if self.is_answered else 0)


def spans(outline: Outline, marks: Sequence[Mark]) -> list[Span]:
    """Each mark with the lines of its answer, in the order of the marks' lines."""
    reaches = list(_reaches(outline, marks))
    lettered = sum(
        bool(_choices(outline, outline.letters, mark.body, end)) for mark, end in reaches
    )
    is_quiz = lettered > 1 and 2 * lettered >= len(reaches)  # else letters may well be the answer
    return [_span(outline, mark, end, is_quiz=is_quiz) for mark, end in reaches]


def _reaches(outline: Outline, marks: Sequence[Mark]) -> Iterator[tuple[Mark, Position]]:
    """Each mark with the last character that can belong to it."""
    ordered = sorted(marks, key=lambda mark: (mark.line, mark.nested))
    questions = {mark.line for mark in ordered}
    stops = [(mark.opens or mark.line, 0, mark.nested) for mark in ordered]
    stops += [
        (section.line, 0 if is_advertisement(section.raw_title) else section.level, False)
        for section in outline.sections
        if section.heading and section.line not in questions
    ]
    stops.sort()
    position = 0
    for mark in ordered:
        while position < len(stops) and stops[position][0] <= mark.line:
            position += 1
        stop = position
        while stop < len(stops) and (
            stops[stop][1] > mark.scope or (stops[stop][2] and not mark.nested)
        ):
            stop += 1
        last = stops[stop][0] - 1 if stop < len(stops) else len(outline.lines)
        end = Position(last, max(1, len(outline.lines[last - 1])))
        yield mark, min(end, mark.end) if mark.end else end


def _span(outline: Outline, mark: Mark, end: Position, *, is_quiz: bool) -> Span:
    in_front = (
        outline.lines[mark.body.line - 1][: mark.body.column - 1]
        if mark.body.line <= len(outline.lines)
        else ""
    )
    question_end = max(mark.line, mark.body.line - (not re.search(r"\w", in_front)))
    while question_end > mark.line and outline.is_boilerplate(question_end):
        question_end -= 1
    start, body = mark.body, None
    if (
        start.column > 1
        and start < end
        and is_boilerplate(outline.lines[start.line - 1][start.column - 1 :])
    ):
        start = Position(start.line + 1, 1)
    begins = start
    if mark.is_note:
        pass  # notes are shown as they are
    elif opening := _opening(outline, start, end):
        start = opening.start
        is_alone = not outline.lines[opening.opens.line - 1][: opening.opens.column - 1].strip()
        body = _trim(outline, begins, Position(opening.opens.line - is_alone, _LINE_END))
    elif choices := _choices(outline, outline.boxes, start, end) or (
        _choices(outline, outline.letters, start, end) if is_quiz else None
    ):
        body = _trim(outline, start, Position(choices.line_end, _LINE_END))
        start = Position(choices.first_right or choices.line_end + 1, 1)
        if choices.first_right and not _trim(outline, Position(choices.line_end + 1, 1), end):
            end = Position(choices.last_right, _LINE_END)
    elif code_end := _code_of_question(outline, mark, end):
        body, start = (
            _trim(outline, start, Position(code_end, _LINE_END)),
            Position(code_end + 1, 1),
        )
    elif mark.is_linked and all(
        block.kind in _CODE for block in outline.blocks_between(start.line, end.line)
    ):
        body, start = _trim(outline, start, end), Position(end.line + 1, 1)
    body_start = 0
    if body and begins.column == 1:
        body_start, question_end = body[0].line, body[1].line
    if mark.aside:
        body_start, question_end = (
            mark.aside[0],
            max(mark.aside[1], question_end if body_start else 0),
        )
    trimmed = _trim(outline, start, end)
    start, end = trimmed or (Position(end.line + 1, 1), end)
    return Span(mark, body_start, question_end, start, end)


def _code_of_question(outline: Outline, mark: Mark, end: Position) -> int:
    """The last line of the code right below a question that is about it; 0 where there is none."""
    if mark.body.column > 1 or not asks_about_code(mark.question):
        return 0
    last = 0
    for block in outline.blocks_within(mark.body.line, end.line):
        if block.kind not in _CODE:
            break
        last = block.line_end
    # Below a heading, code that nothing follows answers it; in a list of questions, it is theirs.
    return last if mark.scope == LIST_SCOPE or outline.has_text(last + 1, end.line) else 0


_CODE = frozenset({BlockKind.FENCE, BlockKind.CODE})
_LINE_END = 1 << 30
"""The column of the last character of a line, whichever that is."""


def _opening(outline: Outline, start: Position, end: Position) -> Opening | None:
    """The place after `start` where the document says that the answer begins."""
    at = bisect_left(outline.openings, start, key=lambda opening: opening.opens)
    after_prose = False
    while at < len(outline.openings) and outline.openings[at].opens <= end:
        opening = outline.openings[at]
        after_prose = after_prose or _has_prose(outline, start.line, opening.opens.line - 1)
        if opening.sure or not after_prose:
            return opening
        at += 1
    return None


def _has_prose(outline: Outline, first: int, last: int) -> bool:
    """Whether there is more than code, choices and pictures between two lines."""
    return outline.has_text(first, last) and any(
        map(_is_prose, outline.blocks_between(first, last))
    )


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


_CHOICES_IN_LINE = re.compile(r"\(?[Aa][.)]\s.+\s\(?[Bb][.)]\s", re.DOTALL)
_PICTURE = re.compile(r"(?:\s*\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+")


def _choices(
    outline: Outline, all_choices: Sequence[Choices], start: Position, end: Position
) -> Choices | None:
    """The first of the choices in a range; those with letters, only if no words stand in front of
    them.
    """
    at = bisect_left(all_choices, start.line, key=lambda choices: choices.line_start)
    if at < len(all_choices) and all_choices[at].line_end <= end.line:
        choices = all_choices[at]
        is_box = all_choices is outline.boxes
        return (
            choices
            if is_box or not _has_prose(outline, start.line, choices.line_start - 1)
            else None
        )
    return None


def _trim(outline: Outline, start: Position, end: Position) -> tuple[Position, Position] | None:
    """The range without the lines at its ends that say nothing; None where nothing is left."""
    lines = outline.lines
    while start <= end:
        line = lines[start.line - 1]
        if start.column == 1 and (start.line < end.line or end.column >= len(line)):
            if not outline.is_boilerplate(start.line):
                break
        else:
            part = line[start.column - 1 : end.column if start.line == end.line else len(line)]
            if not is_boilerplate(part):
                if start.column > 1:
                    start = Position(start.line, start.column + lead_of(part))
                break
        start = Position(start.line + 1, 1)
    while start <= end:
        line = lines[end.line - 1]
        first = start.column if start.line == end.line else 1
        part = line[first - 1 : end.column]
        if not (
            is_boilerplate(part) or end.line in outline.comments or 0 < outline.footer <= end.line
        ):
            column = min(end.column, len(line) - tail_of(line))
            if column < len(line):
                column = first - 1 + len(part.rstrip())
            return start, Position(end.line, column)
        end = Position(end.line - 1, len(lines[end.line - 2])) if end.line > 1 else Position(0, 0)
    return None
