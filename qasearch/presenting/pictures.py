"""Charts as a picture for a slide: PNG or SVG, drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from qasearch.lab.charts import Bars, Chart, Curves, Grid, Points
from qasearch.presenting.text.charts import number, short
from qasearch.presenting.text.printable import one_line

FORMS = ("png", "svg")

PALETTE = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#e69f00",
    "#8c6d00",
    "#5f4bb6",
    "#888888",
    "#b2182b",
)
"""After Okabe and Ito (2008): told apart by people with any colour vision; beyond it, `MARKERS` go
on."""

MARKERS = "os^DvPX"

_STYLE: Any = {
    "font.size": 11,
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a dollar sign in a question is a dollar sign
    "svg.hashsalt": "qasearch",
    "svg.fonttype": "none",
}
_WIDTH, _HEIGHT, _DPI = 8.0, 5.0, 160
_INK = "#222222"
_CROWDED = 500  # points
_NOTHING_ELSE = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}


def picture(charts: Sequence[Chart], title: str, form: str) -> bytes:
    """The charts beside each other below a title, the same bytes for the same charts.

    Args:
        charts: at least one.
        title: of all of them.
        form: one of `FORMS`.
    """
    columns = min(2, len(charts))
    rows = -(-len(charts) // columns)
    with mpl.rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH * columns, _HEIGHT * rows + 0.6), layout="constrained")
        canvas.suptitle(one_line(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
        parts = canvas.subfigures(
            rows, columns, squeeze=False
        ).ravel()  # each with margins of its own
        for part, chart in zip(parts, charts, strict=False):
            axes = part.subplots()
            axes.set_title(one_line(chart.title))
            _DRAW[type(chart)](axes, chart)
        file = io.BytesIO()
        canvas.savefig(file, format=form, dpi=_DPI, metadata=_NOTHING_ELSE[form])
    return file.getvalue()


def _bars(axes: Axes, bars: Bars) -> None:
    places = np.arange(len(bars.labels))
    colours = [PALETTE[1] if value < 0 else PALETTE[0] for value in bars.values]
    axes.barh(places, bars.values, color=colours, height=0.7)
    axes.set_yticks(places, [short(label, 40) for label in bars.labels])
    axes.invert_yaxis()
    if len(places) <= 20:
        for place, value in zip(places, bars.values, strict=True):
            offset = (3 if value >= 0 else -3, 0)
            axes.annotate(
                number(value), (value, place), offset, textcoords="offset points", va="center",
                ha="left" if value >= 0 else "right", fontsize=9,
            )  # fmt: skip
        axes.margins(x=0.12)


def _curves(axes: Axes, curves: Curves) -> None:
    for place, (name, values) in enumerate(curves.series.items()):
        axes.plot(
            curves.x, values, color=PALETTE[place % len(PALETTE)], label=one_line(name), linewidth=2
        )
    for name, x in curves.marks.items():
        axes.axvline(x, color="#888888", linestyle="--", linewidth=1)
        axes.annotate(
            f"{one_line(name)}: {number(x)}", (x, 1), (4, -4), xycoords=("data", "axes fraction"),
            textcoords="offset points", va="top", fontsize=9, color="#555555",
        )  # fmt: skip
    axes.set_xlabel(one_line(curves.x_label))
    axes.set_ylabel(one_line(curves.y_label))
    axes.grid(color="#dddddd", linewidth=0.6)
    if len(curves.series) > 1:
        axes.legend(frameon=False)


def _points(axes: Axes, points: Points) -> None:
    xy = np.asarray(points.xy)
    size, alpha = (5, 0.6) if len(xy) > _CROWDED else (40, 0.9)
    for start, end in points.lines:
        axes.plot(*xy[[start, end]].T, color="#666666", linewidth=1, zorder=1)
    for place, name in enumerate([*points.legend, *{""}.intersection(points.groups)]):
        star = name in points.stars
        members = [number for number, group in enumerate(points.groups) if group == name]
        axes.scatter(
            xy[members, 0],
            xy[members, 1],
            s=160 if star else size,
            alpha=1 if star else alpha,
            facecolor="white"
            if name in points.stars[1:]
            else _INK
            if star
            else PALETTE[place % len(PALETTE)],
            edgecolor=_INK,
            marker="*" if star else MARKERS[place // len(PALETTE) % len(MARKERS)],
            label=short(name, 36) or None,
            linewidths=1 if star else 0,
            zorder=3 if star else 2,
        )
    middle = (xy[:, 0].min() + xy[:, 0].max()) / 2
    for place, text in points.names.items():
        side, offset = ("right", (-6, 3)) if xy[place, 0] > middle else ("left", (6, 3))
        axes.annotate(
            short(text, 36), xy[place], offset, textcoords="offset points", ha=side, fontsize=8, zorder=4,
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
        )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])
    if points.legend:
        axes.legend(
            frameon=False,
            fontsize=8,
            loc="center left",
            bbox_to_anchor=(1, 0.5),
            markerscale=2 if len(xy) > _CROWDED else 1,
        )


def _grid(axes: Axes, grid: Grid) -> None:
    image = axes.imshow(grid.values, cmap="cividis", aspect="auto")
    axes.set_xticks(
        range(len(grid.columns)),
        [short(name, 24) for name in grid.columns],
        rotation=60,
        ha="right",
    )
    axes.set_yticks(range(len(grid.rows)), [short(name, 32) for name in grid.rows])
    axes.spines[:].set_visible(False)
    axes.get_figure().colorbar(image, ax=axes, shrink=0.8)  # type: ignore[union-attr]


_DRAW: dict[type, Callable[[Axes, Any], None]] = {
    Bars: _bars,
    Curves: _curves,
    Points: _points,
    Grid: _grid,
}
