"""A document cut at its headings, and the marks that the ways of asking leave on it.

Also says how far an answer reaches: to the next mark, or to a heading of the question's level or above.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from qasearch.datatypes import ReferenceKind
from qasearch.reading.markdown import Block, BlockKind, plain, segments
from qasearch.reading.references import kind_of
from qasearch.reading.wording import clean_question, ends_in_question_mark, is_pointer

LIST_SCOPE = 7
"""The level of a question in a list: below every heading, so that any heading ends its answer."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A question, where it stands (`line`), and where its answer can begin (`body_start`) and must end (`body_end`).

    `body_end` is None where only what follows ends the answer. `scope` is the level of the heading (`LIST_SCOPE` in a
    list): a heading of this level or above ends the answer. A `nested` mark stands inside the answer of another and
    does not end it.
    """

    rule: str
    question: str
    line: int
    body_start: int
    scope: int
    breadcrumb: tuple[str, ...]
    nested: bool = False
    body_end: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A mark with the lines of its answer; `line_end < line_start` where there is none."""

    mark: Mark
    line_start: int
    line_end: int


@dataclass(frozen=True)
class Section:
    """A heading (None before the first) with the blocks up to the next heading.

    `breadcrumb` holds the headings above it, `parent` the number of the section above it or -1.
    """

    number: int
    heading: Block | None
    blocks: tuple[Block, ...]
    breadcrumb: tuple[str, ...]
    parent: int

    @property
    def level(self) -> int:
        """The heading's level; 0 before the first heading."""
        return self.heading.level if self.heading else 0

    @cached_property
    def title(self) -> str:
        """The heading's text without numbering and symbols; "" before the first heading."""
        return clean_question(segments(self.heading)) if self.heading else ""

    @property
    def path(self) -> tuple[str, ...]:
        """The breadcrumb of what stands in this section."""
        return (*self.breadcrumb, self.title) if self.title else self.breadcrumb


class Outline:
    """A document's lines, its top-level blocks and their sections."""

    def __init__(self, lines: Sequence[str], blocks: Sequence[Block], title: str) -> None:
        self.lines = lines
        self.blocks = [block for block in blocks if block.kind is not BlockKind.FRONT_MATTER]
        self.title = title
        self.sections = list(_cut(self.blocks))

    @property
    def is_index(self) -> bool:
        """Whether the document only leads to others and to itself, so that whatever it lists is asked elsewhere."""
        asks = any(ends_in_question_mark(section.title) for section in self.sections)
        return not asks and is_table_of_contents([b for b in self.blocks if b.kind is not BlockKind.HEADING], _leads_on)

    def has_text(self, line_start: int, line_end: int) -> bool:
        """Whether any of the lines says something: blank, ruling and navigation lines do not."""
        return any(not says_nothing(self.lines[n - 1]) for n in range(line_start, line_end + 1))


_BEFORE, _AFTER = " \t>*_|-+", " \t*_|"
"""What decorates a line in front of its words and behind them; `>` and `-` at the end belong to tags and comments."""

_BARE_TAGS = re.compile(
    r"(?:<br\s*/?>|</?(?:div|p|hr|center|details|summary)\b[^>]*>|<a\s+(?:name|id)=[^>]*>|</a>|<!--.*?-->|&nbsp;|\s)+",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?$")
_WORD = re.compile(r"[^\W\d_]+")
_NAVIGATION = frozenset(
    f"{way} {the}{where}".strip()
    for way in ("back to", "go to", "go back to", "return to", "to", "up to", "back")
    for the in ("", "the ")
    for where in ("top", "table of contents", "contents", "toc", "index")
)
_LINKED_NAVIGATION = frozenset({"top", "up", "contents", "toc", "table of contents", "index"})
_STUBS = frozenset(
    f"{whose}answer {where}".strip()
    for whose in ("", "your ", "write ", "put your ", "the ")
    for where in ("here", "goes here")
) | {"todo", "tbd", "tba", "wip", "coming soon", "n a", "to be done", "to do", "work in progress"}
_LONGEST_NOTHING = 200


def says_nothing(line: str) -> bool:
    """Whether a line carries no answer: blank, a rule, bare tags, 'back to top', 'Answer here', 'TODO'."""
    core = line.lstrip(_BEFORE).rstrip(_AFTER)
    if not core or len(line) > _LONGEST_NOTHING:
        return not core
    if _BARE_TAGS.fullmatch(core):
        return True
    link = _LINK.match(core)
    words = " ".join(_WORD.findall(link[1] if link else core)).lower()
    return words in _NAVIGATION or words in _STUBS or bool(link and words in _LINKED_NAVIGATION)


_STRUCTURE = re.compile(
    r"""^(?:table\ of\ contents?|contents?|toc|index|licen[sc]e|licensing|contribut\w*|how\ to\ contribute|contact
    |credits?|acknowledge?ments?|sponsors?|backers?|support\ (?:us|me)|change\s?log|star\ history|code\ of\ conduct
    |目录|目錄|índice|sommaire|inhalt\w*)$""",
    re.IGNORECASE | re.VERBOSE,
)


def is_structure(section: Section) -> bool:
    """Whether a section is a table of contents, a licence or the like rather than an answer."""
    return bool(_STRUCTURE.match(section.title)) or is_table_of_contents(section.blocks)


def _leads_back(href: str) -> bool:
    return href.startswith("#")


def _leads_on(href: str) -> bool:
    file = href.partition("#")[0]
    return kind_of(href) is not ReferenceKind.WEB and (not file or file.lower().endswith((".md", ".markdown", ".mdx")))


def is_table_of_contents(blocks: Sequence[Block], is_internal: Callable[[str], bool] = _leads_back) -> bool:
    """Whether the text of these blocks is, for the most part, internal links: to places in the same document."""
    internal = other = links = 0
    for block in (inner for top in blocks for inner in top.walk() if inner.inline):
        for segment in segments(block):
            if segment.href is not None and is_internal(segment.href):
                internal += len(segment.text)
                links += 1
            else:
                other += len(segment.text.strip())
    return links >= 3 and internal > 4 * other


def is_only_pointers(blocks: Sequence[Block]) -> bool:
    """Whether these blocks are paragraphs that only point elsewhere, such as `[Nice blog](…)`."""
    paragraphs = [block for block in blocks if block.kind is BlockKind.PARAGRAPH]
    return (
        0 < len(paragraphs) == len(blocks)
        and all(is_pointer(plain(block)) or _all_linked(block) for block in paragraphs)
        and any(not (segment.href or "#").startswith("#") for block in paragraphs for segment in segments(block))
    )


def _all_linked(block: Block) -> bool:
    return all(segment.href is not None for segment in segments(block) if segment.text.strip())


def spans(outline: Outline, marks: Sequence[Mark]) -> list[Span]:
    """Each mark with the lines of its answer, in the order of the marks' lines."""
    ordered = sorted(marks, key=lambda mark: (mark.line, mark.nested))
    questions = {mark.line for mark in ordered}
    stops = [(mark.line, 0, mark.nested) for mark in ordered]
    stops += [
        (section.heading.line_start, section.level, False)
        for section in outline.sections
        if section.heading and section.heading.line_start not in questions
    ]
    stops.sort()
    result, position = [], 0
    for mark in ordered:
        while position < len(stops) and stops[position][0] <= mark.line:
            position += 1
        stop = position
        while stop < len(stops) and (stops[stop][1] > mark.scope or (stops[stop][2] and not mark.nested)):
            stop += 1
        end = stops[stop][0] - 1 if stop < len(stops) else len(outline.lines)
        result.append(Span(mark, *_trim(outline.lines, mark.body_start, min(end, mark.body_end or end))))
    return result


def _trim(lines: Sequence[str], start: int, end: int) -> tuple[int, int]:
    while start <= end and says_nothing(lines[start - 1]):
        start += 1
    while end >= start and says_nothing(lines[end - 1]):
        end -= 1
    return start, end


def _cut(blocks: Sequence[Block]) -> list[Section]:
    heads: list[tuple[Block | None, list[Block]]] = [(None, [])]
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            heads.append((block, []))
        elif block.kind is not BlockKind.FOOTNOTE:
            heads[-1][1].append(block)
    result: list[Section] = []
    open_sections: list[Section] = []
    for number, (heading, content) in enumerate(heads):
        level = heading.level if heading else 0
        while open_sections and open_sections[-1].level >= level:
            open_sections.pop()
        above = open_sections[-1] if open_sections else None
        section = Section(number, heading, tuple(content), above.path if above else (), above.number if above else -1)
        result.append(section)
        if heading:
            open_sections.append(section)
    return result
