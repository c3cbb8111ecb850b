"""A document cut at its headings: sections, their levels, and what kind of section each one is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import dropwhile

from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.cleaning import clean_question, is_numbered
from qasearch.reading.document.contents import is_table_of_contents, leads_on
from qasearch.reading.document.page_title import same_title
from qasearch.reading.document.titles import (
    is_advertisement,
    is_answer_key,
    is_answer_title,
    is_closing_title,
    is_contents_title,
    is_generic_question,
    is_housekeeping_title,
    is_readme_title,
    is_sequel_title,
    is_solution_title,
)
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind
from qasearch.reading.markdown.details import Details
from qasearch.reading.markdown.inline import plain, segments

_LISTING = frozenset({*LISTS, BlockKind.TABLE, BlockKind.HTML})
"""Blocks that a table of contents can be."""

_TEXT = frozenset({*LISTS, BlockKind.PARAGRAPH, BlockKind.TABLE})
"""Blocks that end a table of contents, unless they consist of links as well."""

_DECIMAL = re.compile(r"\s*\d{1,2}(?:\.\d{1,2})+\s+(?=\S)")
"""The number of a heading: `1.2 `."""

_LONG_PARAGRAPH = 60
"""A licence or the like has at most this many words in a block; a block of more is text."""

_MANY_NUMBERED = 3
"""From this many numbered headings of a level on, the numbers can number questions."""


@dataclass(frozen=True)
class Section:
    """A heading with the blocks up to the next heading.

    Attributes:
        number: its place among the sections of the document, from 0.
        heading: None for the text before the first heading.
        level: that of the heading; 0 before the first heading. The heading of an answer has the
            level below its question, at most 7.
        blocks: the blocks below the heading.
        breadcrumb: the titles of the sections above it, the outermost first.
        parent: the number of the section above it; -1 if there is none.
        has_links: whether it has enough links for a table of contents.
        has_numbers: whether headings of the document have numbers such as 1.2, which are then no
            part of the titles.
        unfolded: the blocks that are not in folded parts.
    """

    number: int
    heading: Block | None
    level: int
    blocks: tuple[Block, ...]
    breadcrumb: tuple[str, ...]
    parent: int
    has_links: bool
    has_numbers: bool
    unfolded: tuple[Block, ...]

    @cached_property
    def title(self) -> str:
        """The heading without numbers and symbols; "" before the first heading."""
        title = clean_question(segments(self.heading)) if self.heading else ""
        return _DECIMAL.sub("", title) or title if self.has_numbers else title

    @cached_property
    def raw_title(self) -> str:
        """The text of the heading as it is; "" before the first heading."""
        return plain(self.heading) if self.heading else ""

    @cached_property
    def contents_end(self) -> int:
        """The last line of the table of contents at the beginning of the section; else 0.

        A table of contents is recognised by what its links lead to, or by the title of the section.
        """
        if self.has_links and is_table_of_contents(self.blocks):
            return self.line_end
        is_list = self.has_links or not self.blocks or self.blocks[0].kind in _LISTING
        if not (is_contents_title(self.title) and is_list):
            return 0
        numbers = range(len(self.blocks))
        first = next((n for n in numbers if self.blocks[n].kind in _LISTING), len(self.blocks))
        rest = dropwhile(
            lambda block: is_table_of_contents([block], min_links=1), self.blocks[first + 1 :]
        )
        text = next((block for block in rest if block.kind in _TEXT), None)
        return text.line_start - 1 if text else self.line_end

    @cached_property
    def open_blocks(self) -> tuple[Block, ...]:
        """The blocks that are neither in folded parts nor in a table of contents."""
        return tuple(block for block in self.unfolded if block.line_start > self.contents_end)

    @cached_property
    def is_index(self) -> bool:
        """Whether it only leads to other documents and to other places of this one."""
        return self.has_links and is_table_of_contents(self.blocks, leads_on)

    @property
    def is_structure(self) -> bool:
        """Whether it is a table of contents, a licence or the like, and holds no answer."""
        return self.is_housekeeping or 0 < self.line_end <= self.contents_end

    @property
    def is_housekeeping(self) -> bool:
        """Whether it is a short licence or the like. The title of a document is its subject."""
        if is_advertisement(self.raw_title):
            return True
        if self.level < 2 or not is_housekeeping_title(self.title):
            return False
        return not any(len(block.content.split()) > _LONG_PARAGRAPH for block in self.blocks)

    @property
    def line(self) -> int:
        """The line of the heading; 0 before the first heading."""
        return self.heading.line_start if self.heading else 0

    @property
    def line_of_text(self) -> int:
        """The line below the heading."""
        return self.heading.line_end + 1 if self.heading else 1

    @property
    def line_end(self) -> int:
        """The last line of its blocks, or of its heading if it has no blocks."""
        if self.blocks:
            return self.blocks[-1].line_end
        return self.heading.line_end if self.heading else 0

    @property
    def path(self) -> tuple[str, ...]:
        """The breadcrumb of what stands in this section."""
        return (*self.breadcrumb, self.title) if self.title else self.breadcrumb


@dataclass(slots=True)
class _Cut:
    """A heading with the blocks below it, before its place in the document is known."""

    heading: Block | None
    blocks: list[Block] = field(default_factory=list)
    unfolded: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        return plain(self.heading) if self.heading else ""

    @property
    def level(self) -> int:
        return self.heading.level if self.heading else 0


def cut_at_headings(
    blocks: Sequence[Block],
    folded: Sequence[Details],
    link_counts: Sequence[int],
    context: str = "",
) -> Iterator[Section]:
    """The sections of a document in order; the first one has no heading.

    `link_counts` holds for each line how many links stand in the lines before it. `context` is the
    title of the page, which stands above all headings but the one with the same words.
    """
    top = (context,) if context else ()
    cuts = _cuts(blocks, folded)
    decimals = sum(bool(cut.heading and _DECIMAL.match(cut.heading.content)) for cut in cuts)
    lowered = _below_numbered_questions(cuts)
    above: list[Section] = []
    for number, cut in enumerate(cuts):
        level = _level_below(cut.heading, above) + lowered[number] if cut.heading else 0
        while above and above[-1].level >= level:
            above.pop()
        links = 0
        if cut.blocks:
            first, last = cut.blocks[0].line_start, cut.blocks[-1].line_end
            links = link_counts[last] - link_counts[first - 1]
        is_title = (
            not above and same_title(clean_question(segments(cut.heading)), context)
            if (cut.heading)
            else False
        )
        section = Section(
            number=number,
            heading=cut.heading,
            level=level,
            blocks=tuple(cut.blocks),
            breadcrumb=above[-1].path if above else () if is_title else top,
            parent=above[-1].number if above else -1,
            has_links=links > 1,
            has_numbers=decimals > 1,
            unfolded=tuple(cut.unfolded),
        )
        yield section
        if cut.heading:
            above.append(section)


def _cuts(blocks: Sequence[Block], folded: Sequence[Details]) -> list[_Cut]:
    """The headings outside folded parts, each with its blocks; footnotes are left out."""
    cuts = [_Cut(None)]
    position = 0
    for block in blocks:
        while position < len(folded) and folded[position].end.line < block.line_start:
            position += 1
        details = folded[position] if position < len(folded) else None
        is_hidden = details is not None and details.start.line <= block.line_start
        if block.kind is BlockKind.HEADING and not is_hidden:
            cuts.append(_Cut(block))
        elif block.kind is not BlockKind.FOOTNOTE:
            cuts[-1].blocks.append(block)
            ends_inside = details and details.closed and block.line_end <= details.end.line
            if not (is_hidden and ends_inside):
                cuts[-1].unfolded.append(block)
    return cuts


def _below_numbered_questions(cuts: Sequence[_Cut]) -> list[bool]:
    """For each heading whether it belongs to the answer of the numbered question before it.

    If at least half of the headings of a level are numbered, and half of these ask, a heading
    between them is a part of the answer above: `### 2. What is a join?`, `### Types of joins`. It
    is none if it has a question mark, no text, or headings below it.
    """
    texts = [cut.text for cut in cuts]
    levels = [cut.level for cut in cuts]
    result = [False] * len(cuts)
    for level in set(levels) - {0}:
        same_level = [number for number, other in enumerate(levels) if other == level]
        numbered = {number for number in same_level if is_numbered(texts[number])}
        asking = sum(ends_in_question_mark(texts[number]) for number in numbered)
        is_few = len(numbered) < _MANY_NUMBERED or 2 * len(numbered) < len(same_level)
        if is_few or 2 * asking < len(numbered):
            continue
        is_open = False  # whether a numbered heading of this level stands above
        for number, cut in enumerate(cuts):
            if number in numbered:
                is_open = True
            elif levels[number] < level:
                is_open = False
            elif levels[number] == level and is_open:
                is_group = number + 1 < len(cuts) and levels[number + 1] > level
                is_apart = is_group or _stands_apart(texts[number])
                result[number] = bool(cut.blocks) and not is_apart
                is_open = not is_group
    return result


def _stands_apart(text: str) -> bool:
    """Whether a heading between numbered questions is no part of the answer above it."""
    return (
        ends_in_question_mark(text)
        or is_readme_title(text)
        or is_closing_title(text)
        or is_contents_title(text)
        or is_housekeeping_title(text)
        or is_answer_key(text)
    )


def _level_below(heading: Block, above: Sequence[Section]) -> int:
    """The level of a heading in the document.

    It is the level in the Markdown. But the heading of an answer that stands beside or above its
    question is one level below the question.
    """
    for section in reversed(above):
        if section.level < heading.level or not section.heading:
            break
        text = plain(heading)
        if is_answer_title(text) and not is_answer_title(section.raw_title):
            return section.level + 1
        is_sequel = is_generic_question(section.raw_title) and is_sequel_title(text)
        is_solution = ends_in_question_mark(section.title) and is_solution_title(text)
        if section.level == heading.level and (is_sequel or is_solution):
            return section.level + 1
    return heading.level
