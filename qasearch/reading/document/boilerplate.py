"""Boilerplate: lines that carry no answer, such as rules, navigation, stubs and tags.

Decides by the line alone, or for footers by the blocks of a document. Tables of contents are in
`contents`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from qasearch.reading.document.labels import (
    answer_label,
    is_only_answer_label,
    without_emphasis,
)
from qasearch.reading.document.tags import is_row_of_tags
from qasearch.reading.markdown.blocks import Block, BlockKind


class Boilerplate(StrEnum):
    """Why a line carries no answer; NO if it can carry one."""

    NO = ""
    BLANK = "blank"
    MARKUP = "markup"
    NAVIGATION = "navigation"
    STUB = "stub"
    LABEL = "label"
    DEFINITION = "definition"


_BEFORE, _AFTER = " \t>*_|-+", " \t*_|\\"
"""Decoration before and behind the words of a line. `>` and `-` at the end belong to tags and
comments."""

_BARE_TAGS = re.compile(
    r"(?:<br\s*/?>|</?(?:div|p|hr|center|details|b|strong|i|em|font|span|section|blockquote)\b[^>]*>"
    r"|<(?-i:[A-Z])[\w.]*(?![^<>]*\b(?:title|label|question|summary|heading|text|answer|alt|name)\s*=)"
    r"(?:\s[^<>]*)?>|</(?!h[1-6])[a-z][\w.-]*\s*>|<summary>|\{%.*?%\}|<a\s+(?:name|id)=[^>]*>|&nbsp;|\s)+",
    re.IGNORECASE,
)
"""Tags without words: those of HTML around text, components whose attributes show no text, and the
ends of all elements."""

_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_SIGNS_OF_NOTHING = re.compile(r"[.…?_\s]+")
_UNWRITTEN = re.compile(
    r"(?:todo|tbd|fixme|wip)\b[\s:.\-–—]*(?:add|write|answer|explain|document|fill|describe|complete"
    r"|finish|this|me|later)?\b[^.]{0,30}$",
    re.IGNORECASE,
)
"""A promise to write an answer. `TODO: buy milk` in a list is a note."""

_LEAD = re.compile(rf"(?:\s|{_BARE_TAGS.pattern}|[-–—:](?=\s))*", re.IGNORECASE)
_TAIL = re.compile(r"(?:\s*</(?:details|p|div|b|strong|center|blockquote)\s*>)+\s*$", re.IGNORECASE)
_OPENING_OF_TAIL = ("<details", "<p>", "<div", "<b>", "<strong", "<center", "<blockquote")
_LINKS = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^)]*\)|\[[^\[\]]*\])?")
_HTML_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]+")
_TABLE_RULE = re.compile(r"[\s|:\-=_*]+")
_BADGE = re.compile(
    r"(?:\s*\[!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\](?:\([^)]*\)|\[[^\]]*\])"
    r"|\s*!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\]))+\s*"
)
_NAVIGATION = frozenset(
    f"{way} {the}{where}".strip()
    for way in (
        "back to",
        "go to",
        "go back to",
        "return to",
        "to",
        "up to",
        "back",
        "scroll to",
        "jump to",
    )
    for the in ("", "the ")
    for where in (
        "top",
        "table of contents",
        "contents",
        "toc",
        "index",
        "questions",
        "main page",
        "home",
        "readme",
    )
) | {
    "回到顶部",
    "返回顶部",
    "返回目录",
    "回到目录",
    "volver arriba",
    "nach oben",
    "наверх",
    "вверх",
    "к оглавлению",
    "к содержанию",
    "вернуться к оглавлению",
    "retour en haut",
}
_LINKED_NAVIGATION = frozenset(
    (
        "top,up,contents,toc,table of contents,index,home,next,previous,edit,edit answer,"
        "edit this answer,edit this page,edit on github,edit this question,improve this answer,"
        "suggest an edit,suggest edits,share,discuss"
    ).split(",")
)
"""Words that are navigation if they are the text of a link."""

_STUBS = frozenset(
    f"{whose}answer {where}".strip()
    for whose in ("", "your ", "write ", "put your ", "the ", "add ", "add your ", "insert ")
    for where in ("here", "goes here", "coming soon", "pending", "missing", "needed")
) | frozenset(
    (
        "todo,tbd,tba,wip,fixme,coming soon,to be done,to be added,to be completed,to be filled,"
        "to do,work in progress,no answer,no answer yet,not answered yet,unanswered,待补充,待完善"
    ).split(",")
)
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]]+\]:\s*\S")
_IMPRINT = re.compile(
    r"(?:last (?:updated|modified|edited)|page last|copyright)\b|©|\(c\) (?:19|20)\d\d",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    r"(?:collapsed|id|card-[a-z-]+|background-color|logseq\.[\w.-]+):: ?\S*"
    r"|#(?:flash)?cards?[\w/-]*"
)
"""Properties of blocks and tags of cards in note-taking programs."""

_BLOCK_ID = re.compile(r"\^[A-Za-z0-9-]+")
"""The name of the block above, which links can point to."""

_FAREWELL = re.compile(
    r"⭐|❤|♥|©|\b(?:made with|good luck|happy (?:coding|learning|hacking)|thanks for reading"
    r"|thank you|authors?:|written by|(?:contributions?|pull requests?)(?: are)? welcome"
    r"|licen[cs]ed under|follow me|connect with me|feel free to|would you like|subscribe to"
    r"|star this|last updated|buy me a|was this (?:page|article|helpful))",
    re.IGNORECASE,
)
_NOT_IN_FOOTER = frozenset(
    {BlockKind.HEADING, BlockKind.FENCE, BlockKind.CODE, BlockKind.TABLE, BlockKind.ORDERED_LIST}
)

_LONGEST_FOOTER = 60
"""Words below the last rule of a document that can be a farewell; more are text."""

_LONGEST_WORDS, _LONGEST = 60, 300
"""Characters of a line of words, and of a line with tags and links, that can be boilerplate; a
longer line says something, unless it consists of signs alone."""


def boilerplate_kind(line: str) -> Boilerplate:
    """Why a line carries no answer.

    It is blank, a rule, bare tags, 'back to top', 'Answer here', 'TODO', 'Answer:' or the like.
    """
    if not line or _INVISIBLE.fullmatch(line):
        return Boilerplate.BLANK
    core = line.lstrip(_BEFORE).rstrip(_AFTER)
    if not core:
        return Boilerplate.MARKUP
    has_tags, has_links = "<" in core or "&" in core, "[" in core
    if has_links and _DEFINITION.match(line):
        return Boilerplate.DEFINITION
    if _TABLE_RULE.fullmatch(core) or _BLOCK_ID.fullmatch(core):
        return Boilerplate.MARKUP
    if len(core) > (_LONGEST if has_tags or has_links else _LONGEST_WORDS):
        return Boilerplate.NO
    return _kind_of_tags(core) if has_tags else _kind_of_words(core)


def is_boilerplate(line: str) -> bool:
    """Whether a line carries no answer."""
    return boilerplate_kind(line) is not Boilerplate.NO


def _kind_of_tags(core: str) -> Boilerplate:
    if _BARE_TAGS.fullmatch(core):
        return Boilerplate.MARKUP
    if _is_html_navigation(core):
        return Boilerplate.NAVIGATION
    return _kind_of_words(_TAG.sub("", core).replace("&nbsp;", " "))


def _is_html_navigation(core: str) -> bool:
    link = _HTML_LINK.search(core)
    if not link or _WORD.search(_TAG.sub("", core[: link.start()] + core[link.end() :])):
        return False
    words = _words(_TAG.sub("", link[1]))
    return words in _NAVIGATION or words in _LINKED_NAVIGATION


def _is_row(core: str) -> bool:
    return (core.startswith("#") or "::" in core) and is_row_of_tags(core)


def _kind_of_words(core: str) -> Boilerplate:
    links = _LINKS.findall(core) if "[" in core else []
    if links:
        has_other_words = bool(_words(_LINKS.sub(" ", core)))
        return Boilerplate.NO if has_other_words else _kind_of_links(list(map(_words, links)))
    words = _words(core)
    if words in _NAVIGATION or _IMPRINT.match(core) or _PROPERTY.fullmatch(core) or _is_row(core):
        return Boilerplate.NAVIGATION
    if words in _STUBS or _UNWRITTEN.match(core) or _SIGNS_OF_NOTHING.fullmatch(core):
        return Boilerplate.STUB
    if is_only_answer_label(core):
        return Boilerplate.LABEL
    label = answer_label(core)
    if label and _words(without_emphasis(core).strip()[len(label) :]) in _STUBS:
        return Boilerplate.STUB
    return Boilerplate.NO


def _kind_of_links(texts: Sequence[str]) -> Boilerplate:
    if any(text in _NAVIGATION for text in texts):
        return Boilerplate.NAVIGATION
    if all(text in _LINKED_NAVIGATION for text in texts):
        return Boilerplate.NAVIGATION
    return Boilerplate.STUB if texts[0] in _STUBS else Boilerplate.NO


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).lower()


def lead_of(text: str) -> int:
    """How many characters in front of an answer, in the line of its question, are no part of it."""
    match = _LEAD.match(text)
    return match.end() if match else 0


def tail_of(text: str) -> int:
    """How many characters at the end of the last line of an answer are closing tags.

    0 if the line also holds the opening tag: then both belong to the answer.
    """
    match = _TAIL.search(text) if text.endswith(">") else None
    if match is None:
        return 0
    answer = text[: match.start()].lower()
    if any(tag in answer for tag in _OPENING_OF_TAIL):
        return 0
    return len(text) - match.start()


def is_badge(line: str) -> bool:
    """Whether a line holds only pictures, as links or not."""
    return bool(_BADGE.fullmatch(line))


def footer_start(blocks: Sequence[Block], lines: Sequence[str]) -> int:
    """The line of the last rule of a document if only a farewell stands below it; else 0."""
    rule = next((block for block in reversed(blocks) if block.kind is BlockKind.RULE), None)
    if rule is None:
        return 0
    if any(
        block.line_start > rule.line_end and block.kind in _NOT_IN_FOOTER
        for block in reversed(blocks)
    ):
        return 0
    words = " ".join(_TAG.sub(" ", line) for line in lines[rule.line_end :])
    is_farewell = len(words.split()) <= _LONGEST_FOOTER and _FAREWELL.search(words)
    return rule.line_start if is_farewell else 0
