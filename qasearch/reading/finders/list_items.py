"""Questions that are items of a list: `1. What is a latent space?`.

Their answers stand in the item, below it, behind a link, in the same line, or nowhere.

Lists of steps and of features look alike, so the document decides. If enough of its numbered items
(or of its bullets) ask, all of them are questions, `8. SVD` too. Else a section decides for itself.
Items below a question that ask as well are follow-up questions.

Prose has lists of questions too: what to ask in an interview, what to look at in a review. Nobody
answers them there. So a list counts if half of it is answered, or if the document is a collection
of questions by its title or by most of its text. The text below a list is no answer to its last
item, unless the document answers each question so, in a list of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import (
    ends_in_question_mark,
    looks_like_question,
    surely_asks,
)
from qasearch.reading.document.cleaning import clean_question, clean_text
from qasearch.reading.document.contents import is_table_of_contents
from qasearch.reading.document.labels import answer_label
from qasearch.reading.document.marks import LIST_SCOPE, Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.pointers import count_trailing_pointers, is_pointer
from qasearch.reading.document.sections import Section
from qasearch.reading.document.titles import is_answer_key, is_readme_title, is_sequel_title
from qasearch.reading.finders.findings import Findings
from qasearch.reading.markdown.blocks import (
    END_OF_LINE,
    LISTS,
    Block,
    BlockKind,
    Position,
)
from qasearch.reading.markdown.inline import Segment, segments

_SHARE = {BlockKind.ORDERED_LIST: 0.4, BlockKind.BULLET_LIST: 0.5}
"""Which part of the items must ask. Bullets serve for everything else as well (`* Is fast`), so
more of them must ask, and with a question mark."""

_SHARE_OF_BOXES = 0.7
"""The same for lists of boxes to tick, most of which are things to do."""

_SHARE_OF_TEXT = 0.65
"""From this share of the lines on, a document without a telling title is a list of questions."""

_NO_TEXT = frozenset({*LISTS, BlockKind.RULE, BlockKind.HEADING})
"""Blocks that are no answer to the item above."""

_BOX = re.compile(r"\[[ xX]\]\s")
_TITLE = re.compile(r"(?:\*\*|__)[^*_?？\n]{1,60}(?:\*\*|__):?|#{1,6}[^#\s][^\n]{0,80}")

_LEAD_IN = re.compile(r"[?？؟][*_]*[\s\-–—:(]*(?P<words>\w[^?\[\]]*)$")
"""Words between a question and the links that answer it: `What is tea? See [the plan](…)`."""

_MARKDOWN_LINK = re.compile(
    r"!?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])"
    r"|<https?://[^>]*>"
)
_QUESTION_END = re.compile(
    r"""[?？؟]["'”’»)*_]*(?:\s*[-–—:]+|\s*<br\s*/?>)?\s+(?=[^\s])"""
    r"""|[?？](?=[^\s\w?？"'”’»)\]*_.,])"""
)
_PARENTHESES = re.compile(r"[?？؟][*_]*\s*\((?P<answer>[^()]*(?:\([^()]*\)[^()]*)*)\)[.\s]*$")
_REMARK = re.compile(
    r"\s*(?:\d+\s*(?:marks?|points?|pts?|%|min|punkte?|分)|(?:select|choose|pick|tick|mark|name)\s"
    r"|(?:asked|source|src|credits?|via|from|by|hint|optional|bonus|difficulty|level|easy|medium|hard"
    r"|with|using|e\.?g|i\.?e|see|explain|derive|give|and|or|for)\b"
    r"|(?:true|yes|a)\s*(?:/|or)\s*(?:false|no|b)\b)",
    re.IGNORECASE,
)
"""A remark on a question in parentheses: its points, its source, how to answer it."""

_THING_TO_DO = re.compile(r"(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELL?ED)\b")
"""What marks a thing to do in Logseq and in notes."""

_ALL_BOLD = re.compile(r"\s*(?:\*\*|__)[^*_\n]+(?:\*\*|__)[:：.]?\s*")
_BOLD_LEAD = re.compile(r"(?:\*\*|__)(?P<text>[^*_\n]+)(?:\*\*|__)(?:\s*[-–—:.])?\s+(?=[^\s\[(])")
_BOLD_QUESTION = re.compile(r"\s*(?:\*\*|__)[^*_]+(?:\*\*|__)(?:\s*[-–—:.])?\s*\S")
_TARGET = re.compile(r"(?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|<https?:[^>]*>|https?:\S+")


@dataclass(frozen=True, slots=True)
class _Item:
    """An item that begins with a paragraph, read as a question.

    Attributes:
        section: the section in which it stands.
        block: the item.
        kind: the kind of its list.
        mark: the question, if the whole paragraph asks.
        in_line: the question, if what follows it in its line is the answer; else None.
        is_answered: whether the item holds a folded or labelled answer.
        is_alone: whether it is the only item of its list, and text follows.
        is_topic: whether it is all in bold with a list below, in a collection of questions.
    """

    section: Section
    block: Block
    kind: BlockKind
    mark: Mark
    in_line: Mark | None
    is_answered: bool
    is_alone: bool
    is_topic: bool

    @property
    def has_answer(self) -> bool:
        """Whether an answer stands in the item, behind it or below its list."""
        body, paragraph = self.mark.body, self.block.children[0]
        is_inside = body.column > 1 or body.line <= paragraph.line_end
        is_text = self.is_answered or self.in_line is not None or is_inside or self.is_alone
        return is_text or self.mark.is_linked or not _is_bare(self.block)


def find(findings: Findings, sections: Sequence[Section]) -> list[Mark]:
    """The questions in lists."""
    outline = findings.outline
    asking = [
        *_asking_items(outline, sections, BlockKind.ORDERED_LIST),
        *_asking_items(outline, sections, BlockKind.BULLET_LIST),
    ]
    items = _collected(outline, asking)
    alone = sum(item.is_alone for item in items)
    answered_below = outline.collects_questions or 2 * alone >= len(items)
    split = sum(item.in_line is not None or item.mark.body.column > 1 for item in items)
    answers_in_line = 2 * split >= len(items)
    titles = {block.line_end: block.line_start for block in outline.blocks if _is_title(block)}
    marks = [
        _below_title(outline, _mark_of(item, answers_in_line=answers_in_line), titles)
        if item.is_alone or answered_below
        else _within(
            item, _below_title(outline, _mark_of(item, answers_in_line=answers_in_line), titles)
        )
        for item in items
    ]
    mostly_bare = 2 * sum(_is_bare(item.block) for item in items) > len(items)
    for item in items:
        marks += _follow_ups(outline, item.section, item.block, item.mark, is_bare=mostly_bare)
    return marks


def _asking_items(outline: Outline, sections: Sequence[Section], kind: BlockKind) -> list[_Item]:
    """The items of one kind of list that are questions, as the document or the section decides."""
    by_section: dict[int, list[_Item]] = defaultdict(list)
    for section in sections:
        for block, is_alone in _items(outline, section, kind):
            item = _read(outline, section, block, kind, is_alone=is_alone)
            by_section[section.number].append(item)
    items = [item for group in by_section.values() for item in group]
    all_ask = _ask(items, kind)
    asking: list[_Item] = []
    for group in by_section.values():
        asks_alone = _ask(group, kind) and (len(group) > 1 or all_ask)
        if asks_alone or (all_ask and _may_ask(group, kind)):
            asking += [item for item in group if not _THING_TO_DO.match(item.mark.question)]
    return asking


def _collected(outline: Outline, asking: Sequence[_Item]) -> list[_Item]:
    """The items of sections in which questions are answered or collected."""
    if outline.collects_questions or outline.keys or _fill(outline, asking):
        return list(asking)
    groups: dict[tuple[int, BlockKind], list[_Item]] = defaultdict(list)
    for item in asking:
        groups[item.section.number, item.kind].append(item)
    return [
        item
        for group in groups.values()
        if 2 * sum(item.has_answer for item in group) >= len(group)
        for item in group
    ]


def _fill(outline: Outline, asking: Sequence[_Item]) -> bool:
    """Whether questions are most of the text of a document."""
    lines = {
        number
        for item in asking
        for number in range(item.block.line_start, item.block.line_end + 1)
    }
    text = [
        number
        for number in range(outline.first_line, len(outline.lines) + 1)
        if not outline.is_boilerplate(number)
    ]
    return sum(number in lines for number in text) >= _SHARE_OF_TEXT * len(text)


def _within(item: _Item, mark: Mark) -> Mark:
    """The mark of an item whose answer does not go on below its list."""
    return mark if mark.end else replace(mark, end=Position(item.block.line_end, END_OF_LINE))


def _mark_of(item: _Item, *, answers_in_line: bool) -> Mark:
    """The mark of an item, in a document that mostly answers in the line of the question or not."""
    if item.in_line is None:
        return item.mark
    is_bold = bool(_BOLD_QUESTION.match(item.block.children[0].content))
    in_parentheses = item.in_line.end is not None
    return item.in_line if answers_in_line or is_bold or in_parentheses else item.mark


def _is_title(block: Block) -> bool:
    """Whether a paragraph is the title of the list below it.

    It is short and bold, or a heading without the space behind its signs.
    """
    return block.kind is BlockKind.PARAGRAPH and bool(_TITLE.fullmatch(block.content))


def _below_title(outline: Outline, mark: Mark, titles: Mapping[int, int]) -> Mark:
    """The mark of an item; the title above its list is no part of the answer before it."""
    above = mark.line - 1
    while above and not outline.lines[above - 1].strip():
        above -= 1
    return replace(mark, opens=titles[above]) if above in titles else mark


def _items(outline: Outline, section: Section, kind: BlockKind) -> Iterator[tuple[Block, bool]]:
    """The items of a section's lists that begin with a paragraph.

    Also whether an item is the only one of its list, and text follows.
    """
    lists: Sequence[Block] = [block for block in section.open_blocks if block.kind is kind]
    title = section.raw_title
    if not lists or section.is_structure or is_sequel_title(title) or is_answer_key(title):
        return
    if is_table_of_contents(lists, min_links=1):
        return
    for block, following in pairwise([*section.open_blocks, None]):
        if block is None or block.kind is not kind or outline.is_in_key(block.line_start):
            continue
        is_followed = following is not None and following.kind not in _NO_TEXT
        for item in block.children:
            if item.children and item.children[0].kind is BlockKind.PARAGRAPH:
                yield item, is_followed and len(block.children) == 1


def _read(
    outline: Outline, section: Section, block: Block, kind: BlockKind, *, is_alone: bool
) -> _Item:
    mark = _mark(outline, block, section.path)
    openings = outline.openings
    number = bisect_left(openings, (block.line_start, 0), key=lambda opening: opening.opens)
    opening = openings[number] if number < len(openings) else None
    is_answered = opening is not None and opening.sure and opening.opens.line <= block.line_end
    in_line = _answered_in_line(outline, block, mark)
    is_topic = (
        outline.collects_questions
        and bool(_ALL_BOLD.fullmatch(block.children[0].content))
        and any(child.kind in LISTS for child in block.children[1:])
    )
    return _Item(section, block, kind, mark, in_line, is_answered, is_alone, is_topic)


def _ask(items: Sequence[_Item], kind: BlockKind) -> bool:
    """Whether enough of the items ask for all of them to be questions."""
    count = sum(_asks(item, kind) for item in items)
    if kind is BlockKind.BULLET_LIST and count:
        # Among bullets with question marks, `Explain …` asks as well.
        count = sum(_asks(item, kind) or looks_like_question(item.mark.question) for item in items)
    if not any(
        item.is_answered or item.is_topic or surely_asks(item.mark.question) for item in items
    ):
        return False
    boxes = sum(bool(_BOX.match(item.block.children[0].content)) for item in items)
    share = _SHARE_OF_BOXES if 2 * boxes > len(items) else _SHARE[kind]
    return count >= share * len(items) and (count > 1 or len(items) == 1 == count)


def _asks(item: _Item, kind: BlockKind) -> bool:
    if item.is_answered or item.in_line or item.is_topic:
        return True
    question = item.mark.question
    if _THING_TO_DO.match(question):
        return False
    if kind is BlockKind.ORDERED_LIST:
        return looks_like_question(question)
    return ends_in_question_mark(question)


def _may_ask(items: Sequence[_Item], kind: BlockKind) -> bool:
    """Whether the items of a section can be questions because most of the document's are."""
    if any(_asks(item, kind) for item in items):
        return True
    return kind is BlockKind.ORDERED_LIST and not is_readme_title(items[0].section.raw_title)


def _is_bare(item: Block) -> bool:
    """Whether an item is a question and nothing else."""
    return len(item.children) == 1


def _mark(outline: Outline, item: Block, breadcrumb: tuple[str, ...]) -> Mark:
    """The question of an item, with its answer in the lines or links behind it."""
    paragraph = item.children[0]
    inline = segments(paragraph)
    question, line_count = _split_at_answer(inline)
    first = paragraph.line_start + line_count if line_count else paragraph.line_end + 1
    body, end = Position(first, 1), None
    if not line_count and _is_bare(item):
        links = _links_to_answer(outline, paragraph, inline)
        body, end = links or (body, end)
    return Mark(
        Rule.LIST_ITEM,
        clean_question(question),
        item.line_start,
        body,
        LIST_SCOPE,
        breadcrumb,
        end=end,
        is_linked=all(segment.href for segment in inline if segment.text.strip()),
    )


def _links_to_answer(
    outline: Outline, paragraph: Block, inline: Sequence[Segment]
) -> tuple[Position, Position] | None:
    """Where the links at the end of a paragraph that point to its answer begin and end."""
    count = count_trailing_pointers(inline)
    line = outline.lines[paragraph.line_end - 1]
    links = list(_MARKDOWN_LINK.finditer(line)) if count else []
    if not count or len(links) < count:
        return None
    start = links[-count].start()
    lead_in = _LEAD_IN.search(line, 0, start)
    return (
        Position(paragraph.line_end, (lead_in.start("words") if lead_in else start) + 1),
        Position(paragraph.line_end, links[-1].end()),
    )


def _split_at_answer(inline: Sequence[Segment]) -> tuple[list[Segment], int]:
    """The question at the beginning of a paragraph, and the number of lines in front of the answer.

    The number is 0 if the whole paragraph is the question. A question ends behind a first line that
    is all in bold, behind a line that ends in a question mark, or in front of a line that begins
    with `Ans:`, `Answer:` or `A:` or is a link that only points to an answer.
    """
    lines = _lines(inline)
    for number, line in enumerate(lines[1:], start=1):
        before = "".join(segment.text for segment in lines[number - 1]).strip()
        text = "".join(segment.text for segment in line)
        is_linked = all(segment.href for segment in line if segment.text.strip())
        is_below_bold = number == 1 and all(
            segment.strong for segment in lines[0] if segment.text.strip()
        )
        if (
            ends_in_question_mark(before)
            or answer_label(text)
            or (is_linked and is_pointer(text))
            or is_below_bold
        ):
            return [segment for head in lines[:number] for segment in head], number
    return list(inline), 0


def _lines(inline: Sequence[Segment]) -> list[list[Segment]]:
    """The segments of each line that has any."""
    pieces: list[Segment | None] = []
    for segment in inline:
        for number, part in enumerate(segment.text.split("\n")):
            if number:
                pieces.append(None)
            pieces.append(Segment(part, segment.href, segment.strong))
    return [
        [piece for piece in group if piece is not None]
        for is_break, group in groupby(pieces, lambda piece: piece is None)
        if not is_break
    ]


def _answered_in_line(outline: Outline, item: Block, mark: Mark) -> Mark | None:
    """The question of an item whose answer stands behind it in the same line; None if none does.

    The question ends at its question mark, or is in bold.
    """
    paragraph = item.children[0]
    if mark.body.column > 1:
        return None
    raw = paragraph.content.split("\n", 1)[0]
    offset = outline.lines[paragraph.line_start - 1].find(raw)
    bold = _BOLD_LEAD.match(raw)
    if offset < 0:
        return None
    if bold and looks_like_question(bold["text"]):
        return _in_line(mark, bold["text"], Position(item.line_start, offset + bold.end() + 1))
    match = _PARENTHESES.search(raw) if "\n" not in paragraph.content else None
    has_mark = any(sign in raw for sign in "?？؟")
    if not has_mark or (match and _REMARK.match(match["answer"])):
        return None
    if match:
        start, end = match.span("answer")
        body = Position(item.line_start, offset + start + 1)
        return _in_line(mark, raw[: match.start() + 1], body, offset + end)
    question = _question_in_front_of_answer(raw)
    body = Position(item.line_start, offset + len(question) + 1)
    return _in_line(mark, question, body) if question else None


def _question_in_front_of_answer(raw: str) -> str:
    """The beginning of a raw line up to a question mark with an answer behind it; else ""."""
    for match in _QUESTION_END.finditer(raw):
        question, rest = raw[: match.end()], raw[match.end() :]
        if rest and _is_whole(question) and "?" not in _TARGET.sub("", rest):
            return question
    return ""


def _is_whole(question: str) -> bool:
    """Whether no code span, link or bold part goes on behind the question."""
    text = question.lower()
    pairs = (("[", "]"), ("(", ")"), ("<b>", "</b>"), ("<strong>", "</strong>"))
    return (
        all(text.count(opens) == text.count(closes) for opens, closes in pairs)
        and text.count("`") % 2 == 0 == text.count("**") % 2
    )


def _in_line(mark: Mark, raw_question: str, body: Position, end_column: int = 0) -> Mark:
    """The mark with another question and answer; the answer ends in a column if one is given."""
    block = Block(BlockKind.PARAGRAPH, mark.line, mark.line)
    block.set_text(raw_question.strip().rstrip("-–—:").strip(), {})
    question = clean_text(clean_question(segments(block)))
    end = Position(body.line, end_column) if end_column else None
    return Mark(Rule.LIST_ITEM, question, mark.line, body, mark.scope, mark.breadcrumb, end=end)


def _follow_ups(
    outline: Outline, section: Section, item: Block, mark: Mark, *, is_bare: bool
) -> Iterator[Mark]:
    """The items right below a question, if all of them ask as well.

    Unless most questions are bare, one of the items must have a question mark: the steps of an
    answer begin with verbs as well.
    """
    lists = [block for block in item.children[1:] if block.kind in LISTS]
    items = [child for block in lists for child in block.children]
    if not items or len(item.children) != 1 + len(lists):
        return
    if any(not child.children for child in items):
        return
    if any(child.children[0].kind is not BlockKind.PARAGRAPH for child in items):
        return
    marks = [_mark(outline, child, (*section.path, mark.question)) for child in items]
    if not all(looks_like_question(follow_up.question) for follow_up in marks):
        return
    if is_bare or any(ends_in_question_mark(follow_up.question) for follow_up in marks):
        yield from marks
        for child, follow_up in zip(items, marks, strict=True):
            yield from _follow_ups(outline, section, child, follow_up, is_bare=is_bare)
