"""Questions without any mark: a paragraph or a first line that asks, and the answer below it.

Prose asks as well. So these are questions only in a FAQ, or where a third of the paragraphs ask, or
with a sign in front: `❓ What is tea?`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.cleaning import clean_text
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.sections import Section
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import Block, BlockKind, Position
from qasearch.reading.markdown.inline import plain

_SIGN = re.compile(r"\W{0,4}[❓❔🙋🤔]")
_LONGEST = 200
"""Characters of a question without a mark."""

_FEWEST, _FEWEST_IN_FAQ = 3, 2
_SHARE = 3
"""One of this many paragraphs must ask."""

_NO_ANSWER = frozenset({BlockKind.HEADING, BlockKind.RULE})


@dataclass(frozen=True, slots=True)
class _Question:
    mark: Mark
    has_sign: bool


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The paragraphs that ask and have an answer below them."""
    outline = findings.outline
    sections = [section for section in sections if not section.is_structure]
    questions = [question for section in sections for question in _questions(section)]
    signed = [question.mark for question in questions if question.has_sign]
    if len(signed) >= _FEWEST_IN_FAQ:
        return signed
    paragraphs = sum(
        block.kind is BlockKind.PARAGRAPH for section in sections for block in section.open_blocks
    )
    is_faq = outline.is_about_questions or outline.collects_questions
    is_dense = len(questions) >= _FEWEST and _SHARE * len(questions) >= paragraphs
    if is_dense or (is_faq and len(questions) >= _FEWEST_IN_FAQ):
        return [question.mark for question in questions]
    return []


def _questions(section: Section) -> Iterator[_Question]:
    for block, following in pairwise([*section.open_blocks, None]):
        if block is None or block.kind is not BlockKind.PARAGRAPH:
            continue
        first, _, rest = block.content.partition("\n")
        asks_first = bool(rest) and _asks(first)
        is_answered = following is not None and following.kind not in _NO_ANSWER
        if not asks_first and not (is_answered and _asks(plain(block))):
            continue
        if not asks_first and following and _is_question(following):
            continue
        question = clean_text(_text_of(first) if asks_first else plain(block))
        line = block.line_start
        body = Position(line + 1 if asks_first else block.line_end + 1, 1)
        if question:
            mark = Mark(Rule.PARAGRAPH, question, line, body, LIST_SCOPE, section.path)
            yield _Question(mark, bool(_SIGN.match(first)))


def _is_question(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and _asks(plain(block))


def _text_of(line: str) -> str:
    """The visible words of a line."""
    block = Block(BlockKind.PARAGRAPH, 1, 1)
    block.set_text(line, {})
    return plain(block)


def _asks(text: str) -> bool:
    return len(text) <= _LONGEST and (ends_in_question_mark(text) or bool(_SIGN.match(text)))
