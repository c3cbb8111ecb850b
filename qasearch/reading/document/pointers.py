"""Links behind a question that only point to its answer: `What is tea? - [blog](…), [video](…)`.

Pure functions on text and on segments of inline text. Knows nothing of blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qasearch.reading.document.asking import ends_in_question_mark
from qasearch.reading.markdown.inline import Segment

_POINTER = re.compile(
    r"""^(?:(?:the|full|nice|good|great|see|read|more|learn|find|prelim|idea|from|in|detail(?:s|ed)?
      |also|this|an?|on|it|answers?|ans|a|here|links?|source|src|blogs?|posts?|references?|refs?
      |discussion|solution|explanation|click|check|articles?|video|downloads?|docs?|documentation
      |wiki|paper|notes?|tutorial|twitter|thread|and|or|for|watch|stack|overflow|wikipedia|answered
      |complete|reading|further|with|example|examples|code|github|medium|youtube|pdf
      |解析|答案|链接|參考|参考|\W|\d)+)$""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD_IN = re.compile(
    r"[\s\-–—:,;|([]*(?:\(\s*(?:see|cf\.?|source:?|via|from)\s*)?$", re.IGNORECASE
)
_INVITATION = re.compile(
    r"(?<=\S)[\s\-–—:(]+(?:learn|read|see|watch|check|refer)"
    r"(?:\s+(?:more|here|from here|this|to|at))*\s*[:\-–—]*\s*$",
    re.IGNORECASE,
)
_PART_END = re.compile(r"(?<=[?？.!])\s+|\s[-–—|]\s+")
_JOINER = re.compile(
    r"(?:and|or|&|\+|und|y|et|и|和|learn(?: from here| more)?|see|read|watch|check)(?:\s*:)?",
    re.IGNORECASE,
)

_SHORTEST_REPEAT = 6
"""A link longer than this many characters that repeats the beginning of the question points to the
answer."""


def is_pointer(text: str) -> bool:
    """Whether text only points somewhere and names no subject: 'here', 'Nice blog', '[src]'."""
    return bool(text.strip()) and bool(_POINTER.match(text.strip()))


def count_trailing_pointers(inline: Sequence[Segment]) -> int:
    """How many links at the end of text only point to an answer; 0 without a question before."""
    question = without_pointers(inline)
    if not "".join(segment.text for segment in question).strip():
        return 0
    visible = [segment for segment in inline if segment.text]
    return sum(segment.href is not None for segment in visible[len(question) :])


def without_pointers(inline: Sequence[Segment]) -> list[Segment]:
    """The segments without links at the end that only point to an answer, and their lead-in."""
    visible = [segment for segment in inline if segment.text]
    if all(segment.href is None for segment in visible):
        return visible
    question = list(visible)
    while question and _is_trailing_pointer(question, is_last=len(question) == len(visible)):
        question.pop()
    removed = visible[len(question) :]
    if not question or all(segment.href is None for segment in removed):
        return visible
    last = question[-1]
    text = _LEAD_IN.sub("", _INVITATION.sub("", last.text))
    *parts, tail = _PART_END.split(text)
    if parts and is_pointer(tail):  # `What is tea? - Learn from here: [Tea](…)`
        text = text[: len(text) - len(tail)].rstrip(" \n\t-–—:,;|")
    question[-1] = Segment(text, last.href, last.strong)
    return question


def _is_trailing_pointer(segments: Sequence[Segment], *, is_last: bool) -> bool:
    """Whether the last segment is a link that points to an answer, or stands between such links.

    `is_last` tells whether nothing was removed behind it.
    """
    last = segments[-1]
    if last.href is None:
        text = last.text.strip(" \n\t-–—:,;|()[].·•")
        return not text or (bool(_JOINER.fullmatch(text)) and not is_last)
    all_text = "".join(segment.text for segment in segments).rstrip(" \n\t-–—:,;|()[]")
    if not all_text or sum(bool(segment.text.strip()) for segment in segments) == 1:
        return False
    before = "".join(segment.text for segment in segments[:-1]).rstrip(" \n\t-–—:,;|([")
    if not before:
        return False
    label = last.text
    is_led_to = ends_in_question_mark(before) or is_pointer(_PART_END.split(before)[-1])
    is_repeat = len(label) > _SHORTEST_REPEAT and before.lower().startswith(label.strip().lower())
    return is_led_to or is_repeat or is_pointer(label)
