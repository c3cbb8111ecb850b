"""A document cut at its headings, with its folded parts, and the marks that the ways of asking
leave on it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, dropwhile

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import (
    comment_lines,
    footer_start,
    is_boilerplate,
    is_contents_title,
    is_housekeeping_title,
    is_table_of_contents,
    leads_on,
)
from qasearch.reading.document.choices import Choices, find_boxes, find_letters
from qasearch.reading.document.openings import Opening, find_openings
from qasearch.reading.document.wording import (
    clean_question,
    ends_in_question_mark,
    hides_answer,
    is_advertisement,
    is_answer_key,
    is_answer_title,
    is_beyond_quarters,
    is_closing_title,
    is_generic_question,
    is_numbered,
    is_readme_title,
    is_sequel_title,
    is_solution_title,
    looks_like_question,
)
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position, plain, segments
from qasearch.reading.markdown.details import Details, find_details

LIST_SCOPE = 7
"""The level of a question in a list: below every heading, so that any heading ends its answer."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A question, the line where it stands, and where its answer can begin (`body`) and must end
    (`end`).

    `end` is None where only what follows ends the answer. `scope` is the level of the heading
    (`LIST_SCOPE` in a list): a heading of this level or above ends the answer. A `nested` mark
    stands inside the answer of another and does not end it. An `is_linked` question holds a link
    that answers it; a note is no question. What belongs to it begins at line `opens`, if that is
    not `line`. `aside` are the first and the last line of what belongs to the question though it
    stands before `body`.
    """

    rule: Rule
    question: str
    line: int
    body: Position
    scope: int
    breadcrumb: tuple[str, ...]
    nested: bool = False
    end: Position | None = None
    is_linked: bool = False
    is_note: bool = False
    opens: int = 0
    aside: tuple[int, int] | None = None


@dataclass(frozen=True)
class Section:
    """A heading (None before the first) with the blocks up to the next heading.

    `breadcrumb` holds the headings above it, `parent` the number of the section above it or -1.
    `level` is the heading's, 0 before the first one, and 7 at most for the heading of an answer,
    which stands below its question. `is_numbered` tells whether headings of the document have
    numbers such as 1.2, which are no part of them, `has_links` tells whether there are enough links
    for a table of contents, `unfolded` are the blocks that are not in folded parts.
    """

    number: int
    heading: Block | None
    level: int
    blocks: tuple[Block, ...]
    breadcrumb: tuple[str, ...]
    parent: int
    has_links: bool
    is_numbered: bool
    unfolded: tuple[Block, ...]

    @cached_property
    def title(self) -> str:
        """The heading's text without numbering and symbols; "" before the first heading."""
        title = clean_question(segments(self.heading)) if self.heading else ""
        return _DECIMAL.sub("", title) or title if self.is_numbered else title

    @cached_property
    def raw_title(self) -> str:
        """The heading's text as it is."""
        return plain(self.heading) if self.heading else ""

    @cached_property
    def contents_end(self) -> int:
        """The last line of a table of contents that it begins with, by its title or by what it
        links to; else 0.
        """
        if self.has_links and is_table_of_contents(self.blocks):
            return self.line_end
        is_list = self.has_links or not self.blocks or self.blocks[0].kind in _LISTING
        if not (is_contents_title(self.title) and is_list):
            return 0
        listed = next(
            (at for at, block in enumerate(self.blocks) if block.kind in _LISTING), len(self.blocks)
        )
        rest = dropwhile(
            lambda block: is_table_of_contents([block], min_links=1), self.blocks[listed + 1 :]
        )
        first = next((block for block in rest if block.kind in _ASKING), None)
        return first.line_start - 1 if first else self.line_end

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
        """Whether it is a table of contents, a licence or the like rather than an answer."""
        return self.is_housekeeping or 0 < self.line_end <= self.contents_end

    @property
    def is_housekeeping(self) -> bool:
        """Whether it is a licence or the like, which says little: the title of a document is its
        subject.
        """
        if is_advertisement(self.raw_title):
            return True
        return (
            self.level > 1
            and is_housekeeping_title(self.title)
            and not any(map(_is_long, self.blocks))
        )

    @property
    def line_of_text(self) -> int:
        """The line below the heading."""
        return self.heading.line_end + 1 if self.heading else 1

    @property
    def line_end(self) -> int:
        """The last line of its blocks, or of its heading."""
        return (
            self.blocks[-1].line_end
            if self.blocks
            else self.heading.line_end
            if self.heading
            else 0
        )

    @property
    def line(self) -> int:
        """The line of the heading; 0 before the first."""
        return self.heading.line_start if self.heading else 0

    @property
    def path(self) -> tuple[str, ...]:
        """The breadcrumb of what stands in this section."""
        return (*self.breadcrumb, self.title) if self.title else self.breadcrumb


class Outline:
    """A document's lines, its top-level blocks, their sections, and its folded parts."""

    def __init__(self, lines: Sequence[str], blocks: Sequence[Block], title: str) -> None:
        self.lines = lines
        self.blocks = [block for block in blocks if block.kind is not BlockKind.FRONT_MATTER]
        self.title = title
        self.first_line = blocks[0].line_end + 1 if len(self.blocks) < len(blocks) else 1
        self.repeats: frozenset[int] = frozenset()
        """The numbers of the sections that repeat the questions of the document, once these are
        known."""
        self._boilerplate: dict[int, bool] = {}
        self.comments = comment_lines(self.blocks)
        self.footer = footer_start(self.blocks, lines)
        """The line where a few words of thanks and the like begin that end the document; 0 where
        there are none."""
        self.folded = list(_opaque(find_details(lines, blocks), self.blocks))
        self.sections = list(
            _cut(self.blocks, self.folded, list(accumulate(map(_count_links, lines), initial=0)))
        )

    @cached_property
    def is_index(self) -> bool:
        """Whether the document only leads to others and to itself, so that whatever it lists is
        asked elsewhere.
        """
        if any(ends_in_question_mark(section.title) for section in self.sections):
            return False
        return is_table_of_contents(
            [b for b in self.blocks if b.kind is not BlockKind.HEADING], leads_on
        )

    @cached_property
    def is_about_questions(self) -> bool:
        """Whether its name or its title says that the document answers questions."""
        titles = [section.raw_title for section in self.sections if section.level == 1]
        return any(map(_ABOUT_QUESTIONS.search, (self.title, *titles[:1])))

    @cached_property
    def counts_questions(self) -> bool:
        """Whether headings are numbered as questions beyond `Q4:`, so that `Q1:` is no quarter of a
        year.
        """
        return any(
            is_beyond_quarters(section.raw_title) for section in self.sections if section.heading
        )

    @cached_property
    def openings(self) -> list[Opening]:
        """Where the document says that an answer begins, in order."""
        headings = [
            section.heading
            for section in self.sections
            if section.heading and is_answer_title(section.raw_title)
        ]
        return find_openings(self.blocks, self.folded, headings)

    @cached_property
    def boxes(self) -> list[Choices]:
        """The choices of the document that are boxes to tick, in order; none where few have a tick:
        things to do.
        """
        found = (
            find_boxes(self.blocks)
            if any("[x]" in line or "[X]" in line for line in self.lines)
            else []
        )
        return found if 2 * sum(choices.first_right > 0 for choices in found) >= len(found) else []

    @cached_property
    def letters(self) -> list[Choices]:
        """The choices of the document that are marked with letters, in order."""
        return find_letters(self.blocks) if any(map(_FIRST_LETTER.match, self.lines)) else []

    def folded_between(self, first: int, last: int) -> list[Details]:
        """The folded parts that open on one of the lines."""
        starts = self._folded_starts
        return self.folded[bisect_left(starts, first) : bisect_right(starts, last)]

    def blocks_within(self, first: int, last: int) -> list[Block]:
        """The blocks from one line to another: those of the list item that they stand in, or the
        top-level ones.
        """
        found = self.blocks_between(first, last)
        while len(found) == 1 and found[0].children and found[0].line_start < first:
            found = [
                child
                for child in found[0].children
                if child.line_end >= first and child.line_start <= last
            ]
        return found

    def blocks_between(self, first: int, last: int) -> list[Block]:
        """The top-level blocks that stand on any of the lines."""
        low = bisect_right(self._block_starts, first) - 1
        low += low < 0 or self.blocks[low].line_end < first
        return self.blocks[max(0, low) : bisect_right(self._block_starts, last)]

    def is_boilerplate(self, line: int) -> bool:
        """Whether a line carries no answer: blank, ruling, navigation, stubs, bare tags,
        comments.
        """
        known = self._boilerplate.get(line)
        if known is None:
            is_outside = line in self.comments or 0 < self.footer <= line
            known = self._boilerplate[line] = is_outside or is_boilerplate(self.lines[line - 1])
        return known

    def has_text(self, line_start: int, line_end: int) -> bool:
        """Whether any of the lines says something."""
        return any(not self.is_boilerplate(number) for number in range(line_start, line_end + 1))

    def section_at(self, line: int) -> Section:
        """The section that a line stands in."""
        return self.sections[max(0, bisect_right(self._starts, line) - 1)]

    @cached_property
    def _starts(self) -> list[int]:
        return [section.line for section in self.sections]

    @cached_property
    def _folded_starts(self) -> list[int]:
        return [folded.opens.line for folded in self.folded]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.line_start for block in self.blocks]


_ABOUT_QUESTIONS = re.compile(
    r"\bfaqs?\b|\bq\s?(?:&|and|n|\+)\s?as?\b|\b(?:asked|common|answered) questions?\b|\b(?:common|known|frequent) "
    r"(?:issues|problems|errors)\b|常见问题|よくある質問",
    re.IGNORECASE,
)


def _opaque(folded: Sequence[Details], blocks: Sequence[Block]) -> Iterator[Details]:
    """The folded parts that are one thing each; one that only wraps a list of questions is
    opened.
    """
    if not folded:
        return
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    lines = [block.line_start for block in headings]
    pending = list(reversed(folded))
    while pending:
        each = pending.pop()
        low, high = bisect_left(lines, each.start.line), bisect_right(lines, each.end.line)
        asking = sum(_asks(plain(heading)) for heading in headings[low:high])
        inner_asking = sum(not hides_answer(inner.summary)[0] for inner in each.inner)
        if each.closed and not hides_answer(each.summary)[1] and (asking > 1 or inner_asking > 1):
            pending.extend(reversed(each.inner))
        elif each.closed:
            yield each
        else:  # nothing says how far it reaches but the next heading
            next_heading = bisect_right(lines, each.opens.line)
            if next_heading < len(lines) and lines[next_heading] <= each.end.line:
                each.end = Position(lines[next_heading] - 1, 1 << 30)
            yield each


def _asks(heading: str) -> bool:
    return looks_like_question(heading) or is_numbered(heading)


_LISTING = frozenset({*LISTS, BlockKind.TABLE, BlockKind.HTML})
_ASKING = frozenset(
    {BlockKind.ORDERED_LIST, BlockKind.BULLET_LIST, BlockKind.PARAGRAPH, BlockKind.TABLE}
)
_FIRST_LETTER = re.compile(r"[\s>*+_`-]*\(?[aA]\)?(?:[.)：:]|\s[-–—])")
_DECIMAL = re.compile(r"\s*\d{1,2}(?:\.\d{1,2})+\s+(?=\S)")


def _is_long(block: Block) -> bool:
    return len(block.content.split()) > _LONG_PARAGRAPH


_LONG_PARAGRAPH = 60


def _count_links(line: str) -> int:
    return line.count("](") + line.count("][") if "]" in line else 0


def _cut(
    blocks: Sequence[Block], folded: Sequence[Details], links: Sequence[int]
) -> Iterator[Section]:
    """The sections; `links` counts those in the lines before each line."""
    heads: list[tuple[Block | None, list[Block], list[Block]]] = [(None, [], [])]
    position = 0
    for block in blocks:
        while position < len(folded) and folded[position].end.line < block.line_start:
            position += 1
        hidden = position < len(folded) and folded[position].start.line <= block.line_start
        if block.kind is BlockKind.HEADING and not hidden:
            heads.append((block, [], []))
        elif block.kind is not BlockKind.FOOTNOTE:
            heads[-1][1].append(block)
            if not (
                hidden and folded[position].closed and block.line_end <= folded[position].end.line
            ):
                heads[-1][2].append(block)
    is_numbered = (
        sum(bool(heading and _DECIMAL.match(heading.content)) for heading, *_ in heads) > 1
    )
    belongs = _below_numbered([(heading, bool(content)) for heading, content, _ in heads])
    open_sections: list[Section] = []
    for number, (heading, content, open_blocks) in enumerate(heads):
        level = _level_below(heading, open_sections) + belongs[number] if heading else 0
        while open_sections and open_sections[-1].level >= level:
            open_sections.pop()
        above = open_sections[-1] if open_sections else None
        path, parent = (above.path, above.number) if above else ((), -1)
        has_links = (
            bool(content) and links[content[-1].line_end] - links[content[0].line_start - 1] > 1
        )
        section = Section(
            number,
            heading,
            level,
            tuple(content),
            path,
            parent,
            has_links,
            is_numbered,
            tuple(open_blocks),
        )
        yield section
        if heading:
            open_sections.append(section)


def _below_numbered(heads: Sequence[tuple[Block | None, bool]]) -> list[bool]:
    """For each heading (with whether text follows it), whether it belongs to the numbered question
    before it.

    Where half of the headings of a level or more are numbered, and ask, one without a number, a
    question mark or headings below it is a part of the answer above: `### 2. What is a join?`, `###
    Types of joins`.
    """
    texts = [plain(heading) if heading else "" for heading, _ in heads]
    levels = [heading.level if heading else 0 for heading, _ in heads]
    result = [False] * len(heads)
    for level in set(levels) - {0}:
        own = [at for at, each in enumerate(levels) if each == level]
        numbered = {at for at in own if is_numbered(texts[at])}
        asking = sum(ends_in_question_mark(texts[at]) for at in numbered)
        if (
            len(numbered) < _MANY_NUMBERED
            or 2 * len(numbered) < len(own)
            or 2 * asking < len(numbered)
        ):
            continue
        above = False  # whether a numbered heading of this level is open
        for at, (_, has_text) in enumerate(heads):
            if at in numbered:
                above = True
            elif levels[at] < level:
                above = False
            elif levels[at] == level and above:
                is_group = at + 1 < len(heads) and levels[at + 1] > level
                titled = (
                    is_readme_title(texts[at])
                    or is_closing_title(texts[at])
                    or is_contents_title(texts[at])
                )
                apart = (
                    is_group
                    or titled
                    or is_housekeeping_title(texts[at])
                    or is_answer_key(texts[at])
                )
                result[at] = has_text and not apart and not ends_in_question_mark(texts[at])
                above = not is_group
    return result


_MANY_NUMBERED = 3


def _level_below(heading: Block, open_sections: Sequence[Section]) -> int:
    """The level of a heading; that of an answer's heading beside or above its question is one below
    the question.
    """
    for section in reversed(open_sections):
        if section.level < heading.level or not section.heading:
            break
        text = plain(heading)
        if is_answer_title(text) and not is_answer_title(section.raw_title):
            return section.level + 1
        generic = is_generic_question(section.raw_title) and is_sequel_title(text)
        asked = ends_in_question_mark(section.title) and is_solution_title(text)
        if section.level == heading.level and (generic or asked):
            return section.level + 1
    return heading.level
