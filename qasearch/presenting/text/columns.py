"""Text fitted into the columns of a terminal: cut, filled up, wrapped.

A width is always a number of columns: a Chinese character takes two of them, an accent none. The
functions expect text on one line that is safe to print (`printable`).
"""

from __future__ import annotations

from typing import Literal

from rich.cells import cell_len, set_cell_size


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
