"""Markdown as lines of text, where no parser is needed: fences and indentation.

For the stages before and after the index. Knows nothing else of qasearch.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

_FENCE = re.compile(r"^[ \t>]*(`{3,}(?=[^`]*$)|~{3,})")


def in_fences(lines: Iterable[str]) -> Iterator[bool]:
    """For each line whether it is part of a code fence, the first and the last line included."""
    fence = ""
    for line in lines:
        match = _FENCE.match(line)
        if not fence:
            fence = match[1] if match else ""
            yield bool(match)
        else:
            yield True
            if match and match[1].startswith(fence) and not line.strip(" \t>\n`~"):
                fence = ""


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
