"""Where each line of a file went: to which entry by which rule, or why it carries no answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qasearch.datatypes.entry import Entry
from qasearch.reading.document.boilerplate import Boilerplate, boilerplate_kind, is_badge
from qasearch.reading.document.wording import hides_answer
from qasearch.reading.entries import Reading, read
from qasearch.reading.markdown.blocks import Block, BlockKind


class Use(StrEnum):
    """What a line is to its document.

    QUESTION and ANSWER belong to an entry. Of the others, HEADING and FRONT_MATTER go with the
    entries below them, and the rest carries no answer: BLANK, MARKUP (rules, bare tags, fences of a
    fold), NAVIGATION ('back to top'), STUB ('Answer here'), LABEL ('Answer:'), COMMENT, CONTENTS (a
    table of contents), HOUSEKEEPING (licence, contribution), BADGES, INDEX (a document that only
    links to others), DEFINITION (of links), FOOTNOTE, and INTRODUCTION: a few words next to
    questions.
    """

    QUESTION = "question"
    ANSWER = "answer"
    HEADING = "heading"
    FRONT_MATTER = "front_matter"
    BLANK = "blank"
    MARKUP = "markup"
    NAVIGATION = "navigation"
    STUB = "stub"
    LABEL = "label"
    COMMENT = "comment"
    CONTENTS = "contents"
    HOUSEKEEPING = "housekeeping"
    BADGES = "badges"
    INDEX = "index"
    DEFINITION = "definition"
    FOOTNOTE = "footnote"
    INTRODUCTION = "introduction"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, its use, and the id and the rule of the entry that it belongs to ("" where
    to none).
    """

    number: int
    text: str
    use: Use
    id: str = ""
    rule: str = ""


def explain(text: str, path: str) -> list[Line]:
    """Every line of a Markdown text at `path` of a corpus with what became of it, in order."""
    reading = read(text, path)
    owners: dict[int, tuple[Use, Entry]] = {}
    for entry in (
        reading.document.entries
    ):  # one that stands inside another comes later, and takes its own lines
        for number in range(entry.question_line, entry.question_line_end + 1):
            owners[number] = Use.QUESTION, entry
        for number in range(entry.line_start, entry.line_end + 1) if entry.answered else ():
            if owners.get(number, (Use.ANSWER, entry))[1] is not entry or number not in owners:
                owners[number] = Use.ANSWER, entry
    names = reading.document.declared_ids
    others = _Others(reading)
    lines = reading.outline.lines
    return [
        Line(number, line, owner[0], names.get(owner[1].id, owner[1].id), owner[1].rule)
        if (owner := owners.get(number))
        else Line(number, line, others.use_of(number))
        for number, line in enumerate(lines, start=1)
    ]


class _Others:
    """The uses of the lines of a document that belong to no entry."""

    def __init__(self, reading: Reading) -> None:
        self._outline = reading.outline
        self._head = reading.head
        blocks = [inner for top in reading.outline.blocks for inner in top.walk()]
        self._footnotes = set(_lines(block for block in blocks if block.kind is BlockKind.FOOTNOTE))
        heads = (
            block.children[0]
            for block in blocks
            if block.kind is BlockKind.TABLE and block.children
        )
        self._headings = {
            *_lines(section.heading for section in reading.outline.sections if section.heading),
            *_lines(heads),
        }
        self._summaries = {
            number
            for folded in reading.outline.folded
            if hides_answer(folded.summary)[0]
            for number in range(folded.opens.line, max(folded.opens.line + 1, folded.start.line))
        }

    def use_of(self, number: int) -> Use:
        """The use of one line."""
        line = self._outline.lines[number - 1]
        if self._head and number <= self._head.line_end:
            return Use.FRONT_MATTER
        boilerplate = boilerplate_kind(line)
        if boilerplate is not Boilerplate.NO:
            return Use(boilerplate.value)
        section = self._outline.section_at(number)
        by_place = {
            Use.COMMENT: number in self._outline.comments,
            Use.HEADING: number in self._headings,
            Use.LABEL: number in self._summaries,
            Use.FOOTNOTE: number in self._footnotes,
            Use.INDEX: self._outline.is_index or section.is_index,
            Use.HOUSEKEEPING: section.is_housekeeping or 0 < self._outline.footer <= number,
            Use.CONTENTS: number <= section.contents_end or section.number in self._outline.repeats,
            Use.BADGES: is_badge(line),
        }
        return next((use for use, holds in by_place.items() if holds), Use.INTRODUCTION)


def _lines(blocks: Iterator[Block] | Sequence[Block]) -> Iterator[int]:
    for block in blocks:
        yield from range(block.line_start, block.line_end + 1)
