"""Text that its author has hidden: comments, marks for programs, lines of code for components.

It is taken out before anything is parsed, so that it is never asked, never an answer and never
embedded. Every line stays where it is. Code is left alone: what looks hidden there is shown.

| hidden | known from |
|---|---|
| `<!-- … -->`, `<script>`, `<style>` | HTML |
| `%%…%%` | Obsidian |
| `{/* … */}`, `import … from "…"`, `export …` | MDX |
| `{{/* … */}}`, `{{< comment >}}`, shortcodes that stand alone | Hugo |
| `{% comment %}`, other tags that stand alone, `{# … #}` | Liquid, Jinja |
| `{::comment}`, `{: .class}`, `{#id}` | kramdown, Pandoc, MkDocs |
| lines that begin with `%`, `+++`, `(label)=` | MyST |
| `:LOGBOOK:` to `:END:`, properties such as `id::`, `{{query …}}` | Logseq |
| `[//]: # (…)` | CommonMark |
| `--8<-- "file"`, `{{#include file}}`, `[TOC]` | includes and tables of contents of programs |
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.markdown.lines import FenceState

_MAY_HIDE = (
    *(
        "<!--",
        "<script",
        "<style",
        "<SCRIPT",
        "<STYLE",
        "%%",
        "{include}",
        "{literalinclude}",
        "\n%",
        "\n+++",
        "\nimport ",
        "\nexport ",
    ),
    *("{/", "{{", "{:", "{%", "{#", "{.", "{!", "{-", "]{", "){", "`{", "*{", "_{", "{ #", "{ ."),
    *(")=\n", ":LOGBOOK:", ":PROPERTIES:", ":: ", "::\n", "[//]:", "[comment]:", "[#]:"),
    *("[TOC]", "[toc]", "_TOC_", "[[toc]]", "${toc}", "--8<--", "\n<<<", ")="),
)
"""A text without any of these hides nothing, which most texts are."""

_MAY_HIDE_IN_LINE = re.compile(
    r"[%{]|<[!sS]|::|\)=|^(?:import|export|\+\+\+|--8<--|<<<)|^\s*[:\[@$]"
)
"""The same for a line."""

_SHOWS_PERCENT = frozenset(Flavour) - {Flavour.PLAIN, Flavour.OBSIDIAN, Flavour.LOGSEQ}
"""Programs in which `%%` is text. In PLAIN it must stand apart from words, as in Obsidian's own
examples: `50 %% and 60 %%` is text."""

_KEYS = (
    "width|height|target|class|id|style|loading|align|rel|title|lang|download|markdown|start|type"
    r"|data-[\w-]+|aria-[\w-]+"
)
"""The names of attributes. Other names are text, such as the `k` of a sum in LaTeX: `_{k=1}`."""

_ATTRIBUTE = rf"""(?:[#.][A-Za-z][\w:.-]*|(?:{_KEYS})=(?:"[^"{{}}]*"|'[^'{{}}]*'|[^\s"'{{}}]+))"""
_ATTRIBUTES = rf"\s*{_ATTRIBUTE}(?:\s+(?:{_ATTRIBUTE}|[\w-]+))*\s*"
_ID = re.compile(r"(?<=[\s{:])#([\w:.-]+)")

_SIGN = re.compile(
    rf"""\\.
    | (?P<code>`+)
    | (?P<html><!--)
    | (?P<script><(?P<element>script|style)\b[^<>]*>)
    | (?P<jsx>\{{/\*)
    | (?P<hugo>\{{\{{-?\s*/\*)
    | (?P<shortcode>\{{\{{[<%]\s*comment\s*[>%]\}}\}})
    | (?P<liquid>\{{%-?\s*comment\s*-?%\}})
    | (?P<remark>\{{%-?\s*\#)
    | (?P<jinja>\{{\#(?=\s))
    | (?P<kramdown>\{{::\s*comment\s*\}})
    | (?P<percent>%%)
    | (?P<tag>\{{%(?:(?!%\}}).)*%\}})
    | (?P<mark>\{{::/?\w[^{{}}]*\}} | \{{:/\w*\}} | \{{:{_ATTRIBUTES}\}})
    | (?P<attributes>(?<=[\])`*])\{{{_ATTRIBUTES}\}})
    """,
    re.IGNORECASE | re.VERBOSE,
)

_CLOSERS = {
    "html": re.compile(r"-->"),
    "jsx": re.compile(r"\*/\s*\}"),
    "hugo": re.compile(r"\*/\s*-?\}\}"),
    "shortcode": re.compile(r"\{\{[<%]\s*/comment\s*[>%]\}\}", re.IGNORECASE),
    "liquid": re.compile(r"\{%-?\s*endcomment\s*-?%\}", re.IGNORECASE),
    "remark": re.compile(r"%\}"),
    "jinja": re.compile(r"#\}"),
    "kramdown": re.compile(r"\{:/(?:comment)?\s*\}", re.IGNORECASE),
    "percent": re.compile(r"%%"),
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "drawer": re.compile(r"^\s*:END:\s*$", re.IGNORECASE),
    "include": re.compile(r"--8<--"),
}
_EMPTY_COMMENT = re.compile(r"<!---?>")
_HIDES_THE_REST = frozenset({"html", "percent", "liquid", "kramdown", "script", "style"})
"""What hides the rest of the text if it stands alone at the beginning of a line and never ends."""

_COMMENT_TAG = re.compile(r"\{[{%][<%]?-?\s*/?(?:end)?comment\b", re.IGNORECASE)
_ID_AT_END = re.compile(rf"\s*(?:\{{/\*\s*#[\w:.-]+\s*\*/\}}|\{{:?{_ATTRIBUTES}\}})\s*$")
_MARK_IN_HEADING = re.compile(rf"\s*\{{:?(?:{_ATTRIBUTES}|\s*-\s*|\s*\.unnumbered\s*)\}}\s*$")
_HEADING = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?#{1,6}[^#]")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_ALONE = re.compile(
    rf"""\s*(?:
        \{{:{_ATTRIBUTES}\}} | \{{:\s*toc\s*\}} | \{{{_ATTRIBUTES}\}}
      | \+\+\+(?:\s+\{{.*\}})?
      | \[(?://|comment|\#)\]:\s*(?:\#|<>)\s*["'(].*
      | --8<--\s+["'].*["'] | \{{\{{\#\w*include\b[^{{}}]*\}}\}} | \{{![^{{}}]*!\}}
      | \[+_?toc_?\]+ | \$\{{toc\}} | @\[toc\][^\[\]]* | \{{\{{\s*_?toc_?\s*\}}\}}
      | <<<\s+@?[\w./{{}},\#-]+
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_TAGS_ALONE = re.compile(
    r"\s*(?:[-*+]\s+)?(?:(?:\{%(?:(?!%\}).)*%\}|\{\{[<%](?:(?![>%]\}\}).)*[>%]\}\})\s*)+$"
)
_TAG_WITH_TEXT = re.compile(
    r"""\b(?:title|caption|alt|text|question|summary|label|header)\s*=|\{\{[<%]/\*
      |\{[{%][<%]?-?\s*(?:/|end)?\s*(?:details|expand|accordion|collapse|faq|tab|highlight|notice
        |admonition|callout|hint|alert|spoiler)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Tags that show words, or fold the text below them; and shortcodes that are shown as they are."""

_LIST_MARK = re.compile(r"(?:[-*+]|\d+[.)])\s")
_EMPTY_ITEM = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]*)?")
_JSX_ID = re.compile(r"\{/\*\s*#([\w:.-]+)")
_CONTAINER = re.compile(r"[ \t>]*(?::{3,}|/{3,})")
_CONTENTS_OF_KRAMDOWN = re.compile(r"\s*\{:\s*toc\s*\}\s*$")
_INCLUDE = re.compile(r"\s*(?P<fence>`{3,}|~{3,}|:{3,})\{(?:include|literalinclude)\}")
_TARGET = re.compile(r"\s*\((?P<id>[\w:. -]+)\)=\s*$")
_PERCENT_LINE = re.compile(r"%(?:\s|$)")
_IMPORT = re.compile(
    r"import\s+(?:type\s+)?(?:[\w$*{},\s]+?\s+from\s+)?([\"'])[^\"']+\1\s*;?\s*$"
    r"|import\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{[^{}]*$"
)
_EXPORT = re.compile(
    r"export\s+(?:default\s+[\w({\[\"'`<]|(?:const|let|var|function|async\s+function|class|type"
    r"|interface)\s+[\w$]+|\{|\*\s+from\b)"
)
_PROPERTY = re.compile(
    r"\s*(?:[-*]\s+)?(?:id|collapsed|card-[\w-]+|background-color|logseq\.[\w.-]+|created-at"
    r"|updated-at|public|ls-type|hl-[\w-]+|query-[\w-]+|exclude-from-graph-view|heading)::(?:\s.*)?$"
)
_PROPERTY_ID = re.compile(r"\s*id::\s*([\w-]+)")
_DRAWER = re.compile(r"\s*:(?:LOGBOOK|PROPERTIES):\s*$", re.IGNORECASE)
_QUERY = re.compile(r"\s*(?:[-*]\s+)?\{\{(?:query|renderer|embed|kanban|namespace)\b.*\}\}\s*$")
_LONG_MODULE, _LONG_COMMENT = 200, 200
"""Lines that are looked through for the end of an `import` or `export` of MDX, and of a `%%` that
may be text."""


@dataclass(frozen=True, slots=True)
class Visible:
    """The lines of a document as its readers see them.

    Attributes:
        lines: the lines without hidden text; line 1 is `lines[0]`.
        hidden: the lines that held nothing but hidden text.
        removed: for each other line with hidden text, the pieces that were removed, in order: the
            first column in the file, from 0, and the column behind the last one.
        ids: the ids that hidden marks give to a line, such as `{#id}`.
    """

    lines: list[str]
    hidden: frozenset[int] = frozenset()
    removed: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    ids: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def without(self, lines: frozenset[int]) -> Visible:
        """The document with nothing on these lines."""
        if not lines:
            return self
        visible = ["" if n in lines else line for n, line in enumerate(self.lines, start=1)]
        removed = {n: cuts for n, cuts in self.removed.items() if n not in lines}
        return replace(self, lines=visible, removed=removed)

    def hiding(self, lines: frozenset[int]) -> Visible:
        """The document with these lines hidden, and the ids on them."""
        ids = {n: names for n, names in self.ids.items() if n not in lines}
        return replace(self.without(lines), hidden=self.hidden | lines, ids=ids)

    def column_in_file(self, line: int, column: int) -> int:
        """The column in the file (1-based) of a visible column."""
        return _in_file(self.removed.get(line, ()), column - 1) + 1


def without_hidden(lines: Sequence[str], first: int, flavour: Flavour) -> Visible:
    """The lines without what is hidden in them.

    Args:
        lines: the lines of a document.
        first: the first line below the front matter.
        flavour: the program that the document was written for.
    """
    text = "\n".join(["", *lines[first - 1 :]])
    if not any(sign in text for sign in _MAY_HIDE):
        return Visible(list(lines))
    return _Scanner(lines, first, flavour).scan()


def _in_file(removed: Sequence[tuple[int, int]], position: int) -> int:
    """The position in a line of the file of a visible position, both from 0."""
    for start, end in removed:
        if start <= position:
            position += end - start
    return position


class _Scanner:
    """One pass over the lines of a document."""

    def __init__(self, lines: Sequence[str], first: int, flavour: Flavour) -> None:
        self._lines = lines
        self._first = first
        self._flavour = flavour
        self._removed: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._ids: dict[int, list[str]] = defaultdict(list)
        self._never_closed: set[str] = set()
        self._unbalanced_until = 0

    def scan(self) -> Visible:
        fences = FenceState()
        is_code, in_list, was_blank = False, False, True
        number = self._first
        while number <= len(self._lines):
            line = self._lines[number - 1]
            if "clude}" in line and not fences.is_open and (match := _INCLUDE.match(line)):
                number = self._hide_fence(number, match["fence"])
                continue
            if fences.holds(line):
                is_code, was_blank, number = False, False, number + 1
                continue
            is_blank = not line or line.isspace()
            is_indented = line.startswith(("    ", "\t"))
            is_code = is_indented and not in_list and (was_blank or is_code)
            if not is_blank and not line.startswith((" ", "\t")):
                in_list = line[0] in "-*+0123456789" and bool(_LIST_MARK.match(line))
            was_blank = is_blank
            is_shown = is_blank or is_code or not _MAY_HIDE_IN_LINE.search(line)
            number = number + 1 if is_shown else self._scan_line(number)
        lines = list(self._lines)
        for number in self._removed:
            self._trim_end(number)
            lines[number - 1] = self._visible(number)
        hidden = {number for number in self._removed if _EMPTY_ITEM.fullmatch(lines[number - 1])}
        for number in hidden:
            lines[number - 1] = ""
        removed = {number: cuts for number, cuts in self._removed.items() if number not in hidden}
        ids = {number: tuple(ids) for number, ids in self._ids.items() if ids}
        return Visible(lines, frozenset(hidden), removed, ids)

    def _hide_fence(self, number: int, fence: str) -> int:
        """Hide the lines of a fence that stands for another file; the next line."""
        end = min(number + _LONG_COMMENT, len(self._lines))
        closing = (n for n in range(number + 1, end + 1) if self._lines[n - 1].strip() == fence)
        last = next(closing, number)
        self._hide_whole(number, last)
        return last + 1

    def _trim_end(self, number: int) -> None:
        """Remove the white space in front of hidden text at the end of a line, too."""
        line, cuts = self._lines[number - 1], self._removed[number]
        start, end = cuts[-1]
        if not line[end:].strip():
            first = cuts[-2][1] if len(cuts) > 1 else 0
            cuts[-1] = (first + len(line[first:start].rstrip()), len(line))

    def _visible(self, number: int) -> str:
        """A line without what was removed from it so far."""
        line = self._lines[number - 1]
        for start, end in reversed(self._removed.get(number, ())):
            line = line[:start] + line[end:]
        return line

    def _hide(self, number: int, start: int, end: int) -> None:
        self._removed[number].append((start, end))
        self._removed[number].sort()

    def _hide_whole(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self._removed[number] = [(0, len(self._lines[number - 1]))]

    def _scan_line(self, number: int) -> int:
        """Remove what is hidden from one line on; the next line to look at."""
        line = self._lines[number - 1]
        if end := self._end_of_hidden_lines(number, line):
            self._hide_whole(number, end)
            return end + 1
        return self._scan_signs(number, 0)

    def _scan_signs(self, number: int, position: int) -> int:
        """Remove what is hidden from one character of a line on; the next line to look at."""
        line = self._lines[number - 1]
        while match := _SIGN.search(line, position):
            kind = (match["element"] or match.lastgroup or "").lower()
            position = match.end()
            if kind == "code":
                position = _end_of_code(line, match)
            elif kind in ("mark", "attributes", "tag"):
                self._hide_mark(number, kind, match)
            elif kind and self._opens(kind, line, match):
                if end := self._end_in_line(kind, line, match):
                    self._ids[number] += _JSX_ID.findall(match.string[match.start() : end])
                    self._hide(number, match.start(), end)
                    position = end
                elif last := self._line_of_end(kind, number, match):
                    self._hide(number, match.start(), len(line))
                    return self._end_hidden_lines(kind, number + 1, last)
        self._hide_mark_at_end(number, line)
        return number + 1

    def _end_hidden_lines(self, kind: str, first: int, last: int) -> int:
        """Hide the lines from `first` to the end of the hidden text in line `last`."""
        self._hide_whole(first, min(last - 1, len(self._lines)))
        if last > len(self._lines):
            return last
        closer = _CLOSERS[kind].search(self._lines[last - 1])
        assert closer is not None  # noqa: S101 - the line was chosen for it
        self._hide(last, 0, closer.end())
        return self._scan_signs(last, closer.end())

    def _end_of_hidden_lines(self, number: int, line: str) -> int:
        """The last line of what hides whole lines from this one on; 0 if nothing does."""
        if match := _TARGET.match(line):
            self._ids[number + 1].append(match["id"])
        if match := _PROPERTY_ID.match(line):
            self._ids[number].append(match[1])
        if line.startswith(("import", "export")):
            return self._end_of_module(number, line)
        if _DRAWER.match(line):
            return self._find_line("drawer", number + 1)
        if line.strip() == "--8<--":
            return self._find_line("include", number + 1)
        if self._is_hidden_line(line):
            if _CONTENTS_OF_KRAMDOWN.match(line):  # they stand in place of the list above
                self._hide_whole(*self._item_above(number))
            if "{" in line:  # `{#id}` below the text that it names
                self._ids[max(1, number - 1)] += _ID.findall(line)
            return number
        return 0

    def _item_above(self, number: int) -> tuple[int, int]:
        """The line above as a range if it is an item of a list; else an empty range."""
        above = number - 1
        is_item = above >= self._first and _LIST_MARK.match(self._lines[above - 1])
        return (above, above) if is_item else (number, above)

    def _is_hidden_line(self, line: str) -> bool:
        """Whether a line as a whole is a mark for a program."""
        if line.startswith("%"):
            is_plain = self._flavour is Flavour.PLAIN and bool(_PERCENT_LINE.match(line))
            return is_plain or self._flavour is Flavour.MYST
        if any(pattern.match(line) for pattern in (_TARGET, _ALONE, _PROPERTY, _QUERY)):
            return True
        is_tag = _TAGS_ALONE.match(line) and not _COMMENT_TAG.search(line)
        return bool(is_tag) and not _TAG_WITH_TEXT.search(line)

    def _end_of_module(self, number: int, line: str) -> int:
        """The last line of an `import` or an `export` of MDX; 0 if the line is prose."""
        is_import = bool(_IMPORT.match(line))
        if not is_import and not _EXPORT.match(line):
            return 0
        if number <= self._unbalanced_until:
            return number
        depth = 0
        end = min(number + _LONG_MODULE, len(self._lines))
        for last in range(number, end + 1):
            text = self._lines[last - 1]
            if depth <= 0 and last > number and (is_import or not text.strip()):
                return last - 1
            depth += sum(map(text.count, "{[(")) - sum(map(text.count, "}])"))
        if depth <= 0:
            return end
        self._unbalanced_until = end
        return number

    def _opens(self, kind: str, line: str, match: re.Match[str]) -> bool:
        """Whether a sign hides text in this flavour, where it stands."""
        if kind != "percent":
            return True
        if self._flavour in _SHOWS_PERCENT:
            return False
        before = line[match.start() - 1 : match.start()] if match.start() else ""
        return self._flavour is not Flavour.PLAIN or not before or before in " \t>(*_-|"

    def _end_in_line(self, kind: str, line: str, match: re.Match[str]) -> int:
        """The column behind the end of what a sign hides in its line; 0 if it does not end."""
        if kind == "html" and (empty := _EMPTY_COMMENT.match(line, match.start())):
            return empty.end()
        closer = _CLOSERS[kind].search(line, match.end())
        if closer is None:
            return 0
        is_plain_percent = kind == "percent" and self._flavour is Flavour.PLAIN
        is_text = is_plain_percent and line[closer.end() : closer.end() + 1].isalnum()
        return 0 if is_text else closer.end()

    def _line_of_end(self, kind: str, number: int, match: re.Match[str]) -> int:
        """The line where hidden text ends that goes on below its line; 0 if it is no hidden text.

        A number behind the last line if it hides the rest of the document.
        """
        line = self._lines[number - 1]
        is_first = not line[: match.start()].strip(" \t>-*+")
        is_alone = is_first and not line[match.end() :].strip()
        if kind == "percent" and not is_alone and self._flavour is not Flavour.OBSIDIAN:
            return self._line_of_percent(number, is_first=is_first)
        if last := self._find_line(kind, number + 1, stop_at="" if is_first else match[0]):
            return last
        hides_rest = is_alone or (is_first and kind != "percent")
        return len(self._lines) + 1 if hides_rest and kind in _HIDES_THE_REST else 0

    def _line_of_percent(self, number: int, *, is_first: bool) -> int:
        """The line where a `%%` with words behind it ends, at the end of a line; else 0.

        One that does not begin a line ends in its paragraph.
        """
        for last in range(number + 1, min(number + _LONG_COMMENT, len(self._lines)) + 1):
            line = self._lines[last - 1].strip()
            if "%%" in line:
                return last if line.endswith("%%") and line.count("%%") == 1 else 0
            if not line and not is_first:
                return 0
        return 0

    def _find_line(self, kind: str, first: int, stop_at: str = "") -> int:
        """The first line with the end of what is hidden; 0 if there is none, or one with `stop_at`
        comes before it.
        """
        if kind in self._never_closed:
            return 0
        closer = _CLOSERS[kind]
        for number in range(first, len(self._lines) + 1):
            line = self._lines[number - 1]
            if closer.search(line):
                return number
            if stop_at and stop_at in line:
                return 0
        self._never_closed.add(kind)
        return 0

    def _hide_mark(self, number: int, kind: str, match: re.Match[str]) -> None:
        """Hide a mark inside a line; a tag of Liquid only where it surely is one."""
        if kind == "tag":
            is_target = match.string[match.start() - 1 : match.start()] in ("(", '"', "'")
            if self._flavour is not Flavour.JEKYLL or is_target or _TAG_WITH_TEXT.search(match[0]):
                return
        else:
            self._ids[number] += _ID.findall(match[0])
        self._hide(number, match.start(), match.end())

    def _hide_mark_at_end(self, number: int, line: str) -> None:
        """Hide `{#id}` and the like at the end of a heading, and an id at the end of any line."""
        if "}" not in line or _CONTAINER.match(line):
            return
        visible = self._visible(number)
        is_heading = bool(_HEADING.match(line)) or self._is_underlined(number)
        match = (_MARK_IN_HEADING if is_heading else _ID_AT_END).search(visible)
        if match is None or match.start() == 0 or not (is_heading or "#" in match[0]):
            return
        self._ids[number] += _ID.findall(match[0])
        removed = self._removed.get(number, ())
        start, last = _in_file(removed, match.start()), _in_file(removed, match.end() - 1)
        self._removed[number] = [cut for cut in removed if not start <= cut[0] <= last]
        self._hide(number, start, last + 1)

    def _is_underlined(self, number: int) -> bool:
        return number < len(self._lines) and bool(_UNDERLINE.match(self._lines[number]))


def _end_of_code(line: str, match: re.Match[str]) -> int:
    """The column behind the code span that backticks open; behind the backticks if none closes."""
    run = match["code"]
    position = match.end()
    while (position := line.find(run, position)) >= 0:
        end = position + len(run)
        if line[end : end + 1] != "`":
            return end
        while line[position : position + 1] == "`":
            position += 1
    return match.end()
