"""The words of a question without what is around them: numbering, symbols, ids, credits, links.

Pure functions on text and on segments of inline text. Knows nothing of blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qasearch.reading.document.pointers import without_pointers
from qasearch.reading.document.vocabulary import NUMBER, QUESTION_WORDS
from qasearch.reading.markdown.inline import Segment

_NUMBERING = re.compile(
    rf"""^\s*(?:
        (?:{QUESTION_WORDS})\s*[.\#\-]?\s*{NUMBER}\s*             # Q1. Question 5: Q3) Q-2: Q4 What
        (?:[.:)：、]+[-–—]?\s* | [-–—]+\s+ | \s(?-i:(?=[A-Z"'`])))
      | (?:{QUESTION_WORDS})\s*[.:)：]\s*[-–]?\s*                    # Q: Question. 问：
      | 第\s*[\d一二三四五六七八九十百]+\s*[题題问問条條道]\s*[:：.、]?\s*   # 第 1 题：
      | [一二三四五六七八九十]{{1,3}}\s*[、.．]\s*                       # 一、
      | \d{{1,3}}\s[-–—]\s+(?=\S)                                    # 3 - What
      | \d{{1,3}}\s?[-–—]\s?                                         # 3-What, not 3-tier
        (?=(?:what|why|how|which|when|who|explain|describe|define)\b)
      | \(?{NUMBER}\s*[.)、．:：](?!\d)\s*(?=[^\s\d])                 # 1. 1) (1) 1.2) 1：
      | {NUMBER}\s*[.)、]\s+(?=\d)                                   # 12. 3 ways to cook
      | \d{{1,2}}(?:\.\d{{1,2}})+\s+                                 # 1.2 Title,
        (?-i:(?=[^\W\da-z_]|["'`¿]))                               # not 3.5 inch, not 2.0.1 (2024)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_COLON_NUMBER = re.compile(r"^\s*\d{3,}\s*[:：]")
"""A number that is part of a question: `404: not found`."""

_TASK = re.compile(r"^\[[ xX]\]\s+")
_HEADING_ID = re.compile(r"\s*\{[#:][^}]*\}\s*$")
_CARD = re.compile(r"\s*(?<!\S)#(?:flash)?cards?\b\s*|\s+[#¶]$")
_KEYCAP = re.compile(r"^\W*[\d#*]\ufe0f?\u20e3\s*")
_STARS = re.compile(r"\s*[\[(][★☆⭐✩✰]+[\])]$")
_POINTS = re.compile(r"\s*[\[(]\d+\s*(?:marks?|points?|pts?)\.?[\])]\s*$", re.IGNORECASE)
_EMOJI_CODE = re.compile(
    r"^(?:\s*:[a-z][a-z0-9_+-]*[a-z0-9]:)+\s*|\s*(?::[a-z][a-z0-9_+-]*[a-z0-9]:\s*)+$"
)
_CREDIT = re.compile(
    r"(?<=[?？.!])\s*[(\[]"
    r"(?:credits?|source|src|via|from|asked\s+(?:at|in|by)|by)\b[^()]*[)\]]$",
    re.IGNORECASE,
)
_EDGE_SYMBOLS = re.compile(
    r"^[^\w\"'“‘«(\[<`$#@/\\.+*\-~¿¡&【《「『{]+"
    r"|[^\w\"'”’»)\]>`$?!？！؟.。;:：%+#*/\\…\-&】》」』}）]+$|(?<=[?？؟])\s+\*+$"
)
_COLON_END = re.compile(r"(?<=[?？؟])\s*[:：]+$")


def clean_question(inline: Sequence[Segment]) -> str:
    """The words of a question on one line.

    Left out are its numbering, an id such as `{#id}`, symbols around it, and links at its end that
    only point to an answer.
    """
    return clean_text("".join(segment.text for segment in without_pointers(inline)))


def clean_text(text: str) -> str:
    """`clean_question` for text without links."""
    text = " ".join(text.split())
    if "#" in text or "¶" in text:
        text = _CARD.sub("", text)
    text = _TASK.sub("", _HEADING_ID.sub("", text)) if text[:1] == "[" or text[-1:] == "}" else text
    if "\u20e3" in text:
        text = _KEYCAP.sub("", text)
    if text[-1:] in ")]":
        text = _CREDIT.sub("", _STARS.sub("", without_points(text)))
    text = _without_symbols(text)
    without_number = text if _COLON_NUMBER.match(text) else _NUMBERING.sub("", text)
    return _COLON_END.sub("", _without_symbols(without_number)).strip() or text


def without_points(text: str) -> str:
    """Text without the points that an answer earns: `(2 marks)`."""
    return _POINTS.sub("", text)


def _without_symbols(text: str) -> str:
    """Text without emoji and other symbols around it."""
    if text[:1].isalnum() and (text[-1:].isalnum() or text[-1:] in "?."):
        return text
    return _EDGE_SYMBOLS.sub("", _EMOJI_CODE.sub("", text))


def is_numbered(text: str) -> bool:
    """Whether text begins with a number or a `Q`, as the questions of a list do."""
    return not _COLON_NUMBER.match(text) and bool(_NUMBERING.match(text))
