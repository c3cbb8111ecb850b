"""What the page is about, in the words of its title: the first context of all its entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from qasearch.reading.document.cleaning import clean_question
from qasearch.reading.document.titles import (
    is_answer_key,
    is_answer_title,
    is_contents_title,
    is_generic_question,
)
from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.inline import plain, segments

_SAYS_NOTHING = frozenset(
    (
        "readme index home main default untitled new note notes page pages doc docs document faq "
        "faqs questions answers question answer q a qa misc todo inbox draft content changelog"
    ).split()
)
"""Words of file names that do not say what a file is about."""

_EXPORT_ID = re.compile(r"[\s_-]+[0-9a-f]{32}$")
"""What Notion puts behind the name of a page."""

_DATE = re.compile(r"^\d{4}[-_. ]?\d{2}[-_. ]?\d{2}(?:[-_. T]?\d{4,6})?(?=$|[-_. ])[-_. ]*")
"""A date, or the time stamp of a note, in front of a name: `2024-05-01-tea`."""

_ORDER = re.compile(r"^\d{1,4}(?:[.-]\d{1,3})*[-_. )]+(?=\D)")
_TITLE_PROPERTY = re.compile(r"^title:: (.+)$", re.MULTILINE)
_SEPARATORS = re.compile(r"[-_+]+|%20")
_WORD = re.compile(r"[^\W\d_]+")


def page_title(title: str, blocks: Sequence[Block], path: str) -> str:
    """The title of a page; "" if nothing says what the page is about.

    This is the title in the front matter, else the only heading of level 1, else the name of the
    file, if it says something, else the first heading of level 1.
    """
    if title or (title := _title_of_logseq(blocks)):
        return title
    top = [block for block in blocks if block.kind is BlockKind.HEADING and block.level == 1]
    titles = [
        text
        for block in top
        if (text := clean_question(segments(block))) and not _is_part(plain(block))
    ]
    if len(titles) == 1:
        return titles[0]
    return title_of_file(path) or next(iter(titles), "")


def _title_of_logseq(blocks: Sequence[Block]) -> str:
    """The property `title::` in the first block of a page; "" without it."""
    first = next(iter(blocks), None)
    match = _TITLE_PROPERTY.search(first.content) if first and first.has_inline else None
    return match[1].strip() if match else ""


def _is_part(heading: str) -> bool:
    """Whether a heading names a part of any page, such as 'Answers' and 'Question 1'."""
    return (
        is_answer_key(heading)
        or is_answer_title(heading)
        or is_generic_question(heading)
        or is_contents_title(heading)
    )


def title_of_file(path: str) -> str:
    """The name of a file in words; "" if it is a number, a date or a name such as README."""
    name = _ORDER.sub("", _DATE.sub("", name_of_file(path))).strip()
    words = [word.lower() for word in _WORD.findall(name)]
    says_something = any(word not in _SAYS_NOTHING and len(word) > 1 for word in words)
    return name if says_something or (words and not name.isascii()) else ""


def name_of_file(path: str) -> str:
    """The name of a file in words; the path if it has none."""
    stem = _EXPORT_ID.sub("", PurePosixPath(path).stem)
    return " ".join(_SEPARATORS.sub(" ", stem).split()) or path


def same_title(first: str, second: str) -> bool:
    """Whether two titles have the same words."""
    return _WORD.findall(first.lower()) == _WORD.findall(second.lower())
