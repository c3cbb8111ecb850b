"""The choices of a question: boxes to tick, `- [x] Tea`, or letters, `A. Tea`, `b) Soup ✅`.

Boxes are things to do, unless the document is a quiz: then the right choices are ticked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from qasearch.reading.document.asking import looks_like_question
from qasearch.reading.markdown.blocks import CODE_BLOCKS, LISTS, Block, BlockKind

_BOX = re.compile(r"\[([ xX])\](?:\s|$)")
_LETTER = re.compile(r"\s*[*_`]{0,3}\(?(?P<letter>[A-Ha-h])\)?(?:[.)：:]|\s[-–—])[*_]{0,3}\s")
_RIGHT = re.compile(r"[✅✔☑]|\(correct(?: answer)?\)", re.IGNORECASE)
_IN_ONE_LINE = re.compile(r"[Aa][.)]\s.+\s[Bb][.)]\s")

_ASKS_TO_CHOOSE = re.compile(
    r"\bwhich (?:one|two|three|of|statements?|options?|answers?|is the (?:right|correct))\b"
    r"|\b(?:select|choose|pick|mark|tick|check) (?:all|the|one|two|three|any|every|your)\b"
    r"|\b(?:all|one) that appl|\btrue or false\b|\b(?:single|multiple) choice\b"
    r"|\bcorrect (?:one|answer)"
    r"|哪(?:个|些|一个|几个)|选择|welche[rs]? (?:der|von)|cu[aá]l(?:es)? de|lequel|какой из"
    r"|(?:…|\.\.\.|_{3,})[:.]?$",
    re.IGNORECASE,
)
_ASKS_FOR_STEPS = re.compile(
    r"how (?:do|to|can|should|will)\b"
    r"|what (?:do|should|must|can|will|shall|did) (?:i|we|you|they)\b"
    r"|what (?:needs?|remains|to|must|still|else)\b"
    r"|what(?:['’]s| is) (?:left|next|missing|open|done)\b|who (?:will|does|is|comes|brings)\b"
    r"|(?:is|are|have|has|did|do|does|was|were|can|when|where)\b",
    re.IGNORECASE,
)
"""Questions whose boxes can be a plan, a packing list or a review."""

_SURELY_A_QUIZ, _SHARE_OF_QUIZ = 3, 0.8
"""From this many lists with one tick each on, and with this share of all lists, it is a quiz."""

_BETWEEN_CHOICES = frozenset({*CODE_BLOCKS, BlockKind.HTML})
"""Blocks between two choices that belong to the choice above them."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Some choices.

    Attributes:
        line_start: the first line of the first choice.
        line_end: the last line of the last choice.
        first_right: the first line of the choices that are marked as right; 0 if none is.
        last_right: their last line; 0 if none is marked.
        count: how many choices there are.
        count_right: how many are marked as right.
    """

    line_start: int
    line_end: int
    first_right: int
    last_right: int
    count: int
    count_right: int


@dataclass(frozen=True, slots=True)
class _Choice:
    line_start: int
    line_end: int
    is_right: bool


_Reader = Callable[[Block, int], list[_Choice]]
"""A block to the choices in it, given the number of choices in front of it."""


def find_boxes(blocks: Sequence[Block]) -> list[Choices]:
    """The lists of boxes in a document, in order.

    Code between two lists makes them one list.
    """
    return _groups(blocks, _boxes)


def quiz_boxes(boxes: Sequence[Choices], questions: Sequence[str]) -> list[Choices]:
    """The lists of boxes that are choices; the others are things to do or to bring.

    A list is one if the line above it asks to choose. Lists below other questions are choices if
    there are several of them, most with few ticks, and they ask for no steps, unless there are so
    many with one tick each that only a quiz can have them.

    Args:
        boxes: the lists of boxes of a document.
        questions: the words of the line above each list.
    """
    choosing = [bool(_ASKS_TO_CHOOSE.search(question)) for question in questions]
    asked = [
        group.count > 1
        and group.count_right < group.count
        and (chooses or looks_like_question(question))
        for group, question, chooses in zip(boxes, questions, choosing, strict=True)
    ]
    groups = [group for group, is_asked in zip(boxes, asked, strict=True) if is_asked]
    single = sum(group.count_right == 1 for group in groups)
    ticked = sum(0 < group.count_right < group.count for group in groups)
    steps = sum(bool(_ASKS_FOR_STEPS.match(question)) for question in questions)
    is_sure = single >= _SURELY_A_QUIZ and _SHARE_OF_QUIZ * len(groups) <= single
    is_likely = len(groups) > 1 and ticked and 2 * ticked >= len(groups) and not steps
    is_quiz = 2 * len(groups) >= len(boxes) and (is_sure or is_likely)
    return [
        group
        for group, is_asked, chooses in zip(boxes, asked, choosing, strict=True)
        if is_asked and (is_quiz or (chooses and group.count_right))
    ]


def find_letters(blocks: Sequence[Block]) -> list[Choices]:
    """The choices in a document that are marked with the letters from A on, in order."""
    return _groups(blocks, _letters)


def _groups(blocks: Sequence[Block], read: _Reader) -> list[Choices]:
    groups: list[Choices] = []
    pending = [blocks]
    while pending:
        group: list[_Choice] = []
        for block in [*pending.pop(), None]:
            choices = read(block, len(group)) if block else []
            if choices:
                group += choices
            elif block and group and block.kind in _BETWEEN_CHOICES:
                group[-1] = replace(group[-1], line_end=block.line_end)
            else:
                groups += _as_choices(group)
                group = []
                if block and block.children:
                    pending.append(block.children)
    return sorted(groups, key=lambda choices: choices.line_start)


def _as_choices(group: Sequence[_Choice]) -> Iterator[Choices]:
    if len(group) > 1:
        right = [choice for choice in group if choice.is_right]
        ends = (right[0].line_start, right[-1].line_end) if right else (0, 0)
        yield Choices(group[0].line_start, group[-1].line_end, *ends, len(group), len(right))


def _boxes(block: Block, _: int) -> list[_Choice]:
    """The items of a list all of whose items begin with a box; else none."""
    if block.kind not in LISTS or not all(item.children for item in block.children):
        return []
    items = [(item, _BOX.match(item.children[0].content)) for item in block.children]
    if not all(box and item.children[0].kind is BlockKind.PARAGRAPH for item, box in items):
        return []
    return [
        _Choice(item.line_start, item.line_end, bool(box and box[1] in "xX")) for item, box in items
    ]


def _letters(block: Block, count: int) -> list[_Choice]:
    """The choices in a list or in a paragraph, after `count` choices in the blocks before."""
    if block.kind in LISTS:
        texts = [
            (item.children[0].content if item.children else "", item.line_start, item.line_end)
            for item in block.children
        ]
    elif block.kind is BlockKind.PARAGRAPH:
        texts = _lines_of_choices(block, is_first=count == 0)
    else:
        return []
    choices: list[_Choice] = []
    for text, first, last in texts:
        match = _LETTER.match(text)
        if match and ord(match["letter"].upper()) - ord("A") == count + len(choices):
            choices.append(_Choice(first, last, bool(_RIGHT.search(text))))
        elif choices and block.kind is BlockKind.PARAGRAPH:
            choices[-1] = replace(choices[-1], line_end=last)
        else:
            return []
    if len(choices) == 1 == len(texts) and _IN_ONE_LINE.match(texts[0][0]):
        choices.append(_Choice(choices[0].line_end, choices[0].line_end, is_right=False))
    return choices


def _lines_of_choices(paragraph: Block, *, is_first: bool) -> list[tuple[str, int, int]]:
    """The lines of a paragraph, each with its number twice.

    If no choice stands in front of the paragraph, its first lines can be the question: then the
    lines begin at the first letter.
    """
    lines = list(enumerate(paragraph.content.split("\n"), start=paragraph.line_start))
    begin = 0
    if is_first:
        matches = (place for place, (_, line) in enumerate(lines) if _LETTER.match(line))
        begin = next(matches, 0)
    return [(line, number, number) for number, line in lines[begin:]]
