"""The parts of Markdown that are not code: only there do markup and formulas mean something."""

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
    """The Markdown with `change` applied to its text outside fences, indented code, code spans."""
    return "".join(
        part if is_code else _map_outside_spans(part, change) for is_code, part in _parts(markdown)
    )


def _parts(markdown: str) -> Iterator[tuple[bool, str]]:
    """Neighbouring lines that are all code or all not code, with whether they are."""
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
    """Each line with whether it is code, fenced or indented."""
    after_blank, in_list, in_indented = True, False, False
    lines = markdown.splitlines(keepends=True)
    for line, is_fenced in zip(lines, in_fences(lines), strict=True):
        is_blank = not line.strip()
        if is_fenced:
            yield True, line
        else:
            # In a list, four spaces are the indentation of an item: code there needs more of them.
            is_indented = (
                line.startswith(("    ", "\t")) and not in_list and (after_blank or in_indented)
            )
            in_indented = (is_indented or (is_blank and in_indented)) and not in_list
            if not is_blank and not line.startswith((" ", "\t")):
                in_list = False
            in_list = in_list or bool(_LIST_MARKER.match(line))
            yield is_indented and not is_blank, line
        after_blank = is_blank


def _map_outside_spans(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` applied to what stands between code spans."""
    parts, position = [], 0
    for start, end in _code_spans(text):
        parts += [change(text[position:start]), text[start:end]]
        position = end
    return "".join([*parts, change(text[position:])])


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """The start and the end of each code span.

    A span goes from a run of backticks to the next run of the same length in the same paragraph
    (CommonMark 6.1).
    """
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(text)]
    starts_by_length: dict[int, list[int]] = defaultdict(list)
    for start, end in runs:
        starts_by_length[end - start].append(start)
    blank_lines = [match.start() for match in _BLANK_LINE.finditer(text)] if runs else []
    last_end = 0
    for start, end in runs:
        starts = starts_by_length[end - start]
        closing = bisect_right(starts, start)
        if start < last_end or closing == len(starts):
            continue
        is_same_paragraph = bisect_right(blank_lines, start) == bisect_right(
            blank_lines, starts[closing]
        )
        if is_same_paragraph:
            last_end = starts[closing] + end - start
            yield start, last_end
