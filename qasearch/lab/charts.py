"""What a concept shows: words, tables and charts as data, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below heads. Numbers are shown to three significant places, texts cut to what fits; ""
    is an empty cell.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """A length for each label."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """One or more lines over the same (n,) `x`; `marks` are vertical lines by what they mean."""

    title: str
    x_label: str
    y_label: str
    x: Floats
    series: Mapping[str, Floats]
    marks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Points:
    """(n, 2) points in the plane.

    Attributes:
        groups: the group of each point, "" for none.
        names: texts beside some points, by the point's number.
        lines: pairs of points that are joined.
        stars: groups that are drawn as stars, to stand out from the others.
    """

    title: str
    xy: Floats
    groups: tuple[str, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    lines: tuple[tuple[int, int], ...] = ()
    stars: tuple[str, ...] = ()

    @property
    def legend(self) -> list[str]:
        """The groups without stars, numbers in their order, then those with stars; without ""."""
        found = [name for name in dict.fromkeys(self.groups) if name and name not in self.stars]
        if all(name.isdigit() for name in found):
            found.sort(key=int)
        return [*found, *(name for name in self.stars if name in self.groups)]


@dataclass(frozen=True, slots=True)
class Grid:
    """(r, c) values, one for each row and column: darker is higher."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats


Chart = Bars | Curves | Points | Grid


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A concept shown on one index.

    `body` is what is read: paragraphs, tables, charts. `numbers` are the same as values that JSON
    can hold, by name.
    """

    title: str
    body: tuple[str | Table | Chart, ...]
    numbers: Mapping[str, Any]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts of the body."""
        return tuple(part for part in self.body if isinstance(part, Bars | Curves | Points | Grid))
