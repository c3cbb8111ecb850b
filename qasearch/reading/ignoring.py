"""Which files are left out: patterns in gitignore's syntax, and where they come from.

A folder is asked about before its files are, so each pattern is compared with one path and never
with what lies below it. Most patterns are a name or `*.suffix`, and need no regular expression; the
library that knows the others is loaded when the first of them has to be tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx"})
"""The suffixes of Markdown files, in lower case."""

_WILDCARD = re.compile(r"[*?\[\]\\]")
_NEVER = re.compile(r"(?!)")
_PROBE = "\x01"
"""The name of a file that no pattern means, so only one that means every file matches it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a list of patterns.

    Attributes:
        text: the line as it was written.
        line: its number, from 1.
        glob: what it is compared with, without the marks around it.
        negated: whether it takes back what an earlier pattern left out.
        only_folders: whether it means folders only.
        in_path: whether it is compared with the path from the list's folder, not with the name.
        heading: the heading of the section that it leaves out; "" for the whole file.
    """

    text: str
    line: int
    glob: str
    negated: bool = False
    only_folders: bool = False
    in_path: bool = False
    heading: str = ""


class _Glob:
    """A pattern with wildcards, with what can be told without a regular expression."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        glob = pattern.glob
        first = _WILDCARD.search(glob)
        start, end = first.start() if first else len(glob), 0
        for found in _WILDCARD.finditer(glob):
            end = found.end()
        self._head = glob[:start]
        self._tail = "" if "\\" in glob or "[" in glob else glob[end:].lstrip("/")
        if "\\" in glob:
            self._head = ""
        self._least = len(self._head) + len(self._tail)
        self._is_told_by_ends = (
            not pattern.in_path and glob == f"{self._head}*{self._tail}" and "\\" not in glob
        ) or (pattern.in_path and glob == f"{self._head}**" and self._head.endswith("/"))
        self._regex: re.Pattern[str] | None = None

    @property
    def may_be_markdown(self) -> bool:
        """Whether a Markdown file could match."""
        tail = self._tail.lower()
        return any(tail.endswith(suffix) or suffix.endswith(tail) for suffix in SUFFIXES)

    def matches(self, path: str, name: str) -> bool:
        """Whether the pattern means this path itself."""
        text = path if self.pattern.in_path else name
        if not (text.endswith(self._tail) and text.startswith(self._head)):
            return False
        if self._is_told_by_ends:
            return len(text) >= self._least
        if self._regex is None:
            self._regex = _compiled(self.pattern)
        match = self._regex.match(text)
        return match is not None and match.groupdict().get("ps_d") is None


def _compiled(pattern: Pattern) -> re.Pattern[str]:
    """The regular expression; one that matches nothing for a pattern that is none."""
    from pathspec import GitIgnoreSpec

    mark = "/" if pattern.in_path and not pattern.glob.startswith("**") else ""
    try:
        (compiled,) = GitIgnoreSpec.from_lines([mark + pattern.glob]).patterns
    except ValueError:
        return _NEVER
    regex = getattr(compiled, "regex", None)
    return regex if isinstance(regex, re.Pattern) else _NEVER


def _is_markdown(name: str) -> bool:
    return name.lower().endswith(tuple(SUFFIXES))


class PatternList:
    """Patterns of one place, of which the last that matches decides.

    Attributes:
        source: the place, as `--explain` names it.
        patterns: the patterns, in their order.
        strip: how many characters of a path of the corpus lead to the list's folder.
        add: what leads from the list's folder to the corpus, if it lies above.
    """

    def __init__(
        self, source: str, patterns: Iterable[Pattern], *, strip: int = 0, add: str = ""
    ) -> None:
        self.source, self.strip, self.add = source, strip, add
        self.patterns = tuple(patterns)
        self._names: dict[str, list[Pattern]] = {}
        self._paths: dict[str, list[Pattern]] = {}
        globs = []
        for pattern in self.patterns:
            if _WILDCARD.search(pattern.glob):
                globs.append(_Glob(pattern))
            else:
                literals = self._paths if pattern.in_path else self._names
                literals.setdefault(pattern.glob, []).append(pattern)
        globs.reverse()
        self._globs = globs
        self._file_globs = [
            glob for glob in globs if glob.may_be_markdown and not glob.pattern.only_folders
        ]

    @property
    def may_mean_files(self) -> bool:
        """Whether a Markdown file could match; most lists of a repository mean none."""
        names = (*self._names, *self._paths)
        return bool(self._file_globs) or any(_is_markdown(name) for name in names)

    def match(self, path: str, name: str, *, is_folder: bool) -> Pattern | None:
        """The last pattern that means this folder or Markdown file of the corpus."""
        relative = self.add + path[self.strip :]
        best: Pattern | None = None
        for found in (self._names.get(name), self._paths.get(relative)):
            for pattern in found or ():
                if (is_folder or not pattern.only_folders) and (
                    best is None or pattern.line > best.line
                ):
                    best = pattern
        for glob in self._globs if is_folder else self._file_globs:
            if best and glob.pattern.line < best.line:
                break
            if glob.matches(relative, name):
                return glob.pattern
        return best

    def without_what_hides(self, folder: str) -> PatternList:
        """The list without the patterns that leave out a folder as a whole.

        Somebody who names a folder wants it to be read, also where a repository ignores it.
        """
        parts = folder.rstrip("/").split("/")
        levels = [("/".join(parts[:end]), parts[end - 1]) for end in range(1, len(parts) + 1)]
        if not any(pattern.negated for pattern in self.patterns):
            levels.append((f"{levels[-1][0]}/{_PROBE}", _PROBE))
        kept = [
            pattern
            for pattern in self.patterns
            if pattern.negated
            or not any(
                PatternList("", [pattern]).match(path, name, is_folder=True)
                for path, name in levels
            )
        ]
        return PatternList(self.source, kept, strip=self.strip, add=self.add)


@dataclass(frozen=True, slots=True)
class Layers:
    """All lists that hold in a folder; of each kind, the nearest first.

    Attributes:
        own: those for qasearch, which come before those of the repository.
        repository: those of the repository.
        sections: those that leave out sections.
        in_repository: whether the folder lies in a repository, so that its `.gitignore` holds.
    """

    own: tuple[PatternList, ...] = ()
    repository: tuple[PatternList, ...] = ()
    sections: tuple[PatternList, ...] = ()
    in_repository: bool = False

    def excluding(self, path: str, name: str, *, is_folder: bool) -> str:
        """Why this folder or file is left out; "" if it is not."""
        for patterns in (*self.own, *self.repository):
            if pattern := patterns.match(path, name, is_folder=is_folder):
                return "" if pattern.negated else _reason(pattern, patterns.source)
        return ""

    def for_files(self) -> Layers:
        """The lists that can mean a Markdown file: most folders of most corpora have none."""
        own = tuple(patterns for patterns in self.own if patterns.may_mean_files)
        repository = tuple(patterns for patterns in self.repository if patterns.may_mean_files)
        if not own and not repository:
            return NO_LAYERS
        return replace(self, own=own, repository=repository)

    def private_headings(self, path: str, name: str) -> tuple[str, ...]:
        """The headings of the sections of a file that are left out."""
        found: dict[str, None] = {}
        for patterns in reversed(self.sections):
            for pattern in patterns.patterns:
                alone = PatternList("", [pattern], strip=patterns.strip, add=patterns.add)
                stem = path.rpartition(".")[0], name.rpartition(".")[0]
                if alone.match(path, name, is_folder=False) or alone.match(*stem, is_folder=False):
                    if pattern.negated:
                        found.pop(pattern.heading, None)
                    else:
                        found[pattern.heading] = None
        return tuple(found)

    def with_own(self, source: str, patterns: Iterable[Pattern], *, strip: int) -> Layers:
        """With the patterns of one more list for qasearch, which is nearer than the others.

        The setting stays the first.
        """
        files, sections = _by_kind(source, patterns, strip=strip)
        return replace(
            self,
            own=(*self.own[:1], files, *self.own[1:]),
            sections=(sections, *self.sections) if sections.patterns else self.sections,
        )

    def with_own_above(self, source: str, patterns: Iterable[Pattern], add: str) -> Layers:
        """As `with_own`, for a list in a folder above the corpus; `add` leads to the corpus."""
        files, sections = _by_kind(source, patterns, add=add)
        files = files.without_what_hides(add)
        return replace(
            self,
            own=(*self.own[:1], files, *self.own[1:]),
            sections=(sections, *self.sections) if sections.patterns else self.sections,
        )

    def with_repository(self, patterns: PatternList) -> Layers:
        """With one more list of the repository, which is nearer than the others."""
        return replace(self, repository=(patterns, *self.repository))

    def of_repository(self, patterns: PatternList) -> Layers:
        """With this list as the only one of a repository: another repository begins here."""
        lists = (patterns,) if patterns.patterns else ()
        return replace(self, repository=lists, in_repository=True)


NO_LAYERS = Layers()
"""Nothing is left out by a pattern."""


def layers_of_setting(exclude: Iterable[str]) -> Layers:
    """The patterns of the setting `exclude`; the first list, which is there even without any."""
    lines = (re.sub(r"^(!?)\./", r"\1/", line) for line in exclude)
    patterns = parse(lines, sections=True, comments=False)
    files, sections = _by_kind("the setting exclude", patterns, strip=0)
    return Layers(own=(files,), sections=(sections,) if sections.patterns else ())


def _by_kind(
    source: str, patterns: Iterable[Pattern], *, strip: int = 0, add: str = ""
) -> tuple[PatternList, PatternList]:
    """The patterns for whole files, and those for sections."""
    listed = list(patterns)
    return (
        PatternList(source, (one for one in listed if not one.heading), strip=strip, add=add),
        PatternList(source, (one for one in listed if one.heading), strip=strip, add=add),
    )


def _reason(pattern: Pattern, source: str) -> str:
    place = source if source.startswith("the setting") else f"line {pattern.line} of {source}"
    return f"excluded by '{pattern.text}', {place}"


def parse(
    lines: Iterable[str], *, sections: bool = False, comments: bool = True
) -> Iterator[Pattern]:
    """The patterns in lines of gitignore's syntax.

    Args:
        lines: the lines.
        sections: whether `file#Heading` means a section.
        comments: whether a line that begins with `#` says nothing.
    """
    for number, written in enumerate(lines, start=1):
        text = re.sub(r"(?<!\\)[ \t]+$", "", written.rstrip("\r\n"))
        if not text or (comments and text.startswith("#")):
            continue
        negated = text.startswith("!")
        body = text[1:] if negated else text
        path, heading = _split_heading(body) if sections else (body, "")
        if heading:
            for file in _files_of(path):
                if one := _pattern(text, number, file, negated=negated):
                    yield replace(one, heading=heading)
            if _is_section_for_sure(path):
                continue
        if one := _pattern(text, number, body, negated=negated):
            yield one


def _pattern(text: str, line: int, body: str, *, negated: bool) -> Pattern | None:
    """The pattern of a line; None where nothing is left of it."""
    if body.startswith(("\\#", "\\!")):
        body = body[1:]
    only_folders = body.endswith("/")
    glob = body.rstrip("/")
    while glob.startswith("**/"):
        glob = glob.removeprefix("**/")
        if "/" in glob:
            glob = f"**/{glob}"
            break
    in_path = "/" in glob
    glob = glob.removeprefix("/")
    if not glob:
        return None
    return Pattern(text, line, glob, negated, only_folders, in_path)


def _split_heading(body: str) -> tuple[str, str]:
    """The file and the heading of `file#Heading`; no heading where `#` belongs to a name."""
    splits = [
        (body[: found.start()].strip(), body[found.end() :].strip())
        for found in re.finditer(r"(?<!\\)#+", body)
    ]
    headings = [
        (path, heading)
        for path, heading in splits
        if heading and not _is_markdown(heading) and not heading.startswith("/")
    ]
    for path, heading in headings:
        if _is_markdown(path):
            return path, heading
    return headings[0] if headings else (body, "")


def _is_section_for_sure(path: str) -> bool:
    """Whether what stands before a `#` can be nothing but the name of a file."""
    return not path or path.endswith(("*", "/")) or path.lower().endswith(tuple(SUFFIXES))


def _files_of(path: str) -> tuple[str, ...]:
    """The patterns for the files of which a section is left out."""
    if not path:
        return ("**",)
    return (f"{path}**",) if path.endswith("/") else (path,)
