"""Labels in front of a line: `Q:` and `Question 3:` of questions, `A:` and `Ans:-` of answers.

Works on raw lines, with their Markdown. Knows nothing of blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from qasearch.reading.document.vocabulary import (
    ANSWER_WORDS,
    LONG_QUESTION_WORDS,
    NUMBER,
    PAIRS,
    QUESTION_WORDS,
)

_EMPHASIS = re.compile(r"[*_]{1,3}|</?(?:b|strong|i|em|u)>", re.IGNORECASE)
_EMOJI = re.compile(r"^\s*(?:[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f\u200d]+\s*)+")
_QUESTION_LABEL = re.compile(
    rf"""^\s*(?:
        (?:{QUESTION_WORDS})\s*[.\#\-]?\s*(?:{NUMBER})?\s*
            (?:[:：]\s*[-–—]?|[.)、]\s*[-–—:]?|[-–—]\s)\s*
      | (?:{LONG_QUESTION_WORDS}|q)\s*[.\#\-]?\s*{NUMBER}\s*
            (?:$|(?=[A-Z"'`]))
      | (?:{LONG_QUESTION_WORDS})\s*$
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：]
      | \d{{1,3}}\s*(?:[、．]|\.(?=[\u2e80-\uffff]))\s*             # 1、什么 (no list in Markdown)
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER_LABEL = re.compile(
    rf"""^\s*(?:\#{{1,6}}\s+)?(?:
        (?:(?:the|correct|right|short|model|my|sample|expected|ideal|suggested|possible)\s+)?
            (?:{ANSWER_WORDS}|sol|solution)\s*\.?\s*(?:{NUMBER})?(?:\([a-z]{{2}}\))?
            \s*(?:[:：]\s*[-–—]?|[.)、]\s*[-–—:]?|[-–—](?=\s|$)|$)\s*
      | [aо]\s*(?:{NUMBER})?\s*(?:[:：]\s*[-–—]?|[.)]\s*[-–—:]|{NUMBER}[.)])\s*
      )""",
    re.IGNORECASE | re.VERBOSE,
)
_INLINE_ANSWER = re.compile(
    rf"(?<=[\s?.!？。/>])(?:[*_]{{0,3}})(?:a|{ANSWER_WORDS})\s*[*_]{{0,3}}\s*[:：]", re.IGNORECASE
)
_SHORT_LABEL = re.compile(r"\W*[qв]\b|\W*[qв][\W\d]", re.IGNORECASE)
_BEYOND_QUARTERS = re.compile(r"\W*[qв]\W?\s?(?:[5-9]|[1-9]\d)\b", re.IGNORECASE)

_FULL_WIDTH = {0xFF21 + n: 0x41 + n for n in (*range(26), *range(32, 58))} | {0xFF0E: 0x2E}
"""Letters of full width and the full stop, as Japanese writes `Ｑ．`."""

_LONGEST_LETTER = 2
"""Characters of a label that is a letter: `P:`, `प्र:`."""

_LONGEST_SHORT_LABEL = 4
"""`Qs. ` and `Q10:` are no longer than this; `Question:` is."""


def without_emphasis(line: str) -> str:
    """A raw line without the signs and tags that make it bold or italic, and with Latin letters for
    those of full width.
    """
    if not line.isascii():
        line = line.translate(_FULL_WIDTH)
    return _EMPHASIS.sub("", line) if "*" in line or "_" in line or "<" in line else line


def question_label(line: str) -> bool:
    """Whether a raw line begins with `Q:`, `Q1.`, `**Question**:` or the like."""
    return bool(_QUESTION_LABEL.match(without_emphasis(_EMOJI.sub("", line))))


def is_short_label(line: str) -> bool:
    """Whether the label is the letter `Q`, which may mean something else than a question."""
    return bool(_SHORT_LABEL.match(line))


def is_beyond_quarters(line: str) -> bool:
    """Whether a line begins with `Q5:` or a higher number, so that it is no quarter of a year."""
    return bool(_BEYOND_QUARTERS.match(line)) and question_label(line)


def is_labelled_question(line: str) -> bool:
    """Whether a raw line is `Question: …`: a label that is spelled out, and words behind it."""
    text = without_emphasis(line)
    match = _QUESTION_LABEL.match(text)
    if match is None or ":" not in match[0] or not text[match.end() :].strip():
        return False
    return len(match[0].strip()) > _LONGEST_SHORT_LABEL


def is_only_question_label(line: str) -> bool:
    """Whether a raw line is a question's label and nothing else."""
    text = without_emphasis(line)
    match = _QUESTION_LABEL.match(text)
    return match is not None and not text[match.end() :].strip(" \t#\\")


def without_question_label(text: str) -> str:
    """Visible text without the `Q:` at its beginning."""
    match = _QUESTION_LABEL.match(text.translate(_FULL_WIDTH))
    return text[match.end() :] if match else text


def answer_label(line: str) -> str:
    """The `A:`, `Ans:-` or `**Answer**` at the beginning of a raw line, without emphasis, or ""."""
    match = _ANSWER_LABEL.match(without_emphasis(line))
    label = match[0].strip() if match else ""
    # A lower-case word without a sign, such as `answers`, begins a sentence.
    return "" if label[:1].islower() and label[-1].isalnum() else label


def is_only_answer_label(line: str) -> bool:
    """Whether a raw line is an answer's label and nothing else."""
    text = without_emphasis(line)
    match = _ANSWER_LABEL.match(text)
    if match is None or not answer_label(line):
        return False
    return not text[match.end() :].strip(" \t#\\")


def inline_answer_at(line: str) -> int:
    """The index of `A:` behind a question in a raw line; -1 if there is none."""
    match = _INLINE_ANSWER.search(line)
    return match.start() if match else -1


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of questions and of their answers, in front of raw lines.

    Attributes:
        asks: whether a line begins with the label of a question.
        answers: whether it begins with the label of an answer.
        without: visible text without the label of a question at its beginning.
        is_sure: whether one label says enough; else both must stand in turn.
        is_letter: whether they are letters, which can mean something else: then one of the labelled
            texts must ask.
    """

    asks: Callable[[str], bool]
    answers: Callable[[str], bool]
    without: Callable[[str], str]
    is_sure: bool
    is_letter: bool = False


SURE_LABELS = Labels(
    lambda line: question_label(line) and not answer_label(line),
    lambda line: bool(answer_label(line)),
    without_question_label,
    is_sure=True,
)
"""Labels with a word for 'question' or 'answer'."""


def paired_labels(lines: Iterable[str]) -> list[Labels]:
    """The other labels of which both stand in these lines, such as `P: … R: …`."""
    texts = [without_emphasis(line) for line in lines if _MAY_BE_PAIRED.match(line)]
    return [
        Labels(
            _matcher(first),
            _matcher(second),
            partial(first.sub, "", count=1),
            is_sure=False,
            is_letter=is_letter,
        )
        for first, second, is_letter in _PAIRED
        if any(map(first.match, texts)) and any(map(second.match, texts))
    ]


def _matcher(label: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda line: bool(label.match(without_emphasis(line)))


_MAY_BE_PAIRED = re.compile(r"[^:：]{1,40}[:：]")


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\W{{0,4}}(?:{words})\s*\d*\s*[:：]\s*", re.IGNORECASE | re.VERBOSE)


_PAIRED = [
    (_label(first), _label(second), max(len(first), len(second)) <= _LONGEST_LETTER)
    for first, second in PAIRS
]
