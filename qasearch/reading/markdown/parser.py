"""Text to Markdown tokens. The only module that calls markdown-it-py.

CommonMark with tables, strikethrough, footnotes and definition lists. Knows nothing of blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

__all__ = ["Definitions", "Token", "block_tokens", "inline_tokens", "tokens_of"]

Definitions = MutableMapping[str, Any]
"""What a document defines for the text in it: the targets of `[text][label]`, and its footnotes."""

_LONGEST_PARAGRAPH = 1 << 15
"""Characters of a paragraph that are parsed together, which bounds the time. A longer paragraph is
cut at line ends."""


def block_tokens(text: str, definitions: Definitions) -> list[Token]:
    """The blocks of a document. Their text is not parsed; `definitions` is filled."""
    return _block_parser().parse(text, definitions)


def inline_tokens(text: str, definitions: Definitions) -> Iterator[Token]:
    """The tokens of the text of one block, in a document with these definitions."""
    for piece in _pieces(text):
        for token in _parser().parseInline(piece, definitions):
            yield from token.children or ()


def tokens_of(markdown: str, *, inline: bool) -> list[Token]:
    """The tokens of a whole document, or if `inline` of a part of a paragraph."""
    return _parser().parseInline(markdown) if inline else _parser().parse(markdown)


def _pieces(text: str) -> Sequence[str]:
    if len(text) <= _LONGEST_PARAGRAPH:
        return [text]
    pieces = []
    start = 0
    while start < len(text):
        end = text.rfind("\n", start, start + _LONGEST_PARAGRAPH) + 1
        end = end if end > start else start + _LONGEST_PARAGRAPH
        pieces.append(text[start:end])
        start = end
    return pieces


@cache
def _parser() -> MarkdownIt:
    return _new_parser()


@cache
def _block_parser() -> MarkdownIt:
    return _new_parser().disable(["inline", "text_join"])


def _new_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.use(footnote_plugin, inline=False, move_to_end=False)
    parser.use(deflist_plugin)
    return parser
