"""The text of a document to its blocks.

The parser counts lines from 0 and excludes the last one. These ranges become 1-based and inclusive
here, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.blocks import Block, BlockKind, walk_all
from qasearch.reading.markdown.containers import read_containers
from qasearch.reading.markdown.details import Tag
from qasearch.reading.markdown.heads import find_front_matter
from qasearch.reading.markdown.hidden import Visible, without_hidden
from qasearch.reading.markdown.inline import plain
from qasearch.reading.markdown.lines import FenceState
from qasearch.reading.markdown.parser import Definitions, Token, block_tokens
from qasearch.reading.markdown.slugs import slug

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

_ODD_SPACE = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_ODD_HEADING = re.compile(rf"( {{0,3}}#{{1,6}})[{_ODD_SPACE}]")
_MAY_BE_ODD = re.compile(rf"^ {{0,3}}#{{1,6}}[^#\s]|#[{_ODD_SPACE}]", re.MULTILINE)
_TIGHT_HEADING = re.compile(r" {0,3}(?P<signs>#{1,6})(?=[^#\s!])")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_HTML_HEADING = re.compile(
    r"""\s*(?:<(?:a|div|span|br|p|center|header)\b[^<>]*>\s*(?:</a>\s*)?)*
        <h([1-6])\b[^<>]*>(.*?)</h\1\s*>""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_HTML_HEADING_OPENS = re.compile(r"\s*<h([1-6])\b[^<>]*>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")

_FEWEST_TIGHT_HEADINGS = 2
"""A single line such as `##What?` can be anything."""


@dataclass(frozen=True)
class Parsed:
    """A document as its readers see it, and what it is made of.

    Attributes:
        lines: its lines without hidden text; line 1 is `lines[0]`.
        blocks: its top-level blocks in the order of their lines; the first one can be front matter.
        visible: what was hidden in the lines.
        containers: the tags of the containers in it that are no HTML.
    """

    lines: Sequence[str]
    blocks: Sequence[Block]
    visible: Visible
    containers: Sequence[Tag]

    @cached_property
    def every_block(self) -> Sequence[Block]:
        """The blocks and all blocks in them, in the order of the document."""
        return list(walk_all(self.blocks))

    def only_front_matter(self) -> Parsed:
        """The document with everything hidden but its front matter."""
        head = [block for block in self.blocks if block.kind is BlockKind.FRONT_MATTER]
        first = head[0].line_end + 1 if head else 1
        visible = self.visible.hiding(frozenset(range(first, len(self.lines) + 1)))
        return Parsed(visible.lines, head, visible, ())


def parse(
    text: str, flavour: Flavour = Flavour.PLAIN, private_headings: Collection[str] = ()
) -> Parsed:
    """The blocks of a document. Headings in raw HTML become headings.

    Never raises: any text is Markdown.

    Args:
        text: the document.
        flavour: the program that it was written for.
        private_headings: the headings whose sections are hidden, as slugs.
    """
    lines = lines_of(text)
    head = find_front_matter(lines)
    first = head.line_end + 1 if head else 1
    visible = without_hidden(lines, first, flavour)
    parsed = _parse(visible, head, first)
    if private := private_lines(parsed.blocks, private_headings, len(lines)):
        return _parse(visible.hiding(private), head, first)
    return parsed


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever its line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _parse(visible: Visible, head: Block | None, first: int) -> Parsed:
    contained = read_containers(visible.lines, first)
    visible = visible.without(contained.marks)
    lines = contained.lines
    text = "\n" * (first - 1) + "\n".join(_with_headings(lines[first - 1 :]))
    definitions: Definitions = {}
    blocks = [head] if head else []
    blocks += _tree(block_tokens(text, definitions), lines, definitions)
    return Parsed(visible.lines, _with_html_headings(blocks, definitions), visible, contained.tags)


def _with_headings(lines: Sequence[str]) -> Sequence[str]:
    """The lines with a space behind the signs of headings that have another one, or none.

    Without a space, they are headings only where the document writes all of its headings so, and
    two of them. A line of tags, `#tea #milk`, has one sign.
    """
    if not any(_MAY_BE_ODD.search(line) for line in lines if "#" in line):
        return lines
    fences = FenceState()
    is_text = [not fences.holds(line) for line in lines]
    result = [
        f"{match[1]} {line[match.end() :]}"
        if text and (match := _ODD_HEADING.match(line))
        else line
        for line, text in zip(lines, is_text, strict=True)
    ]
    tight = [
        (number, match)
        for number, line in enumerate(result)
        if is_text[number] and (match := _TIGHT_HEADING.match(line))
    ]
    has_headings = any(
        text and _HEADING.match(line) for line, text in zip(result, is_text, strict=True)
    )
    deep = sum(len(match["signs"]) > 1 for _, match in tight)
    if has_headings or not deep or len(tight) < _FEWEST_TIGHT_HEADINGS:
        return result
    for number, match in tight:
        line = result[number]
        result[number] = f"{line[: match.end()]} {line[match.end() :]}"
    return result


def private_lines(
    blocks: Sequence[Block], private_headings: Collection[str], last_line: int
) -> frozenset[int]:
    """The lines of the sections whose headings are private, the headings included."""
    private: set[int] = set()
    if not private_headings:
        return frozenset()
    headings = [block for block in blocks if block.kind is BlockKind.HEADING]
    for position, heading in enumerate(headings):
        if slug(plain(heading)) in private_headings:
            below = (
                other.line_start - 1
                for other in headings[position + 1 :]
                if other.level <= heading.level
            )
            private.update(range(heading.line_start, next(below, last_line) + 1))
    return frozenset(private)


def _tree(tokens: Sequence[Token], lines: Sequence[str], definitions: Definitions) -> list[Block]:
    root = Block(BlockKind.QUOTE, 1, len(lines))
    stack = [root]
    for token in tokens:
        parent = stack[-1]
        if token.type == "inline":
            parent.set_text(token.content, definitions)
        elif kind := _LEAF.get(token.type):
            block = Block(kind, *_lines_of(token, parent, lines), token.content)
            parent.children.append(block)
        elif kind := _OPENING.get(token.type):
            block = Block(kind, *_lines_of(token, parent, lines))
            if kind is BlockKind.HEADING:
                block.level = int(token.tag[1])
            elif kind is BlockKind.FOOTNOTE:
                block.label = str(token.meta.get("label", ""))
            parent.children.append(block)
            stack.append(block)
        elif token.type in _CLOSING:
            stack.pop()
    return root.children


def _lines_of(token: Token, parent: Block, lines: Sequence[str]) -> tuple[int, int]:
    """The first and the last line of a token; those of its parent if it has none."""
    if token.map:
        start, end = token.map[0] + 1, token.map[1]
    else:
        start, end = parent.line_start, parent.line_end
    while end > start and (not lines[end - 1] or lines[end - 1].isspace()):
        end -= 1
    return start, max(start, end)


def _with_html_headings(blocks: Sequence[Block], definitions: Definitions) -> list[Block]:
    """The blocks with `<h2>…</h2>` as headings.

    Such a heading stands in one HTML block, maybe with other HTML, or in three blocks: a tag, a
    paragraph and a tag.
    """
    result: list[Block] = []
    position = 0
    while position < len(blocks):
        block = blocks[position]
        if block.kind is not BlockKind.HTML or "<h" not in block.content.lower():
            result.append(block)
            position += 1
        elif heading := _heading_of_three(blocks[position : position + 3], definitions):
            result.append(heading)
            position += 3
        else:
            result += _split_html(block, definitions)
            position += 1
    return result


def _heading_of_three(blocks: Sequence[Block], definitions: Definitions) -> Block | None:
    """The heading that three blocks make: the tag `<h2>`, a paragraph, the tag `</h2>`."""
    opens = _HTML_HEADING_OPENS.fullmatch(blocks[0].content)
    if not opens or len(blocks) < 3:
        return None
    _, paragraph, closes = blocks
    if paragraph.kind is not BlockKind.PARAGRAPH or closes.kind is not BlockKind.HTML:
        return None
    if closes.content.strip().lower() != f"</h{opens[1]}>":
        return None
    first, last = blocks[0].line_start, closes.line_end
    heading = Block(BlockKind.HEADING, first, last, level=int(opens[1]))
    heading.set_text(paragraph.content, definitions)
    return heading


def _split_html(block: Block, definitions: Definitions) -> Iterator[Block]:
    """An HTML block cut at line ends into the headings that it begins with, and the rest."""
    content, done, line = block.content.rstrip("\n"), 0, block.line_start
    while match := _HTML_HEADING.match(content, done):
        newline = content.find("\n", match.end())
        end = len(content) if newline < 0 else newline
        rest = _TAG.sub("", content[match.end() : end])
        text = " ".join(match[2].split())
        if rest.strip() or not _TAG.sub("", text).strip():
            break
        opens = line + content.count("\n", done, match.start(1))
        line += content.count("\n", done, end)
        heading = Block(BlockKind.HEADING, opens, line, level=int(match[1]))
        heading.set_text(text, definitions)
        yield heading
        done, line = end + 1, line + 1
        if done > len(content):
            return
    if done == 0:
        yield block
    else:
        yield Block(BlockKind.HTML, line, block.line_end, content[done:] + "\n")
