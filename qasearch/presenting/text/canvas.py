"""A page for a terminal: dots of braille, two by four in a cell, and letters over them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.cells import cell_len
from rich.text import Text

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


class Canvas:
    """`width` by `height` cells over ranges of x and y; y grows upwards. What lies outside is drawn
    at the edge.
    """

    def __init__(
        self, width: int, height: int, x: tuple[float, float], y: tuple[float, float]
    ) -> None:
        self.width, self.height = width, height
        self._x, self._y = x, y
        self._dots = np.zeros((height, width), np.uint8)
        self._groups = np.full((height, width), -1)
        self._letters: dict[tuple[int, int], tuple[str, int]] = {}

    def dot(self, x: float, y: float, group: int) -> None:
        """A dot of a group; -1 for none."""
        across, down = self._at(x, y)
        self._dots[down // 4, across // 2] |= _BRAILLE[down % 4][across % 2]
        self._groups[down // 4, across // 2] = group

    def letter(self, x: float, y: float, letter: str, group: int) -> None:
        """A letter over whatever dots are there."""
        across, down = self._at(x, y)
        self._letters[down // 4, across // 2] = letter, group

    def line(self, start: tuple[float, float], end: tuple[float, float], group: int) -> None:
        """Dots from one point to another."""
        (x0, y0), (x1, y1) = self._at(*start), self._at(*end)
        for share in np.linspace(0, 1, max(abs(x1 - x0), abs(y1 - y0), 1) + 1):
            x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
            self.dot(x, y, group)

    def text(self, x: float, y: float, text: str, group: int) -> None:
        """Beside a point, where nothing else is written: to its right, else to its left, above or
        below.
        """
        across, down = self._at(x, y)
        place, row, size = across // 2, down // 4, cell_len(text)
        beside = ((place + 2, row), (place - size - 1, row))
        over_and_under = ((place - size // 2, row - 1), (place - size // 2, row + 1))
        for first, top in beside + over_and_under:
            cells = [(top, first + offset) for offset in range(-1, size + 1)]
            inside = 0 <= top < self.height and first >= 0 and first + size <= self.width
            if inside and not any(cell in self._letters for cell in cells):
                left = first
                for letter in text:
                    for part in (letter, "")[: cell_len(letter)]:  # a wide one takes a second cell
                        self._letters[top, left] = part, group
                        left += 1
                return

    def lines(self) -> Iterator[Text]:
        """The page, from top to bottom."""
        for row in range(self.height):
            line = Text()
            for place in range(self.width):
                dots = int(self._dots[row, place])
                drawn = chr(_BRAILLE_BLANK + dots) if dots else " ", int(self._groups[row, place])
                cell, group = self._letters.get((row, place), drawn)
                line.append(
                    cell, colour(group) if group >= 0 else "dim" if cell == drawn[0] else None
                )
            line.rstrip()
            yield line

    def _at(self, x: float, y: float) -> tuple[int, int]:
        across = share_of(x, self._x) * (2 * self.width - 1)
        down = (1 - share_of(y, self._y)) * (4 * self.height - 1)
        return round(across), round(down)


def _share(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def colour(group: int) -> str:
    """That of the group with this number."""
    return _COLOURS[group % len(_COLOURS)]


def share_of(value: float, ends: tuple[float, float]) -> float:
    """How far a value is from the first end to the second, 0 to 1; one half where they are the
    same.
    """
    low, high = ends
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5
