"""What an answer links to, each with its line: links, addresses, wiki links, images, footnotes,
HTML `a` and `img`.

Whether a local target exists is asked separately (`targets.resolve`), because it changes without
the text changing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.reading.markdown.blocks import Block, BlockKind, Segment, plain, simple_segments
from qasearch.reading.markdown.targets import kind_of

_HTML_TAG = re.compile(r"<(a|img)\s([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_MAX_LINK_TEXT = 300
_TAG = re.compile(r"<[^>]*>")


def find_references(blocks: Sequence[Block]) -> list[Reference]:
    """Every reference of a document by line, front matter aside; `exists` is not looked up yet.

    A footnote's reference stands where the text refers to it, its target is the footnote's text.
    """
    notes = {
        block.label: " ".join(plain(child) for child in block.children)
        for block in blocks
        if block.kind is BlockKind.FOOTNOTE
    }
    found: list[Reference] = []
    for block in (inner for top in blocks for inner in top.walk()):
        if block.kind is BlockKind.HTML:
            found += _in_html(block.content, block.line_start)
        elif block.has_inline and (
            _MAY_LINK.search(block.content) or (block.has_definitions and "[" in block.content)
        ):
            simple = simple_segments(block.content)
            found += (
                _in_inline(block, notes)
                if simple is None
                else _in_segments(simple, block.line_start)
            )
    return sorted(found, key=lambda reference: reference.line)


_MAY_LINK = re.compile(r"\]\(|\[\[|\[\^|://|www\.|<(?:a|img)\s|<[^\s<>]+[@:]", re.IGNORECASE)
"""Text without any of these, in a document that defines no links, need not be parsed."""


def _in_inline(block: Block, notes: dict[str, str]) -> Iterator[Reference]:
    line = _LineCounter(block)
    text: list[str] = []
    open_link: tuple[str, int] | None = None
    for token in block.inline:
        line.pass_over(token)
        if token.type == "link_open":
            open_link, text = (str(token.attrs.get("href", "")), line.number), []
        elif token.type == "link_close" and open_link:
            target, at = open_link
            if target:
                yield Reference(
                    " ".join("".join(text).split()) or target, target, kind_of(target), at
                )
            open_link = None
        elif token.type == "image":
            yield Reference(
                token.content, str(token.attrs.get("src", "")), ReferenceKind.IMAGE, line.number
            )
            text.append(token.content)
        elif token.type == "footnote_ref":
            label = str(token.meta.get("label", ""))
            yield Reference(
                f"[^{label}]", notes.get(label, ""), ReferenceKind.FOOTNOTE, line.number
            )
        elif token.type == "html_inline":
            yield from _html_inline(block, token, line.number)
        else:
            text.append(token.content or " ")
            if token.type == "text" and open_link is None:
                yield from _in_text(token.content, line.number)


_ADDRESS = re.compile(
    r"(?<![\w/.@-])(?:https?://|www\.)[^\s<>\[\]\"`|\\^{}]*[^\s<>\[\]\"`|\\^{}.,;:!?'*_~()，。；：！？、）」』]"
)
_WIKI_LINK = re.compile(r"(!?)\[\[([^\s\[\]|][^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif)$", re.IGNORECASE)


def _in_text(text: str, line: int) -> Iterator[Reference]:
    """Addresses that stand in text without any markup, and links between notes: `[[Note]]`,
    `[[Note#Part|words]]`.
    """
    if "://" in text or "www." in text:
        for match in _ADDRESS.finditer(text):
            target = match[0] + (
                ")" if "(" in match[0] and text[match.end() : match.end() + 1] == ")" else ""
            )
            yield Reference(target, target, ReferenceKind.WEB, line)
    if "[[" in text:
        for match in _WIKI_LINK.finditer(text):
            target = match[2].strip()
            is_image = bool(match[1]) and bool(_IMAGE_FILE.search(target))
            kind = (
                ReferenceKind.IMAGE
                if is_image
                else ReferenceKind.ANCHOR
                if target[0] == "#"
                else ReferenceKind.FILE
            )
            yield Reference((match[3] or target).strip(), target, kind, line)


def _in_segments(segments: Sequence[Segment], line: int) -> Iterator[Reference]:
    for segment in segments:
        if segment.text == "\n":
            line += 1
        elif segment.href is None:
            yield from _in_text(segment.text, line)
        elif segment.href:
            yield Reference(
                " ".join(segment.text.split()) or segment.href,
                segment.href,
                kind_of(segment.href),
                line,
            )


class _LineCounter:
    """The line that the inline tokens of a block have reached."""

    def __init__(self, block: Block) -> None:
        self.number = block.line_start
        self._source = block.content
        self._position = 0
        breaks = sum(token.type in ("softbreak", "hardbreak") for token in block.inline)
        self._exact = breaks == block.content.count("\n")
        self._first = block.line_start

    def pass_over(self, token: Token) -> None:
        if self._exact:
            self.number += token.type in ("softbreak", "hardbreak")
            return
        # A code span or a title runs over a line end: follow the addresses through the source
        # instead.
        needle = str(token.attrs.get("href") or token.attrs.get("src") or "") or token.content
        at = self._source.find(needle, self._position) if needle else -1
        if at >= 0:
            self._position = at
            self.number = self._first + self._source.count("\n", 0, at)


def _html_inline(block: Block, token: Token, line: int) -> Iterator[Reference]:
    at = block.content.find(token.content)
    if at >= 0:
        after = block.content[at + len(token.content) :][:_MAX_LINK_TEXT]
        yield from (
            _of_tag(match, after, line)
            for match in _HTML_TAG.finditer(token.content)
            if _target(match)
        )


def _in_html(html: str, first_line: int) -> Iterator[Reference]:
    line, counted = first_line, 0
    for match in _HTML_TAG.finditer(html):
        line += html.count("\n", counted, match.start())
        counted = match.start()
        if _target(match):
            yield _of_tag(match, html[match.end() : match.end() + _MAX_LINK_TEXT], line)


def _of_tag(tag: re.Match[str], after: str, line: int) -> Reference:
    target = _target(tag)
    if tag[1].lower() == "img":
        return Reference(_attributes(tag).get("alt", ""), target, ReferenceKind.IMAGE, line)
    return Reference(
        _text_of(re.split(r"</a", after, maxsplit=1, flags=re.IGNORECASE)[0]) or target,
        target,
        kind_of(target),
        line,
    )


def _target(tag: re.Match[str]) -> str:
    return _attributes(tag).get("src" if tag[1].lower() == "img" else "href", "")


def _attributes(tag: re.Match[str]) -> dict[str, str]:
    return {name.lower(): one or two or bare for name, one, two, bare in _ATTRIBUTE.findall(tag[2])}


def _text_of(html: str) -> str:
    return " ".join(_TAG.sub("", html).split())
