"""Answers that stand together, away from their questions: keys of quizzes and exams.

`1. What is tea?`, `2. What is milk?` and further down, below `Answers`, `1. A drink.`, `2. White.`
Also `## Question 3` and `## Answer 3`, `# Question (DE)` and `## Answer (DE)`. A number or a
language says which answer belongs to which question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.sections import Section
from qasearch.reading.document.titles import is_answer_key
from qasearch.reading.document.vocabulary import ANSWER_WORDS, QUESTION_WORDS
from qasearch.reading.markdown.blocks import (
    END_OF_LINE,
    Block,
    BlockKind,
    Position,
    walk_all,
)

_WORDS = rf"(?:{ANSWER_WORDS}|solutions?|lösung|soluciones|soluzioni|solutions|решения)"
_KEY_LABEL = re.compile(
    rf"""[\s>*_]*(?:the\s+|correct\s+)?(?:{_WORDS}(?:s|en|es)?(?:\s+keys?)?)\s*[:：]?[*_]*\s*[:：]?\s*
        (?=$|\d+\s*[.):\-–])""",
    re.IGNORECASE | re.VERBOSE,
)
_ONE_ANSWER = re.compile(
    rf"^(?:the\s+)?{_WORDS}\s*(?:to\s+)?(?:(?:{QUESTION_WORDS})\s*)?[.\#\-]?\s*"
    r"(?:(?P<number>\d+)|\((?P<language>[A-Za-z]{2})\))\s*[.:)：]*$",
    re.IGNORECASE | re.VERBOSE,
)
_LANGUAGE = re.compile(r"\(([A-Za-z]{2})\)\W*$")
_NUMBERED = re.compile(
    rf"[\s>\#*_-]*(?:\*\*|__)?(?:(?:{QUESTION_WORDS}|exercise|problem|aufgabe)\s*)?[.\#\-]?\s*(\d+)\b",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERED_LABEL = re.compile(
    rf"[\s>*_]*(?:{ANSWER_WORDS}|solution)\s*[.\#]?\s*(?P<number>\d+)\s*[*_]*[:：.)][*_]*\s*",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERED_QUESTION = re.compile(
    rf"[\s>*_]*(?:{QUESTION_WORDS})\s*[.\#]?\s*\d+\s*[*_]*[:：.)]", re.IGNORECASE | re.VERBOSE
)
_MAY_BE_LABEL = re.compile(r"[\s>*_]*[^\W\d_][^\d:：]{0,30}[:：]?[*_]*\s*(?:$|\d)")
_ITEM_NUMBER = re.compile(r"[\s>]*(\d+)")
_IN_LINE = re.compile(
    r"(?<!\S)(?P<number>\d{1,3})\s*[.):\-–]\s*(?P<answer>\S(?:(?!\s\d{1,3}\s*[.):\-–]).)*)"
)
_ROW = re.compile(
    r"\s*\|?\s*\W{0,3}(?:q|question)?\s*(?P<number>\d+)\W{0,3}\s*\|\s*", re.IGNORECASE
)

_FEWEST = 2
"""A key has at least so many answers to questions of its document."""

_FEWEST_WITHOUT_TITLE = 3
"""From so many items on, a list of questions and a list as long without one belong together."""

_SHARE_ASKING = 0.8


@dataclass(frozen=True, slots=True)
class Key:
    """Answers that stand together.

    Attributes:
        line_start: the first line of all of them.
        line_end: the last line.
        answers: the first and the last character of each answer, by its number or its language.
        part: the number of the part of the document that it belongs to, such as `Quiz 2`; "" if it
            has none.
    """

    line_start: int
    line_end: int
    answers: Mapping[str, tuple[Position, Position]]
    part: str = ""


def find_keys(sections: Sequence[Section], lines: Sequence[str]) -> list[Key]:
    """The keys of a document, in order, whether or not it has the questions."""
    keys = [*_single_answers(sections)]
    for section in sections:
        if section.heading and is_answer_key(section.raw_title):
            part = _part_of(section.raw_title)
            keys += [replace(key, part=part) for key in _in_blocks(section.blocks, lines)]
        else:
            keys += _below_labels(section, lines)
            keys += _labelled(section, lines)
    known = {key.line_start for key in keys}
    lists = [
        block
        for section in sections
        for block in section.blocks
        if block.kind is BlockKind.ORDERED_LIST
    ]
    keys += [key for key in _second_of(lists, lines) if key.line_start not in known]
    return sorted(keys, key=lambda key: key.line_start)


def pair_up(
    keys: Sequence[Key], marks: Sequence[Mark], lines: Sequence[str], numbers: Mapping[int, int]
) -> tuple[dict[int, tuple[Position, Position]], list[int]]:
    """The answers in keys, by the lines of their questions, and the first lines of these keys.

    Args:
        keys: see `find_keys`.
        marks: the questions of the document.
        lines: its lines.
        numbers: the number of each item of a numbered list, by its first line.
    """
    answers: dict[int, tuple[Position, Position]] = {}
    starts: list[int] = []
    if not keys:
        return answers, starts
    labels = [
        (mark.line, _label(mark, lines, numbers), _part_of("".join(mark.breadcrumb[-1:])))
        for mark in marks
    ]
    for key in keys:
        latest: dict[str, int] = {}
        has_part = key.part and any(part == key.part for _, _, part in labels)
        for line, label, part in labels:
            if has_part and part != key.part:
                continue
            if label in key.answers and line < key.line_start and line not in answers:
                latest[label] = max(line, latest.get(label, 0))
        if len(latest) >= _FEWEST and 2 * len(latest) >= len(key.answers):
            answers |= {line: key.answers[label] for label, line in latest.items()}
            starts.append(key.line_start)
    return answers, starts


def _part_of(title: str) -> str:
    """The number in a title such as 'Quiz 2'; "" if there is none."""
    number = re.search(r"\d+", title)
    return number[0] if number else ""


def item_numbers(blocks: Sequence[Block], lines: Sequence[str]) -> dict[int, int]:
    """The number of each item of a numbered list, by its first line."""
    numbers: dict[int, int] = {}
    for block in walk_all(blocks):
        if block.kind is BlockKind.ORDERED_LIST:
            numbers |= {item.line_start: number for item, number in _numbered(block, lines)}
    return numbers


def _label(mark: Mark, lines: Sequence[str], numbers: Mapping[int, int]) -> str:
    """The number or the language of a question; "" if it has neither."""
    line = lines[mark.line - 1]
    if language := _LANGUAGE.search(line):
        return language[1].lower()
    if mark.line in numbers:
        return str(numbers[mark.line])
    number = _NUMBERED.match(line)
    return str(int(number[1])) if number else ""


def _numbered(block: Block, lines: Sequence[str]) -> Iterator[tuple[Block, int]]:
    """The items of a numbered list with their numbers; if all have the same, they are counted."""
    matches = [_ITEM_NUMBER.match(lines[item.line_start - 1]) for item in block.children]
    numbers = [int(match[1]) if match else 0 for match in matches]
    if len(set(numbers)) == 1:
        numbers = list(range(numbers[0], numbers[0] + len(numbers)))
    return zip(block.children, numbers, strict=True)


def _single_answers(sections: Sequence[Section]) -> Iterator[Key]:
    """Sections such as `## Answer 3`, one after the other."""
    groups = groupby(
        (section for section in sections if section.heading),
        lambda section: bool(_ONE_ANSWER.match(section.raw_title.strip("*_ "))),
    )
    for is_answer, group in groups:
        answers = {}
        members = list(group) if is_answer else []
        for section in members:
            match = _ONE_ANSWER.match(section.raw_title.strip("*_ "))
            if match and section.blocks:
                label = str(int(match["number"])) if match["number"] else match["language"].lower()
                answers[label] = (
                    Position(section.line_of_text, 1),
                    Position(section.line_end, END_OF_LINE),
                )
        if len(answers) >= _FEWEST:
            yield Key(members[0].line, members[-1].line_end, answers)


def _in_blocks(blocks: Sequence[Block], lines: Sequence[str]) -> Iterator[Key]:
    """The keys in blocks that hold nothing else: numbered lists, lines, rows of tables."""
    for block in blocks:
        if block.kind is BlockKind.ORDERED_LIST:
            yield from _key(block, _in_list(block, lines))
        elif block.kind is BlockKind.PARAGRAPH:
            yield from _key(block, _in_lines(block.line_start, block.line_end, lines))
        elif block.kind is BlockKind.TABLE:
            yield from _key(block, _in_table(block, lines))


def _key(block: Block, answers: Iterable[tuple[str, tuple[Position, Position]]]) -> Iterator[Key]:
    by_label = dict(answers)
    if len(by_label) >= _FEWEST:
        yield Key(block.line_start, block.line_end, by_label)


def _in_list(block: Block, lines: Sequence[str]) -> Iterator[tuple[str, tuple[Position, Position]]]:
    for item, number in _numbered(block, lines):
        text = lines[item.line_start - 1]
        match = re.match(r"[\s>]*\d+[.)][ \t]*", text)
        column = match.end() + 1 if match else 1
        start = Position(item.line_start, column)
        yield str(number), (start, Position(item.line_end, END_OF_LINE))


def _in_lines(
    first: int, last: int, lines: Sequence[str]
) -> Iterator[tuple[str, tuple[Position, Position]]]:
    """Answers such as `1. B  2. C`, on one line or on several."""
    for number in range(first, last + 1):
        for match in _IN_LINE.finditer(lines[number - 1]):
            start = match.start("answer")
            end = start + len(match["answer"].rstrip(" ,;|*_"))
            if start < end:
                extent = Position(number, start + 1), Position(number, end)
                yield str(int(match["number"])), extent


def _in_table(
    table: Block, lines: Sequence[str]
) -> Iterator[tuple[str, tuple[Position, Position]]]:
    """Rows that begin with a number."""
    for row in table.children:
        line = lines[row.line_start - 1]
        if match := _ROW.match(line):
            end = Position(row.line_start, len(line.rstrip().rstrip("|").rstrip()))
            yield str(int(match["number"])), (Position(row.line_start, match.end() + 1), end)


def _below_labels(section: Section, lines: Sequence[str]) -> Iterator[Key]:
    """Keys with a label instead of a heading: `**Answers:** 1. B 2. C`."""
    blocks = section.blocks
    for position, block in enumerate(blocks):
        if block.kind is not BlockKind.PARAGRAPH:
            continue
        for number in range(block.line_start, block.line_end + 1):
            line = lines[number - 1]
            label = _KEY_LABEL.match(line) if _MAY_BE_LABEL.match(line) else None
            if label is None:
                continue
            if lines[number - 1][label.end() :].strip() or number < block.line_end:
                answers = dict(_in_lines(number, block.line_end, lines))
                if len(answers) >= _FEWEST:
                    yield Key(number, block.line_end, answers)
            elif position + 1 < len(blocks):
                for key in _in_blocks(blocks[position + 1 : position + 2], lines):
                    yield Key(number, key.line_end, key.answers)
            break


def _labelled(section: Section, lines: Sequence[str]) -> Iterator[Key]:
    """Answers that follow each other, each with its number, such as `Answer 1: A drink`."""
    starts = [
        (number, match)
        for block in section.blocks
        if block.kind is BlockKind.PARAGRAPH
        for number in range(block.line_start, block.line_end + 1)
        if (match := _NUMBERED_LABEL.match(lines[number - 1]))
    ]
    if len(starts) < _FEWEST:
        return
    ends = [number - 1 for number, _ in starts[1:]] + [section.line_end]
    follows = all(
        not _NUMBERED_QUESTION.match(lines[number - 1])
        for first, end in zip(starts, ends, strict=True)
        for number in range(first[0], end + 1)
    )
    answers = {
        str(int(match["number"])): (Position(number, match.end() + 1), Position(end, END_OF_LINE))
        for (number, match), end in zip(starts, ends, strict=True)
    }
    if follows and len(answers) >= _FEWEST:
        yield Key(starts[0][0], section.line_end, answers)


def _second_of(lists: Sequence[Block], lines: Sequence[str]) -> Iterator[Key]:
    """Numbered lists without questions, each below one of as many questions."""
    for first, second in pairwise(lists):
        count = len(first.children)
        if count < _FEWEST_WITHOUT_TITLE or len(second.children) != count:
            continue
        asking = sum(map(_asks, first.children))
        if asking >= _SHARE_ASKING * count and not any(map(_asks, second.children)):
            yield from _key(second, _in_list(second, lines))


def _asks(item: Block) -> bool:
    """Whether an item is a bare question."""
    if len(item.children) != 1 or not item.children[0].has_inline:
        return False
    return ends_in_question_mark(item.children[0].content.strip())
