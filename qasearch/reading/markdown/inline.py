"""The text inside a block: its visible words, in runs with their links, or as one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qasearch.reading.markdown.blocks import Block
from qasearch.reading.markdown.parser import Token, tokens_of

_UNKNOWN_TAG = re.compile(
    r"<(?!/|!|\?|(?:a|abbr|b|bdi|big|br|button|center|cite|code|dd|del|details|dfn|div|dl|dt|em"
    r"|figure|font|h[1-6]|hr|i|iframe|img|input|ins|kbd|label|li|mark|ol|p|picture|pre|q|rp|rt|ruby"
    r"|s|samp|script|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|th"
    r"|thead|tr|tt|u|ul|var|video|wbr)\b)[\w .-]+>",
    re.IGNORECASE,
)
"""Text in angle brackets that is no tag of HTML, such as `<your-name>`: a reader sees it."""

_STRONG_TAG = re.compile(r"<(/?)(?:b|strong)\s*>", re.IGNORECASE)

_NO_MARKUP = re.compile(r"[^\0\\`*_\[\]<>&!~|]*")
"""Text without any sign of markup needs no parsing."""

_SIMPLE_LINK = re.compile(
    r"\[([^\0\\`*_\[\]<>&!~|\n]+)\]\((?!(?i:javascript|vbscript|file|data):)([\w#/:.+~=?,;@-]*)\)",
    re.ASCII,
)
"""A link that the parser would read in the same way."""

_HTML_TAG = re.compile(r"<[^<>]*>")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_TASK = re.compile(r"^\[[ xX]\]\s")
_DELIMITER_ROW = re.compile(r"[|:\s-]*")

_MARKS = (":::", "///", "!!!", "???", "[!", " ^", "}`")
_MARK = re.compile(
    r"""^[ \t>]*(?::{3,}|/{3,}|!!!|\?\?\?\+?)[ \t]*\{?[\w-]*\}?[ \t]*\|?
      | (?<=>\ )\[!\w+\][+-]?                                          # > [!tip]- Title
      | [ \t]\^[\w-]+[ \t]*$                                          # the id of a block
      | \{[a-z][\w:-]*\}(?=`)                                         # the role of MyST
    """,
    re.MULTILINE | re.VERBOSE,
)
"""Marks of containers and ids, which say nothing to an encoder; the titles stay."""

_REFERENCE_LINK = re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]")
"""A link whose target is defined elsewhere in the document: the parser leaves it as text."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of visible text.

    `href` is the address if the run is the text of a link, else None. `strong` tells whether the
    run is emphasised or code.
    """

    text: str
    href: str | None = None
    strong: bool = False


def segments(block: Block) -> list[Segment]:
    """The visible text of a heading, paragraph or cell in runs.

    Images are their alternative text, a line break is `\\n`, inline HTML is left out.
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
            elif token.content[:3].lower() == "<br":
                result.append(Segment(" ", href, strong > 0))
            elif _UNKNOWN_TAG.match(token.content):
                result.append(Segment(token.content, href, strong > 0))
    return result


def simple_segments(content: str) -> list[Segment] | None:
    """The segments of text with no markup but simple links; None if there is other markup.

    The result is the same as from the parser, in less time. Tables of contents are such text.
    """
    result: list[Segment] = []
    done = 0
    if "](" in content:
        for match in _SIMPLE_LINK.finditer(content):
            if not _NO_MARKUP.fullmatch(content, done, match.start()):
                return None
            result += _plain_segments(content[done : match.start()])
            result.append(Segment(match[1], match[2]))
            done = match.end()
    if not _NO_MARKUP.fullmatch(content, done):
        return None
    result += _plain_segments(content[done:])
    return result


def _plain_segments(text: str) -> Iterator[Segment]:
    first, newline, rest = text.partition("\n")
    if not newline:
        if text:
            yield Segment(text)
        return
    yield Segment(first.rstrip(" "))
    *middle, last = rest.split("\n")
    for line in middle:
        yield Segment("\n")
        yield Segment(line.lstrip(" \t").rstrip(" "))
    yield Segment("\n")
    yield Segment(last.lstrip(" \t"))


def plain(block: Block) -> str:
    """The visible text of a heading, paragraph or cell on one line."""
    if _NO_MARKUP.fullmatch(block.content):
        return " ".join(block.content.split())
    return " ".join("".join(segment.text for segment in segments(block)).split())


def visible_text(markdown: str, *, inline: bool = False) -> str:
    """The words of Markdown that a reader sees, on one line: for an encoder, not for a screen.

    If `inline`, the text is a part of a paragraph: its beginning makes no list and no heading.
    """
    words: list[str] = []
    if any(sign in markdown for sign in _MARKS):
        markdown = _MARK.sub("", markdown)
    for token in tokens_of(markdown, inline=inline):
        if token.type == "inline":
            words += _words(token.children or ())
        elif token.type in ("fence", "code_block"):
            words.append(token.content)
        elif token.type == "html_block":
            words.append(_HTML_TAG.sub(" ", _HTML_COMMENT.sub(" ", token.content)))
        words.append(" ")
    return " ".join("".join(words).split())


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for position, token in enumerate(tokens):
        is_line_end = token.type in ("softbreak", "hardbreak")
        if token.type == "image":
            yield from _words(token.children or ())
        elif is_line_end or (token.type == "html_inline" and token.content.startswith("<br")):
            yield " "
        elif token.type == "text":
            text = _TASK.sub("", token.content) if position == 0 else token.content
            if text.startswith("|") and text.endswith("|"):
                # A row of a table whose head is in another piece of the answer.
                text = "" if _DELIMITER_ROW.fullmatch(text) else text.replace("|", " ")
            yield _REFERENCE_LINK.sub(r"\1", text)
        elif token.type not in ("html_inline", "footnote_ref"):
            yield token.content
