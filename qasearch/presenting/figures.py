"""Figures for a terminal or a pipe: bars of blocks, curves and many points in braille, few points as letters.

What colours tell apart on a terminal, letters tell apart without them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from rich.text import Text

from qasearch.lab.demonstration import Bars, Curves, Figure, Floats, Grid, Points
from qasearch.presenting.controls import one_line

_COLOURS = ("blue", "dark_orange", "green", "magenta", "cyan", "red", "yellow", "bright_blue", "bright_green", "white")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = "·░▒▓█"
_FEW = 200
"""Up to so many points are letters; more would hide each other, and become dots."""

_HEIGHT, _POINTS_HEIGHT = 12, 22
_LABEL, _NAME = 28, 22


def figure_text(figure: Figure, width: int) -> Text:
    """The figure below its title, in lines of at most `width` columns."""
    body = {Bars: _bars, Curves: _curves, Points: _points, Grid: _grid}[type(figure)]
    lines = body(figure, max(40, width))  # type: ignore[operator]
    return Text("\n").join([Text(one_line(figure.title), "bold"), *lines])


def short(text: str, length: int) -> str:
    """On one line, cut to `length` characters."""
    line = one_line(text)
    return line if len(line) <= length else f"{line[: length - 1]}…"


def number(value: float) -> str:
    """To three significant places, without a needless fraction."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:.3f}" if 0.001 <= abs(value) < 10 else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def colour(group: int) -> str:
    """That of the group with this number."""
    return _COLOURS[group % len(_COLOURS)]


def _bars(bars: Bars, width: int) -> Iterator[Text]:
    labels = [short(label, _LABEL) for label in bars.labels]
    values = [number(value) for value in bars.values]
    margin = max(map(len, labels), default=0)
    room = width - margin - max(map(len, values), default=0) - 2
    low, high = min(0.0, *bars.values), max(0.0, *bars.values)
    zero = round(room * -low / (high - low)) if high > low else 0
    for label, value, shown in zip(labels, bars.values, values, strict=True):
        length = abs(value) / (high - low) * room if high > low else 0.0
        line = Text(f"{label:>{margin}} ")
        if value < 0:
            cells = min(zero, round(length))
            line.append(" " * (zero - cells)).append("█" * cells, "red")
        else:
            line.append(" " * zero).append(_bar(min(length, room - zero)), "blue")
        yield line.append(f" {shown}")


def _bar(length: float) -> str:
    whole, rest = int(length), round((length - int(length)) * 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


class _Canvas:
    """A page of cells, each with two by four dots, and letters over them. y grows upwards."""

    def __init__(self, width: int, height: int, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.width, self.height = width, height
        self._x, self._y = x, y
        self._dots = np.zeros((height, width), np.uint8)
        self._groups = np.full((height, width), -1)
        self._letters: dict[tuple[int, int], tuple[str, int]] = {}

    def dot(self, x: float, y: float, group: int) -> None:
        column, row = self._at(x, y)
        bit = _BRAILLE[row % 4][column % 2]
        self._dots[row // 4, column // 2] |= bit
        self._groups[row // 4, column // 2] = group

    def letter(self, x: float, y: float, letter: str, group: int) -> None:
        column, row = self._at(x, y)
        self._letters[row // 4, column // 2] = letter, group

    def line(self, start: tuple[float, float], end: tuple[float, float], group: int) -> None:
        (x0, y0), (x1, y1) = self._at(*start), self._at(*end)
        for share in np.linspace(0, 1, max(abs(x1 - x0), abs(y1 - y0), 1) + 1):
            x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            self.dot(x, y, group)

    def text(self, x: float, y: float, text: str, group: int) -> None:
        """Beside a point, where nothing else is written: to its right, else to its left, above or below."""
        column, row = self._at(x, y)
        column, row, size = column // 2, row // 4, len(text)
        beside = ((column + 2, row), (column - size - 1, row))
        over_and_under = ((column - size // 2, row - 1), (column - size // 2, row + 1))
        for left, top in beside + over_and_under:
            cells = [(top, left + place) for place in range(-1, size + 1)]
            inside = 0 <= top < self.height and left >= 0 and left + size <= self.width
            if inside and not any(cell in self._letters for cell in cells):
                for cell, letter in zip(cells[1:], text, strict=False):
                    self._letters[cell] = letter, group
                return

    def lines(self) -> Iterator[Text]:
        for row in range(self.height):
            line = Text()
            for column in range(self.width):
                letter, group = self._letters.get((row, column), ("", int(self._groups[row, column])))
                dots = int(self._dots[row, column])
                cell = letter or (chr(0x2800 + dots) if dots else " ")
                line.append(cell, colour(group) if group >= 0 else "dim" if dots and not letter else None)
            line.rstrip()
            yield line

    def _at(self, x: float, y: float) -> tuple[int, int]:
        column = _share(x, self._x) * (2 * self.width - 1)
        row = (1 - _share(y, self._y)) * (4 * self.height - 1)
        return round(column), round(row)


_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def _ends(values: Floats) -> tuple[float, float]:
    return float(np.min(values)), float(np.max(values))


def _curves(curves: Curves, width: int) -> Iterator[Text]:
    y_ends, x_ends = _ends(np.concatenate([*curves.series.values()])), _ends(curves.x)
    ticks = [number(y_ends[1]), number(y_ends[0])]
    margin = max(map(len, ticks)) + 1
    canvas = _Canvas(width - margin - 1, _HEIGHT, x_ends, y_ends)
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
    first, last, label = number(x_ends[0]), number(x_ends[1]), one_line(curves.x_label)
    axis = f"{first}{label.center(max(0, width - margin - 1 - len(first) - len(last)))}{last}"
    yield Text(" " * (margin + 1) + axis, "dim")
    if len(curves.series) > 1:
        yield from _legend([*curves.series], width)
    for name, x in curves.marks.items():
        yield Text(f"┆ {one_line(name)}: {number(x)}", "dim")


def _points(points: Points, width: int) -> Iterator[Text]:
    groups = [name for name in dict.fromkeys(points.groups) if name]
    numbers = {name: place for place, name in enumerate(groups)}
    xy = np.asarray(points.xy, np.float64)
    pad = 0.02 * (np.ptp(xy, axis=0) + 1e-9)
    low, high = xy.min(axis=0) - pad, xy.max(axis=0) + pad
    canvas = _Canvas(width, _POINTS_HEIGHT, (low[0], high[0]), (low[1], high[1]))
    for start, end in points.lines:
        canvas.line(tuple(xy[start]), tuple(xy[end]), -1)
    few = len(xy) <= _FEW
    for place, (x, y) in enumerate(xy.tolist()):
        group = numbers.get(points.groups[place], -1)
        if few:
            canvas.letter(x, y, _LETTERS[group % len(_LETTERS)] if group >= 0 else "•", group)
        else:
            canvas.dot(x, y, group)
    for place, name in points.names.items():
        canvas.text(xy[place, 0], xy[place, 1], short(name, _NAME), numbers.get(points.groups[place], -1))
    yield from canvas.lines()
    yield from _legend(groups, width, letters=few)


def _legend(names: Sequence[str], width: int, *, letters: bool = True) -> Iterator[Text]:
    """The names behind their letters, as many in a line as fit."""
    line = Text()
    for group, name in enumerate(names):
        mark = _LETTERS[group % len(_LETTERS)] if letters else "●"
        item = Text.assemble((mark, colour(group)), " ", short(name, 40))
        if line and len(line) + 3 + len(item) > width:
            yield line
            line = Text()
        line = Text.assemble(line, "   ", item) if line else item
    if line:
        yield line


def _grid(grid: Grid, width: int) -> Iterator[Text]:
    margin = max((len(short(row, _LABEL)) for row in grid.rows), default=0) + 1
    shown = min(len(grid.columns), (width - margin) // 3)
    low, high = _ends(grid.values)
    yield Text(" " * margin + "".join(f"{place:>3}" for place in range(1, shown + 1)), "dim")
    for row, values in zip(grid.rows, grid.values.tolist(), strict=True):
        cells = (_SHADES[math.ceil(_share(value, (low, high)) * (len(_SHADES) - 1))] * 3 for value in values[:shown])
        yield Text.assemble(f"{short(row, _LABEL):>{margin - 1}} ", ("".join(cells), "blue"))
    yield Text(f"{_SHADES[0]} {number(low)} to {_SHADES[-1]} {number(high)}", "dim")
    key = "   ".join(f"{place} {short(name, 40)}" for place, name in enumerate(grid.columns[:shown], start=1))
    rest = len(grid.columns) - shown
    key += f"   and {rest} more" if rest else ""
    if tuple(grid.columns) != tuple(str(place) for place in range(1, len(grid.columns) + 1)):
        yield from _wrapped(key, width)


def _wrapped(text: str, width: int) -> Iterator[Text]:
    line = ""
    for item in text.split("   "):
        if line and len(line) + 3 + len(item) > width:
            yield Text(line, "dim")
            line = ""
        line = f"{line}   {item}" if line else item
    yield Text(line, "dim")
