"""Whether text asks a question, by its words alone."""

from __future__ import annotations

import re

_QUESTION_MARK = re.compile(r"[?？؟\u037e]['\"'”’»)\]*_]*$")
"""Of the four signs, the last is the Greek question mark."""

_OPENERS = frozenset(
    (
        "what what's whats what’s why how which who whom whose explain describe differentiate "
        "discuss differences difference"
    ).split()
)
"""First words of questions without a question mark. `When` is none of them: 'When the lamp is red,
wait'."""

_REQUESTS = frozenset(
    (
        "define compare contrast derive mention enumerate list name give tell suppose implement "
        "write state"
    ).split()
)
"""First words of questions, and of the steps of an instruction as well."""

_ASKS_IN_CHINESE = re.compile(
    r"^(?:请|写一|写出|说出|说说|举例|解释|列举|实现|谈谈|介绍|简述)"
    r"|什么|什麼|怎么|怎麼|如何|为什么|為什麼|哪些|哪个|区别|區別|吗$|说一下"
)
_ASKS_FOR_CODE = re.compile(r"(?:how|write|implement|give|show|provide|create)\b", re.IGNORECASE)
_ABOUT_CODE = re.compile(
    r"\b(?:output|outputs?|prints?|printed|logged|logs?|results?|returns?|returned|evaluates?|wrong"
    r"|happens?)\b.*\b(?:this|following|below|code|snippet|these)\b"
    r"|\b(?:this|following|below|these|code|snippet)\b.*\b(?:output|prints?|logs?|do|results?"
    r"|returns?|evaluate|wrong)\b|输出什么|打印什么|结果是什么",
    re.IGNORECASE,
)


def looks_like_question(text: str) -> bool:
    """Whether text asks: by a question mark, or by the first word of a question of an interview."""
    return surely_asks(text) or (_has_words(text) and _first_word(text) in _REQUESTS)


def surely_asks(text: str) -> bool:
    """Whether text asks and cannot be an instruction such as 'List the files'."""
    if ends_in_question_mark(text):
        return True
    if _has_words(text) and _first_word(text) in _OPENERS:
        return True
    if text.lower().startswith("true or false"):
        return True
    return bool(_ASKS_IN_CHINESE.search(text))


def _has_words(text: str) -> bool:
    """Whether text is more than one word."""
    return len(text.split(maxsplit=1)) > 1


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0].lower().rstrip(",:")


def ends_in_question_mark(text: str) -> bool:
    """Whether text ends in a question mark of any script; quotes may stand behind it."""
    return bool(_QUESTION_MARK.search(text))


def asks_about_code(question: str) -> bool:
    """Whether a question is about code that stands below it: 'What does this print?'."""
    return not _ASKS_FOR_CODE.match(question) and bool(_ABOUT_CODE.search(question))
