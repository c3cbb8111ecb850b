"""Texts and locations of entries as parts of a sentence."""

from __future__ import annotations

from qasearch.datatypes.entry import Entry

MAX_CHARACTERS = 72
"""Longest text of an entry within a sentence; most questions are shorter."""


def one_line(text: str, most: int = MAX_CHARACTERS) -> str:
    """The text on one line, cut to `most` characters; "…" ends a text that was cut."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def quoted(text: str) -> str:
    """The same between quotation marks."""
    return f"'{one_line(text)}'"


def location(entry: Entry) -> str:
    """Where an entry stands: path:line."""
    return f"{entry.path}:{entry.question_line}"
