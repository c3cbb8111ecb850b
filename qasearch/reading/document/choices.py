"""The choices of a question: boxes to tick, `- [x] Tea`, or letters, `A. Tea`, `b) Soup ✅`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind


@dataclass(frozen=True, slots=True)
class Choices:
    """The lines of some choices, and of those that are marked as right, first to last (0 where none
    is).
    """

    line_start: int
    line_end: int
    first_right: int
    last_right: int


@dataclass(frozen=True, slots=True)
class _Choice:
    line_start: int
    line_end: int
    is_right: bool


_Reader = Callable[[Block, int], list[_Choice]]


def find_boxes(blocks: Sequence[Block]) -> list[Choices]:
    """The lists of boxes of a document, in order; one list also where code stands between its
    items.
    """
    return _groups(blocks, _boxes)


def find_letters(blocks: Sequence[Block]) -> list[Choices]:
    """The choices of a document that are marked with letters from A on, in order."""
    return _groups(blocks, _letters)


def _groups(blocks: Sequence[Block], read: _Reader) -> list[Choices]:
    found: list[Choices] = []
    pending = [blocks]
    while pending:
        group: list[_Choice] = []
        for block in [*pending.pop(), None]:
            choices = read(block, len(group)) if block else []
            if choices:
                group += choices
            elif (
                block and group and block.kind in (BlockKind.FENCE, BlockKind.CODE, BlockKind.HTML)
            ):
                group[-1] = _Choice(group[-1].line_start, block.line_end, group[-1].is_right)
            else:
                found += _of(group)
                group = []
                if block and block.children:
                    pending.append(block.children)
    return sorted(found, key=lambda choices: choices.line_start)


def _of(group: Sequence[_Choice]) -> Iterator[Choices]:
    if len(group) > 1:
        right = [choice for choice in group if choice.is_right]
        ends = (right[0].line_start, right[-1].line_end) if right else (0, 0)
        yield Choices(group[0].line_start, group[-1].line_end, *ends)


_BOX = re.compile(r"\[([ xX])\](?:\s|$)")
_LETTER = re.compile(r"\s*[*_`]{0,3}\(?(?P<letter>[A-Ha-h])\)?(?:[.)：:]|\s[-–—])[*_]{0,3}\s")
_RIGHT = re.compile(r"[✅✔☑]|\(correct(?: answer)?\)", re.IGNORECASE)
_IN_ONE_LINE = re.compile(r"[Aa][.)]\s.+\s[Bb][.)]\s")


def _boxes(block: Block, _: int) -> list[_Choice]:
    if block.kind not in LISTS or not all(item.children for item in block.children):
        return []
    items = [(item, _BOX.match(item.children[0].content)) for item in block.children]
    if not all(box and item.children[0].kind is BlockKind.PARAGRAPH for item, box in items):
        return []
    return [
        _Choice(item.line_start, item.line_end, bool(box and box[1] in "xX")) for item, box in items
    ]


def _letters(block: Block, known: int) -> list[_Choice]:
    """The choices of a list or of the lines of a paragraph, of which `known` came before."""
    if block.kind in LISTS:
        texts = [
            (item.children[0].content if item.children else "", item.line_start, item.line_end)
            for item in block.children
        ]
    elif block.kind is BlockKind.PARAGRAPH:
        lines = list(enumerate(block.content.split("\n"), start=block.line_start))
        begins = (
            next((at for at, (_, line) in enumerate(lines) if _LETTER.match(line)), 0)
            if not known
            else 0
        )
        texts = [
            (line, number, number) for number, line in lines[begins:]
        ]  # a question may stand on the first lines
    else:
        return []
    found: list[_Choice] = []
    for text, first, last in texts:
        match = _LETTER.match(text)
        if match and ord(match["letter"].upper()) - ord("A") == known + len(found):
            found.append(_Choice(first, last, bool(_RIGHT.search(text))))
        elif found and block.kind is BlockKind.PARAGRAPH:
            found[-1] = _Choice(found[-1].line_start, last, found[-1].is_right)
        else:
            return []
    if len(found) == 1 == len(texts) and _IN_ONE_LINE.match(texts[0][0]):
        found.append(_Choice(found[0].line_end, found[0].line_end, is_right=False))
    return found
