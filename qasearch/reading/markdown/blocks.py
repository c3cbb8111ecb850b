"""Markdown text to a tree of blocks with line ranges.

The only module that calls markdown-it-py. Its 0-based half-open line maps become 1-based inclusive
ranges here, once. Blocks are parsed at once, the text inside them when it is asked for, which for
most is never. Knows nothing of questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from qasearch.reading.markdown.slugs import slug


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


class Position(NamedTuple):
    """A character of a document: 1-based line and column. As the end of a range it is the last one
    inside.
    """

    line: int
    column: int


LISTS = frozenset({BlockKind.BULLET_LIST, BlockKind.ORDERED_LIST})

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
    "dl_open": BlockKind.DEFINITIONS,
    "dt_open": BlockKind.TERM,
    "dd_open": BlockKind.DEFINITION,
    "footnote_reference_open": BlockKind.FOOTNOTE,
}
_CLOSING = frozenset(name.replace("_open", "_close") for name in _OPENING)
_LEAF = {
    "fence": BlockKind.FENCE,
    "code_block": BlockKind.CODE,
    "html_block": BlockKind.HTML,
    "hr": BlockKind.RULE,
}
_LONGEST_INLINE = 1 << 15
"""Characters of one paragraph that are parsed together; a longer one is cut at line ends, which
bounds the time."""

_Env = MutableMapping[str, Any]


class Block:
    """A block and the lines it stands on (1-based, inclusive, blank lines at its end left out).

    `level` is a heading's 1 to 6. `content` is the raw text of fences, code, HTML and front matter,
    or the inline source of headings, paragraphs and cells, whose parsed form is `inline`. `label`
    is a footnote's, or `TOML` for such front matter.
    """

    __slots__ = (
        "_env",
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
        self._env: _Env | None = None
        self._inline: Sequence[Token] | None = None

    @property
    def inline(self) -> Sequence[Token]:
        """The tokens of the text of a heading, paragraph, term or cell; empty for other blocks."""
        if self._inline is None:
            self._inline = (
                ()
                if self._env is None or not self.content
                else tuple(_inline(self.content, self._env))
            )
        return self._inline

    @property
    def has_inline(self) -> bool:
        """Whether this is a block of text, without parsing it."""
        return self._env is not None

    @property
    def has_definitions(self) -> bool:
        """Whether its document defines targets that `[text]` alone can link to."""
        return bool(self._env and self._env.get("references"))

    def set_text(self, content: str, env: _Env) -> None:
        """Make this a block of text."""
        self.content, self._env, self._inline = content, env, None

    def walk(self) -> Iterator[Block]:
        """This block and everything in it, in document order."""
        stack = [self]
        while stack:
            block = stack.pop()
            yield block
            if block.children:
                stack.extend(reversed(block.children))


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of visible inline text, with its address if it is link text; `strong` if it is
    emphasised or code.
    """

    text: str
    href: str | None = None
    strong: bool = False


def parse(text: str) -> tuple[list[str], list[Block]]:
    """The lines of a document and its top-level blocks in the order of their lines.

    Headings in raw HTML become headings. Never raises on any text: all text is Markdown.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    env: _Env = {}
    root = Block(BlockKind.QUOTE, 1, len(lines))
    stack = [root]
    if head := _FRONT_MATTER.match(text):
        end = text.count("\n", 0, head.end("end")) + 1
        root.children.append(Block(BlockKind.FRONT_MATTER, 1, end, head["content"]))
        root.children[0].label = TOML if head["fence"] == "+++" else ""
        text = "\n" * (end - 1) + text[head.end("end") :]
    for token in _block_parser().parse(text, env):
        kind = token.type
        if kind == "inline":
            stack[-1].set_text(token.content, env)
        elif kind in _OPENING or kind in _LEAF:
            parent = stack[-1]
            start, end = (
                (token.map[0] + 1, token.map[1])
                if token.map
                else (parent.line_start, parent.line_end)
            )
            while end > start and (not lines[end - 1] or lines[end - 1].isspace()):
                end -= 1
            leaf = kind in _LEAF
            block = Block(_LEAF[kind] if leaf else _OPENING[kind], start, max(start, end))
            parent.children.append(block)
            if leaf:
                block.content = token.content
                continue
            if block.kind is BlockKind.HEADING:
                block.level = int(token.tag[1])
            elif block.kind is BlockKind.FOOTNOTE:
                block.label = str(token.meta.get("label", ""))
            stack.append(block)
        elif kind in _CLOSING:
            stack.pop()
    return lines, _with_html_headings(root.children, env)


TOML = "toml"
"""The label of front matter between lines of three plus signs, as Hugo has it."""

_FRONT_MATTER = re.compile(
    r"(?P<fence>---|\+\+\+)[ \t]*\n(?P<content>.*?)^(?P<end>(?P=fence)[ \t]*)$",
    re.DOTALL | re.MULTILINE,
)
_HTML_HEADING = re.compile(
    r"""\s*(?:<(?:a|div|span|br|p|center|header)\b[^<>]*>\s*(?:</a>\s*)?)*
        <h([1-6])\b[^<>]*>(.*?)</h\1\s*>""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_HTML_HEADING_OPENS = re.compile(r"\s*<h([1-6])\b[^<>]*>\s*", re.IGNORECASE)


def _with_html_headings(blocks: Sequence[Block], env: _Env) -> list[Block]:
    """The blocks with `<h2>…</h2>` as headings, in one HTML block with other HTML or around a
    paragraph of its own.
    """
    result: list[Block] = []
    position = 0
    while position < len(blocks):
        block = blocks[position]
        position += 1
        if block.kind is not BlockKind.HTML or "<h" not in block.content.lower():
            result.append(block)
            continue
        opens = _HTML_HEADING_OPENS.fullmatch(block.content)
        if opens and position + 1 < len(blocks) and blocks[position].kind is BlockKind.PARAGRAPH:
            closes = blocks[position + 1]
            if (
                closes.kind is BlockKind.HTML
                and closes.content.strip().lower() == f"</h{opens[1]}>"
            ):
                heading = Block(
                    BlockKind.HEADING, block.line_start, closes.line_end, level=int(opens[1])
                )
                heading.set_text(blocks[position].content, env)
                result.append(heading)
                position += 2
                continue
        result += _split_html(block, env)
    return result


def _split_html(block: Block, env: _Env) -> Iterator[Block]:
    """An HTML block cut into its headings and what stands between them, at line ends."""
    content, done, line = block.content.rstrip("\n"), 0, block.line_start
    while match := _HTML_HEADING.match(content, done):
        newline = content.find("\n", match.end())
        end = len(content) if newline < 0 else newline
        rest = _BARE_TAG.sub("", content[match.end() : end])
        text = " ".join(match[2].split())
        if rest.strip() or not _BARE_TAG.sub("", text).strip():
            break
        opens = line + content.count("\n", done, match.start(1))
        line += content.count("\n", done, end)
        heading = Block(BlockKind.HEADING, opens, line, level=int(match[1]))
        heading.set_text(text, env)
        yield heading
        done, line = end + 1, line + 1
        if done > len(content):
            return
    if done == 0:
        yield block
    else:
        yield Block(BlockKind.HTML, line, block.line_end, content[done:] + "\n")


_BARE_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def segments(block: Block) -> list[Segment]:
    """The visible text of a heading, paragraph or cell in runs; images as their alternative text.

    A line break becomes `\\n`; inline HTML is left out.
    """
    if (simple := simple_segments(block.content)) is not None:
        return simple
    result: list[Segment] = []
    href: str | None = None
    strong = 0
    for token in block.inline:
        kind = token.type
        if kind == "link_open":
            href = str(token.attrs.get("href", ""))
        elif kind == "link_close":
            href = None
        elif kind in ("strong_open", "strong_close", "em_open", "em_close"):
            strong += token.nesting
        elif kind in ("text", "code_inline", "image", "text_special"):
            result.append(Segment(token.content, href, strong > 0 or kind == "code_inline"))
        elif kind in ("softbreak", "hardbreak"):
            result.append(Segment("\n", href, strong > 0))
        elif kind == "html_inline":
            if match := _STRONG_TAG.match(token.content):
                strong = max(0, strong + (-1 if match[1] else 1))
            elif _NO_TAG.match(token.content):
                result.append(Segment(token.content, href, strong > 0))
    return result


_NO_TAG = re.compile(
    r"<(?!/|!|\?|(?:a|abbr|b|bdi|big|br|button|center|cite|code|dd|del|details|dfn|div|dl|dt|em|figure|font|h[1-6]|hr|i|iframe|"
    r"img|input|ins|kbd|label|li|mark|ol|p|picture|pre|q|rp|rt|ruby|s|samp|script|small|source|span|strike|strong|style|"
    r"sub|summary|sup|svg|table|tbody|td|th|thead|tr|tt|u|ul|var|video|wbr)\b)[\w .-]+>",
    re.IGNORECASE,
)
"""What looks like a tag and is none of HTML: `<your-name>`."""

_STRONG_TAG = re.compile(r"<(/?)(?:b|strong)\s*>", re.IGNORECASE)
_PLAIN_LINES = re.compile(r"[^\0\\`*_\[\]<>&!~|]*")
"""Text without any sign that could be markup needs no parsing."""

_SIMPLE_LINK = re.compile(
    r"\[([^\0\\`*_\[\]<>&!~|\n]+)\]\((?!(?i:javascript|vbscript|file|data):)([\w#/:.+~=?,;@-]*)\)",
    re.ASCII,
)


def simple_segments(content: str) -> list[Segment] | None:
    """The segments of text without any markup but links of the plainest kind; None where there is
    more to it.

    The same as what the parser finds, without the time that it takes: tables of contents are made
    of such text.
    """
    result: list[Segment] = []
    done = 0
    if "](" in content:
        for match in _SIMPLE_LINK.finditer(content):
            if not _PLAIN_LINES.fullmatch(content, done, match.start()):
                return None
            result += _plain_segments(content[done : match.start()])
            result.append(Segment(match[1], match[2]))
            done = match.end()
    if not _PLAIN_LINES.fullmatch(content, done):
        return None
    result += _plain_segments(content[done:])
    return result


def _plain_segments(text: str) -> Iterator[Segment]:
    first, newline, others = text.partition("\n")
    if not newline:
        if text:
            yield Segment(text)
        return
    yield Segment(first.rstrip(" "))
    *middle, last = others.split("\n")
    for line in middle:
        yield Segment("\n")
        yield Segment(line.lstrip(" \t").rstrip(" "))
    yield Segment("\n")
    yield Segment(last.lstrip(" \t"))


def plain(block: Block) -> str:
    """The visible text of a heading, paragraph or cell on one line."""
    if _PLAIN_LINES.fullmatch(block.content):
        return " ".join(block.content.split())
    return " ".join("".join(segment.text for segment in segments(block)).split())


_HTML_TAG = re.compile(r"<[^<>]*>")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)


def visible_text(markdown: str, *, inline: bool = False) -> str:
    """Markdown as the words that a reader sees, on one line: for an encoder, not for showing.

    With `inline`, the text is a part of a paragraph, and nothing at its beginning makes it a list
    or a heading.
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
_REFERENCE_LINK = re.compile(
    r"\[([^\[\]]*)\]\[[^\[\]]*\]"
)  # its definition may stand elsewhere in the document


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
            if text.startswith("|") and text.endswith(
                "|"
            ):  # a row of a table whose head stands elsewhere
                text = "" if _DELIMITER_ROW.fullmatch(text) else text.replace("|", " ")
            yield _REFERENCE_LINK.sub(r"\1", text)
        elif token.type not in ("html_inline", "footnote_ref"):
            yield token.content


_HTML_ANCHOR = re.compile(r"""<[a-z][^>]*?\s(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_HEADING_ID = re.compile(r"\s*\{#([\w:.-]+)[^}]*\}\s*$")


def anchors(blocks: Sequence[Block], lines: Sequence[str]) -> frozenset[str]:
    """Every fragment that a link to this document may name.

    GitHub's slug of each heading (lower case, punctuation off, spaces to hyphens, `-1` for the
    second of a kind), explicit `{#id}` marks, and the `id` and `name` attributes of HTML.
    """
    found: set[str] = set()
    used: dict[str, int] = {}
    for block in (inner for top in blocks for inner in top.walk()):
        if block.kind is BlockKind.HEADING:
            text = plain(block)
            if match := _HEADING_ID.search(text):
                found.add(match[1])
                text = text[: match.start()]
            name = slug(text)
            count = used.get(name, 0)
            used[name] = count + 1
            found.add(f"{name}-{count}" if count else name)
            for line in lines[block.line_start - 1 : block.line_end]:
                if "<" in line:
                    found.update(_HTML_ANCHOR.findall(line))
        elif block.kind is BlockKind.HTML:
            found.update(_HTML_ANCHOR.findall(block.content))
        elif "<" in block.content and block.has_inline:
            for token in block.inline:
                if token.type == "html_inline":
                    found.update(_HTML_ANCHOR.findall(token.content))
    return frozenset(found)


def _inline(content: str, env: _Env) -> Iterator[Token]:
    """The tokens of the inline source of one block; `env` holds the definitions of the document."""
    if len(content) <= _LONGEST_INLINE:
        pieces = [content]
    else:
        pieces = []
        start = 0
        while start < len(content):
            end = content.rfind("\n", start, start + _LONGEST_INLINE) + 1
            end = end if end > start else start + _LONGEST_INLINE
            pieces.append(content[start:end])
            start = end
    for piece in pieces:
        for token in _parser().parseInline(piece, env):
            yield from token.children or ()


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    parser.use(deflist_plugin)
    return parser


@cache
def _block_parser() -> MarkdownIt:
    return _parser.__wrapped__().disable(["inline", "text_join"])
