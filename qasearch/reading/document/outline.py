"""A document cut at its headings, with its folded parts, and where answers can begin in it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.boilerplate import footer_start, is_badge, is_boilerplate
from qasearch.reading.document.choices import Choices, find_boxes, find_letters, quiz_boxes
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.contents import is_table_of_contents, leads_on
from qasearch.reading.document.folds import folded_parts
from qasearch.reading.document.labels import is_beyond_quarters
from qasearch.reading.document.openings import Opening, find_openings
from qasearch.reading.document.sections import Section, cut_at_headings
from qasearch.reading.document.titles import (
    is_about_questions,
    is_answer_title,
    is_collection_of_questions,
    is_form_title,
    is_title_in_form,
)
from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.details import Details, find_details
from qasearch.reading.markdown.lines import in_fences
from qasearch.reading.markdown.parsing import Parsed

_FEWEST_IN_FORM = 2
"""So many usual titles of a form make one."""

_SIGNS = re.compile(r"^[\s>#*_+-]+|[\s#*_]+$|\*\*|__")
_FIRST_LETTER = re.compile(r"[\s>*+_`-]*\(?[aA]\)?(?:[.)：:]|\s[-–—])")


class Outline:
    """The lines of a document, its blocks, its sections, and its folded parts. Never changes.

    Attributes:
        lines: the lines; line 1 is `lines[0]`.
        blocks: the top-level blocks without the front matter.
        title: the name of the document.
        context: the title of the page, which is above all headings; "" if it has none.
        first_line: the first line below the front matter.
        hidden: the lines that hold nothing but text that their author has hidden.
        footer: the line where the farewell at the end begins; 0 if there is none.
        folded: the folded parts, in order.
        sections: the sections, in order; the first one has no heading.
    """

    def __init__(self, parsed: Parsed, title: str, context: str = "") -> None:
        blocks, self.lines = parsed.blocks, parsed.lines
        self.blocks = [block for block in blocks if block.kind is not BlockKind.FRONT_MATTER]
        self.title = title
        self.context = context
        self.first_line = blocks[0].line_end + 1 if len(self.blocks) < len(blocks) else 1
        self.hidden = parsed.visible.hidden
        self.column_in_file = parsed.visible.column_in_file
        self.footer = footer_start(self.blocks, self.lines)
        details = find_details(self.lines, blocks, parsed.containers)
        self.folded = list(folded_parts(details, self.blocks))
        link_counts = list(accumulate(map(_count_links, self.lines), initial=0))
        self.sections = list(cut_at_headings(self.blocks, self.folded, link_counts, context))
        self._boilerplate: dict[int, bool] = {}

    @cached_property
    def is_index(self) -> bool:
        """Whether the document only leads to others and to itself.

        What such a document lists is asked elsewhere.
        """
        if any(ends_in_question_mark(section.title) for section in self.sections):
            return False
        texts = [block for block in self.blocks if block.kind is not BlockKind.HEADING]
        return is_table_of_contents(texts, leads_on)

    @cached_property
    def is_about_questions(self) -> bool:
        """Whether its name or its first title says that the document answers questions."""
        titles = [section.raw_title for section in self.sections if section.level == 1]
        return any(map(is_about_questions, (self.title, *titles[:1])))

    @cached_property
    def collects_questions(self) -> bool:
        """Whether its name or a title says that the document is a collection of questions."""
        titles = [section.raw_title for section in self.sections if section.level == 1]
        return self.is_about_questions or any(
            map(is_collection_of_questions, (self.title, *titles))
        )

    @cached_property
    def is_form(self) -> bool:
        """Whether the document is a form for reports or changes, which others fill in."""
        if is_form_title(self.title):
            return True
        bold = (line.strip("*_: ") for line in self.lines if line.startswith(("**", "__")))
        titles = [section.raw_title for section in self.sections]
        return sum(map(is_title_in_form, [*titles, *bold])) >= _FEWEST_IN_FORM

    @cached_property
    def counts_questions(self) -> bool:
        """Whether a heading has the number of a question beyond `Q4:`.

        Then `Q1:` is no quarter of a year.
        """
        return any(
            is_beyond_quarters(section.raw_title) for section in self.sections if section.heading
        )

    @cached_property
    def openings(self) -> list[Opening]:
        """The places where the document says that an answer begins, in order."""
        headings = [
            section.heading
            for section in self.sections
            if section.heading and is_answer_title(section.raw_title)
        ]
        return find_openings(self.blocks, self.folded, headings)

    @cached_property
    def boxes(self) -> list[Choices]:
        """The choices that are boxes to tick, in order; none if the boxes are things to do."""
        if not any("[x]" in line or "[X]" in line for line in self.lines):
            return []
        boxes = find_boxes(self.blocks)
        fenced = list(in_fences(self.lines))
        above = (self._line_above(group.line_start, fenced) for group in boxes)
        return quiz_boxes(boxes, [clean_text(_SIGNS.sub("", line)) for line in above])

    def _line_above(self, line: int, fenced: Sequence[bool]) -> str:
        """The first line with words above a line, code and pictures left out."""
        for number in range(line - 1, 0, -1):
            text = self.lines[number - 1]
            if not fenced[number - 1] and not is_badge(text) and not is_boilerplate(text):
                return text
        return ""

    @cached_property
    def letters(self) -> list[Choices]:
        """The choices that are marked with letters, in order."""
        return find_letters(self.blocks) if any(map(_FIRST_LETTER.match, self.lines)) else []

    def folded_between(self, first: int, last: int) -> list[Details]:
        """The folded parts that open on one of the lines."""
        starts = self._folded_starts
        return self.folded[bisect_left(starts, first) : bisect_right(starts, last)]

    def blocks_within(self, first: int, last: int) -> list[Block]:
        """The blocks on any of the lines, inside the list item that all the lines stand in."""
        blocks = self.blocks_between(first, last)
        while len(blocks) == 1 and blocks[0].children and blocks[0].line_start < first:
            blocks = [
                child
                for child in blocks[0].children
                if child.line_end >= first and child.line_start <= last
            ]
        return blocks

    def blocks_between(self, first: int, last: int) -> list[Block]:
        """The top-level blocks on any of the lines."""
        low = bisect_right(self._block_starts, first) - 1
        low += low < 0 or self.blocks[low].line_end < first
        return self.blocks[max(0, low) : bisect_right(self._block_starts, last)]

    def is_boilerplate(self, line: int) -> bool:
        """Whether a line carries no answer, by its words or because of where it stands."""
        known = self._boilerplate.get(line)
        if known is None:
            is_outside = 0 < self.footer <= line
            known = self._boilerplate[line] = is_outside or is_boilerplate(self.lines[line - 1])
        return known

    def has_text(self, line_start: int, line_end: int) -> bool:
        """Whether any of the lines says something."""
        return any(not self.is_boilerplate(number) for number in range(line_start, line_end + 1))

    def section_at(self, line: int) -> Section:
        """The section in which a line stands."""
        return self.sections[max(0, bisect_right(self._section_starts, line) - 1)]

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.line for section in self.sections]

    @cached_property
    def _folded_starts(self) -> list[int]:
        return [details.opens.line for details in self.folded]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.line_start for block in self.blocks]


def _count_links(line: str) -> int:
    return line.count("](") + line.count("][") if "]" in line else 0
