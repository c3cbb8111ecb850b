"""Texts of entries inside a sentence."""

from __future__ import annotations


def one_line(text: str, most: int = 72) -> str:
    """The text on one line, cut to so many characters; where it was cut, it ends with '…'."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def quoted(text: str) -> str:
    """The same between quotation marks."""
    return f"'{one_line(text)}'"
