"""The summaries of folded parts: whether they say what is hidden, or only that something is."""

from __future__ import annotations

import re

from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.document.vocabulary import ANSWERS

_REVEALS = frozenset(
    "show reveal click tap expand toggle spoiler view see open press unhide hide".split()
)
_ANSWERS = ANSWERS | frozenset(
    (
        "solution solutions lösung solución solução soluzione решение rozwiązanie řešení løsning "
        "lösning megoldás çözüm рішення"
    ).split()
)
_FILLERS = frozenset(
    (
        "to for the me an a here it and or my possible sample suggested correct full this expand "
        "collapse hide see explanation output result response details on & / ! key one first with "
        "code please below"
    ).split()
)
_ANSWER_IN_ASIA = re.compile(
    r"答案|解答|回答|答え|답|정답|คำตอบ|查看|解析|展开|đáp án|trả lời", re.IGNORECASE
)
_WORD = re.compile(r"\w+|&")

_LONGEST = 60
_LONGEST_IN_ASIA = 14
"""Characters of a summary that only reveals; a longer one says what is hidden."""


def only_reveals(summary: str) -> bool:
    """Whether a summary says no more than that something is hidden: `Show answer`, `Expand`.

    An empty summary says no more than that. `Example` and `What is tea?` say what is hidden.
    """
    text = summary.strip().lower()
    return not text or (_may_reveal(text) and (_is_asian_answer(text) or bool(_known_words(text))))


def reveals_answer(summary: str) -> bool:
    """Whether a summary says that an answer is hidden, and no more: `Show answer`."""
    text = summary.strip().lower()
    return _may_reveal(text) and (_is_asian_answer(text) or bool(_known_words(text) & _ANSWERS))


def _may_reveal(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and not ends_in_question_mark(text.rstrip("! "))


def _is_asian_answer(text: str) -> bool:
    return len(text) <= _LONGEST_IN_ASIA and bool(_ANSWER_IN_ASIA.search(text))


def _known_words(text: str) -> frozenset[str]:
    """The words that reveal or name an answer; none if there are words of another meaning."""
    words = frozenset(word for word in _WORD.findall(text) if not word.isdigit())
    if words - _REVEALS - _ANSWERS - _FILLERS:
        return frozenset()
    return words & (_REVEALS | _ANSWERS)
