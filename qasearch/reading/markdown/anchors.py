"""The anchors of a document: what the fragment of a link to it can name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.blocks import CODE_BLOCKS, Block, BlockKind
from qasearch.reading.markdown.inline import plain
from qasearch.reading.markdown.slugs import SLUG_RULES, SlugCounter

_MAY_NAME = re.compile(r"\s(?:id|name)\s*=", re.IGNORECASE)
_HTML_ANCHOR = re.compile(r"""<[a-z][^>]*?\s(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_HEADING_ID = re.compile(r"\s*\{#([\w:.-]+)[^}]*\}\s*$")
_BLOCK_ID = re.compile(r"(?:^|\s)\^([A-Za-z0-9-]+)\s*$")

_NO_IDS: Mapping[int, Sequence[str]] = {}


def anchors(
    blocks: Sequence[Block],
    lines: Sequence[str],
    flavour: Flavour = Flavour.PLAIN,
    explicit: Mapping[int, Sequence[str]] = _NO_IDS,
) -> frozenset[str]:
    """Every fragment that a link to the document can name.

    These are the slugs of its headings by each rule that fits the flavour, ids such as `{#id}`, the
    attributes `id` and `name` of HTML, and the ids of blocks (`^id` at the end of a line), with the
    `^`.

    Args:
        blocks: all blocks of the document, nested ones included.
        lines: its lines.
        flavour: the program that it was written for.
        explicit: the ids that hidden marks give to lines.
    """
    names: set[str] = {name for ids in explicit.values() for name in ids}
    counters = [SlugCounter(rule) for rule in SLUG_RULES[flavour]]
    for block in blocks:
        if block.kind in (BlockKind.HEADING, BlockKind.TERM):
            names.update(_of_heading(block, counters))
        if block.kind is BlockKind.HEADING:
            for line in lines[block.line_start - 1 : block.line_end]:
                if "<" in line:
                    names.update(_HTML_ANCHOR.findall(line))
        elif block.kind is BlockKind.HTML:
            names.update(_HTML_ANCHOR.findall(block.content))
        elif block.has_inline and "<" in block.content and _MAY_NAME.search(block.content):
            for token in block.inline:
                if token.type == "html_inline":
                    names.update(_HTML_ANCHOR.findall(token.content))
    names.update(_block_ids(blocks, lines))
    return frozenset(names)


def _of_heading(block: Block, counters: Sequence[SlugCounter]) -> Iterator[str]:
    text = plain(block)
    if match := _HEADING_ID.search(text):
        yield match[1]
        text = text[: match.start()]
    if match := _BLOCK_ID.search(text):
        text = text[: match.start()]
    if block.kind is BlockKind.TERM:
        counters = [SlugCounter(counter.rule) for counter in counters]  # no heading: not counted
    for counter in counters:
        yield counter.next(text)


def _block_ids(blocks: Sequence[Block], lines: Sequence[str]) -> Iterator[str]:
    """The ids at the ends of lines, as they are and in lower case, without those in code."""
    marked = [number for number, line in enumerate(lines, start=1) if "^" in line]
    if not marked:
        return
    code = {
        number
        for block in blocks
        if block.kind in CODE_BLOCKS
        for number in range(block.line_start, block.line_end + 1)
    }
    for number in marked:
        if number not in code and (match := _BLOCK_ID.search(lines[number - 1][-80:])):
            yield f"^{match[1]}"
            yield f"^{match[1].lower()}"
