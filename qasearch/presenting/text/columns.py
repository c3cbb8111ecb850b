"""Text fitted into the columns of a terminal: cut, filled up, wrapped.

A width is always a number of columns: a Chinese character takes two of them, an accent none. The
functions expect text that is safe to print (`printable`) where they do not say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

ITEM_GAP = "   "
"""What stands between the items of a list that runs over lines."""


def truncated(text: str, width: int) -> str:
    """The text in at most `width` columns; an ellipsis ends it where it was cut."""
    if cell_len(text) <= width:
        return text
    return f"{set_cell_size(text, width - 1).rstrip()}…"


def padded(text: str, width: int, align: Literal["left", "right", "center"] = "left") -> str:
    """The text in exactly `width` columns: cut, or filled up with spaces."""
    line = truncated(text, width)
    blank = width - cell_len(line)
    left = {"left": 0, "center": blank // 2, "right": blank}[align]
    return " " * left + line + " " * (blank - left)


def wrapped(text: str, width: int, label: str = "") -> str:
    """The text in lines of at most `width` columns, the first behind `label`, the others below it.

    Lines break at spaces only: a longer word stays whole, so that a path can be copied. A space
    that does not break (U+00A0) is no such space.
    """
    lines = [label]
    used = margin = cell_len(label)
    for word in filter(None, text.split(" ")):
        size = cell_len(word)
        if used > margin and used + 1 + size > width:
            lines.append(" " * margin)
            used = margin
        space = " " if used > margin else ""
        lines[-1] += space + word
        used += len(space) + size
    return "\n".join(lines)


def flowed(items: Iterable[Text], width: int) -> Iterator[Text]:
    """The items beside each other, as many in a line of `width` columns as fit."""
    line: Text | None = None
    for item in items:
        if line is None:
            line = item
        elif line.cell_len + len(ITEM_GAP) + item.cell_len <= width:
            line = Text.assemble(line, ITEM_GAP, item)
        else:
            yield line
            line = item
    if line is not None:
        yield line
