"""Charts as a picture for a slide: PNG or SVG, drawn by matplotlib.

matplotlib is imported only while a picture is drawn: an installation that only asks is without it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from qasearch.lab.charts import Bars, Chart, Curves, Grid, Points
from qasearch.presenting.extra import pictures_extra
from qasearch.presenting.text.columns import truncated
from qasearch.presenting.text.numbers import number
from qasearch.presenting.text.printable import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation
    from matplotlib.transforms import Bbox

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
"""Colours after Okabe and Ito (2008): people with any colour vision can tell them apart. More
groups than colours get the next of `MARKERS`."""

MARKERS = "os^DvPX"

_STYLE: Any = {
    "font.size": 11,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so the picture is the same everywhere
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.unicode_minus": True,
    "text.parse_math": False,  # a dollar sign in a question is a dollar sign
    "svg.hashsalt": "qasearch",  # ids by chance would make each picture of a chart differ
    "svg.fonttype": "none",
}
_WIDTH, _HEIGHT, _HEAD = 8.0, 5.0, 0.6
"""Inches of a chart, and of the title above all charts."""
_DPI = 160
_INK = "#222222"
_NO_METADATA = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
"""Dates and versions would make each picture of a chart differ."""

_MANY_POINTS = 500
"""More points are drawn small and half transparent, so that they do not hide each other."""
_MAX_NUMBERED_BARS = 20
"""More bars have no number beside them: the numbers would touch."""
_BAR_LABEL, _POINT_LABEL, _ROW_LABEL, _COLUMN_LABEL = 40, 36, 32, 24
"""Columns of characters to which labels are cut."""


def picture(charts: Sequence[Chart], title: str, form: str) -> bytes:
    """The charts beside each other below a title; the same charts give the same bytes.

    Args:
        charts: at least one.
        title: of all of them.
        form: one of `FORMS`.

    Raises:
        BadRequest: matplotlib is not installed.
    """
    with pictures_extra("A picture"):
        import matplotlib as mpl
        from matplotlib.figure import Figure

    columns = min(2, len(charts))
    rows = -(-len(charts) // columns)
    size = (_WIDTH * columns, _HEIGHT * rows + _HEAD)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        figure.suptitle(one_line(title), x=0.01, ha="left", fontsize=15, fontweight="bold")
        # a subfigure for each chart, so that each has margins of its own
        subfigures = figure.subfigures(rows, columns, squeeze=False).ravel()
        names = []
        for subfigure, chart in zip(subfigures, charts, strict=False):
            axes = subfigure.subplots()
            axes.set_title(one_line(chart.title))
            _DRAW[type(chart)](axes, chart)
            if isinstance(chart, Points):
                names += _written_names(axes, chart)
        _remove_overlapping(figure, names)
        file = io.BytesIO()
        figure.savefig(file, format=form, dpi=_DPI, metadata=_NO_METADATA[form])
    return file.getvalue()


def _bars(axes: Axes, bars: Bars) -> None:
    places = np.arange(len(bars.labels))
    colours = [PALETTE[1] if value < 0 else PALETTE[0] for value in bars.values]
    axes.barh(places, bars.values, color=colours, height=0.7)
    axes.set_yticks(places, _labels(bars.labels, _BAR_LABEL))
    axes.invert_yaxis()
    if len(places) > _MAX_NUMBERED_BARS:
        return
    for place, value in zip(places, bars.values, strict=True):
        axes.annotate(
            number(value),
            (value, place),
            (3 if value >= 0 else -3, 0),
            textcoords="offset points",
            va="center",
            ha="left" if value >= 0 else "right",
            fontsize=9,
        )
    axes.margins(x=0.12)  # room for the numbers


def _curves(axes: Axes, curves: Curves) -> None:
    for index, (name, values) in enumerate(curves.series.items()):
        colour = PALETTE[index % len(PALETTE)]
        axes.plot(curves.x, values, color=colour, label=one_line(name), linewidth=2)
    for name, x in curves.marks.items():
        axes.axvline(x, color="#888888", linestyle="--", linewidth=1)
        axes.annotate(
            f"{one_line(name)}: {number(x)}",
            (x, 1),
            (4, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=9,
            color="#555555",
        )
    axes.set_xlabel(one_line(curves.x_label))
    axes.set_ylabel(one_line(curves.y_label))
    axes.grid(color="#dddddd", linewidth=0.6)
    if len(curves.series) > 1:
        axes.legend(frameon=False)


def _points(axes: Axes, points: Points) -> None:
    xy = np.asarray(points.xy)
    for start, end in points.lines:
        axes.plot(*xy[[start, end]].T, color="#666666", linewidth=1, zorder=1)
    groups = [*points.legend, *{""}.intersection(points.groups)]
    for index, group in enumerate(groups):
        members = [place for place, name in enumerate(points.groups) if name == group]
        style = _star_style(points, group) or _dot_style(index, len(xy))
        axes.scatter(
            xy[members, 0], xy[members, 1], label=_label(group, _POINT_LABEL) or None, **style
        )
    axes.set_xticks([])
    axes.set_yticks([])
    if points.legend:
        axes.legend(
            frameon=False,
            fontsize=8,
            loc="center left",
            bbox_to_anchor=(1, 0.5),
            markerscale=2 if len(xy) > _MANY_POINTS else 1,
        )


def _dot_style(index: int, total: int) -> dict[str, Any]:
    """How the dots of the group with this index are drawn, if there are `total` points."""
    many = total > _MANY_POINTS
    return {
        "s": 5 if many else 40,
        "alpha": 0.6 if many else 0.9,
        "facecolor": PALETTE[index % len(PALETTE)],
        "edgecolor": _INK,
        "marker": MARKERS[index // len(PALETTE) % len(MARKERS)],
        "linewidths": 0,
        "zorder": 2,
    }


def _star_style(points: Points, group: str) -> dict[str, Any]:
    """How the stars of a group are drawn, the first group filled; empty if it has no stars."""
    if group not in points.stars:
        return {}
    return {
        "s": 160,
        "alpha": 1,
        "facecolor": _INK if group == points.stars[0] else "white",
        "edgecolor": _INK,
        "marker": "*",
        "linewidths": 1,
        "zorder": 3,
    }


def _written_names(axes: Axes, points: Points) -> list[Annotation]:
    """Write the names beside their points, towards the middle so that none is cut at the edge."""
    xy = np.asarray(points.xy)
    middle = (xy[:, 0].min() + xy[:, 0].max()) / 2
    annotations = []
    for index, name in points.names.items():
        to_the_left = xy[index, 0] > middle
        annotations.append(
            axes.annotate(
                _label(name, _POINT_LABEL),
                xy[index],
                (-6 if to_the_left else 6, 3),
                textcoords="offset points",
                ha="right" if to_the_left else "left",
                fontsize=8,
                zorder=4,
                bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5},
            )
        )
    return annotations


def _remove_overlapping(figure: Figure, annotations: Sequence[Annotation]) -> None:
    """Remove each annotation that would overlap an earlier one."""
    if len(annotations) < 2:
        return
    figure.draw_without_rendering()  # places are known only after the layout
    boxes: list[Bbox] = []
    for annotation in annotations:
        box = annotation.get_window_extent()
        if any(box.overlaps(other) for other in boxes):
            annotation.remove()
        else:
            boxes.append(box)


def _grid(axes: Axes, grid: Grid) -> None:
    image = axes.imshow(grid.values, cmap="cividis", aspect="auto")
    columns = _labels(grid.columns, _COLUMN_LABEL)
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right")
    axes.set_yticks(range(len(grid.rows)), _labels(grid.rows, _ROW_LABEL))
    axes.spines[:].set_visible(False)
    axes.get_figure().colorbar(image, ax=axes, shrink=0.8)  # type: ignore[union-attr]


def _label(text: str, width: int) -> str:
    return truncated(one_line(text), width)


def _labels(texts: Iterable[str], width: int) -> list[str]:
    return [_label(text, width) for text in texts]


_DRAW: dict[type, Callable[[Axes, Any], None]] = {
    Bars: _bars,
    Curves: _curves,
    Points: _points,
    Grid: _grid,
}
