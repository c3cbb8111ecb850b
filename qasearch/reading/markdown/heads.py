"""Where the front matter of a file ends, if it has any: YAML, TOML or JSON.

`---` in the first line is a rule as well. It opens front matter if a mapping follows. Front matter
that is never closed ends at its first blank line, although a rule may stand further down.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import yaml

from qasearch.reading.markdown.blocks import TOML, Block, BlockKind

_KEY = re.compile(r"[\"']?\w[\w .,/&()+-]{0,60}[\"']?\s*:(?:\s|$)|[?{]")
_TOML_LINE = re.compile(r"\s*(?:[\w.\"'-]+\s*=|\[|#|$)")
_HEADING = re.compile(r"#{2,6}\s")

_MOST_OF_YAML = 20_000
"""Characters that are looked through for a mapping; front matter is shorter."""


def find_front_matter(lines: Sequence[str]) -> Block | None:
    """The front matter of a document; None if it has none. Its content may be invalid."""
    fence = lines[0].rstrip()
    if fence == "+++":
        return _toml(lines)
    if fence == "{":
        return _json(lines)
    return _yaml(lines) if fence == "---" and len(lines) > 1 else None


def _yaml(lines: Sequence[str]) -> Block | None:
    ends = ("---", "...")
    end = next((n for n in range(1, len(lines)) if lines[n].rstrip() in ends), len(lines))
    content = lines[1:end]
    is_closed = end < len(lines)
    blank = next((n for n, line in enumerate(content) if not line.strip()), len(content))
    words = (line for line in content if line.strip() and not line.startswith("#"))
    if not _KEY.match(next(words, "key:")):
        return None
    if is_closed and (blank == len(content) or _is_yaml(content)):
        return _block(content, end + 1)
    if blank and _is_mapping(content[:blank]):
        return _block(content[:blank], blank + 1)
    return _block(content, end + 1) if is_closed and not _is_markdown(content) else None


def _toml(lines: Sequence[str]) -> Block | None:
    end = next((n for n in range(1, len(lines)) if lines[n].rstrip() == "+++"), 0)
    if not end or not any(_TOML_LINE.match(line) and line.strip() for line in lines[1:end]):
        return None
    block = _block(lines[1:end], end + 1)
    block.label = TOML
    return block


def _json(lines: Sequence[str]) -> Block | None:
    """JSON is YAML. Its first brace moves into the indentation of the next line."""
    end = next((n for n in range(1, len(lines)) if lines[n].rstrip() == "}"), 0)
    content = [f"{{{lines[1][1:] if lines[1][:1].isspace() else lines[1]}", *lines[2 : end + 1]]
    return _block(content, end + 1) if end > 1 and _is_mapping(content) else None


def _block(content: Sequence[str], line_end: int) -> Block:
    return Block(BlockKind.FRONT_MATTER, 1, line_end, "".join(f"{line}\n" for line in content))


def _is_yaml(content: Sequence[str]) -> bool:
    """Whether lines with blank ones among them are one mapping, and no text with headings."""
    return not _is_markdown(content) and _is_mapping(content)


def _is_markdown(content: Sequence[str]) -> bool:
    """Whether a heading stands below a blank line, which a comment in YAML may look like."""
    return any(not above.strip() and _HEADING.match(line) for above, line in pairwise(content))


def _is_mapping(content: Sequence[str]) -> bool:
    text = "\n".join(content)
    if len(text) > _MOST_OF_YAML:
        return True
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return False
    return node is None or isinstance(node, yaml.MappingNode)
