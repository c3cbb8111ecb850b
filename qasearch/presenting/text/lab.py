"""A concept and what it shows, as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.text import Text

from qasearch.lab import Concept
from qasearch.lab.charts import Demonstration, Table
from qasearch.presenting.text.charts import chart_text, column, number
from qasearch.presenting.text.printable import one_line

_CELL, _LEAST_TEXT, _LEAST, _INDENT = 56, 20, 8, 2
_PLACE = re.compile(r"\S+:\d+|")


def concepts_text(concepts: Iterable[Concept]) -> Text:
    """One line a concept, with the entry of the bundled corpus that explains it, then what some can
    be given.
    """
    listed = list(concepts)
    name = max(len(each.name) for each in listed)
    entry = max(len(each.entries[0]) for each in listed)
    lines = [
        Text.assemble(
            (f"{each.name:<{name}}", "bold"),
            f"  {each.summary:<37}",
            (f"  {each.entries[0]:<{entry}}", "dim"),
        )
        for each in listed
    ]
    lines += [
        Text(),
        *(Text(f"qasearch lab {each.name} {each.arguments}") for each in listed if each.arguments),
    ]
    lines += [
        Text(),
        Text("Read about one: qasearch show ENTRY, the last column, of the bundled corpus."),
    ]
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)


def demonstration_text(shown: Demonstration, width: int) -> Text:
    """The body below the title, paragraphs wrapped to `width` columns."""
    parts = [Text(one_line(shown.title), "bold underline")]
    for part in shown.body:
        if isinstance(part, str):
            parts.append(Text(textwrap.fill(one_line(part), width)))
        elif isinstance(part, Table):
            parts.append(_table(part, width))
        else:
            parts.append(chart_text(part, width))
    return Text("\n\n").join(parts)


def _table(table: Table, width: int) -> Text:
    rows = [
        [number(cell) if not isinstance(cell, str) else one_line(cell) for cell in row]
        for row in table.rows
    ]
    numeric = [
        all(not isinstance(row[place], str) or not row[place] for row in table.rows)
        for place in range(len(table.heads))
    ]
    widths = _widths(table.heads, rows, width - _INDENT)

    def line(cells: Sequence[str], style: str) -> Text:
        aligned = [
            column(cell, size, right=right)
            for cell, size, right in zip(cells, widths, numeric, strict=True)
        ]
        return Text(" " * _INDENT + "  ".join(aligned).rstrip(), style)

    heads = [textwrap.wrap(head, size) for head, size in zip(table.heads, widths, strict=True)]
    most = max(map(len, heads))
    above = zip(*([""] * (most - len(each)) + each for each in heads), strict=True)
    return Text("\n").join(
        [*(line(cells, "dim") for cells in above), *(line(row, "") for row in rows)]
    )


def _widths(heads: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """How wide each column is: first heads are wrapped, then the widest are cut until all fit.

    A place, `path:line`, is cut last: what is cut cannot be opened.
    """
    columns = [[row[place] for row in rows] for place in range(len(heads))]
    cells = [max((min(_CELL, cell_len(cell)) for cell in column), default=0) for column in columns]
    widths = [max(cell, cell_len(head)) for cell, head in zip(cells, heads, strict=True)]
    wrapped = [
        max([cell, *map(cell_len, head.split())]) for cell, head in zip(cells, heads, strict=True)
    ]
    texts = [_LEAST if not all(map(_PLACE.fullmatch, column)) else _CELL for column in columns]
    for least in (wrapped, [max(_LEAST_TEXT, each) for each in texts], [_LEAST] * len(widths)):
        while sum(widths) + 2 * (len(widths) - 1) > room:
            spare = [width - minimum for width, minimum in zip(widths, least, strict=True)]
            if max(spare) <= 0:
                break
            widths[spare.index(max(spare))] -= 1
    return widths
