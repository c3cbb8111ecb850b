"""What became of each line of a file: the entry it belongs to, or why it carries no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qasearch.datatypes.entry import Entry, Rule
from qasearch.datatypes.flavour import Flavour
from qasearch.reading.document.boilerplate import Boilerplate, boilerplate_kind, is_badge
from qasearch.reading.document.summaries import only_reveals
from qasearch.reading.document.tags import has_only_tags
from qasearch.reading.entries import Reading, read
from qasearch.reading.markdown.blocks import Block, BlockKind, walk_all
from qasearch.reading.markdown.parsing import lines_of


class Use(StrEnum):
    """What a line is to its document.

    QUESTION and ANSWER belong to an entry. HEADING and FRONT_MATTER belong to the entries below
    them. All others carry no answer:

    - BLANK, and MARKUP: rules, bare tags, the ends of folded parts.
    - NAVIGATION ('back to top'), STUB ('Answer here'), LABEL ('Answer:').
    - HIDDEN: comments and other text that the author has hidden.
    - CONTENTS: a table of contents. INDEX: a document or section that only links to others.
    - HOUSEKEEPING: licence, contributors, farewell. BADGES: pictures.
    - DEFINITION: the target of a link. FOOTNOTE.
    - NOWHERE: text that no entry has, which is a fault of qasearch.
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
    HIDDEN = "hidden"
    CONTENTS = "contents"
    HOUSEKEEPING = "housekeeping"
    BADGES = "badges"
    INDEX = "index"
    DEFINITION = "definition"
    FOOTNOTE = "footnote"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file and its use.

    `id` and `rule` are those of the entry that it belongs to; "" and None if there is none.
    """

    number: int
    text: str
    use: Use
    id: str = ""
    rule: Rule | None = None


def explain(
    text: str,
    path: str,
    flavour: Flavour = Flavour.PLAIN,
    private_headings: Sequence[str] = (),
) -> list[Line]:
    """Every line of a Markdown text at `path` of a corpus with its use, in order."""
    reading = read(text, path, flavour, private_headings)
    owners = _owners(reading.document.entries)
    declared_ids = reading.document.declared_ids
    uses = _UsesWithoutEntry(reading)
    explained = []
    for number, line in enumerate(lines_of(text), start=1):
        if owner := owners.get(number):
            use, entry = owner
            entry_id = declared_ids.get(entry.id, entry.id)
            explained.append(Line(number, line, use, entry_id, entry.rule))
        else:
            explained.append(Line(number, line, uses.use_of(number, line)))
    return explained


def _owners(entries: Iterable[Entry]) -> dict[int, tuple[Use, Entry]]:
    """The use and the entry of each line that belongs to one.

    An entry inside the answer of another one comes after it, and takes its own lines from it. A
    line that question and answer of one entry share is the question.
    """
    owners: dict[int, tuple[Use, Entry]] = {}
    for entry in entries:
        for number in range(entry.question_line, entry.question_line_end + 1):
            owners[number] = Use.QUESTION, entry
        if entry.answered:
            for number in range(entry.line_start, entry.line_end + 1):
                if number not in owners or owners[number][1] is not entry:
                    owners[number] = Use.ANSWER, entry
    return owners


class _UsesWithoutEntry:
    """The uses of the lines of a document that belong to no entry."""

    def __init__(self, reading: Reading) -> None:
        self._outline = outline = reading.outline
        self._repeats = reading.repeats
        self._first_line = reading.outline.first_line
        blocks = list(walk_all(outline.blocks))
        self._footnotes = set(
            _numbers(block for block in blocks if block.kind is BlockKind.FOOTNOTE)
        )
        heads = (
            block.children[0]
            for block in blocks
            if block.kind is BlockKind.TABLE and block.children
        )
        headings = (section.heading for section in outline.sections if section.heading)
        self._headings = {*_numbers(headings), *_numbers(heads)}
        self._summaries = {
            number
            for part in outline.folded
            if only_reveals(part.summary)
            for number in range(part.opens.line, max(part.opens.line + 1, part.start.line))
        }

    def use_of(self, number: int, source: str) -> Use:
        """The use of one line: the first that holds, from the most certain on.

        `source` is the line in the file; a mark of a container is no text, so the outline lacks it.
        """
        outline = self._outline
        line = outline.lines[number - 1]
        if number < self._first_line:
            return Use.FRONT_MATTER
        if number in outline.hidden:
            return Use.HIDDEN
        boilerplate = boilerplate_kind(line)
        if source and not line:
            return Use.BLANK if source.isspace() else Use.MARKUP
        if boilerplate is not Boilerplate.NO:
            return Use(boilerplate.value)
        section = outline.section_at(number)
        is_contents = number <= section.contents_end or section.number in self._repeats
        uses = {
            Use.HEADING: number in self._headings,
            Use.FRONT_MATTER: has_only_tags(line),
            Use.LABEL: number in self._summaries,
            Use.FOOTNOTE: number in self._footnotes,
            Use.INDEX: outline.is_index or section.is_index,
            Use.HOUSEKEEPING: section.is_housekeeping or 0 < outline.footer <= number,
            Use.CONTENTS: is_contents,
            Use.BADGES: is_badge(line),
        }
        return next((use for use, holds in uses.items() if holds), Use.NOWHERE)


def _numbers(blocks: Iterable[Block]) -> Iterator[int]:
    """The numbers of the lines of these blocks."""
    for block in blocks:
        yield from range(block.line_start, block.line_end + 1)
