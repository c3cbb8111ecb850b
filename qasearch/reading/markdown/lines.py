"""Markdown as lines of text, where no parser is needed: fences and indentation.

For the stages before and after the index. Knows nothing else of qasearch.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`]*$)|~{3,})")
_HIGHLIGHT = re.compile(r"^\s*(?:\{%-?|\{\{[<%])\s*(?P<close>end|/)?\s*(?P<name>highlight)\b")
"""The tags of Jekyll and Hugo around code."""


class FenceState:
    """Which lines are part of code between fences, told line by line."""

    def __init__(self) -> None:
        self._fence = ""
        self._is_quoted = False

    @property
    def is_open(self) -> bool:
        """Whether the next line is code, unless it closes the fence."""
        return bool(self._fence)

    def holds(self, line: str) -> bool:
        """Whether the next line is part of code, the first and the last line included."""
        if "```" not in line and "~~~" not in line and "{" not in line and not self._is_quoted:
            return bool(self._fence)
        match = _FENCE.match(line)
        if not self._fence:
            tag = _HIGHLIGHT.match(line) if "{" in line else None
            self._fence = match[1] if match else tag["name"] if tag and not tag["close"] else ""
            self._is_quoted = bool(self._fence) and line.lstrip().startswith(">")
            return bool(self._fence)
        if self._is_quoted and not line.lstrip().startswith(">"):
            self._fence, self._is_quoted = "", False  # the quotation has ended, and its code
            return self.holds(line)
        if self._fence == "highlight":
            tag = _HIGHLIGHT.match(line)
            if tag and tag["close"]:
                self._fence = ""
        elif match and match[1].startswith(self._fence) and not line.strip(" \t>\n`~"):
            self._fence = ""
        return True


def in_fences(lines: Iterable[str]) -> Iterator[bool]:
    """For each line whether it is part of a code fence, the first and the last line included."""
    fences = FenceState()
    for line in lines:
        yield fences.holds(line)


def outdented(text: str, column: int = 1) -> str:
    """The text with the indentation of its first line removed from every line.

    A line with less indentation loses all of it. If the text begins at a later `column` of its
    first line, the lines below lose the indentation that they have in common.
    """
    if column > 1:
        first, newline, rest = text.partition("\n")
        return first + newline + textwrap.dedent(rest)
    if not text.startswith((" ", "\t", "\n")):
        return text
    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if "\t" in first[: len(first) - len(first.lstrip())]:
        lines = [line.expandtabs(4) for line in lines]
        first = first.expandtabs(4)
    indent = len(first) - len(first.lstrip(" "))
    if not indent:
        return text
    return "\n".join(line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines)
