"""The text of a document to its blocks.

The parser counts lines from 0 and excludes the last one. These ranges become 1-based and inclusive
here, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qasearch.reading.markdown.blocks import TOML, Block, BlockKind
from qasearch.reading.markdown.parser import Definitions, Token, block_tokens

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
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def parse(text: str) -> tuple[list[str], list[Block]]:
    """The lines of a document, and its top-level blocks in the order of their lines.

    Headings in raw HTML become headings. Never raises: any text is Markdown.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    blocks: list[Block] = []
    if head := _FRONT_MATTER.match(text):
        end = text.count("\n", 0, head.end("end")) + 1
        blocks.append(Block(BlockKind.FRONT_MATTER, 1, end, head["content"]))
        blocks[0].label = TOML if head["fence"] == "+++" else ""
        text = "\n" * (end - 1) + text[head.end("end") :]
    definitions: Definitions = {}
    blocks += _tree(block_tokens(text, definitions), lines, definitions)
    return lines, _with_html_headings(blocks, definitions)


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
