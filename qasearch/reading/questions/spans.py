"""What of a document belongs to each question: its answer, and code or choices below its wording.

An answer reaches to the next mark, or to a heading of its question's level or above, without the lines at its ends that
say nothing. It begins where the document says so (`openings`), else right below the question.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from qasearch.reading.markdown import LISTS, Block, BlockKind, Position
from qasearch.reading.nothing import lead_of, says_nothing
from qasearch.reading.questions.openings import Choices, Opening
from qasearch.reading.questions.outline import Mark, Outline


@dataclass(frozen=True, slots=True)
class Span:
    """A mark, the last line of its question with what belongs to it, and the answer from `start` to `end`.

    `body_start` is the first line of what belongs to the question below its wording, such as code or choices, 0 where
    there is nothing of the kind. Where there is no answer, `end` is before `start`.
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
    ordered = sorted(marks, key=lambda mark: (mark.line, mark.nested))
    questions = {mark.line for mark in ordered}
    stops = [(mark.line, 0, mark.nested) for mark in ordered]
    stops += [
        (section.line, section.level, False)
        for section in outline.sections
        if section.heading and section.line not in questions
    ]
    stops.sort()
    result, position = [], 0
    for mark in ordered:
        while position < len(stops) and stops[position][0] <= mark.line:
            position += 1
        stop = position
        while stop < len(stops) and (stops[stop][1] > mark.scope or (stops[stop][2] and not mark.nested)):
            stop += 1
        last = stops[stop][0] - 1 if stop < len(stops) else len(outline.lines)
        end = Position(last, max(1, len(outline.lines[last - 1])))
        result.append(_span(outline, mark, min(end, mark.end) if mark.end else end))
    return result


def _span(outline: Outline, mark: Mark, end: Position) -> Span:
    in_front = outline.lines[mark.body.line - 1][: mark.body.column - 1] if mark.body.line <= len(outline.lines) else ""
    question_end = max(mark.line, mark.body.line - (not re.search(r"\w", in_front)))
    while question_end > mark.line and outline.says_nothing(question_end):
        question_end -= 1
    body_start = 0
    start = mark.body
    opening = _opening(outline, start, end)
    if opening:
        start = opening.start
        before = opening.opens.line - (not outline.lines[opening.opens.line - 1][: opening.opens.column - 1].strip())
        body = _trim(outline, mark.body, Position(before, 1 << 30))
        if body and mark.body.column == 1:
            body_start, question_end = body[0].line, body[1].line
    elif choices := _choices(outline, start, end):
        body_start, question_end = (
            (_trim(outline, start, Position(choices.line_end, 1 << 30)) or (start, end))[0].line,
            (choices.line_end),
        )
        if not choices.first_ticked:
            start = Position(choices.line_end + 1, 1)
        else:
            start = Position(choices.first_ticked, 1)
            if not _trim(outline, Position(choices.line_end + 1, 1), end):
                end = Position(choices.last_ticked, 1 << 30)
    trimmed = _trim(outline, start, end)
    start, end = trimmed or (Position(end.line + 1, 1), end)
    return Span(mark, body_start, question_end, start, end)


def _opening(outline: Outline, start: Position, end: Position) -> Opening | None:
    """The place after `start` where the document says that the answer begins."""
    at = bisect_left(outline.openings, start, key=lambda opening: opening.opens)
    while at < len(outline.openings) and outline.openings[at].opens <= end:
        opening = outline.openings[at]
        if opening.sure or not _has_prose(outline, start.line, opening.opens.line - 1):
            return opening
        at += 1
    return None


def _has_prose(outline: Outline, first: int, last: int) -> bool:
    """Whether there is more than code, choices and pictures between two lines."""
    return outline.has_text(first, last) and any(map(_is_prose, outline.blocks_between(first, last)))


def _is_prose(block: Block) -> bool:
    if block.kind is BlockKind.PARAGRAPH:
        return not _PICTURE.fullmatch(block.content)
    if block.kind in LISTS:
        return any(child.kind is BlockKind.PARAGRAPH for item in block.children for child in item.children[1:])
    return block.kind is BlockKind.QUOTE


_PICTURE = re.compile(r"(?:\s*\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+")


def _choices(outline: Outline, start: Position, end: Position) -> Choices | None:
    at = bisect_left(outline.choices, start.line, key=lambda choices: choices.line_start)
    if at < len(outline.choices) and outline.choices[at].line_end <= end.line:
        return outline.choices[at]
    return None


def _trim(outline: Outline, start: Position, end: Position) -> tuple[Position, Position] | None:
    """The range without the lines at its ends that say nothing; None where nothing is left."""
    lines = outline.lines
    while start <= end:
        line = lines[start.line - 1]
        if start.column == 1 and (start.line < end.line or end.column >= len(line)):
            if not outline.says_nothing(start.line):
                break
        else:
            part = line[start.column - 1 : end.column if start.line == end.line else len(line)]
            if not says_nothing(part):
                if start.column > 1:
                    start = Position(start.line, start.column + lead_of(part))
                break
        start = Position(start.line + 1, 1)
    while start <= end:
        line = lines[end.line - 1]
        first = start.column if start.line == end.line else 1
        part = line[first - 1 : end.column]
        if not (says_nothing(part) or end.line in outline.comments):
            column = min(end.column, len(line))
            if column < len(line):
                column = first - 1 + len(part.rstrip())
            return start, Position(end.line, column)
        end = Position(end.line - 1, len(lines[end.line - 2])) if end.line > 1 else Position(0, 0)
    return None
