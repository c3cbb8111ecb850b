"""Containers: parts of a text with a title, as programs for documentation write them.

They are no CommonMark. So the lines that open and close them are taken out of what the parser gets,
and the text between them is outdented; every line stays where it is. What the containers are is
told as tags, like those of `<details>`, so that all of them nest alike (`details`).

| container | known from |
|---|---|
| `::: details Title`, `:::tip[Title]`, `::: {.callout-tip title="Title"}` | VitePress, Quarto |
| `:::{dropdown} Title`, a fence with `{dropdown} Title` | MyST |
| `!!! note "Title"`, `??? note "Title"`, `=== "Title"` | MkDocs |
| `/// details | Title` | MkDocs (blocks) |
| `{{< details "Title" >}}`, `{% tab title="Title" %}` | Hugo, GitBook |
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qasearch.reading.markdown.blocks import Position
from qasearch.reading.markdown.details import Tag, TagKind
from qasearch.reading.markdown.lines import FenceState

_FOLDS = frozenset(
    (
        "details dropdown collapse collapsible expand expander expandable accordion accordion-item "
        "toggle spoiler faq faq-item"
    ).split()
)
"""Containers that hide their text until somebody asks for it."""

_ASKING = frozenset("question faq help qa quiz".split())
"""Admonitions whose first line asks if they have no title."""

_SIGNS = (":::", "///", "!!!", "???", "=== ", "`{", "~{", "{{<", "{{%", "{%")
_COMPONENT_SIGN = re.compile(r"<[A-Z]")
"""A text without any of these holds no container."""

_SIGN_IN_LINE = re.compile(r":::|///|!!!|\?\?\?|===|```|~~~|\{[{%]|<[/A-Z]")

_PREFIX = r"(?P<indent>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)"
_COLONS = re.compile(rf"{_PREFIX}(?P<sign>:{{3,}})(?P<rest>.*)")
_SLASHES = re.compile(
    rf"{_PREFIX}(?P<sign>/{{3,}})[ \t]*(?P<name>[\w-]*)[ \t]*(?:\|[ \t]*(?P<title>.*))?$"
)
_INDENTED = re.compile(
    rf"""{_PREFIX}
        (?:(?P<sign>!!!|\?\?\?\+?)[ \t]+(?P<name>[\w-]+)(?:[ \t]+[\w-]+)*
          |(?P<tab>===[!+]?)[ \t]+)
        (?:[ \t]*(?P<quote>["'])(?P<title>.*)(?P=quote))?[ \t]*$""",
    re.VERBOSE,
)
_DIRECTIVE = re.compile(
    rf"{_PREFIX}(?P<sign>`{{3,}}|~{{3,}})\{{(?P<name>[\w:-]+)\}}[ \t]*(?P<title>.*)$"
)
_TAG = re.compile(
    r"""[ \t]*(?:\{\{(?:<|%)|\{%-?)[ \t]*(?P<close>/|end)?[ \t]*(?P<name>[a-zA-Z][\w-]*)
        (?P<rest>(?:(?!%\}|[>%]\}\}).)*)(?:[>%]\}\}|-?%\})[ \t]*$""",
    re.VERBOSE,
)
_COMPONENT = re.compile(
    r"[ \t]*<(?P<close>/?)(?P<name>[A-Z][\w.]*)(?:\s[^<>]*?)?(?P<empty>/?)>[ \t]*$"
)
_COMPONENT_CLOSES = re.compile(r"</([A-Z][\w.]*)[ \t]*>")
_COMPONENT_OPENS = re.compile(r"[ \t]*<[A-Z][\w.]*(?:[ \t][^<>]*)?$")
_LONGEST_TAG = 40
"""Lines of a tag of a component that are looked through for its end."""

_NAMED = re.compile(r"\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>.*)")
_WORDED = re.compile(r"(?P<name>[\w-]+)[ \t]*(?:\[(?P<label>.*)\])?(?P<title>.*)")
_CLASS = re.compile(r"\.(?P<callout>callout-)?(?P<name>[\w-]+)")
_TITLE = re.compile(r"""\b(?:title|question|summary|header|label|name)\s*=\s*(["'])(.*?)\1""")
_QUOTED = re.compile(r"""\s*(["'])(.*?)\1""")
_OPTION = re.compile(r"[ \t]*(?::[\w-]+:.*|---|[\w-]+:[ \t].*)$")
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]+(?P<title>.*?)[ \t#]*$")

_MARKDOWN_DIRECTIVES = (
    _FOLDS
    | _ASKING
    | frozenset(
        (
            "admonition note tip hint important warning caution attention danger error seealso "
            "margin sidebar topic solution answer exercise todo versionadded versionchanged card "
            "deprecated tab-set tab-item grid grid-item grid-item-card epigraph pull-quote div"
        ).split()
    )
)
"""Directives whose fence holds Markdown; that of any other holds code, a formula or a picture."""

_DEEPEST = 100
"""Containers in one another; more are text, so that many without an end take linear time."""

_CLOSING_SIGNS = (":", "/", "`", "~", "{", "<")
"""With what the line begins that closes a container."""

_INDENT = 4
"""Columns by which the text of an admonition of MkDocs is indented."""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the line that opens a container says: its syntax, its sign, its name and its title.

    `indent` is the column of the sign, from 0.
    """

    syntax: str
    sign: str
    name: str
    title: str = ""
    indent: int = 0
    prefix: str = ""


@dataclass(slots=True)
class _Open:
    """A container that is not closed yet.

    Attributes:
        head: the line that opens it.
        is_told: whether a tag tells of it.
        outdent: the columns by which its text is outdented for the parser.
    """

    head: _Head
    is_told: bool = False
    outdent: int = 0


@dataclass(frozen=True, slots=True)
class Contained:
    """The lines of a document without its containers.

    Attributes:
        lines: what the parser gets instead of the lines of the document; as many.
        tags: the tags of the containers.
        marks: the lines that only open or close a container, and say nothing to readers.
    """

    lines: Sequence[str]
    tags: Sequence[Tag] = ()
    marks: frozenset[int] = frozenset()


def read_containers(lines: Sequence[str], first: int) -> Contained:
    """The lines without the containers in them; `first` is the first line below front matter."""
    text = "\n".join(lines)
    if not any(sign in text for sign in _SIGNS) and not _COMPONENT_SIGN.search(text):
        return Contained(lines)
    reader = _Reader(lines, first)
    return Contained(reader.read(), reader.tags, frozenset(reader.marks))


class _Reader:
    """One pass over the lines of a document."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines = lines
        self._number = first
        self._out = list(lines)
        self._open: list[_Open] = []
        self._fences = FenceState()
        self._last_text = first - 1
        self._closed_components = frozenset(
            name for line in lines if "</" in line for name in _COMPONENT_CLOSES.findall(line)
        )
        self.tags: list[Tag] = []
        self.marks: set[int] = set()

    def read(self) -> list[str]:
        """The lines for the parser."""
        while self._number <= len(self._lines):
            number, line = self._number, self._lines[self._number - 1]
            self._number += 1
            if not self._open and not _SIGN_IN_LINE.search(line):
                continue
            if line and not line.isspace():
                self._close_outdented(line)
                self._last_text = number
            self._out[number - 1] = text = self._outdented(line)
            if line and not line.isspace():
                self._read_line(number, text)
        while self._open:
            opened = self._open.pop()
            if opened.head.syntax == "indented":
                self._tell_end(opened, self._last_text + 1)
        return self._out

    def _read_line(self, number: int, text: str) -> None:
        is_code = self._fences.is_open
        if not is_code and (self._closes(number, text) or self._opens_directive(number, text)):
            return
        if not self._fences.holds(text):
            self._opens(number, text)
        elif text.lstrip().startswith(("{%", "{{")) and is_code != self._fences.is_open:
            self._out[number - 1] = "~~~~~~"  # for the tags of Jekyll and Hugo around code

    def _outdented(self, line: str) -> str:
        for opened in self._open:
            if opened.outdent:
                is_tab = line.startswith("\t")
                spaces = len(line) - len(line.lstrip(" "))
                line = line[1:] if is_tab else line[min(opened.outdent, spaces) :]
        return line

    def _close_outdented(self, line: str) -> None:
        """Close the admonitions whose indented text has ended above this line."""
        width = _width(line)
        for place, opened in enumerate(self._open):
            if opened.head.syntax == "indented" and width <= opened.head.indent:
                for inner in reversed(self._open[place:]):
                    self._tell_end(inner, self._last_text + 1)
                del self._open[place:]
                return

    def _closes(self, number: int, text: str) -> bool:
        """Whether a line closes a container; then it is closed."""
        place = self._place_of_closed(text)
        if place < 0:
            return False
        for inner in reversed(self._open[place:]):
            self._tell_end(inner, number)
        del self._open[place:]
        self._out[number - 1] = ""
        self.marks.add(number)
        return True

    def _place_of_closed(self, text: str) -> int:
        """The place among the open containers of the one that a line closes; -1 if it closes none.

        Colons close the container with as many colons, else the innermost.
        """
        sign = text.strip(" \t>")
        if not self._open or sign[:1] not in _CLOSING_SIGNS:
            return -1
        places = range(len(self._open) - 1, -1, -1)
        heads = [opened.head for opened in self._open]
        if sign[:2] == "</" and (component := _COMPONENT.match(text)):
            same = (n for n in places if heads[n].name == f"<{component['name']}")
            return next(same, -1)
        if sign[:1] == "{" and (tag := _TAG.match(text)) and tag["close"]:
            name = tag["name"].lower()
            same = (n for n in places if heads[n].syntax == "tag" and heads[n].name == name)
            return next(same, -1)
        if sign.strip(sign[0]):
            return -1
        same = (n for n in places if _closes_sign(sign, heads[n]))
        is_colons = sign[:3] == ":::"
        innermost = (n for n in places if is_colons and heads[n].syntax == "colons")
        return next(same, next(innermost, -1))

    def _opens_directive(self, number: int, text: str) -> bool:
        """Whether a line opens the fence of a directive with Markdown in it, which is no code."""
        match = _DIRECTIVE.match(text) if len(self._open) < _DEEPEST else None
        if match is None or match["name"].lower() not in _MARKDOWN_DIRECTIVES:
            return False
        name = match["name"].lower()
        self._push(number, _Head("directive", match["sign"], name, match["title"], *_at(match)))
        return True

    def _opens(self, number: int, text: str) -> None:
        """Open the container that a line opens, if it does."""
        if len(self._open) >= _DEEPEST:
            return
        head = self._head(number, text)
        if head is not None:
            self._push(number, head)
        elif component := _COMPONENT.match(text):
            self._out[number - 1] = ""
            name = component["name"]
            if not (component["close"] or component["empty"]) and name in self._closed_components:
                outdent = self._indent_below(number)
                self._open.append(_Open(_Head("component", "<", f"<{name}"), outdent=outdent))
        elif _COMPONENT_OPENS.match(text):
            last = next(
                (
                    last
                    for last in range(number + 1, min(number + _LONGEST_TAG, len(self._lines)) + 1)
                    if self._lines[last - 1].rstrip().endswith(">")
                ),
                0,
            )
            for inner in range(number, last + 1):
                self._out[inner - 1] = ""
            self._number = max(self._number, last + 1)

    def _head(self, number: int, text: str) -> _Head | None:
        """What a line says that opens a container; None if it opens none."""
        start = text.lstrip(" \t>")
        if start[:3] == ":::" or ":::" in text[:12]:
            return _head_of_colons(text)
        if start[:3] == "///":
            match = _SLASHES.match(text)
            if match and match["name"]:
                title = match["title"] or ""
                return _Head("slashes", match["sign"], match["name"].lower(), title, *_at(match))
        if (match := _INDENTED.match(text)) and (
            self._indent_below(number) >= _width(text) + _INDENT
        ):
            name = "tab" if match["tab"] else match["name"].lower()
            sign = match["tab"] or match["sign"]
            if match["sign"] or match["title"]:
                return _Head("indented", sign, name, match["title"] or "", *_at(match))
        if start[:1] == "{" and (match := _TAG.match(text)) and not match["close"]:
            name = match["name"].lower()
            title = _TITLE.search(match["rest"]) or _QUOTED.match(match["rest"])
            if title and (name in _FOLDS or name == "tab" or name.startswith(("accord", "faq"))):
                width = len(text) - len(start)
                return _Head("tag", "{", name, title[2], width, text[:width])
        return None

    def _indent_below(self, number: int) -> int:
        """The columns in front of the next line with text below this one."""
        following = (line for line in self._lines[number:] if line.strip())
        return _width(self._outdented(next(following, "")))

    def _push(self, number: int, head: _Head) -> None:
        """Open a container, and tell of it if it has a title."""
        title, last = head.title.strip(), self._end_of_options(number, head)
        self.marks.update(range(number if not title else number + 1, last + 1))
        for option in range(number + 1, last + 1):
            self._out[option - 1] = ""
        if not title:
            title, last = self._title_below(head, last)
        is_fold = head.name in _FOLDS and head.syntax != "indented"
        self._out[number - 1] = head.prefix if head.prefix.strip() else ""
        outdent = _INDENT if head.syntax == "indented" else 0
        self._open.append(_Open(head, bool(title) or is_fold, outdent))
        self._number = max(self._number, last + 1)
        if title or is_fold:
            start = Position(number, head.indent + 1)
            end = Position(last, max(1, len(self._lines[last - 1])))
            self.tags.append(
                Tag(TagKind.OPENS, _tag_name(head), start, end, title, is_callout=not is_fold)
            )

    def _end_of_options(self, number: int, head: _Head) -> int:
        """The last line of the options below the line that opens a container."""
        if head.syntax not in ("directive", "slashes", "colons"):
            return number
        last = number
        while last < len(self._lines) and self._is_option(self._lines[last], head):
            last += 1
        return last

    def _is_option(self, line: str, head: _Head) -> bool:
        """Whether a line is an option of a container, such as `:open:`."""
        if head.syntax == "slashes":
            return line.startswith("    ") and bool(_OPTION.match(line))
        return (
            line.lstrip().startswith(":") and bool(_OPTION.match(line)) and line.strip(": ") != ""
        )

    def _title_below(self, head: _Head, last: int) -> tuple[str, int]:
        """The title of a container that stands in its first line, and the last line of it."""
        following = next(
            (n for n in range(last + 1, len(self._lines) + 1) if self._lines[n - 1].strip()), 0
        )
        if not following:
            return "", last
        line = self._lines[following - 1]
        heading = _HEADING.match(line) if head.syntax == "colons" and head.name != "div" else None
        if heading is None and head.name not in _ASKING:
            return "", last
        self._out[following - 1] = ""
        return (heading["title"] if heading else line.strip(" \t>")), following

    def _tell_end(self, opened: _Open, number: int) -> None:
        """Tell that a container ends in front of a line."""
        if opened.is_told:
            position = Position(number, 1)
            self.tags.append(Tag(TagKind.CLOSES, _tag_name(opened.head), position, position, ""))


def _head_of_colons(text: str) -> _Head | None:
    """What a line of colons says; None if it opens no container."""
    match = _COLONS.match(text)
    rest = match["rest"].strip(" \t").rstrip(": \t") if match else ""
    if match is None or not rest:
        return None
    attributes = ""
    if rest[-1] == "}" and not _NAMED.fullmatch(rest):
        rest, _, attributes = rest[:-1].rpartition("{")
    given = _TITLE.search(attributes)
    title = given[2] if given else ""
    if named := _NAMED.match(rest):
        name, title = named["name"], named["title"]
    elif worded := _WORDED.match(rest):
        name, title = worded["name"], (worded["label"] or worded["title"]).strip() or title
    elif attributes:
        kind = _CLASS.search(attributes)
        name = kind["name"] if kind and (title or kind["callout"]) else "div"
    else:
        return None
    return _Head("colons", match["sign"], name.lower(), title, *_at(match))


def _closes_sign(sign: str, head: _Head) -> bool:
    """Whether a line of these signs closes a container."""
    if head.syntax == "directive":
        return sign[0] == head.sign[0] and len(sign) >= len(head.sign)
    return head.syntax in ("colons", "slashes") and sign == head.sign


def _tag_name(head: _Head) -> str:
    return f"{head.syntax} {head.sign} {head.name}"


def _at(match: re.Match[str]) -> tuple[int, str]:
    """The column of a sign, from 0, and what stands in front of it."""
    prefix = match["indent"]
    return len(prefix) if prefix.strip() else _width(prefix), prefix


def _width(line: str) -> int:
    """The columns of the white space at the beginning of a line."""
    start = line[: len(line) - len(line.lstrip(" \t"))]
    return len(start.expandtabs(_INDENT))
