"""The lines of a file with what each is used for, as plain text."""

from __future__ import annotations

from qasearch.presenting.text.columns import padded
from qasearch.presenting.text.printable import one_line, visible

_WIDTH = 72
"""Columns for the text of a line; a longer line is cut."""


def line_text(number: int, use: str, entry_id: str, rule: str, text: str) -> str:
    """A line of a file and what it is used for, in columns: number, use, rule, text, entry id."""
    line = padded(visible(text).expandtabs(4), _WIDTH)
    return f"{number:5}  {use:12}  {rule:12}  {line}  {one_line(entry_id)}".rstrip()
