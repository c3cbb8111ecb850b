"""A drawing made of characters: dots of braille, two by four in each cell, and letters over them.

Knows coordinates, cells and groups; it does not know what kind of chart is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.cells import cell_len
from rich.text import Text

NO_GROUP = -1
"""The group of dots and letters that have no colour of their own."""

_COLOURS = (
    "blue",
    "dark_orange",
    "green",
    "magenta",
    "cyan",
    "red",
    "yellow",
    "bright_blue",
    "bright_green",
    "white",
)
_BRAILLE_BLANK = 0x2800
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a cell, by row and column (Unicode, block Braille Patterns)."""
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
"""How many dots a braille cell has in each direction."""

Ends = tuple[float, float]
"""The lowest and the highest value of a range."""

Cell = tuple[int, int]
"""Row and column of a cell, from 0, from the top left."""


class Canvas:
    """`width` by `height` cells that show a range of x and a range of y; y grows upwards.

    What lies outside the ranges is drawn at the edge.
    """

    def __init__(self, width: int, height: int, x_ends: Ends, y_ends: Ends) -> None:
        self.width, self.height = width, height
        self._x_ends, self._y_ends = x_ends, y_ends
        self._dots = np.zeros((height, width), np.uint8)
        self._groups = np.full((height, width), NO_GROUP)
        self._letters: dict[Cell, tuple[str, int]] = {}

    def dot(self, x: float, y: float, group: int) -> None:
        """Draw a dot in the colour of a group."""
        across, down = self._dot_place(x, y)
        cell = down // _DOTS_DOWN, across // _DOTS_ACROSS
        self._dots[cell] |= _BRAILLE[down % _DOTS_DOWN][across % _DOTS_ACROSS]
        self._groups[cell] = group

    def letter(self, x: float, y: float, letter: str, group: int) -> None:
        """Write a letter; it hides the dots of its cell."""
        self._letters[self._cell(x, y)] = letter, group

    def line(self, start: tuple[float, float], end: tuple[float, float], group: int) -> None:
        """Draw dots from one point to another."""
        (x0, y0), (x1, y1) = self._dot_place(*start), self._dot_place(*end)
        for share in np.linspace(0, 1, max(abs(x1 - x0), abs(y1 - y0), 1) + 1):
            x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            self.dot(x, y, group)

    def text(self, x: float, y: float, text: str, group: int) -> None:
        """Write a text beside a point: to its right, or else to its left, above or below.

        A text that would touch other letters everywhere is left out.
        """
        row, column = self._cell(x, y)
        size = cell_len(text)
        centred = column - size // 2
        places = (
            (row, column + 2),
            (row, column - size - 1),
            (row - 1, centred),
            (row + 1, centred),
        )
        start = next((place for place in places if self._is_free(place, size)), None)
        if start is not None:
            self._write(start, text, group)

    def lines(self) -> Iterator[Text]:
        """The lines of the drawing, from top to bottom, without spaces at their ends."""
        for row in range(self.height):
            line = Text()
            for column in range(self.width):
                line.append(*self._shown((row, column)))
            line.rstrip()
            yield line

    def _shown(self, cell: Cell) -> tuple[str, str | None]:
        """What stands in a cell, and its style."""
        if cell in self._letters:
            letter, group = self._letters[cell]
            return letter, None if group == NO_GROUP else colour(group)
        dots, group = int(self._dots[cell]), int(self._groups[cell])
        return (
            chr(_BRAILLE_BLANK + dots) if dots else " ",
            "dim" if group == NO_GROUP else colour(group),
        )

    def _is_free(self, start: Cell, size: int) -> bool:
        """Whether `size` cells from this one, and one on each side, have no letter."""
        row, first = start
        inside = 0 <= row < self.height and first >= 0 and first + size <= self.width
        neighbours = range(first - 1, first + size + 1)
        return inside and not any((row, column) in self._letters for column in neighbours)

    def _write(self, start: Cell, text: str, group: int) -> None:
        row, column = start
        for letter in text:
            # a wide letter also takes the next cell, an accent takes none
            for part in (letter, "")[: cell_len(letter)]:
                self._letters[row, column] = part, group
                column += 1

    def _cell(self, x: float, y: float) -> Cell:
        across, down = self._dot_place(x, y)
        return down // _DOTS_DOWN, across // _DOTS_ACROSS

    def _dot_place(self, x: float, y: float) -> tuple[int, int]:
        """Where a point is, in dots from the left and from the top."""
        across = share_of(x, self._x_ends) * (_DOTS_ACROSS * self.width - 1)
        down = (1 - share_of(y, self._y_ends)) * (_DOTS_DOWN * self.height - 1)
        return round(across), round(down)


def colour(group: int) -> str:
    """The colour of the group with this number; the colours repeat."""
    return _COLOURS[group % len(_COLOURS)]


def share_of(value: float, ends: Ends) -> float:
    """How far a value is from the first end to the second, 0 to 1; 0.5 where the ends are equal."""
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5
