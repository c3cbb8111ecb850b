"""The references of a document, each with its line.

References are links, bare addresses, wiki links, images, footnotes, and `a` and `img` in HTML.
Whether a local target exists is decided later (`targets.resolve`), because it can change while the
text stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.inline import Segment, plain, simple_segments
from qasearch.reading.markdown.parser import Token
from qasearch.reading.markdown.targets import kind_of

_MAY_LINK = re.compile(r"\]\(|\[\[|\[\^|://|www\.|<(?:a|img)\s|<[^\s<>]+[@:]", re.IGNORECASE)
"""Text without any of these has no reference and need not be parsed, unless the document defines
targets of links."""

_ADDRESS = re.compile(
    r"(?<![\w/.@-])(?:https?://|www\.)[^\s<>\[\]\"`|\\^{}]*"
    r"[^\s<>\[\]\"`|\\^{}.,;:!?'*_~()，。；：！？、）」』]"
)
_WIKI_LINK = re.compile(r"(!?)\[\[([^\s\[\]|][^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_IMAGE_FILE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif)$", re.IGNORECASE)
_SIZE = re.compile(r"\|\s*\d+(?:x\d+)?\s*$")
"""The size of an embedded image, which Obsidian has behind its words."""

_NAMES_NOTES = frozenset({Flavour.OBSIDIAN, Flavour.LOGSEQ, Flavour.GITHUB_WIKI})
"""Programs in which every link may name a note or an attachment anywhere."""

_HTML_TAG = re.compile(r"<(a|img)\s([^<>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_TAG = re.compile(r"<[^>]*>")

_MAX_LINK_TEXT = 300
"""Characters behind an HTML tag `a` in which its text is looked for, so that many tags without an
end take linear time."""


def find_references(blocks: Sequence[Block], flavour: Flavour = Flavour.PLAIN) -> list[Reference]:
    """Every reference of a document by line, without those of the front matter.

    A footnote stands where the text refers to it; its target is the text of the note. `exists` is
    None. In GitHub's wikis `[[words|Page]]` has the words first. `blocks` are all blocks of the
    document, nested ones included.
    """
    found = sorted(_references(blocks), key=lambda reference: reference.line)
    if flavour is Flavour.GITHUB_WIKI:
        found = [_words_first(reference) for reference in found]
    if flavour in _NAMES_NOTES:
        found = [replace(reference, by_name=True) for reference in found]
    return found


def _words_first(reference: Reference) -> Reference:
    if not reference.by_name or reference.text == reference.target:
        return reference
    return replace(reference, text=reference.target, target=reference.text)


def _references(blocks: Sequence[Block]) -> Iterator[Reference]:
    notes = {
        block.label: " ".join(plain(child) for child in block.children)
        for block in blocks
        if block.kind is BlockKind.FOOTNOTE
    }
    for block in blocks:
        if block.kind is BlockKind.HTML:
            yield from _in_html(block.content, block.line_start)
        elif block.has_inline and (
            _MAY_LINK.search(block.content) or (block.has_definitions and "[" in block.content)
        ):
            simple = simple_segments(block.content)
            if simple is None:
                yield from _in_inline(block, notes)
            else:
                yield from _in_segments(simple, block.line_start)


def _in_inline(block: Block, notes: dict[str, str]) -> Iterator[Reference]:
    line = _LineCounter(block)
    text: list[str] = []
    open_link: tuple[str, int] | None = None
    for token in block.inline:
        line.pass_over(token)
        if token.type == "link_open":
            open_link, text = (str(token.attrs.get("href", "")), line.number), []
        elif token.type == "link_close" and open_link:
            target, first_line = open_link
            if target:
                yield _link("".join(text), target, first_line)
            open_link = None
        elif token.type == "image":
            source = str(token.attrs.get("src", ""))
            words = _SIZE.sub("", token.content)
            yield Reference(words, source, ReferenceKind.IMAGE, line.number)
            text.append(words)
        elif token.type == "footnote_ref":
            label = str(token.meta.get("label", ""))
            note = notes.get(label, "")
            yield Reference(f"[^{label}]", note, ReferenceKind.FOOTNOTE, line.number)
        elif token.type == "html_inline":
            yield from _html_inline(block, token, line.number)
        else:
            text.append(token.content or " ")
            if token.type == "text" and open_link is None:
                yield from _in_text(token.content, line.number)


def _in_text(text: str, line: int) -> Iterator[Reference]:
    """Bare addresses, and links between notes: `[[Note]]`, `[[Note#Part|words]]`."""
    if "://" in text or "www." in text:
        for match in _ADDRESS.finditer(text):
            target = match[0]
            if "(" in target and text[match.end() : match.end() + 1] == ")":
                target += ")"  # as in https://en.wikipedia.org/wiki/Tea_(meal)
            yield Reference(target, target, ReferenceKind.WEB, line)
    if "[[" in text:
        for match in _WIKI_LINK.finditer(text):
            target = match[2].strip()
            if match[1] and _IMAGE_FILE.search(target):
                kind = ReferenceKind.IMAGE
            else:
                kind = ReferenceKind.ANCHOR if target[0] in "#^" else ReferenceKind.FILE
            words = _SIZE.sub("", f"|{match[3] or ''}") if match[1] else f"|{match[3] or ''}"
            text_of_link = words[1:].strip() or target
            address = f"#{target}" if target[0] == "^" else target  # a block of this note
            yield Reference(text_of_link, address, kind, line, by_name=True)


def _in_segments(segments: Sequence[Segment], line: int) -> Iterator[Reference]:
    for segment in segments:
        if segment.text == "\n":
            line += 1
        elif segment.href is None:
            yield from _in_text(segment.text, line)
        elif segment.href:
            yield _link(segment.text, segment.href, line)


def _link(text: str, target: str, line: int) -> Reference:
    return Reference(" ".join(text.split()) or target, target, kind_of(target), line)


class _LineCounter:
    """The line that the inline tokens of a block have reached."""

    def __init__(self, block: Block) -> None:
        self.number = block.line_start
        self._source = block.content
        self._position = 0
        breaks = sum(token.type in ("softbreak", "hardbreak") for token in block.inline)
        self._counts_breaks = breaks == block.content.count("\n")
        self._first = block.line_start

    def pass_over(self, token: Token) -> None:
        if self._counts_breaks:
            self.number += token.type in ("softbreak", "hardbreak")
            return
        # A code span or a title has a line break, for which there is no token: look up the
        # addresses in the source instead.
        needle = str(token.attrs.get("href") or token.attrs.get("src") or "") or token.content
        position = self._source.find(needle, self._position) if needle else -1
        if position >= 0:
            self._position = position
            self.number = self._first + self._source.count("\n", 0, position)


def _html_inline(block: Block, token: Token, line: int) -> Iterator[Reference]:
    start = block.content.find(token.content)
    if start < 0:
        return
    after = block.content[start + len(token.content) :][:_MAX_LINK_TEXT]
    for match in _HTML_TAG.finditer(token.content):
        if _target(match):
            yield _of_tag(match, after, line)


def _in_html(html: str, first_line: int) -> Iterator[Reference]:
    line, counted = first_line, 0
    for match in _HTML_TAG.finditer(html):
        line += html.count("\n", counted, match.start())
        counted = match.start()
        if _target(match):
            yield _of_tag(match, html[match.end() : match.end() + _MAX_LINK_TEXT], line)


def _of_tag(tag: re.Match[str], after: str, line: int) -> Reference:
    """The reference of an HTML tag; `after` is the text behind the tag."""
    target = _target(tag)
    if tag[1].lower() == "img":
        return Reference(_attributes(tag).get("alt", ""), target, ReferenceKind.IMAGE, line)
    text = re.split(r"</a", after, maxsplit=1, flags=re.IGNORECASE)[0]
    return _link(_TAG.sub("", text), target, line)


def _target(tag: re.Match[str]) -> str:
    return _attributes(tag).get("src" if tag[1].lower() == "img" else "href", "")


def _attributes(tag: re.Match[str]) -> dict[str, str]:
    return {name.lower(): one or two or bare for name, one, two, bare in _ATTRIBUTE.findall(tag[2])}
