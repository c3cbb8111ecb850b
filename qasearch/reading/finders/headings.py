"""Questions that are headings of any level, `## What is regression?`, underlined or in HTML.

If at least half of the headings under one parent ask (a fifth in a document that is called FAQ),
the other headings beside them are questions too. So noun phrases and error messages among questions
are found. Elsewhere a heading is a question if it has a question mark or a label such as `Q5.`, or
if a folded or labelled answer stands right below it. A heading that only says 'Question' is asked
by the text below it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence, Set
from itertools import takewhile

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import (
    ends_in_question_mark,
    looks_like_question,
    surely_asks,
)
from qasearch.reading.document.cleaning import clean_text, is_numbered
from qasearch.reading.document.labels import (
    answer_label,
    is_labelled_question,
    is_short_label,
    question_label,
    without_question_label,
)
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.document.summaries import only_reveals
from qasearch.reading.document.titles import (
    is_advertisement,
    is_answer_key,
    is_answer_title,
    is_closing_title,
    is_generic_question,
    is_readme_title,
    is_sequel_title,
)
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import Block, BlockKind, Position
from qasearch.reading.markdown.details import Details
from qasearch.reading.markdown.inline import plain

_SHARE, _SHARE_IN_FAQ = 2, 5
"""One of this many headings under one parent must ask for all of them to be questions. In a FAQ a
fifth is enough, because it consists of questions whatever their wording."""

_REQUEST = re.compile(r"(?:explain|describe|discuss|differentiate)\b", re.IGNORECASE)
"""How an instruction can begin, as well as a question of an interview."""

_FEWEST_ASKING = 2
"""One question does not make the headings beside it questions, unless the document is a FAQ."""

_ONE_WORD = re.compile(r"[^\W\d_\u2e80-\uffff]+[?？؟]+")
"""`How?` asks nothing alone. Among questions it is one."""

_TEXT = frozenset({BlockKind.QUOTE, BlockKind.PARAGRAPH})


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The headings that are questions; none that stands below another one."""
    asking = _asking_sections(findings.outline)
    return [_mark(section) for section in sections if section.number in asking]


def find_by_title(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The headings of a document in which nothing asks but whose title says that it answers.

    `# Common issues` with error messages as headings: those beside each other that all have text
    and no headings below them.
    """
    outline = findings.outline
    if not outline.is_about_questions:
        return []
    parents = {section.parent for section in sections}
    return [
        _mark(section)
        for _, siblings in _siblings(sections)
        if _are_all_answered(outline, siblings, parents)
        for section in siblings
    ]


def _mark(section: Section) -> Mark:
    """The mark of a section whose heading is a question, or says that one stands below it."""
    assert section.heading is not None  # noqa: S101 - only headings ask
    question, end = section.title, section.heading.line_end
    breadcrumb = section.breadcrumb
    first = section.blocks[0] if section.blocks else None
    is_generic = is_generic_question(section.raw_title)
    if first and first.kind is BlockKind.PARAGRAPH and is_labelled_question(first.content):
        question, end = _text(first), first.line_end
        breadcrumb = breadcrumb if is_generic else section.path
    elif first and first.kind in _TEXT and is_generic:
        asking = _asking_block(section.blocks)
        question = _text(asking) or question
        if asking is first:  # else the text in front of it belongs to the question
            end = asking.line_end
    question = clean_text(without_question_label(question))
    body = Position(end + 1, 1)
    return Mark(Rule.HEADING, question, section.line, body, section.level, breadcrumb)


def _asking_block(blocks: Sequence[Block]) -> Block:
    """The block that asks, in front of the answer: by a label or a question mark, or the first."""
    before_answer = list(takewhile(lambda block: not answer_label(block.content), blocks))
    for block in before_answer:
        if question_label(block.content):
            return block
    for block in before_answer:
        if ends_in_question_mark(_text(block)):
            return block
    return blocks[0]


def _text(block: Block) -> str:
    """The words of a paragraph or a quotation on one line; "" for any other block."""
    if block.kind not in _TEXT:
        return ""
    return " ".join(plain(inner) for inner in block.walk() if inner.kind is BlockKind.PARAGRAPH)


def _asking_sections(outline: Outline) -> set[int]:
    """The numbers of the sections whose headings are questions."""
    sections = outline.sections
    parents = {section.parent for section in sections}
    containers = {
        section.number for section in sections if not section.blocks and section.number in parents
    }
    containers |= {section.parent for section in sections if ends_in_question_mark(section.title)}
    asking: set[int] = set()
    for parent, siblings in _siblings(sections):
        questions, is_list = _questions_among(outline, siblings, containers)
        asking |= questions
        is_below_title = is_list and parent >= 0 and sections[parent].level == 1
        if is_below_title and not _says_something(outline, sections[parent]):
            asking.discard(parent)  # a title above questions is a title, even one that asks
    asking = {number for number in asking if not _only_introduces(outline, sections[number])}
    titles = {number for number in asking if sections[number].level == 1}
    return {
        number
        for number in asking
        if not _ancestors(sections, number) & (asking - titles)
        and (
            ends_in_question_mark(sections[number].title)
            or not _ancestors(sections, number) & titles
        )
    }


def _says_something(outline: Outline, section: Section) -> bool:
    """Whether text of its own stands below a heading."""
    return outline.has_text(section.line_of_text, section.line_end)


def _questions_among(
    outline: Outline, siblings: Sequence[Section], containers: Set[int]
) -> tuple[set[int], bool]:
    """The numbers of the questions among sections of one level under one parent.

    Also whether they are a list of questions: several ask, and so many that the rest asks too.
    """
    group = [
        section
        for section in siblings
        if not (is_closing_title(section.raw_title) or is_advertisement(section.raw_title))
    ]
    is_quiz = any(surely_asks(section.title) or is_numbered(section.raw_title) for section in group)
    sure = {
        section.number
        for section in group
        if (is_quiz and _has_choices(outline, section)) or _is_surely_asked(outline, section)
    }
    whole = [section for section in group if not _ONE_WORD.fullmatch(section.title)]
    likely = sure | {section.number for section in whole if looks_like_question(section.title)}
    marked = sure | {section.number for section in whole if ends_in_question_mark(section.title)}
    share = _SHARE_IN_FAQ if marked and outline.is_about_questions else _SHARE
    is_sure = marked or (len(likely) > 1 and _are_asked(outline, group))
    if not is_sure or share * len(likely) < len(whole):
        return marked, False
    if len(likely) < _FEWEST_ASKING and len(whole) > len(likely) and not outline.collects_questions:
        return marked, False
    answered = {section.number for section in group if _is_answered(outline, section)}
    mostly_answered = 2 * len(answered) >= len(group)
    beside = {
        section.number
        for section in group
        if not _stands_apart(section, containers)
        and (section.number in answered or not mostly_answered)
    }
    return likely | beside, len(likely) > 1


def _are_asked(outline: Outline, group: Sequence[Section]) -> bool:
    """Whether headings without a question mark ask: `Explain joins` can be an instruction."""
    if outline.collects_questions or any(is_numbered(section.raw_title) for section in group):
        return any(surely_asks(section.title) for section in group)
    return any(
        surely_asks(section.title) and not _REQUEST.match(section.title) for section in group
    )


def _is_answered(outline: Outline, section: Section) -> bool:
    """Whether text or a heading of a lower level stands below a heading."""
    return _child(outline, section) is not None or _says_something(outline, section)


def _child(outline: Outline, section: Section) -> Section | None:
    """The first section below a section; None if there is none."""
    following = section.number + 1
    if following == len(outline.sections):
        return None
    child = outline.sections[following]
    return child if child.parent == section.number else None


def _siblings(sections: Sequence[Section]) -> list[tuple[int, list[Section]]]:
    """The sections of one level under one parent, with the number of the parent, for all parents.

    Tables of contents, licences and the headings of answers are left out.
    """
    siblings: dict[tuple[int, int], list[Section]] = defaultdict(list)
    for section in sections:
        if not section.heading or not section.title or section.is_structure:
            continue
        if not is_answer_title(section.raw_title):
            siblings[section.parent, section.level].append(section)
    return [(parent, group) for (parent, _), group in siblings.items()]


def _stands_apart(section: Section, containers: Set[int]) -> bool:
    """Whether a heading among questions is no question.

    It continues the question above, holds other questions, or is usual in READMEs.
    """
    title = section.raw_title
    return (
        section.number in containers
        or is_sequel_title(title)
        or is_answer_key(title)
        or is_readme_title(title)
    )


def _is_surely_asked(outline: Outline, section: Section) -> bool:
    """Whether a heading is a question by more than its wording."""
    title = section.raw_title
    is_generic = is_generic_question(title)
    if is_generic or question_label(title):
        can_mean_else = is_generic or (is_short_label(title) and not outline.counts_questions)
        return (
            not can_mean_else
            or looks_like_question(section.title)
            or _holds_answer_or_question(outline, section)
        )
    if section.level < 2 and not ends_in_question_mark(section.title):
        return False
    openings = outline.openings
    low = _first_opening(outline, section.line + 1)
    high = _first_opening(outline, section.line_end + 1)
    first_line = section.blocks[0].line_start if section.blocks else section.line
    if low < high and openings[low].opens.line <= first_line:
        return openings[low].sure or high == low + 1
    if high == low + 1 and any(only_reveals(part.summary) for part in _folded_in(outline, section)):
        return not _asks_in_text(section)
    child = _child(outline, section)
    return child is not None and is_answer_title(child.raw_title)


def _first_opening(outline: Outline, line: int) -> int:
    """The number of the first opening from a line on."""
    return bisect_left(outline.openings, (line, 0), key=lambda opening: opening.opens)


def _holds_answer_or_question(outline: Outline, section: Section) -> bool:
    """Whether an answer begins in a section or at the first heading below, or its text asks."""
    child = _child(outline, section)
    last = child.line if child else section.line_end
    number = _first_opening(outline, section.line + 1)
    if number < len(outline.openings) and outline.openings[number].opens.line <= last:
        return True
    texts = [_text(block) for block in section.blocks]
    if any(ends_in_question_mark(text) for text in texts):
        return True
    if texts and looks_like_question(texts[0]):
        return True
    return any(section.line < choices.line_start <= last for choices in outline.boxes)


def _has_choices(outline: Outline, section: Section) -> bool:
    """Whether a section holds choices of which one is ticked."""
    boxes = outline.boxes
    number = bisect_left(boxes, section.line, key=lambda choices: choices.line_start)
    if number == len(boxes):
        return False
    return boxes[number].line_end <= section.line_end and boxes[number].first_right > 0


def _folded_in(outline: Outline, section: Section) -> list[Details]:
    return outline.folded_between(section.line + 1, section.line_end)


def _asks_in_text(section: Section) -> bool:
    """Whether labels mark questions in the text of a section, so that its heading is a title."""
    return any(
        block.kind is BlockKind.PARAGRAPH and question_label(block.content)
        for block in section.blocks
    )


def _only_introduces(outline: Outline, section: Section) -> bool:
    """Whether a section begins with several folded questions, so that its heading is a title."""
    folded = [part for part in _folded_in(outline, section) if looks_like_question(part.summary)]
    return len(folded) > 1 and not outline.has_text(section.line + 1, folded[0].opens.line - 1)


def _are_all_answered(outline: Outline, siblings: Sequence[Section], parents: Set[int]) -> bool:
    """Whether there are several sections, each with text and without headings below it."""
    if len(siblings) < 2 or siblings[0].level < 2:
        return False
    return all(
        section.number not in parents
        and section.blocks
        and outline.has_text(section.line + 1, section.blocks[-1].line_end)
        for section in siblings
    )


def _ancestors(sections: Sequence[Section], number: int) -> set[int]:
    """The numbers of the sections above a section."""
    ancestors: set[int] = set()
    while (number := sections[number].parent) >= 0:
        ancestors.add(number)
    return ancestors
