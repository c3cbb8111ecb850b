"""The lines of a file with what each is used for, as plain text."""

from __future__ import annotations

from qasearch.presenting.text.columns import padded
from qasearch.presenting.text.printable import one_line, visible
from qasearch.reading.file_uses import FileUse

_WIDTH = 72
"""Columns for the text of a line; a longer line is cut."""


def file_text(use: FileUse) -> str:
    """A file of the corpus and what it is read as, or why it is not read."""
    path = one_line(use.path)
    if use.flavour is None:
        return f"{path}  not read: {one_line(use.reason)}"
    told = f" ({one_line(use.reason)})" if use.reason else ""
    private = ", ".join(one_line(heading) for heading in use.private_headings)
    without = f", without the section {private}" if private else ""
    return f"{path}  {use.flavour.value}{told}{without}"


def line_text(number: int, use: str, entry_id: str, rule: str, text: str) -> str:
    """A line of a file and what it is used for, in columns: number, use, rule, text, entry id."""
    line = padded(visible(text).expandtabs(4), _WIDTH)
    return f"{number:5}  {use:12}  {rule:12}  {line}  {one_line(entry_id)}".rstrip()
