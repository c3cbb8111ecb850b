"""Where a document says that an answer begins: folded parts, headings that say 'Answer', labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qasearch.reading.document.labels import answer_label
from qasearch.reading.document.summaries import only_reveals, reveals_answer
from qasearch.reading.document.vocabulary import ANSWER_WORDS
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position
from qasearch.reading.markdown.details import Details

_CALLOUT = re.compile(
    rf"\[!\w+\][+-]?\s*(?:the\s+)?(?:{ANSWER_WORDS}|solution|lösung)\b",
    re.IGNORECASE,
)

_DOUBTFUL = re.compile(r"[aоrр]\W*\d*\W*$|sol", re.IGNORECASE)
"""Labels that can mean something else, such as `A:`, or that can stand in the middle of an answer,
such as `Solution:`."""

_CHOICE = re.compile(r"[ *_`]*[aA][.):]")
"""`A:` or `A)` is the first of several choices, if `B` follows."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A place where a document says that an answer begins.

    Attributes:
        opens: where this is said; the text of the question ends before it.
        start: the first character that can belong to the answer.
        sure: False if the words can mean something else. Then only code, choices and pictures can
            stand between the question and this place.
    """

    opens: Position
    start: Position
    sure: bool


def find_openings(
    blocks: Sequence[Block], folded: Sequence[Details], headings: Sequence[Block]
) -> list[Opening]:
    """The openings of a document, in order.

    Args:
        blocks: its blocks, in which labels are found.
        folded: its folded parts.
        headings: its headings that say 'Answer'.
    """
    at_headings = [Position(heading.line_start, 1) for heading in headings]
    openings = [
        *_folded_answers(folded),
        *(Opening(position, position, sure=True) for position in at_headings),
        *_labels(blocks),
    ]
    return sorted(openings, key=lambda opening: opening.opens)


def _folded_answers(folded: Sequence[Details]) -> Iterator[Opening]:
    for details in folded:
        if details.summary and only_reveals(details.summary):
            yield Opening(details.opens, details.start, sure=reveals_answer(details.summary))


def _labels(blocks: Sequence[Block]) -> Iterator[Opening]:
    """The labels of answers in paragraphs, wherever they stand."""
    pending = [(block, "") for block in reversed(blocks)]
    while pending:
        block, text_after = pending.pop()
        if block.kind is BlockKind.PARAGRAPH:
            yield from _labels_in_paragraph(block, text_after)
        elif block.kind in LISTS:
            items = block.children
            texts = [item.children[0].content if item.children else "" for item in items]
            pending.extend(reversed(list(zip(items, [*texts[1:], ""], strict=True))))
        else:
            pending.extend((child, text_after) for child in reversed(block.children))


def _labels_in_paragraph(paragraph: Block, text_after: str) -> Iterator[Opening]:
    """The labels at the beginnings of lines; `text_after` is the next item of the list, or ""."""
    lines = [*paragraph.content.split("\n"), text_after]
    if _CALLOUT.match(lines[0]):
        first = paragraph.line_start
        yield Opening(Position(first, 1), Position(first + 1, 1), sure=True)
    for number, (line, following) in enumerate(pairwise(lines), start=paragraph.line_start):
        label = answer_label(line)
        is_choice = _CHOICE.match(line) and following.lstrip(" *_`").startswith(("B", "b"))
        if label and not is_choice:
            position = Position(number, 1)
            yield Opening(position, position, sure=not _DOUBTFUL.match(label))
