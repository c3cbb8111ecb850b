"""The text of a Markdown document that is no code: where markup and formulas mean something."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator

from qasearch.reading.markdown.lines import in_fences

_LIST_MARKER = re.compile(r"^ *(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_TICKS = re.compile(r"`+")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def map_prose(markdown: str, change: Callable[[str], str]) -> str:
    """The Markdown with `change` applied to each stretch of text between fences, indented code and
    code spans.
    """
    return "".join(
        part if is_code else _map_spans(part, change) for is_code, part in _stretches(markdown)
    )


def _stretches(markdown: str) -> Iterator[tuple[bool, str]]:
    """Neighbouring lines that are all code, or all not, and which of it they are."""
    lines: list[str] = []
    are_code = False
    for is_code, line in _lines(markdown):
        if lines and is_code != are_code:
            yield are_code, "".join(lines)
            lines = []
        are_code = is_code
        lines.append(line)
    yield are_code, "".join(lines)


def _lines(markdown: str) -> Iterator[tuple[bool, str]]:
    after_blank, in_list, in_indented = True, False, False
    lines = markdown.splitlines(keepends=True)
    for line, fenced in zip(lines, in_fences(lines), strict=True):
        blank = not line.strip()
        if fenced:
            yield True, line
        else:
            # In a list, four spaces are the indentation of the item, and code there would need
            # more.
            indented = (
                line.startswith(("    ", "\t")) and not in_list and (after_blank or in_indented)
            )
            in_indented = (indented or (blank and in_indented)) and not in_list
            if not blank and not line.startswith((" ", "\t")):
                in_list = False
            in_list = in_list or bool(_LIST_MARKER.match(line))
            yield indented and not blank, line
        after_blank = blank


def _map_spans(text: str, change: Callable[[str], str]) -> str:
    parts, at = [], 0
    for start, end in _code_spans(text):
        parts += [change(text[at:start]), text[start:end]]
        at = end
    return "".join([*parts, change(text[at:])])


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where code spans stand: runs of backticks up to the next of the same length in the paragraph
    (CommonMark 6.1).
    """
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(text)]
    by_length: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        by_length[end - start].append(start)
    blanks = [match.start() for match in _BLANK_LINE.finditer(text)] if runs else []
    done = 0
    for start, end in runs:
        same = by_length[end - start]
        closing = bisect_right(same, start)
        if (
            start < done
            or closing == len(same)
            or bisect_right(blanks, start) != bisect_right(blanks, same[closing])
        ):
            continue
        done = same[closing] + end - start
        yield start, done
