"""Folded parts of a document: `<details><summary>…</summary>…</details>`, wherever they stand.

Raw HTML does not nest with Markdown: a blank line ends an HTML block, so what a pair of tags holds
is found by lines and columns, code and comments aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qasearch.reading.markdown.blocks import Block, BlockKind, Position

_TAG = re.compile(r"<(/?)(details|summary|accordion|faq)\b[^<>]*>", re.IGNORECASE)
_OPENING = re.compile(r"<(?:details|accordion|faq)\b", re.IGNORECASE)
_TITLE = re.compile(r"\stitle\s*=\s*([\"'])(?P<title>.+?)\1")
"""Components of documentation sites, `<Accordion title="What is tea?">`, are details by another
name."""


_COMPONENTS = frozenset({"accordion", "faq"})
NOWHERE = Position(0, 0)


@dataclass(slots=True)
class Details:
    """A `<details>` element: where it opens, its summary, and the first and the last character of
    what it hides.

    `aside` are the first and the last line of what the summary holds below its first words, such as
    code.

    One that is not closed ends where the next one at its side opens, or with the document. `inner`
    are those in it.
    """

    opens: Position
    summary: str = ""
    start: Position = NOWHERE
    end: Position = NOWHERE
    closed: bool = False
    aside: tuple[int, int] | None = None
    inner: list[Details] = field(default_factory=list)

    @property
    def line_end(self) -> int:
        """The last line that the element, or its closing tag, stands on."""
        return self.end.line


def find_details(lines: Sequence[str], blocks: Sequence[Block]) -> list[Details]:
    """The outermost folded parts of a document, in order."""
    if not any(_OPENING.search(line) for line in lines if "<" in line):
        return []
    top: list[Details] = []
    stack: list[Details] = []
    summary_from: Position | None = None
    for at, closes, tag, end in _tags(lines, _code_lines(blocks)):
        title = (
            _TITLE.search(lines[at.line - 1], at.column - 1, end.column)
            if tag in _COMPONENTS
            else None
        )
        name = "details" if title or (closes and tag in _COMPONENTS) else tag
        if name == "details" and not closes:
            last = Position(len(lines), len(lines[-1]))
            folded = Details(
                at, title["title"] if title else "", start=_after(lines, end), end=last
            )
            (stack[-1].inner if stack else top).append(folded)
            stack.append(folded)
            summary_from = None
        elif name == "details" and stack:
            folded = stack.pop()
            folded.end, folded.closed = _before(lines, at), True
            summary_from = None
        elif name == "summary" and not closes and stack:
            summary_from = end
        elif name == "summary" and summary_from and stack:
            stack[-1].summary, stack[-1].aside = _summary(lines, summary_from, at)
            stack[-1].start = _after(lines, end)
            summary_from = None
    return list(_settled(top, lines))


def _settled(folded: Sequence[Details], lines: Sequence[str]) -> Iterator[Details]:
    """Details parts of which none holds the others only because it was never closed."""
    pending = list(reversed(folded))
    while pending:
        each = pending.pop()
        if not each.closed and each.inner:
            pending.extend(reversed(each.inner))
            each.end = _before(lines, each.inner[0].opens)
            each.inner = []
        yield each


def _code_lines(blocks: Sequence[Block]) -> set[int]:
    code: set[int] = set()
    for block in (inner for top in blocks for inner in top.walk()):
        is_comment = block.kind is BlockKind.HTML and block.content.lstrip().startswith("<!--")
        if is_comment or block.kind in (BlockKind.FENCE, BlockKind.CODE, BlockKind.FRONT_MATTER):
            code.update(range(block.line_start, block.line_end + 1))
    return code


def _tags(lines: Sequence[str], code: set[int]) -> Iterator[tuple[Position, bool, str, Position]]:
    """Each tag: where it begins, whether it closes, its name, and its last character."""
    for number, line in enumerate(lines, start=1):
        if "<" not in line or number in code:
            continue
        for match in _TAG.finditer(line):
            if line.count("`", 0, match.start()) % 2 == 0:
                start, end = Position(number, match.start() + 1), Position(number, match.end())
                yield start, bool(match[1]), match[2].lower(), end


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


_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|code|del|em|font|i|ins|kbd|mark|s|small|span|strong|sub|sup|tt|u|var)\b[^<>]*>",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<[^<>]*>")
_NEW_BLOCK = re.compile(r"\s*(?:$|```|~~~|[-*+]\s|\d+[.)]\s|>|\||!\[|<(?:pre|img|ul|ol|table|p)\b)")


def _summary(
    lines: Sequence[str], start: Position, end: Position
) -> tuple[str, tuple[int, int] | None]:
    """The first words between two tags on one line, without tags in them, and the lines of what
    else stands there.

    `start` is the last character of the first tag, `end` the first of the second.
    """
    inside = [lines[number - 1] for number in range(start.line, end.line + 1)]
    inside[-1] = inside[-1][: end.column - 1]
    inside[0] = inside[0][start.column :]
    first = next((number for number, line in enumerate(inside) if line.strip()), 0)
    stop = next(
        (n for n in range(first + 1, len(inside)) if _NEW_BLOCK.match(inside[n])), len(inside)
    )
    text = _ANY_TAG.sub(" ", _INLINE_TAG.sub("", " ".join(inside[first:stop])))
    rest = [start.line + number for number in range(stop, len(inside)) if inside[number].strip()]
    return " ".join(text.split()), (rest[0], rest[-1]) if rest else None
