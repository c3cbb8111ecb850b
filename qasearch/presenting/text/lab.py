"""A concept and its demonstration, as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from qasearch.lab import Concept
from qasearch.lab.charts import Demonstration, Table
from qasearch.presenting.text.charts import chart_text
from qasearch.presenting.text.columns import padded, wrapped
from qasearch.presenting.text.numbers import number
from qasearch.presenting.text.printable import one_line

_MAX_CELL = 56
"""Columns of the widest cell of a table, before anything has to be cut."""
_MIN_TEXT = 20
"""Columns that a cell of text keeps as long as other cells can still be cut."""
_MIN_CELL = 8
"""Columns that every cell keeps."""
_INDENT, _GAP = "  ", "  "
_PLACE = re.compile(r"\S+:\d+|")  # `path:line`, or an empty cell


def concepts_text(concepts: Iterable[Concept]) -> Text:
    """The concepts with the entry that explains each, then the arguments that some accept."""
    listed = list(concepts)
    name_width = max(len(concept.name) for concept in listed)
    summary_width = max(len(concept.summary) for concept in listed)
    lines = [
        Text.assemble(
            (f"{concept.name:<{name_width}}", "bold"),
            f"  {concept.summary:<{summary_width}}",
            (f"  {concept.entries[0]}", "dim"),
        )
        for concept in listed
    ]
    usages = [
        Text(f"qasearch lab {concept.name} {concept.arguments}")
        for concept in listed
        if concept.arguments
    ]
    advice = "To read the entry of the bundled corpus in the last column: qasearch show ENTRY"
    return Text("\n").join([*lines, Text(), *usages, Text(), Text(advice)])


def demonstration_text(demonstration: Demonstration, width: int) -> Text:
    """The body below the title, its paragraphs wrapped to `width` columns."""
    parts = [Text(one_line(demonstration.title), "bold underline")]
    for part in demonstration.body:
        if isinstance(part, str):
            parts.append(Text(wrapped(one_line(part), width)))
        elif isinstance(part, Table):
            parts.append(_table(part, width))
        else:
            parts.append(chart_text(part, width))
    return Text("\n\n").join(parts)


def _table(table: Table, width: int) -> Text:
    """The rows below their heads, in at most `width` columns; numbers are aligned to the right."""
    rows = [
        [one_line(cell) if isinstance(cell, str) else number(cell) for cell in row]
        for row in table.rows
    ]
    widths = _widths(table.heads, rows, width - len(_INDENT))
    is_numeric = [
        all(not isinstance(row[index], str) or not row[index] for row in table.rows)
        for index in range(len(table.heads))
    ]

    def line(cells: Iterable[str], style: str) -> Text:
        aligned = [
            padded(cell, size, "right" if numeric else "left")
            for cell, size, numeric in zip(cells, widths, is_numeric, strict=True)
        ]
        return Text((_INDENT + _GAP.join(aligned)).rstrip(), style)

    return Text("\n").join(
        [
            *(line(cells, "dim") for cells in _head_lines(table.heads, widths)),
            *(line(row, "") for row in rows),
        ]
    )


def _head_lines(heads: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """The heads wrapped to the widths of their columns, line by line; all end on the last line."""
    columns = [wrapped(head, width).split("\n") for head, width in zip(heads, widths, strict=True)]
    height = max(map(len, columns))
    filled = [[""] * (height - len(lines)) + lines for lines in columns]
    return [list(cells) for cells in zip(*filled, strict=True)]


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is, so that together they fit into `room` with their gaps.

    First heads are wrapped, then texts are cut, the widest column first. Places (`path:line`) are
    cut last: an editor cannot open a place that was cut.
    """
    columns = [[row[index] for row in rows] for index in range(len(heads))]
    cells = [
        max((min(_MAX_CELL, cell_len(cell)) for cell in column), default=0) for column in columns
    ]
    widths = [max(cell, cell_len(head)) for cell, head in zip(cells, heads, strict=True)]
    head_words = [max(map(cell_len, head.split()), default=0) for head in heads]
    with_wrapped_heads = [max(sizes) for sizes in zip(cells, head_words, strict=True)]
    with_cut_texts = [
        _MAX_CELL if all(map(_PLACE.fullmatch, column)) else _MIN_TEXT for column in columns
    ]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - room
    for minimums in (with_wrapped_heads, with_cut_texts, [_MIN_CELL] * len(widths)):
        while excess > 0:
            spare = [width - minimum for width, minimum in zip(widths, minimums, strict=True)]
            if max(spare) <= 0:
                break
            widths[spare.index(max(spare))] -= 1
            excess -= 1
    return widths
