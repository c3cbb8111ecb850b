"""The blocks of a document: what they are, which lines they stand on, and what is in them.

Knows nothing of questions. `qasearch.reading.markdown.parsing` makes blocks from text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from qasearch.reading.markdown.parser import Definitions, Token, inline_tokens


class BlockKind(StrEnum):
    """The block structures of CommonMark, tables, definition lists, footnotes and front matter."""

    FRONT_MATTER = "front_matter"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    FENCE = "fence"
    CODE = "code"
    HTML = "html"
    RULE = "rule"
    QUOTE = "quote"
    BULLET_LIST = "bullet_list"
    ORDERED_LIST = "ordered_list"
    ITEM = "item"
    TABLE = "table"
    ROW = "row"
    CELL = "cell"
    DEFINITIONS = "definitions"
    TERM = "term"
    DEFINITION = "definition"
    FOOTNOTE = "footnote"


LISTS = frozenset({BlockKind.BULLET_LIST, BlockKind.ORDERED_LIST})

CODE_BLOCKS = frozenset({BlockKind.FENCE, BlockKind.CODE})

TOML = "toml"
"""The label of front matter in TOML, which stands between lines of three plus signs."""

END_OF_LINE = 1 << 30
"""The column of the last character of a line, whatever the length of the line."""


class Position(NamedTuple):
    """A character of a document: line and column, 1-based. The end of a range is inclusive."""

    line: int
    column: int


class Block:
    """A block and the lines on which it stands, blank lines at its end left out.

    The text in a block is parsed when `inline` is first read. Most text is never parsed, which
    halves the time of reading.

    Attributes:
        kind: what the block is.
        line_start: its first line (1-based).
        line_end: its last line (inclusive).
        level: 1 to 6 for a heading, else 0.
        content: the raw text of a fence, code, HTML or front matter; the Markdown of a heading,
            paragraph, term or cell.
        label: that of a footnote; `TOML` for front matter in TOML; else "".
        children: the blocks in it, in order.
    """

    __slots__ = (
        "_definitions",
        "_inline",
        "children",
        "content",
        "kind",
        "label",
        "level",
        "line_end",
        "line_start",
    )

    def __init__(
        self, kind: BlockKind, line_start: int, line_end: int, content: str = "", level: int = 0
    ) -> None:
        self.kind = kind
        self.line_start = line_start
        self.line_end = line_end
        self.level = level
        self.content = content
        self.label = ""
        self.children: list[Block] = []
        self._definitions: Definitions | None = None
        self._inline: Sequence[Token] | None = None

    @property
    def inline(self) -> Sequence[Token]:
        """The tokens of the text of a heading, paragraph, term or cell; empty for other blocks."""
        if self._inline is None:
            if self._definitions is None or not self.content:
                self._inline = ()
            else:
                self._inline = tuple(inline_tokens(self.content, self._definitions))
        return self._inline

    @property
    def has_inline(self) -> bool:
        """Whether the block is a heading, paragraph, term or cell. Parses nothing."""
        return self._definitions is not None

    @property
    def has_definitions(self) -> bool:
        """Whether the document defines targets, so that `[text]` alone can be a link."""
        return bool(self._definitions and self._definitions.get("references"))

    def set_text(self, content: str, definitions: Definitions) -> None:
        """Make this a block of text."""
        self.content, self._definitions, self._inline = content, definitions, None

    def walk(self) -> Iterator[Block]:
        """This block and all blocks in it, in the order of the document."""
        stack = [self]
        while stack:
            block = stack.pop()
            yield block
            if block.children:
                stack.extend(reversed(block.children))


def walk_all(blocks: Sequence[Block]) -> Iterator[Block]:
    """All blocks in these blocks, themselves included, in the order of the document."""
    for block in blocks:
        yield from block.walk()


def text_between(lines: Sequence[str], start: Position, end: Position) -> str:
    """The text from one character of a document to another one, both included."""
    if start.line == end.line:
        return lines[start.line - 1][start.column - 1 : end.column]
    first, last = lines[start.line - 1][start.column - 1 :], lines[end.line - 1][: end.column]
    return "\n".join([first, *lines[start.line : end.line - 1], last])
