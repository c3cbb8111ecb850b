"""Where a document says that an answer begins: folded parts, headings that say 'Answer', labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qasearch.reading.document.wording import answer_label, hides_answer
from qasearch.reading.markdown.blocks import LISTS, Block, BlockKind, Position
from qasearch.reading.markdown.details import Details


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a document says that an answer begins: a folded part, a heading `Answer`, a label `A:`.

    The question's own text ends before `opens`; the answer can begin at `start`. One that is not
    `sure` counts only where nothing but code, choices and pictures stands between the question and
    it.
    """

    opens: Position
    start: Position
    sure: bool


def find_openings(
    blocks: Sequence[Block], folded: Sequence[Details], headings: Sequence[Block]
) -> list[Opening]:
    """The openings of a document, in order: of its folded parts, the headings that say 'Answer',
    and labels.
    """
    at_headings = [Position(heading.line_start, 1) for heading in headings]
    return sorted(
        [
            *_folded_answers(folded),
            *(Opening(at, at, sure=True) for at in at_headings),
            *_labels(blocks),
        ],
        key=lambda opening: opening.opens,
    )


def _folded_answers(folded: Sequence[Details]) -> Iterator[Opening]:
    for each in folded:
        hides, names_answer = hides_answer(each.summary)
        if hides and each.summary:
            yield Opening(each.opens, each.start, sure=names_answer)


def _labels(blocks: Sequence[Block]) -> Iterator[Opening]:
    pending = [(block, "") for block in reversed(blocks)]
    while pending:
        block, after = pending.pop()
        if block.kind is BlockKind.PARAGRAPH:
            content = [*block.content.split("\n"), after]
            admonition = _ADMONITION.match(content[0])
            if _CALLOUT.match(content[0]) or (admonition and hides_answer(admonition["title"])[1]):
                position = Position(block.line_start, 1)
                yield Opening(position, Position(block.line_start + 1, 1), sure=True)
            for number, (line, following) in enumerate(pairwise(content)):
                label = answer_label(line)
                if label and not (
                    _CHOICE.match(line) and following.lstrip(" *_`").startswith(("B", "b"))
                ):
                    position = Position(block.line_start + number, 1)
                    yield Opening(position, position, sure=not _DOUBTFUL.match(label))
        else:
            children = block.children
            if block.kind in LISTS:
                texts = [item.children[0].content if item.children else "" for item in children]
                pending.extend(reversed(list(zip(children, [*texts[1:], ""], strict=True))))
            else:
                pending.extend((child, after) for child in reversed(children))


_CALLOUT = re.compile(
    r"\[!\w+\][+-]?\s*(?:the\s+)?(?:answer|solution|lösung|antwort|respuesta|ответ)\b",
    re.IGNORECASE,
)
_ADMONITION = re.compile(r"(?:\?\?\?\+?|!!!)[ \t]+\w+[ \t]+([\"'])(?P<title>.+?)\1[ \t]*$")
_DOUBTFUL = re.compile(r"[aоrр]\W*\d*\W*$|sol", re.IGNORECASE)
"""Labels that may be something else, such as `A:`, or stand in the middle of an answer, such as
`Solution:`."""

_CHOICE = re.compile(r"[ *_`]*[aA][.):]")
"""`A:` or `A)` is the first of several choices, if `B` follows."""
