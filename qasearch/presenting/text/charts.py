"""Charts for a terminal or a pipe: bars of blocks, curves and point clouds in braille, grids.

What colours tell apart on a terminal, letters tell apart without colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from rich.cells import cell_len
from rich.text import Text

from qasearch.lab.arrays import Floats
from qasearch.lab.charts import Bars, Chart, Curves, Grid, Points
from qasearch.presenting.text.canvas import NO_GROUP, Canvas, Ends, colour, share_of
from qasearch.presenting.text.columns import padded, truncated
from qasearch.presenting.text.numbers import number
from qasearch.presenting.text.printable import one_line

MAX_LETTERED_POINTS = 200
"""So many points are drawn as letters; more letters would hide each other, so dots are drawn."""

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_STARS = "★☆"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = "·░▒▓█"
_SHADE_WIDTH = 3  # columns of a value of a grid: as many as the number above it needs
_MIN_WIDTH = 40  # below it, no room would be left beside the labels
_CURVES_HEIGHT, _POINTS_HEIGHT = 12, 22  # lines
_LABEL_WIDTH = 28  # of a label in front of a bar or a row
_NAME_WIDTH = 22  # of a name beside a point
_LEGEND_WIDTH = 40  # of a name in the legend
_ITEM_GAP = "   "  # between the items of a list that runs over lines
_LETTER_SHARES = (0.3, 0.65, 1.0)  # how far along a curve its letter stands


def chart_text(chart: Chart, width: int) -> Text:
    """The chart below its title, in lines of at most `width` columns, or of 40 if that is less."""
    draw = {Bars: _bars, Curves: _curves, Points: _points, Grid: _grid}[type(chart)]
    lines = draw(chart, max(_MIN_WIDTH, width))  # type: ignore[operator]
    return Text("\n").join([Text(one_line(chart.title), "bold"), *lines])


def _bars(bars: Bars, width: int) -> Iterator[Text]:
    labels = [one_line(label) for label in bars.labels]
    numbers = [number(value) for value in bars.values]
    margin = _margin(labels)
    room = width - margin - max(map(len, numbers), default=0) - 2
    low, high = min(0.0, *bars.values), max(0.0, *bars.values)
    zero = round(room * -low / (high - low)) if high > low else 0
    for label, value, text in zip(labels, bars.values, numbers, strict=True):
        length = abs(value) / (high - low) * room if high > low else 0.0
        line = Text(f"{padded(label, margin, 'right')} ")
        if value < 0:
            cells = min(zero, round(length))
            line.append(" " * (zero - cells)).append("█" * cells, "red")
        else:
            line.append(" " * zero).append(_blocks(min(length, room - zero)), "blue")
        yield line.append(f" {text}")


def _margin(labels: Sequence[str]) -> int:
    """How many columns the labels in front of a chart take."""
    return min(_LABEL_WIDTH, max(map(cell_len, labels), default=0))


def _blocks(length: float) -> str:
    """A bar of so many cells, to an eighth of a cell."""
    whole, eighths = int(length), round((length - int(length)) * 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def _ends(values: Floats) -> Ends:
    return float(np.min(values)), float(np.max(values))


def _curves(curves: Curves, width: int) -> Iterator[Text]:
    y_ends, x_ends = _ends(np.concatenate([*curves.series.values()])), _ends(curves.x)
    top, bottom = number(y_ends[1]), number(y_ends[0])
    margin = max(len(top), len(bottom)) + 1
    canvas = _drawn_curves(curves, width - margin - 1, x_ends, y_ends)
    yield Text(one_line(curves.y_label), "dim")
    for row, line in enumerate(canvas.lines()):
        tick = {0: top, _CURVES_HEIGHT - 1: bottom}.get(row, "")
        yield Text.assemble((f"{tick:>{margin - 1}} ", "dim"), ("│", "dim"), line)
    first, last = number(x_ends[0]), number(x_ends[1])
    room = canvas.width - len(first) - len(last)
    label = truncated(one_line(curves.x_label), room - 2)
    yield Text(f"{' ' * (margin + 1)}{first}{padded(label, room, 'center')}{last}", "dim")
    if len(curves.series) > 1:
        yield from _legend([*curves.series], _LETTERS[: len(curves.series)], width)
    for name, x in curves.marks.items():
        yield Text(f"┆ {one_line(name)}: {number(x)}", "dim")


def _drawn_curves(curves: Curves, width: int, x_ends: Ends, y_ends: Ends) -> Canvas:
    """The curves with their marks; a letter on each curve if there are several."""
    canvas = Canvas(width, _CURVES_HEIGHT, x_ends, y_ends)
    for x in curves.marks.values():
        canvas.line((x, y_ends[0]), (x, y_ends[1]), NO_GROUP)
    for group, values in enumerate(curves.series.values()):
        for start, end in pairwise(zip(curves.x.tolist(), values.tolist(), strict=True)):
            canvas.line(start, end, group)
    if len(curves.series) > 1:
        for group, values in enumerate(curves.series.values()):
            for share in _LETTER_SHARES:
                index = round(share * (len(values) - 1))
                canvas.letter(float(curves.x[index]), float(values[index]), _LETTERS[group], group)
    return canvas


def _points(points: Points, width: int) -> Iterator[Text]:
    group_numbers = {name: index for index, name in enumerate(points.legend)}
    groups = [group_numbers.get(name, NO_GROUP) for name in points.groups]
    xy = np.asarray(points.xy, np.float64)
    pad = 0.02 * (np.ptp(xy, axis=0) + 1e-9)  # so that no point is cut in half at the edge
    low, high = xy.min(axis=0) - pad, xy.max(axis=0) + pad
    canvas = Canvas(width, _POINTS_HEIGHT, (low[0], high[0]), (low[1], high[1]))
    for start, end in points.lines:
        canvas.line(tuple(xy[start]), tuple(xy[end]), NO_GROUP)
    few = len(xy) <= MAX_LETTERED_POINTS
    lettered = {*points.stars, *(points.groups if few else ())}
    for (x, y), name, group in zip(xy.tolist(), points.groups, groups, strict=True):
        if name in lettered:
            canvas.letter(x, y, _mark(points, name), group)
        else:
            canvas.dot(x, y, group)
    for index, name in points.names.items():
        x, y = xy[index].tolist()
        canvas.text(x, y, truncated(one_line(name), _NAME_WIDTH), groups[index])
    yield from canvas.lines()
    marks = [_mark(points, name) if name in lettered else "●" for name in points.legend]
    yield from _legend(points.legend, marks, width)


def _mark(points: Points, group: str) -> str:
    """The letter of a group, or its star."""
    if group in points.stars:
        return _STARS[points.stars.index(group) % len(_STARS)]
    return _LETTERS[points.legend.index(group) % len(_LETTERS)] if group else "•"


def _legend(names: Sequence[str], marks: Sequence[str], width: int) -> Iterator[Text]:
    """The names behind their marks, as many in a line as fit."""
    return _flowed(
        (
            Text.assemble((mark, colour(group)), " ", truncated(one_line(name), _LEGEND_WIDTH))
            for group, (name, mark) in enumerate(zip(names, marks, strict=True))
        ),
        width,
    )


def _grid(grid: Grid, width: int) -> Iterator[Text]:
    rows = [one_line(row) for row in grid.rows]
    margin = _margin(rows)
    columns = grid.columns[: (width - margin - 1) // _SHADE_WIDTH]
    ends = _ends(grid.values)
    heads = "".join(f"{position:>{_SHADE_WIDTH}}" for position in range(1, len(columns) + 1))
    yield Text(" " * (margin + 1) + heads, "dim")
    for row, values in zip(rows, grid.values.tolist(), strict=True):
        shades = "".join(_SHADE_WIDTH * _shade(value, ends) for value in values[: len(columns)])
        yield Text.assemble(f"{padded(row, margin, 'right')} ", (shades, "blue"))
    low, high = (number(end) for end in ends)
    yield Text(f"{_SHADES[0]} {low} to {_SHADES[-1]} {high}", "dim")
    if tuple(grid.columns) != tuple(str(position) for position in range(1, len(grid.columns) + 1)):
        yield from _column_names(grid.columns, len(columns), width)


def _column_names(names: Sequence[str], count: int, width: int) -> Iterator[Text]:
    """The names of the first `count` columns behind their numbers, and how many more there are."""
    items = [
        f"{position} {truncated(one_line(name), _LEGEND_WIDTH)}"
        for position, name in enumerate(names[:count], start=1)
    ]
    if len(names) > count:
        items.append(f"and {len(names) - count} more")
    return _flowed((Text(item, "dim") for item in items), width)


def _shade(value: float, ends: Ends) -> str:
    return _SHADES[min(len(_SHADES) - 1, int(share_of(value, ends) * len(_SHADES)))]


def _flowed(items: Iterable[Text], width: int) -> Iterator[Text]:
    """The items beside each other, as many in a line of `width` columns as fit."""
    line: Text | None = None
    for item in items:
        if line is None:
            line = item
        elif line.cell_len + len(_ITEM_GAP) + item.cell_len <= width:
            line = Text.assemble(line, _ITEM_GAP, item)
        else:
            yield line
            line = item
    if line is not None:
        yield line
