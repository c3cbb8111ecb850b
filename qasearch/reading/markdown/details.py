"""Folded parts of a document: `<details><summary>…</summary>…</details>`, wherever they stand.

Raw HTML does not nest with Markdown: a blank line ends an HTML block. So the pairs of tags are
found by lines and columns. Tags in code and in comments are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from qasearch.reading.markdown.blocks import (
    CODE_BLOCKS,
    Block,
    BlockKind,
    Position,
    text_between,
    walk_all,
)

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][\w.-]*)(?P<rest>[^<>]*)(?P<end>>?)")
_MAY_FOLD = re.compile(r"<(?:details\b|[A-Z]|[a-z]+-[a-z])")
_ATTRIBUTE = re.compile(
    r"""(?<![\w-])(?P<name>[\w-]+)\s*=\s*
        (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|\{\s*(?P<quote>["'`])(?P<script>.*?)(?P=quote)\s*\})""",
    re.VERBOSE | re.DOTALL,
)
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|var)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG_SIGN = re.compile(r"[\"'`{}>]")
_ANY_TAG = re.compile(r"<[^<>]*>")
_NEW_BLOCK = re.compile(r"\s*(?:$|```|~~~|[-*+]\s|\d+[.)]\s|>|\||!\[|<(?:pre|img|ul|ol|table|p)\b)")

_HTML = frozenset({"details", "summary"})

_FOLDS = ("accordion", "faq", "collapse", "expand", "details", "disclosure", "toggle", "question")
"""Components of documentation sites with such names are details by another name: what their title
says is in them. The title of another component must ask."""

_TITLES = ("question", "q", "title", "summary", "header", "heading", "label", "name")
_ANSWERS = ("answer", "a", "content", "text", "description", "body")
"""The attributes of components that hold the title, and the text where nothing stands between the
tags; the first of them counts."""

_LONGEST_TAG, _MOST_OF_TAG = 40, 20_000
"""Lines of a tag that are looked through for its end, and characters that are read of it."""

_NOWHERE = Position(0, 0)


@dataclass(slots=True)
class Details:
    """A `<details>` element, or a container with a title by another name.

    Attributes:
        opens: where its tag begins.
        summary: the first words of the summary on one line, without tags.
        start: the first character of what it hides.
        end: the last character of what it hides. An element without a closing tag ends where the
            next one begins, or with the document.
        closed: whether it has a closing tag.
        is_callout: whether its text is shown without being asked for, so that its title may be
            anything.
        aside: the first and the last line of the rest of the summary, such as code; None if there
            is no rest.
        inner: the elements in it.
    """

    opens: Position
    summary: str = ""
    start: Position = _NOWHERE
    end: Position = _NOWHERE
    closed: bool = False
    is_callout: bool = False
    aside: tuple[int, int] | None = None
    inner: list[Details] = field(default_factory=list)

    @property
    def line_end(self) -> int:
        """The line of the last character that it hides."""
        return self.end.line


class TagKind(Enum):
    """What a tag does."""

    OPENS = auto()
    CLOSES = auto()
    SUMMARY_OPENS = auto()
    SUMMARY_CLOSES = auto()


class Tag(NamedTuple):
    """A tag in the lines of a document.

    Attributes:
        kind: what it does.
        name: what tells which tag closes which element.
        start: its first character.
        end: its last character.
        title: the summary, if the tag itself has it.
        is_callout: see `Details`.
        text: the first and the last character of the text of the element, if the tag has it.
    """

    kind: TagKind
    name: str
    start: Position
    end: Position
    title: str = ""
    is_callout: bool = False
    text: tuple[Position, Position] | None = None


def find_details(
    lines: Sequence[str], blocks: Sequence[Block], containers: Sequence[Tag] = ()
) -> list[Details]:
    """The outermost folded parts of a document, in order.

    `containers` are the tags of the containers that are no HTML.
    """
    has_html = any(_MAY_FOLD.search(line) for line in lines if "<" in line)
    if not has_html and not containers:
        return []
    tags = [*containers, *(_tags(lines, _opaque_lines(blocks)) if has_html else ())]
    nesting = _Nesting(lines)
    for tag in sorted(tags, key=lambda tag: tag.start):
        nesting.add(tag)
    return list(_without_unclosed_parents(nesting.outermost, lines))


class _Nesting:
    """The elements that tags make, in the order of the tags."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.outermost: list[Details] = []
        self._lines = lines
        self._open: list[tuple[str, Details]] = []
        self._count: Counter[str] = Counter()
        self._summary_from: Position | None = None

    def add(self, tag: Tag) -> None:
        """Add the next tag."""
        if tag.kind is TagKind.OPENS:
            self._opens(tag)
        elif tag.kind is TagKind.CLOSES:
            self._closes(tag)
        elif tag.kind is TagKind.SUMMARY_OPENS:
            self._summary_from = tag.end if self._open else None
            return
        elif self._summary_from and self._open:
            details = self._open[-1][1]
            details.summary, details.aside = _summary(self._lines, self._summary_from, tag.start)
            details.start = _after(self._lines, tag.end)
        self._summary_from = None

    def _opens(self, tag: Tag) -> None:
        last = Position(len(self._lines), len(self._lines[-1]))
        start, end = tag.text or (_after(self._lines, tag.end), last)
        details = Details(tag.start, tag.title, start, end, is_callout=tag.is_callout)
        (self._open[-1][1].inner if self._open else self.outermost).append(details)
        if tag.text:
            details.closed = True
        else:
            self._open.append((tag.name, details))
            self._count[tag.name] += 1

    def _closes(self, tag: Tag) -> None:
        if not self._count[tag.name]:
            return
        places = range(len(self._open) - 1, -1, -1)
        place = next(n for n in places if self._open[n][0] == tag.name)
        self._count -= Counter(name for name, _ in self._open[place:])
        end = _before(self._lines, tag.start)
        for _, details in self._open[place:]:
            details.end = end
        self._open[place][1].closed = True
        del self._open[place:]


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


def _tags(lines: Sequence[str], opaque: set[int]) -> Iterator[Tag]:
    """The tags of details and of components with a title, in order."""
    number, column = 1, 0
    while number <= len(lines):
        line = lines[number - 1]
        match = _TAG.search(line, column) if "<" in line and number not in opaque else None
        if match is None:
            number, column = number + 1, 0
        elif line.count("`", 0, match.start()) % 2:
            column = match.start() + 1  # inside a code span
        elif tag := _read_tag(lines, number, match):
            if tag.kind is not TagKind.OPENS or tag.name == "details" or tag.title:
                yield tag
            number, column = tag.end
        else:
            column = match.start() + 1


def _read_tag(lines: Sequence[str], number: int, match: re.Match[str]) -> Tag | None:
    """The tag of details, of their summary or of a component; None for any other tag."""
    name, closes = match["name"], bool(match["close"])
    start = Position(number, match.start() + 1)
    end = Position(number, match.end()) if match["end"] else None
    if name.lower() in _HTML:
        is_details = name.lower() == "details"
        opening, closing = (
            (TagKind.OPENS, TagKind.CLOSES)
            if is_details
            else (TagKind.SUMMARY_OPENS, TagKind.SUMMARY_CLOSES)
        )
        return Tag(closing if closes else opening, name.lower(), start, end) if end else None
    if not name[0].isupper() and "-" not in name:
        return None
    if closes:
        return Tag(TagKind.CLOSES, name, start, end) if end else None
    end = _end_of_tag(lines, number, match.start())
    return _component(lines, name, start, end) if end else None


def _component(lines: Sequence[str], name: str, start: Position, end: Position) -> Tag:
    """The opening tag of a component."""
    text = text_between(lines, start, end)[:_MOST_OF_TAG]
    values = {match["name"].lower(): match for match in reversed([*_ATTRIBUTE.finditer(text)])}
    title = next((values[key] for key in _TITLES if key in values), None)
    answer = next((values[key] for key in _ANSWERS if key in values), None)
    empty = _after(lines, end), end
    extent = None
    if text.endswith("/>"):
        extent = _extent(text, start, *answer.span(_group(answer))) if answer else empty
    return Tag(
        TagKind.OPENS,
        name,
        start,
        end,
        " ".join(title[_group(title)].split()) if title else "",
        is_callout=not name.lower().replace("-", "").startswith(_FOLDS),
        text=extent,
    )


def _group(attribute: re.Match[str]) -> str:
    """The group with the value of an attribute."""
    return next(key for key in ("double", "single", "script") if attribute[key] is not None)


def _extent(text: str, start: Position, first: int, last: int) -> tuple[Position, Position]:
    """The first and the last character of a part of the text of a tag that begins at `start`."""
    return _moved(text, start, first), _moved(text, start, last - 1)


def _moved(text: str, start: Position, offset: int) -> Position:
    newlines = text.count("\n", 0, max(0, offset))
    if not newlines:
        return Position(start.line, start.column + offset)
    return Position(start.line + newlines, offset - text.rindex("\n", 0, offset))


def _end_of_tag(lines: Sequence[str], number: int, column: int) -> Position | None:
    """The last character of a tag that begins in a column (from 0); None if it does not end.

    Signs in quotes and in braces belong to values.
    """
    quote, depth = "", 0
    for line_number in range(number, min(number + _LONGEST_TAG, len(lines)) + 1):
        line = lines[line_number - 1]
        for match in _TAG_SIGN.finditer(line, column if line_number == number else 0):
            sign = match[0]
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "\"'`":
                quote = sign
            elif sign in "{}":
                depth += 1 if sign == "{" else -1
            elif sign == ">" and depth <= 0:
                return Position(line_number, match.end())
    return None


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
