"""The anchors of a document: what the fragment of a link to it can name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.blocks import Block, BlockKind, walk_all
from qasearch.reading.markdown.inline import plain
from qasearch.reading.markdown.slugs import slug

_HTML_ANCHOR = re.compile(r"""<[a-z][^>]*?\s(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
_HEADING_ID = re.compile(r"\s*\{#([\w:.-]+)[^}]*\}\s*$")


def anchors(
    blocks: Sequence[Block],
    lines: Sequence[str],
    flavour: Flavour = Flavour.PLAIN,  # noqa: ARG001
) -> frozenset[str]:
    """Every fragment that a link to the document can name.

    These are GitHub's slugs of the headings (the second heading with a slug has `-1` at its end),
    ids such as `{#id}` in headings, and the attributes `id` and `name` of HTML.
    """
    names: set[str] = set()
    frequency: dict[str, int] = {}
    for block in walk_all(blocks):
        if block.kind is BlockKind.HEADING:
            text = plain(block)
            if match := _HEADING_ID.search(text):
                names.add(match[1])
                text = text[: match.start()]
            name = slug(text)
            count = frequency.get(name, 0)
            frequency[name] = count + 1
            names.add(f"{name}-{count}" if count else name)
            for line in lines[block.line_start - 1 : block.line_end]:
                if "<" in line:
                    names.update(_HTML_ANCHOR.findall(line))
        elif block.kind is BlockKind.HTML:
            names.update(_HTML_ANCHOR.findall(block.content))
        elif "<" in block.content and block.has_inline:
            for token in block.inline:
                if token.type == "html_inline":
                    names.update(_HTML_ANCHOR.findall(token.content))
    return frozenset(names)
