"""Tags in the text of a document: `#tea`, `#drinks/tea`, and `tags::` and `#[[two words]]` of
Logseq.

Knows lines and the blocks that hold no words. Tags of the front matter are in `front_matter`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.blocks import CODE_BLOCKS, Block, BlockKind

TAGGING = frozenset({Flavour.PLAIN, Flavour.OBSIDIAN, Flavour.LOGSEQ})
"""Folders in which `#word` is a tag. Elsewhere it is text: a channel, a person, a heading."""

_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_LINK_TARGET = re.compile(r"\]\([^()]*\)|(?<!#)\[\[[^\[\]]*\]\]|<[^<>]*>")
_TAG = re.compile(r"(?:(?<=[\s(,;|])|^)#(?:\[\[([^\[\]]+)\]\]|([^\W]+(?:[-/]+\w+)*)(?![\w#&=(]))")
_PROPERTY = re.compile(r"\s*(?:[-*]\s+)?tags::\s*(.*)$", re.IGNORECASE)
_ONLY_PROPERTY = re.compile(r"\s*(?:[-*]\s+)?(?:tags|alias|aliases)::(?:\s.*)?$", re.IGNORECASE)
_COLOUR = re.compile(r"(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$", re.IGNORECASE)
_DIRECTIVES = frozenset(
    "include define undef ifdef ifndef endif pragma elif region endregion if else error".split()
)
"""Words behind `#` at the beginning of a line of C or C#, which people paste without a fence."""

_LONGEST_LINE = 2_000
"""A longer line is data, not words with tags."""


def clean_tag(text: str) -> str:
    """A tag without `#`, brackets and spaces around it."""
    return text.strip().lstrip("#").removeprefix("[[").removesuffix("]]").strip().strip("/")


def inline_tags(
    lines: Sequence[str], blocks: Sequence[Block], flavour: Flavour, first_line: int = 1
) -> dict[int, tuple[str, ...]]:
    """The tags of each line that has some, from `first_line` on.

    `blocks` are all blocks of the document, nested ones included.
    """
    if flavour not in TAGGING:
        return {}
    marked = [
        number
        for number in range(first_line, len(lines) + 1)
        if "#" in lines[number - 1] or "::" in lines[number - 1]
    ]
    if not marked:
        return {}
    opaque = {
        number
        for block in blocks
        if block.kind in CODE_BLOCKS or block.kind is BlockKind.FRONT_MATTER
        for number in range(block.line_start, block.line_end + 1)
    }
    headings = {block.line_start for block in blocks if block.kind is BlockKind.HEADING}
    found = {}
    for number in marked:
        line = lines[number - 1]
        line = line.lstrip(" #") if number in headings else line
        if number not in opaque and (tags := tags_of_line(line)):
            found[number] = tags
    return found


def tags_of_line(line: str) -> tuple[str, ...]:
    """The tags in one line of text, each once, in their order."""
    if len(line) > _LONGEST_LINE:
        return ()
    if match := _PROPERTY.match(line):
        return tuple(dict.fromkeys(filter(None, map(clean_tag, match[1].split(",")))))
    if "#" not in line:
        return ()
    return tuple(dict.fromkeys(_tags(_LINK_TARGET.sub(" ", _CODE.sub(" ", line)))))


def _tags(text: str) -> Iterator[str]:
    first = len(text) - len(text.lstrip())
    for match in _TAG.finditer(text):
        name = clean_tag(match[1] or match[2])
        if match[1]:
            yield name
        elif name.isdigit() or not any(char.isalpha() for char in name):
            continue  # the number of an issue
        elif _COLOUR.match(name) and (any(map(str.isdigit, name)) or len(set(name.lower())) == 1):
            continue
        elif match.start() != first or name not in _DIRECTIVES:
            yield name


def has_only_tags(line: str) -> bool:
    """Whether a line has tags, or the names and tags of a page of Logseq, and nothing else."""
    if _ONLY_PROPERTY.match(line):
        return True
    if len(line) > _LONGEST_LINE or not line.lstrip(" \t>").startswith("#"):
        return False
    return tags_of_line(line.strip()) != () and not _TAG.sub("", line).strip(" ,;\t>")


def is_row_of_tags(line: str) -> bool:
    """Whether a line says nothing but tags. A single one can be an answer: that of a channel."""
    return has_only_tags(line) and ("::" in line or len(tags_of_line(line.strip())) > 1)


def tags_of_file(
    lines: Sequence[str],
    tags: Mapping[int, Sequence[str]],
    headings: Collection[int],
    first_line: int = 1,
) -> tuple[str, ...]:
    """The tags of the lines that have only tags at the top: above or right below the first heading.

    They belong to every entry, as those of the front matter do.
    """
    found: list[str] = []
    seen_heading = False
    for number in range(first_line, len(lines) + 1):
        line = lines[number - 1]
        if number in tags and has_only_tags(line):
            found += tags[number]
        elif number in headings and not seen_heading:
            seen_heading = True
        elif line.strip() and not has_only_tags(line):
            break
    return tuple(dict.fromkeys(found))
