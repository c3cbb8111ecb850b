"""Charts for a terminal or a pipe: bars of blocks, curves and many points in braille, few points as
letters.

What colours tell apart on a terminal, letters tell apart without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.text import Text

from qasearch.lab.charts import Bars, Chart, Curves, Floats, Grid, Points
from qasearch.presenting.text.canvas import Canvas, colour, share_of
from qasearch.presenting.text.printable import one_line

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_STARS = "★☆"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = "·░▒▓█"
_FEW = 200
"""Up to so many points are letters; more would hide each other, and become dots."""

_HEIGHT, _POINTS_HEIGHT = 12, 22
_LABEL, _NAME = 28, 22


def chart_text(chart: Chart, width: int) -> Text:
    """The chart below its title, in lines of at most `width` columns."""
    body = {Bars: _bars, Curves: _curves, Points: _points, Grid: _grid}[type(chart)]
    lines = body(chart, max(40, width))  # type: ignore[operator]
    return Text("\n").join([Text(one_line(chart.title), "bold"), *lines])


def short(text: str, length: int) -> str:
    """On one line, cut to `length` columns."""
    line = one_line(text)
    return line if cell_len(line) <= length else f"{set_cell_size(line, length - 1).rstrip()}…"


def column(text: str, length: int, *, right: bool = False) -> str:
    """The same, filled up to `length` columns: behind, or in front if it goes `right`."""
    line = short(text, length)
    blank = " " * (length - cell_len(line))
    return blank + line if right else line + blank


def number(value: float) -> str:
    """To three significant places, without a needless fraction."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return (
        f"{value:.3f}"
        if 0.001 <= abs(value) < 10
        else f"{value:,.3g}"
        if abs(value) < 1000
        else f"{value:,.0f}"
    )


def _bars(bars: Bars, width: int) -> Iterator[Text]:
    values = [number(value) for value in bars.values]
    margin = _margin(bars.labels)
    room = width - margin - max(map(len, values), default=0) - 2
    low, high = min(0.0, *bars.values), max(0.0, *bars.values)
    zero = round(room * -low / (high - low)) if high > low else 0
    for label, value, shown in zip(bars.labels, bars.values, values, strict=True):
        length = abs(value) / (high - low) * room if high > low else 0.0
        line = Text(f"{column(label, margin, right=True)} ")
        if value < 0:
            cells = min(zero, round(length))
            line.append(" " * (zero - cells)).append("█" * cells, "red")
        else:
            line.append(" " * zero).append(_bar(min(length, room - zero)), "blue")
        yield line.append(f" {shown}")


def _margin(labels: Sequence[str]) -> int:
    """How many columns the labels in front of a chart take."""
    return max((cell_len(short(label, _LABEL)) for label in labels), default=0)


def _bar(length: float) -> str:
    whole, rest = int(length), round((length - int(length)) * 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _ends(values: Floats) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def _curves(curves: Curves, width: int) -> Iterator[Text]:
    y_ends, x_ends = _ends(np.concatenate([*curves.series.values()])), _ends(curves.x)
    ticks = [number(y_ends[1]), number(y_ends[0])]
    margin = max(map(len, ticks)) + 1
    canvas = Canvas(width - margin - 1, _HEIGHT, x_ends, y_ends)
    for x in curves.marks.values():
        canvas.line((x, y_ends[0]), (x, y_ends[1]), -1)
    for group, values in enumerate(curves.series.values()):
        for start, end in pairwise(zip(curves.x.tolist(), values.tolist(), strict=True)):
            canvas.line(start, end, group)
    for group, values in enumerate(curves.series.values()):
        if len(curves.series) > 1:
            for share in (0.3, 0.65, 1.0):
                place = min(len(values) - 1, round(share * (len(values) - 1)))
                canvas.letter(float(curves.x[place]), float(values[place]), _LETTERS[group], group)
    yield Text(one_line(curves.y_label), "dim")
    for row, line in enumerate(canvas.lines()):
        tick = ticks[0] if row == 0 else ticks[1] if row == _HEIGHT - 1 else ""
        yield Text.assemble((f"{tick:>{margin - 1}} ", "dim"), ("│", "dim"), line)
    first, last = number(x_ends[0]), number(x_ends[1])
    room = width - margin - 1 - len(first) - len(last)
    axis = f"{first}{short(curves.x_label, room - 2).center(room)}{last}"
    yield Text(" " * (margin + 1) + axis, "dim")
    if len(curves.series) > 1:
        yield from _legend([*curves.series], _LETTERS[: len(curves.series)], width)
    for name, x in curves.marks.items():
        yield Text(f"┆ {one_line(name)}: {number(x)}", "dim")


def _points(points: Points, width: int) -> Iterator[Text]:
    numbers = {name: place for place, name in enumerate(points.legend)}
    xy = np.asarray(points.xy, np.float64)
    pad = 0.02 * (np.ptp(xy, axis=0) + 1e-9)
    low, high = xy.min(axis=0) - pad, xy.max(axis=0) + pad
    canvas = Canvas(width, _POINTS_HEIGHT, (low[0], high[0]), (low[1], high[1]))
    for start, end in points.lines:
        canvas.line(tuple(xy[start]), tuple(xy[end]), -1)
    few = len(xy) <= _FEW
    for place, (x, y) in enumerate(xy.tolist()):
        name = points.groups[place]
        group = numbers.get(name, -1)
        if few or name in points.stars:
            canvas.letter(x, y, _mark(points, name), group)
        else:
            canvas.dot(x, y, group)
    for place, name in points.names.items():
        canvas.text(
            xy[place, 0], xy[place, 1], short(name, _NAME), numbers.get(points.groups[place], -1)
        )
    yield from canvas.lines()
    marks = [_mark(points, name) if few or name in points.stars else "●" for name in points.legend]
    yield from _legend(points.legend, marks, width)


def _mark(points: Points, group: str) -> str:
    if group in points.stars:
        return _STARS[points.stars.index(group) % len(_STARS)]
    return _LETTERS[points.legend.index(group) % len(_LETTERS)] if group else "•"


def _legend(names: Sequence[str], marks: Sequence[str], width: int) -> Iterator[Text]:
    """The names behind their marks, as many in a line as fit."""
    line = Text()
    for group, (name, mark) in enumerate(zip(names, marks, strict=True)):
        item = Text.assemble((mark, colour(group)), " ", short(name, 40))
        if line and line.cell_len + 3 + item.cell_len > width:
            yield line
            line = Text()
        line = Text.assemble(line, "   ", item) if line else item
    if line:
        yield line


def _grid(grid: Grid, width: int) -> Iterator[Text]:
    margin = _margin(grid.rows) + 1
    shown = min(len(grid.columns), (width - margin) // 3)
    low, high = _ends(grid.values)
    yield Text(" " * margin + "".join(f"{place:>3}" for place in range(1, shown + 1)), "dim")
    for row, values in zip(grid.rows, grid.values.tolist(), strict=True):
        cells = (
            3 * _SHADES[min(len(_SHADES) - 1, int(share_of(value, (low, high)) * len(_SHADES)))]
            for value in values[:shown]
        )
        yield Text.assemble(f"{column(row, margin - 1, right=True)} ", ("".join(cells), "blue"))
    yield Text(f"{_SHADES[0]} {number(low)} to {_SHADES[-1]} {number(high)}", "dim")
    key = "   ".join(
        f"{place} {short(name, 40)}" for place, name in enumerate(grid.columns[:shown], start=1)
    )
    rest = len(grid.columns) - shown
    key += f"   and {rest} more" if rest else ""
    if tuple(grid.columns) != tuple(str(place) for place in range(1, len(grid.columns) + 1)):
        yield from _wrapped(key, width)


def _wrapped(text: str, width: int) -> Iterator[Text]:
    line = ""
    for item in text.split("   "):
        if line and cell_len(line) + 3 + cell_len(item) > width:
            yield Text(line, "dim")
            line = ""
        line = f"{line}   {item}" if line else item
    yield Text(line, "dim")
