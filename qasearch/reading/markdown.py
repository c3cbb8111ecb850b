"""Markdown text to a tree of blocks with line ranges.

The only module that calls markdown-it-py. Its 0-based half-open line maps become 1-based inclusive ranges
here, once. Knows nothing of questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin


class BlockKind(StrEnum):
    """The block structures of CommonMark, tables, footnotes and front matter."""

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
    FOOTNOTE = "footnote"


_OPENING = {
    "heading_open": BlockKind.HEADING,
    "paragraph_open": BlockKind.PARAGRAPH,
    "blockquote_open": BlockKind.QUOTE,
    "bullet_list_open": BlockKind.BULLET_LIST,
    "ordered_list_open": BlockKind.ORDERED_LIST,
    "list_item_open": BlockKind.ITEM,
    "table_open": BlockKind.TABLE,
    "tr_open": BlockKind.ROW,
    "th_open": BlockKind.CELL,
    "td_open": BlockKind.CELL,
    "footnote_open": BlockKind.FOOTNOTE,
}
_LEAF = {
    "front_matter": BlockKind.FRONT_MATTER,
    "fence": BlockKind.FENCE,
    "code_block": BlockKind.CODE,
    "html_block": BlockKind.HTML,
    "hr": BlockKind.RULE,
}


@dataclass(slots=True)
class Block:
    """A block and the lines it stands on (1-based, inclusive, blank lines at its end left out).

    `level` is a heading's 1 to 6. `content` is the raw text of fences, code, HTML and front matter, or the
    inline source of headings, paragraphs and cells, whose parsed form is `inline`. `label` is a footnote's.
    """

    kind: BlockKind
    line_start: int
    line_end: int
    level: int = 0
    content: str = ""
    label: str = ""
    inline: Sequence[Token] = ()
    children: list[Block] = field(default_factory=list)

    def walk(self) -> Iterator[Block]:
        """This block and everything in it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of visible inline text, with the address it links to if it is link text."""

    text: str
    href: str | None = None


def parse(text: str) -> tuple[list[str], list[Block]]:
    """The lines of a document and its top-level blocks, footnote definitions last.

    Never raises on any text: all text is Markdown.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    root = Block(BlockKind.QUOTE, 1, len(lines))
    stack = [root]
    for token in _parser().parse(text):
        if token.type in _OPENING or token.type in _LEAF:
            parent = stack[-1]
            start, end = (token.map[0] + 1, token.map[1]) if token.map else (parent.line_start, parent.line_end)
            while end > start and not lines[end - 1].strip():
                end -= 1
            leaf = token.type in _LEAF
            block = Block(_LEAF[token.type] if leaf else _OPENING[token.type], start, max(start, end))
            block.content = token.content if leaf else ""
            if block.kind is BlockKind.HEADING:
                block.level = int(token.tag[1])
            elif block.kind is BlockKind.FOOTNOTE:
                block.label = str(token.meta.get("label", ""))
            parent.children.append(block)
            if not leaf:
                stack.append(block)
        elif token.type == "inline":
            stack[-1].content, stack[-1].inline = token.content, token.children or ()
        elif token.nesting == -1 and token.type.removesuffix("_close") + "_open" in _OPENING:
            closed = stack.pop()
            if closed.kind is BlockKind.FOOTNOTE and closed.children:
                closed.line_start, closed.line_end = (
                    closed.children[0].line_start,
                    closed.children[-1].line_end,
                )
    return lines, root.children


def segments(block: Block) -> list[Segment]:
    """The visible text of a heading, paragraph or cell in runs; images as their alternative text.

    A line break becomes `\\n`; inline HTML is left out.
    """
    result: list[Segment] = []
    href: str | None = None
    for token in block.inline:
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
        elif token.type == "link_close":
            href = None
        elif token.type in ("text", "code_inline", "image", "text_special"):
            result.append(Segment(token.content, href))
        elif token.type in ("softbreak", "hardbreak"):
            result.append(Segment("\n", href))
    return result


def plain(block: Block) -> str:
    """The visible text of a heading, paragraph or cell on one line."""
    return " ".join("".join(segment.text for segment in segments(block)).split())


_HTML_TAG = re.compile(r"<[^<>]*>")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)


def visible_text(markdown: str, *, inline: bool = False) -> str:
    """Markdown as the words that a reader sees, on one line: for an encoder, not for showing.

    With `inline`, the text is a part of a paragraph, and nothing at its beginning makes it a list or a heading.
    """
    parser = _parser()
    tokens = parser.parseInline(markdown) if inline else parser.parse(markdown)
    words: list[str] = []
    for token in tokens:
        if token.type == "inline":
            words += _words(token.children or ())
        elif token.type in ("fence", "code_block"):
            words.append(token.content)
        elif token.type == "html_block":
            words.append(_HTML_TAG.sub(" ", _HTML_COMMENT.sub(" ", token.content)))
        words.append(" ")
    return " ".join("".join(words).split())


_TASK = re.compile(r"^\[[ xX]\]\s")
_DELIMITER_ROW = re.compile(r"[|:\s-]*")
_REFERENCE_LINK = re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]")  # its definition may stand elsewhere in the document


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for position, token in enumerate(tokens):
        if token.type == "image":
            yield from _words(token.children or ())
        elif token.type in ("softbreak", "hardbreak") or (
            token.type == "html_inline" and token.content.startswith("<br")
        ):
            yield " "
        elif token.type == "text":
            text = _TASK.sub("", token.content) if position == 0 else token.content
            if text.startswith("|") and text.endswith("|"):  # a row of a table whose head stands elsewhere
                text = "" if _DELIMITER_ROW.fullmatch(text) else text.replace("|", " ")
            yield _REFERENCE_LINK.sub(r"\1", text)
        elif token.type not in ("html_inline", "footnote_ref"):
            yield token.content


_HTML_ANCHOR = re.compile(r"""<[a-z][^>]*?\s(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_HEADING_ID = re.compile(r"\s*\{#([\w:.-]+)[^}]*\}\s*$")


def anchors(blocks: Sequence[Block]) -> frozenset[str]:
    """Every fragment that a link to this document may name.

    GitHub's slug of each heading (lower case, punctuation off, spaces to hyphens, `-1` for the second of a
    kind), explicit `{#id}` marks, and the `id` and `name` attributes of HTML.
    """
    found: set[str] = set()
    used: dict[str, int] = {}
    for block in (inner for top in blocks for inner in top.walk()):
        if block.kind is BlockKind.HEADING:
            text = plain(block)
            if match := _HEADING_ID.search(text):
                found.add(match[1])
                text = text[: match.start()]
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            count = used.get(slug, 0)
            used[slug] = count + 1
            found.add(f"{slug}-{count}" if count else slug)
        if block.kind is BlockKind.HTML:
            found.update(_HTML_ANCHOR.findall(block.content))
        for token in block.inline:
            if token.type == "html_inline":
                found.update(_HTML_ANCHOR.findall(token.content))
    return frozenset(found)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(front_matter_plugin)
    parser.use(footnote_plugin, inline=False)
    return parser
