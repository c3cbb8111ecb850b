"""Text that consists of links: tables of contents, and paragraphs that only point elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qasearch.datatypes.entry import ReferenceKind
from qasearch.reading.document.pointers import is_pointer
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, walk_all
from qasearch.reading.markdown.inline import plain, segments
from qasearch.reading.markdown.targets import kind_of

_LOCAL_LINK = re.compile(r"\[([^\[\]]*)\](?:\((?!\w+:|//)[^()]*\)|\[[^\[\]]*\])")

_WEB_LINK_FIRST = re.compile(
    r"(?:\[[ xX]\]\s+)?(?:[^\w\[<]{0,6}|\*\*[^*\n]{1,40}\*\*\W{0,4})"
    r"(?:!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?https?:|<?https?://)"
)
_SHARE_OF_ITEMS = 0.8
"""Which part of the items of a list of links begins with one."""

_MIN_LINKS = 3
"""Fewer links to places in the document are no table of contents."""

_SHARE_OF_LINKS = 4
"""A table of contents has this many characters in its links for each other character."""


def leads_back(href: str) -> bool:
    """Whether an address leads to a place in the same document."""
    return href.startswith("#")


def leads_on(href: str) -> bool:
    """Whether an address leads to this document or another one of the corpus."""
    file = href.partition("#")[0]
    return kind_of(href) is not ReferenceKind.WEB and (
        not file or file.lower().endswith((".md", ".markdown", ".mdx", ".html"))
    )


def is_table_of_contents(
    blocks: Sequence[Block],
    is_internal: Callable[[str], bool] = leads_back,
    min_links: int = _MIN_LINKS,
) -> bool:
    """Whether the text of these blocks mainly consists of internal links.

    `is_internal` tells by its address which link is one.
    """
    texts = [block for block in walk_all(blocks) if block.has_inline and block.content]
    if not _may_be_contents(texts, min_links):
        return False
    internal = other = links = 0
    for block in texts:
        for segment in segments(block):
            if segment.href is not None and is_internal(segment.href):
                internal += len(segment.text)
                links += 1
            else:
                other += len(segment.text.strip())
    return links >= min_links and internal > _SHARE_OF_LINKS * other


def _may_be_contents(texts: Sequence[Block], min_links: int) -> bool:
    """Whether local links hold so much of the raw text that it is worth parsing."""
    total = linked = links = 0
    for block in texts:
        total += len(block.content)
        if "](" in block.content or "][" in block.content:
            for match in _LOCAL_LINK.finditer(block.content):
                links += 1
                linked += len(match[1])
                total -= len(match[0])
    return links >= min_links and linked > total


def is_only_pointers(blocks: Sequence[Block]) -> bool:
    """Whether these blocks are paragraphs that only point to other documents: `[Nice blog](…)`."""
    paragraphs = [block for block in blocks if block.kind is BlockKind.PARAGRAPH]
    if not paragraphs or len(paragraphs) < len(blocks):
        return False
    if not all(is_pointer(plain(block)) or _is_all_linked(block) for block in paragraphs):
        return False
    addresses = (segment.href or "#" for block in paragraphs for segment in segments(block))
    return any(not leads_back(address) for address in addresses)


def is_list_of_links(blocks: Sequence[Block]) -> bool:
    """Whether these blocks mainly list links into the web, each with a few words on it.

    Such as `- [Tea](https://…) - A drink.`; a sentence or two may stand beside the list.
    """
    items = [
        block.children[0].content
        for block in walk_all(blocks)
        if block.kind is BlockKind.ITEM and block.children and block.children[0].has_inline
    ]
    linked = [content for content in items if _WEB_LINK_FIRST.match(content)]
    if len(linked) < _MIN_LINKS or len(linked) < _SHARE_OF_ITEMS * len(items):
        return False
    beside = sum(len(block.content) for block in blocks if block.kind not in LISTS)
    return beside < sum(map(len, linked))


def _is_all_linked(block: Block) -> bool:
    return all(segment.href is not None for segment in segments(block) if segment.text.strip())
