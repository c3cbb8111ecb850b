"""Questions as items of a list: `1. What is a latent space?`, answered in the item, after it, by a
link or not at all.

Lists of steps and of features look alike, so the document decides: where enough of its numbered
items (or of its bullets) ask, all of them are questions, also `8. SVD`; else a section decides for
itself. Items below a question that ask as well are follow-up questions.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.boilerplate import is_table_of_contents
from qasearch.reading.document.outline import LIST_SCOPE, Mark, Outline, Section
from qasearch.reading.document.wording import (
    clean_question,
    clean_text,
    count_trailing_pointers,
    ends_in_question_mark,
    is_answer_key,
    is_readme_title,
    is_sequel_title,
    looks_like_question,
    split_at_answer,
    surely_asks,
)
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position, segments

_SHARE = {BlockKind.ORDERED_LIST: 0.4, BlockKind.BULLET_LIST: 0.5}
"""Which part of the items must ask. Bullets serve for everything else as well (`* Is fast`), so
they must ask more often, and with a question mark."""


_SHARE_OF_BOXES = 0.7
_BOX = re.compile(r"\[[ xX]\]\s")


@dataclass(frozen=True, slots=True)
class _Item:
    """An item that begins with a paragraph, read as a question."""

    section: Section
    block: Block
    kind: BlockKind
    mark: Mark
    in_line: Mark | None
    """The same question where what follows it in its line is the answer."""
    is_answered: bool
    """Whether the item holds a folded or labelled answer."""


def find(outline: Outline, claimed: Set[int]) -> list[Mark]:
    """Questions in the lists that stand outside the answers to heading questions (sections
    `claimed`).
    """
    found: list[_Item] = []
    for kind in _SHARE:
        items = [
            _read(outline, section, item, kind)
            for section in outline.sections
            if section.number not in claimed
            for item in _items(section, kind)
        ]
        everywhere = _ask(items, kind)
        by_section: dict[int, list[_Item]] = {}
        for item in items:
            by_section.setdefault(item.section.number, []).append(item)
        for group in by_section.values():
            here = _ask(group, kind) and (len(group) > 1 or everywhere)
            if here or (everywhere and _may_ask(group, kind)):
                found += group
    split = sum(item.in_line is not None or item.mark.body.column > 1 for item in found)
    in_line = 2 * split >= len(found)
    marks = [
        item.in_line if item.in_line and (in_line or _is_bold(item)) else item.mark
        for item in found
    ]
    titles = {each.line_end: each.line_start for each in outline.blocks if _is_title(each)}
    marks = [_below_title(outline, mark, titles) for mark in marks]
    bare = 2 * sum(_is_bare(item.block) for item in found) > len(found)
    for item in found:
        marks += _follow_ups(outline, item.section, item.block, item.mark, bare=bare)
    return marks


_TITLE = re.compile(r"(?:\*\*|__)[^*_?？\n]{1,60}(?:\*\*|__):?|#{1,6}[^#\s][^\n]{0,80}")


def _is_title(block: Block) -> bool:
    """Whether a paragraph serves as the title of a list below it: short and bold, or a heading
    without its space.
    """
    return block.kind is BlockKind.PARAGRAPH and bool(_TITLE.fullmatch(block.content))


def _below_title(outline: Outline, mark: Mark, titles: Mapping[int, int]) -> Mark:
    """The mark of an item; the title above its list belongs to it, and not to the answer before."""
    above = mark.line - 1
    while above and not outline.lines[above - 1].strip():
        above -= 1
    return replace(mark, opens=titles[above]) if above in titles else mark


def _may_ask(items: Sequence[_Item], kind: BlockKind) -> bool:
    """Whether the items of a section can be questions because most of the document's are."""
    if any(_asks(item, kind) for item in items):
        return True
    return kind is BlockKind.ORDERED_LIST and not is_readme_title(items[0].section.raw_title)


def _is_bare(item: Block) -> bool:
    """Whether an item is nothing but a question."""
    return len(item.children) == 1


def _asks(item: _Item, kind: BlockKind) -> bool:
    if item.is_answered:
        return True
    if kind is BlockKind.ORDERED_LIST:
        return looks_like_question(item.mark.question) or item.in_line is not None
    return ends_in_question_mark(item.mark.question) or item.in_line is not None


def _ask(items: Sequence[_Item], kind: BlockKind) -> bool:
    """Whether enough of the items ask for all of them to be questions."""
    asked = sum(_asks(item, kind) for item in items)
    if (
        kind is BlockKind.BULLET_LIST and asked
    ):  # with some question marks, `Explain …` asks as well
        asked = sum(_asks(item, kind) or looks_like_question(item.mark.question) for item in items)
    if not any(item.is_answered or surely_asks(item.mark.question) for item in items):
        return False
    boxes = sum(bool(_BOX.match(item.block.children[0].content)) for item in items)
    share = _SHARE_OF_BOXES if 2 * boxes > len(items) else _SHARE[kind]
    return asked >= share * len(items) and (asked > 1 or len(items) == 1 == asked)


def _items(section: Section, kind: BlockKind) -> Iterator[Block]:
    lists: Sequence[Block] = [block for block in section.open_blocks if block.kind is kind]
    if (
        not lists
        or section.is_structure
        or is_sequel_title(section.raw_title)
        or is_answer_key(section.raw_title)
        or is_table_of_contents(lists, min_links=1)
    ):
        return
    for block in lists:
        yield from (
            item
            for item in block.children
            if item.children and item.children[0].kind is BlockKind.PARAGRAPH
        )


def _read(outline: Outline, section: Section, item: Block, kind: BlockKind) -> _Item:
    mark = _mark(outline, item, section.path)
    at = bisect_left(outline.openings, (item.line_start, 0), key=lambda opening: opening.opens)
    opening = outline.openings[at] if at < len(outline.openings) else None
    is_answered = opening is not None and opening.sure and opening.opens.line <= item.line_end
    return _Item(section, item, kind, mark, _answered_in_line(outline, item, mark), is_answered)


def _mark(outline: Outline, item: Block, breadcrumb: tuple[str, ...]) -> Mark:
    paragraph = item.children[0]
    inline = segments(paragraph)
    question, lines = split_at_answer(inline)
    body = Position(paragraph.line_start + lines if lines else paragraph.line_end + 1, 1)
    end = None
    if not lines and (count := count_trailing_pointers(inline)) and len(item.children) == 1:
        last = outline.lines[paragraph.line_end - 1]
        links = list(_MARKDOWN_LINK.finditer(last))
        if len(links) >= count:
            start = links[-count].start()
            lead = _LEAD_IN.search(last, 0, start)
            body = Position(paragraph.line_end, (lead.start("words") if lead else start) + 1)
            end = Position(paragraph.line_end, links[-1].end())
    is_linked = all(segment.href for segment in inline if segment.text.strip())
    return Mark(
        Rule.LIST_ITEM,
        clean_question(question),
        item.line_start,
        body,
        LIST_SCOPE,
        breadcrumb,
        end=end,
        is_linked=is_linked,
    )


_LEAD_IN = re.compile(r"[?？؟][*_]*[\s\-–—:(]*(?P<words>\w[^?\[\]]*)$")
"""Words between a question and the links that answer it: `What is tea? See [the plan](…)`."""

_MARKDOWN_LINK = re.compile(
    r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])|<https?://[^>]*>"
)


_QUESTION_END = re.compile(
    r"""[?？؟]["'”’»)*_]*(?:\s*[-–—:]+|\s*<br\s*/?>)?\s+(?=[^\s])|[?？](?=[^\s\w?？"'”’»)\]*_.,])"""
)
_PARENTHESES = re.compile(r"[?？؟][*_]*\s*\((?P<answer>[^()]*(?:\([^()]*\)[^()]*)*)\)[.\s]*$")


def _answered_in_line(outline: Outline, item: Block, mark: Mark) -> Mark | None:
    """The question of an item with what follows its question mark in the same line as its
    answer.
    """
    paragraph = item.children[0]
    raw = paragraph.content.split("\n", 1)[0]
    bold = _BOLD_LEAD.match(raw)
    if bold and looks_like_question(bold["text"]) and mark.body.column == 1:
        at = outline.lines[paragraph.line_start - 1].find(raw)
        return (
            _in_line(mark, bold["text"], Position(item.line_start, at + bold.end() + 1), 0)
            if at >= 0
            else None
        )
    if mark.body.column > 1 or ("?" not in raw and "？" not in raw and "؟" not in raw):
        return None
    line = outline.lines[paragraph.line_start - 1]
    offset = line.find(raw)
    if offset < 0:
        return None
    if "\n" not in paragraph.content and (match := _PARENTHESES.search(raw)):
        start, end = match.start("answer"), match.end("answer")
        return _in_line(
            mark,
            raw[: match.start() + 1],
            Position(item.line_start, offset + start + 1),
            offset + end,
        )
    for match in _QUESTION_END.finditer(raw):
        head, rest = raw[: match.end()], raw[match.end() :]
        if rest and _is_whole(head) and "?" not in _TARGET.sub("", rest):
            return _in_line(mark, head, Position(item.line_start, offset + match.end() + 1), 0)
    return None


_BOLD_LEAD = re.compile(r"(?:\*\*|__)(?P<text>[^*_\n]+)(?:\*\*|__)(?:\s*[-–—:.])?\s+(?=[^\s\[(])")
_TARGET = re.compile(r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|<https?:[^>]*>|https?:\S+")


def _is_whole(head: str) -> bool:
    """Whether no code span, link or bold part is cut in two behind these words."""
    text = head.lower()
    pairs = (("[", "]"), ("(", ")"), ("<b>", "</b>"), ("<strong>", "</strong>"))
    return (
        all(text.count(opens) == text.count(closes) for opens, closes in pairs)
        and text.count("`") % 2 == 0 == text.count("**") % 2
    )


def _in_line(mark: Mark, head: str, body: Position, end: int) -> Mark:
    block = Block(BlockKind.PARAGRAPH, mark.line, mark.line)
    block.set_text(head.strip().rstrip("-–—:").strip(), {})
    question = clean_question(segments(block))
    stop = Position(body.line, end) if end else None
    return Mark(
        Rule.LIST_ITEM, clean_text(question), mark.line, body, mark.scope, mark.breadcrumb, end=stop
    )


def _is_bold(item: _Item) -> bool:
    """Whether just the question of an item is bold, up to its question mark."""
    return bool(_BOLD_QUESTION.match(item.block.children[0].content))


_BOLD_QUESTION = re.compile(r"\s*(?:\*\*|__)[^*_]+(?:\*\*|__)(?:\s*[-–—:.])?\s*\S")


def _follow_ups(
    outline: Outline, section: Section, item: Block, asked: Mark, *, bare: bool
) -> Iterator[Mark]:
    """The items right below a question, if all of them ask as well.

    Where most questions are answered, one must have a question mark: the steps of an answer begin
    with verbs as well.
    """
    inner = [block for block in item.children[1:] if block.kind in LISTS]
    below = [child for block in inner for child in block.children]
    if not below or len(item.children) != 1 + len(inner):
        return
    if not all(child.children and child.children[0].kind is BlockKind.PARAGRAPH for child in below):
        return
    marks = [_mark(outline, child, (*section.path, asked.question)) for child in below]
    if not all(looks_like_question(mark.question) for mark in marks):
        return
    if bare or any(ends_in_question_mark(mark.question) for mark in marks):
        yield from marks
        for child, mark in zip(below, marks, strict=True):
            yield from _follow_ups(outline, section, child, mark, bare=bare)
