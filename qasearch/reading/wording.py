"""The words of a question: which text is one, and what around it is not part of it.

Pure functions on inline text. Knows nothing of blocks or files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from qasearch.reading.markdown import Segment

_NUMBERING = re.compile(
    r"""^\s*(?:
        (?:q(?:uestion|n)?|frage|pregunta)\s*[.\#]?\s*\d+(?:\.\d+)*\s*   # Q1. Question 5: Q3) Q4 What
        (?:[.:)\-–—]+\s+ | \s(?-i:(?=[A-Z"'`])))
      | q(?:uestion)?\s*[.:)]\s*[-–]?\s*                                # Q: Question.
      | 第\s*\d+\s*[题題问問条條]\s*[:：.、]?\s*                            # 第 1 题：
      | \(?\d+(?:\.\d+)*\s*[.)、]\s*(?=\D)                             # 1. 1) (1) 1.2)
      | \d{1,2}\s*:\s+(?=\D)                                           # 1: and not 404:
      | \d+(?:\.\d+)+\s+(?-i:(?=[^a-z\d]))                            # 1.2 Title and not 3.5 inch
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_TASK = re.compile(r"^\[[ xX]\]\s+")
_HEADING_ID = re.compile(r"\s*\{[#:][^}]*\}\s*$")
_EDGE_SYMBOLS = re.compile(r"^[^\w\"'“‘«(\[<`$#@/\\.+*\-~¿¡&]+|[^\w\"'”’»)\]>`$?!？！؟.。;:：%+#*/\\…\-&]+$")
_QUESTION_MARK = re.compile(r"[?？؟\u037e]['\"”’»)\]]*$")  # the last is the Greek one
_POINTER = re.compile(
    r"""^(?:(?:the|full|nice|good|great|see|read|more|learn|find|prelim|idea|from|in|detail(?:s|ed)?|also|this|an?|on|it
      |answers?|ans|a|here|links?|source|src|blogs?|posts?|references?|refs?|discussion|solution|explanation|click
      |articles?|video|downloads?|docs?|documentation|wiki|paper|notes?|tutorial|twitter|thread|\W|\d)+)$""",
    re.IGNORECASE | re.VERBOSE,
)
_ANSWER_LABEL = re.compile(r"^\s*(?:a|ans|answer|sol|solution)\s*\d*\s*[.:)]", re.IGNORECASE)
_LEAD_IN = re.compile(r"[\s\-–—:,;|([]*(?:\(\s*(?:see|cf\.?|source:?|via|from)\s*)?$", re.IGNORECASE)
_OPENERS = frozenset(
    (
        "what what's whats why how when where which who whom whose is are am was were do does did can could should "
        "would will shall may might has have had explain describe define compare contrast derive differentiate "
        "discuss mention enumerate differences difference list name give tell suppose"
    ).split()
)


def looks_like_question(text: str) -> bool:
    """Whether text asks something: it ends in a question mark, or begins as an (interview) question does."""
    if ends_in_question_mark(text):
        return True
    words = text.split(maxsplit=3)
    return len(words) > 1 and words[0].lower().rstrip(",:") in _OPENERS


def ends_in_question_mark(text: str) -> bool:
    """Whether text ends in a question mark of any script, closing quotes aside."""
    return bool(_QUESTION_MARK.search(text))


def is_pointer(text: str) -> bool:
    """Whether text only points somewhere ('here', 'Ans', 'Nice blog', '[src]') and names no subject."""
    return bool(text.strip()) and bool(_POINTER.match(text.strip()))


def clean_question(inline: Sequence[Segment]) -> str:
    """A question without its numbering, its `{#id}`, symbols around it and links that only point to an answer."""
    text = " ".join("".join(segment.text for segment in _without_pointers(inline)).split())
    text = _TASK.sub("", _HEADING_ID.sub("", text))
    text = _EDGE_SYMBOLS.sub("", text)
    without_number = _NUMBERING.sub("", text)
    return _EDGE_SYMBOLS.sub("", without_number).strip() or text


def has_trailing_pointer(inline: Sequence[Segment]) -> bool:
    """Whether the text ends in links that only point to an answer, with a question in front of them."""
    kept = _without_pointers(inline)
    return len(kept) < sum(bool(segment.text) for segment in inline) and bool(
        "".join(segment.text for segment in kept).strip()
    )


def is_numbered(text: str) -> bool:
    """Whether text begins with a number or a `Q` as questions of a list do."""
    return bool(_NUMBERING.match(text))


def split_at_answer(inline: Sequence[Segment]) -> tuple[list[Segment], int]:
    """The question at the head of a paragraph, and after how many of its lines the answer begins.

    The second value is 0 where the whole paragraph is the question. A question ends at the end of the first
    line that ends in a question mark, or before a line that begins with `Ans:`, `Answer:` or `A:` or that is
    one link that only points to an answer.
    """
    lines = _lines(inline)
    for number, line in enumerate(lines[1:], start=1):
        before = "".join(segment.text for segment in lines[number - 1]).strip()
        text = "".join(segment.text for segment in line)
        points = is_pointer(text) and all(segment.href for segment in line if segment.text.strip())
        if ends_in_question_mark(before) or _ANSWER_LABEL.match(text) or points:
            return [segment for head in lines[:number] for segment in head], number
    return list(inline), 0


def _lines(inline: Sequence[Segment]) -> list[list[Segment]]:
    pieces: list[Segment | None] = []
    for segment in inline:
        for number, part in enumerate(segment.text.split("\n")):
            if number:
                pieces.append(None)
            pieces.append(Segment(part, segment.href))
    return [
        [piece for piece in group if piece is not None]
        for is_break, group in groupby(pieces, lambda piece: piece is None)
        if not is_break
    ]


def _without_pointers(inline: Sequence[Segment]) -> list[Segment]:
    shown = [segment for segment in inline if segment.text]
    kept = list(shown)
    while kept:
        tail = "".join(segment.text for segment in kept).rstrip(" \n\t-–—:,;|()[]")
        last = kept[-1]
        if last.href is None:
            if last.text.strip(" \n\t-–—:,;|()[].·•"):
                break
        elif not tail or len([s for s in kept if s.text.strip()]) == 1:
            break
        else:
            before = "".join(segment.text for segment in kept[:-1]).rstrip(" \n\t-–—:,;|([")
            link_run_start = bool(before) and (ends_in_question_mark(before) or is_pointer(last.text))
            if not link_run_start:
                break
        kept.pop()
    if not kept:
        return shown
    if len(kept) < len(shown):
        last = kept[-1]
        kept[-1] = Segment(_LEAD_IN.sub("", last.text), last.href)
    return kept
