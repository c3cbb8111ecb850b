"""The result of a demonstration as data: paragraphs, tables and charts in reading order.

Nothing here draws. `qasearch.presenting` turns tables and charts into text and pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qasearch.lab.arrays import Floats


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells below column heads.

    Numbers are shown with three significant digits. A text that is too long is cut. "" is an
    empty cell.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """One bar for each label; `values` are the lengths."""

    title: str
    labels: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """One or more (n,) `series` over the same (n,) `x`.

    `marks` are vertical lines: the name of each and its place on the x axis.
    """

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
        title: text above the chart.
        xy: the coordinates.
        groups: (n,) the group of each point, "" for none.
        names: texts beside some points, by the number of the point.
        lines: pairs of point numbers; a line joins the two.
        stars: groups drawn as stars instead of dots.
    """

    title: str
    xy: Floats
    groups: tuple[str, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    lines: tuple[tuple[int, int], ...] = ()
    stars: tuple[str, ...] = ()

    @property
    def legend(self) -> list[str]:
        """The groups without "": dots first, then stars.

        Groups are in the order of their first point; if all are numbers, in numeric order.
        """
        dots = [name for name in dict.fromkeys(self.groups) if name and name not in self.stars]
        if all(name.isdigit() for name in dots):
            dots.sort(key=int)
        return [*dots, *(name for name in self.stars if name in self.groups)]


@dataclass(frozen=True, slots=True)
class Grid:
    """(r, c) values, one for each pair of a row and a column; a higher value is drawn darker."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats


Chart = Bars | Curves | Points | Grid
Part = str | Table | Chart
"""A paragraph, a table or a chart."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One step of a demonstration.

    Attributes:
        body: paragraphs, tables and charts in reading order.
        numbers: the values behind the body, by name; JSON can hold them.
    """

    body: tuple[Part, ...]
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A concept shown on one index: a title above a body and numbers, as in `Finding`."""

    title: str
    body: tuple[Part, ...]
    numbers: Mapping[str, Any]

    @classmethod
    def of(cls, title: str, findings: Iterable[Finding], opening: str = "") -> Demonstration:
        """The findings one after the other, below an opening paragraph if there is one."""
        body: list[Part] = [opening] if opening else []
        numbers: dict[str, Any] = {}
        for finding in findings:
            body += finding.body
            numbers |= finding.numbers
        return cls(title, tuple(body), numbers)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts of the body."""
        return tuple(part for part in self.body if isinstance(part, Bars | Curves | Points | Grid))
