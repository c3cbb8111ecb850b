"""Boilerplate: what carries no answer, such as rules, navigation, stubs, badges, comments and
tables of contents.

By lines and by blocks; which of them stand around an answer is for others to ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from qasearch.datatypes.entry import ReferenceKind
from qasearch.reading.document.wording import (
    answer_label,
    is_only_answer_label,
    is_pointer,
    without_emphasis,
)
from qasearch.reading.markdown.blocks import Block, BlockKind, plain, segments
from qasearch.reading.markdown.targets import kind_of


class Boilerplate(StrEnum):
    """Why a line carries no answer; NO where it may carry one."""

    NO = ""
    BLANK = "blank"
    MARKUP = "markup"
    NAVIGATION = "navigation"
    STUB = "stub"
    LABEL = "label"
    DEFINITION = "definition"


_BEFORE, _AFTER = " \t>*_|-+", " \t*_|\\"
"""What decorates a line in front of its words and behind them; `>` and `-` at the end belong to
tags and comments."""

_BARE_TAGS = re.compile(
    r"(?:<br\s*/?>|</?(?:div|p|hr|center|details|b|strong|i|em|font|span|section|blockquote|accordion(?:group)?|faq"
    r"|tabs?|tabitem|steps?|cards?|cardgroup)\b[^>]*>"
    r"|</?summary>|\{%.*?%\}|<a\s+(?:name|id)=[^>]*>|</a>|<!--.*?-->|&nbsp;|\s)+",
    re.IGNORECASE,
)
_LINKS = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\](?:\([^)]*\)|\[[^\[\]]*\])?")
_HTML_LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]+")
_TABLE_RULE = re.compile(r"[\s|:\-=_*]+")
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
    "top,up,contents,toc,table of contents,index,home,next,previous,edit,edit answer,edit this answer,edit this page,"
    "edit on github,edit this question,improve this answer,suggest an edit,suggest edits,share,discuss".split(
        ","
    )
)
_STUBS = frozenset(
    f"{whose}answer {where}".strip()
    for whose in ("", "your ", "write ", "put your ", "the ", "add ", "add your ", "insert ")
    for where in ("here", "goes here", "coming soon", "pending", "missing", "needed")
) | frozenset(
    "todo,tbd,tba,wip,coming soon,n a,to be done,to be added,to be completed,to be filled,to do,work in progress,"
    "no answer,no answer yet,not answered yet,unanswered,待补充,待完善".split(",")
)
_DEFINITION = re.compile(r" {0,3}\[(?!\^)[^\[\]]+\]:\s*\S")
_FOOTER = re.compile(
    r"(?:last (?:updated|modified|edited)|page last|copyright)\b|©|\(c\) (?:19|20)\d\d",
    re.IGNORECASE,
)
_PROPERTY = re.compile(
    r"(?:collapsed|id|card-[a-z-]+|background-color|logseq\.[\w.-]+):: ?\S*|#(?:flash)?cards?[\w/-]*"
)
_FAREWELL = re.compile(
    r"⭐|❤|♥|©|\b(?:made with|good luck|happy (?:coding|learning|hacking)|thanks for reading|thank you|authors?:|"
    r"written by|(?:contributions?|pull requests?)(?: are)? welcome|licen[cs]ed under|follow me|connect with me|"
    r"feel free to|would you like|subscribe to|star this|last updated|buy me a|was this (?:page|article|helpful))",
    re.IGNORECASE,
)
_LONGEST_FOOTER = 60


def footer_start(blocks: Sequence[Block], lines: Sequence[str]) -> int:
    """The line of the last rule of a document if only a few words of thanks and the like stand
    below it; else 0.
    """
    rule = next((block for block in reversed(blocks) if block.kind is BlockKind.RULE), None)
    if rule is None or any(
        block.line_start > rule.line_end and block.kind in _NO_FOOTER for block in reversed(blocks)
    ):
        return 0
    words = " ".join(_TAG.sub(" ", line) for line in lines[rule.line_end :])
    return (
        rule.line_start if len(words.split()) <= _LONGEST_FOOTER and _FAREWELL.search(words) else 0
    )


_NO_FOOTER = frozenset(
    {BlockKind.HEADING, BlockKind.FENCE, BlockKind.CODE, BlockKind.TABLE, BlockKind.ORDERED_LIST}
)
_LONGEST_WORDS, _LONGEST = 60, 300
"""Characters of a line of words, and of one with tags and links, that may say nothing; beyond, only
signs alone do."""


def boilerplate_kind(line: str) -> Boilerplate:
    """Why a line carries no answer: it is blank, a rule, bare tags, 'back to top', 'Answer here',
    'TODO', 'Answer:'.
    """
    if not line or line.isspace():
        return Boilerplate.BLANK
    core = line.lstrip(_BEFORE).rstrip(_AFTER)
    if not core:
        return Boilerplate.MARKUP
    has_tags, has_links = "<" in core or "&" in core, "[" in core
    if has_links and _DEFINITION.match(line):
        return Boilerplate.DEFINITION
    if len(core) > (_LONGEST if has_tags or has_links else _LONGEST_WORDS) or _TABLE_RULE.fullmatch(
        core
    ):
        return Boilerplate.NO if _TABLE_RULE.fullmatch(core) is None else Boilerplate.MARKUP
    return _kind_of_tags(core) if has_tags else _kind_of_words(core)


def _kind_of_tags(core: str) -> Boilerplate:
    if _BARE_TAGS.fullmatch(core):
        return Boilerplate.MARKUP
    if _is_html_navigation(core):
        return Boilerplate.NAVIGATION
    return _kind_of_words(_TAG.sub("", core).replace("&nbsp;", " "))


def is_boilerplate(line: str) -> bool:
    """Whether a line carries no answer."""
    return boilerplate_kind(line) is not Boilerplate.NO


def _kind_of_words(core: str) -> Boilerplate:
    links = _LINKS.findall(core) if "[" in core else []
    if links:
        return (
            _kind_of_links(list(map(_words, links)))
            if not _words(_LINKS.sub(" ", core))
            else Boilerplate.NO
        )
    words = _words(core)
    if words in _NAVIGATION or _FOOTER.match(core) or _PROPERTY.fullmatch(core):
        return Boilerplate.NAVIGATION
    if words in _STUBS:
        return Boilerplate.STUB
    if is_only_answer_label(core):
        return Boilerplate.LABEL
    label = answer_label(core)
    return (
        Boilerplate.STUB
        if label and _words(without_emphasis(core).strip()[len(label) :]) in _STUBS
        else Boilerplate.NO
    )


def _kind_of_links(texts: Sequence[str]) -> Boilerplate:
    if any(text in _NAVIGATION for text in texts) or all(
        text in _LINKED_NAVIGATION for text in texts
    ):
        return Boilerplate.NAVIGATION
    return Boilerplate.STUB if texts[0] in _STUBS else Boilerplate.NO


def _is_html_navigation(core: str) -> bool:
    link = _HTML_LINK.search(core)
    if not link or _WORD.search(_TAG.sub("", core[: link.start()] + core[link.end() :])):
        return False
    words = _words(_TAG.sub("", link[1]))
    return words in _NAVIGATION or words in _LINKED_NAVIGATION


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text)).lower()


_LEAD = re.compile(rf"(?:\s|{_BARE_TAGS.pattern}|[-–—:](?=\s))*", re.IGNORECASE)


_TAIL = re.compile(r"(?:\s*</(?:details|p|div|b|strong|center|blockquote)\s*>)+\s*$", re.IGNORECASE)


def tail_of(text: str) -> int:
    """How many characters at the end of a line of an answer are closing tags of what it stands
    in.
    """
    match = _TAIL.search(text) if text.endswith(">") else None
    if match is None or any(
        f"<{name}" in text[: match.start()].lower() for name in _OPENING_OF_TAIL
    ):
        return 0
    return len(text) - match.start()


_OPENING_OF_TAIL = ("details", "p>", "div", "b>", "strong", "center", "blockquote")


def lead_of(text: str) -> int:
    """How many characters in front of an answer, in the line of its question, are not part of
    it.
    """
    match = _LEAD.match(text)
    return match.end() if match else 0


_BADGE = re.compile(
    r"(?:\s*\[!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])\](?:\([^)]*\)|\[[^\]]*\])|\s*!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\]))+\s*"
)


def is_badge(line: str) -> bool:
    """Whether a line holds nothing but pictures, as links or not."""
    return bool(_BADGE.fullmatch(line))


_CONTENTS = re.compile(
    r"^(?:table\ of\ (?:contents?|questions?)\b.*|(?:contents|toc)(?:\ *[-–—:(].*)?|questions?\ (?:list|index)"
    r"|list\ of\ questions|目录|目錄|índice|sommaire|inhalt(?:sverzeichnis)?|содержание|оглавление|spis\ treści"
    r"|daftar\ isi|mục\ lục)$",
    re.IGNORECASE | re.VERBOSE,
)
_HOUSEKEEPING = re.compile(
    r"^(?:licen[sc]e|licensing|copyright.*|contributors?|acknowledge?ments?|sponsors?|backers?|star\ history"
    r"|stargazers.*)$",
    re.IGNORECASE | re.VERBOSE,
)


def is_contents_title(title: str) -> bool:
    """Whether a heading says that a table of contents follows."""
    return bool(_CONTENTS.match(title))


def is_housekeeping_title(title: str) -> bool:
    """Whether a heading says that a section is about the document: its licence, its
    contributors.
    """
    return bool(_HOUSEKEEPING.match(title))


def leads_back(href: str) -> bool:
    """Whether an address leads to a place in the same document."""
    return href.startswith("#")


def leads_on(href: str) -> bool:
    """Whether an address leads to the same or another document of the corpus."""
    file = href.partition("#")[0]
    return kind_of(href) is not ReferenceKind.WEB and (
        not file or file.lower().endswith((".md", ".markdown", ".mdx"))
    )


def is_table_of_contents(
    blocks: Sequence[Block], is_internal: Callable[[str], bool] = leads_back, min_links: int = 3
) -> bool:
    """Whether the text of these blocks is, for the most part, internal links: to places in the same
    document.
    """
    texts = [inner for top in blocks for inner in top.walk() if inner.has_inline and inner.content]
    if not _may_be_contents(texts, min_links):
        return False
    internal = other = links = 0
    for block in texts:
        for segment in segments(block):
            if segment.href is not None and is_internal(segment.href):
                internal += len(segment.text)
                links += 1
            else:
                other += len(segment.text.strip())
    return links >= min_links and internal > 4 * other


_LOCAL_LINK = re.compile(r"\[([^\[\]]*)\](?:\((?!\w+:|//)[^()]*\)|\[[^\[\]]*\])")


def _may_be_contents(texts: Sequence[Block], min_links: int) -> bool:
    """Whether so much of the raw text is in local links that it pays to parse it."""
    total = linked = links = 0
    for block in texts:
        total += len(block.content)
        if "](" in block.content or "][" in block.content:
            for match in _LOCAL_LINK.finditer(block.content):
                links += 1
                linked += len(match[1])
                total -= len(match[0])
    return links >= min_links and linked > total


def is_only_pointers(blocks: Sequence[Block]) -> bool:
    """Whether these blocks are paragraphs that only point elsewhere, such as `[Nice blog](…)`."""
    paragraphs = [block for block in blocks if block.kind is BlockKind.PARAGRAPH]
    return (
        0 < len(paragraphs) == len(blocks)
        and all(is_pointer(plain(block)) or _all_linked(block) for block in paragraphs)
        and any(
            not (segment.href or "#").startswith("#")
            for block in paragraphs
            for segment in segments(block)
        )
    )


def _all_linked(block: Block) -> bool:
    return all(segment.href is not None for segment in segments(block) if segment.text.strip())


def comment_lines(blocks: Sequence[Block]) -> frozenset[int]:
    """The lines of comments, scripts and styles that stand by themselves."""
    lines: set[int] = set()
    for block in blocks:
        if block.kind is BlockKind.HTML and block.line_end > block.line_start:
            content = block.content.strip().lower()
            if (
                content.startswith("<!--") and content.find("-->") in (-1, len(content) - 3)
            ) or content.startswith(("<script", "<style")):
                lines.update(range(block.line_start, block.line_end + 1))
    return frozenset(lines)
