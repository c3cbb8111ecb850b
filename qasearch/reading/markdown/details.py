"""Folded parts of a document: `<details><summary>…</summary>…</details>`, wherever they stand.

Raw HTML does not nest with Markdown: a blank line ends an HTML block. So the pairs of tags are
found by lines and columns. Tags in code and in comments are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from qasearch.reading.markdown.blocks import CODE_BLOCKS, Block, BlockKind, Position, walk_all

_TAG = re.compile(r"<(/?)(details|summary|accordion|faq)\b[^<>]*>", re.IGNORECASE)
_OPENING = re.compile(r"<(?:details|accordion|faq)\b", re.IGNORECASE)
_TITLE = re.compile(r"\stitle\s*=\s*([\"'])(?P<title>.+?)\1")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|var)\b[^<>]*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[^<>]*>")
_NEW_BLOCK = re.compile(r"\s*(?:$|```|~~~|[-*+]\s|\d+[.)]\s|>|\||!\[|<(?:pre|img|ul|ol|table|p)\b)")

_COMPONENTS = frozenset({"accordion", "faq"})
"""Components of documentation sites that are details by another name; the attribute `title` is the
summary: `<Accordion title="What is tea?">`."""

_NOWHERE = Position(0, 0)


@dataclass(slots=True)
class Details:
    """A `<details>` element, which hides text below its summary.

    Attributes:
        opens: where its tag begins.
        summary: the first words of the summary on one line, without tags.
        start: the first character of what it hides.
        end: the last character of what it hides. An element without a closing tag ends where the
            next one begins, or with the document.
        closed: whether it has a closing tag.
        aside: the first and the last line of the rest of the summary, such as code; None if there
            is no rest.
        inner: the elements in it.
    """

    opens: Position
    summary: str = ""
    start: Position = _NOWHERE
    end: Position = _NOWHERE
    closed: bool = False
    aside: tuple[int, int] | None = None
    inner: list[Details] = field(default_factory=list)

    @property
    def line_end(self) -> int:
        """The line of the last character that it hides."""
        return self.end.line


class _Tag(NamedTuple):
    """A tag in the lines of a document: its name and its first and last character."""

    name: str
    closes: bool
    start: Position
    end: Position
    title: str


def find_details(lines: Sequence[str], blocks: Sequence[Block]) -> list[Details]:
    """The outermost folded parts of a document, in order."""
    if not any(_OPENING.search(line) for line in lines if "<" in line):
        return []
    outermost: list[Details] = []
    stack: list[Details] = []
    summary_from: Position | None = None
    for tag in _tags(lines, _opaque_lines(blocks)):
        if tag.name == "details" and not tag.closes:
            end = Position(len(lines), len(lines[-1]))
            details = Details(tag.start, tag.title, start=_after(lines, tag.end), end=end)
            (stack[-1].inner if stack else outermost).append(details)
            stack.append(details)
            summary_from = None
        elif tag.name == "details" and stack:
            details = stack.pop()
            details.end, details.closed = _before(lines, tag.start), True
            summary_from = None
        elif tag.name == "summary" and not tag.closes and stack:
            summary_from = tag.end
        elif tag.name == "summary" and summary_from and stack:
            stack[-1].summary, stack[-1].aside = _summary(lines, summary_from, tag.start)
            stack[-1].start = _after(lines, tag.end)
            summary_from = None
    return list(_without_unclosed_parents(outermost, lines))


def _without_unclosed_parents(
    outermost: Sequence[Details], lines: Sequence[str]
) -> Iterator[Details]:
    """The elements; one that was never closed ends before the first element in it."""
    pending = list(reversed(outermost))
    while pending:
        details = pending.pop()
        if not details.closed and details.inner:
            pending.extend(reversed(details.inner))
            details.end = _before(lines, details.inner[0].opens)
            details.inner = []
        yield details


def _opaque_lines(blocks: Sequence[Block]) -> set[int]:
    """The lines of code, comments and front matter, in which a tag is only text."""
    opaque: set[int] = set()
    for block in walk_all(blocks):
        is_comment = block.kind is BlockKind.HTML and block.content.lstrip().startswith("<!--")
        if is_comment or block.kind in CODE_BLOCKS or block.kind is BlockKind.FRONT_MATTER:
            opaque.update(range(block.line_start, block.line_end + 1))
    return opaque


def _tags(lines: Sequence[str], opaque: set[int]) -> Iterator[_Tag]:
    """The tags in order; a component with a title, and the end of one, is a tag of `details`."""
    for number, line in enumerate(lines, start=1):
        if "<" not in line or number in opaque:
            continue
        for match in _TAG.finditer(line):
            if line.count("`", 0, match.start()) % 2:
                continue  # inside a code span
            name, closes = match[2].lower(), bool(match[1])
            is_component = name in _COMPONENTS
            title = _TITLE.search(line, match.start(), match.end()) if is_component else None
            yield _Tag(
                "details" if title or (closes and is_component) else name,
                closes,
                Position(number, match.start() + 1),
                Position(number, match.end()),
                title["title"] if title else "",
            )


def _after(lines: Sequence[str], position: Position) -> Position:
    line, column = position
    if column >= len(lines[line - 1]) and line < len(lines):
        return Position(line + 1, 1)
    return Position(line, column + 1)


def _before(lines: Sequence[str], position: Position) -> Position:
    line, column = position
    if column <= 1 and line > 1:
        return Position(line - 1, len(lines[line - 2]))
    return Position(line, column - 1)


def _summary(
    lines: Sequence[str], start: Position, end: Position
) -> tuple[str, tuple[int, int] | None]:
    """The first words of a summary, and the first and the last line of the rest of it.

    `start` is the last character of the opening tag, `end` the first of the closing one.
    """
    content = [lines[number - 1] for number in range(start.line, end.line + 1)]
    content[-1] = content[-1][: end.column - 1]
    content[0] = content[0][start.column :]
    first = next((number for number, line in enumerate(content) if line.strip()), 0)
    later = range(first + 1, len(content))
    stop = next((number for number in later if _NEW_BLOCK.match(content[number])), len(content))
    text = _ANY_TAG.sub(" ", _INLINE_TAG.sub("", " ".join(content[first:stop])))
    rest = [start.line + number for number in range(stop, len(content)) if content[number].strip()]
    return " ".join(text.split()), (rest[0], rest[-1]) if rest else None
