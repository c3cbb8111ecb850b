"""What lies between two entries, on the great circle through both."""

from __future__ import annotations

from typing import Any

import numpy as np

from qasearch.lab.algorithms.embedding_space import angle, slerp
from qasearch.lab.charts import Chart, Curves, Table
from qasearch.lab.demonstrations.wording import one_line, quoted
from qasearch.lab.space import Space

POINTS = 21
"""So many points of the way are looked at, both ends included."""


def along_the_circle(
    space: Space, a: int, b: int
) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """What is nearest on the way from the entry numbered `a` to the one numbered `b`, in words and
    numbers.

    No way is shown between two that are in one place or at opposite ends, but that they are.
    """
    names = [entry.question for entry in space.entries]
    between, half = angle(space.vectors[a], space.vectors[b]), POINTS // 2
    numbers: dict[str, Any] = {"from": space.entries[a].id, "to": space.entries[b].id}
    numbers["angle_degrees"] = round(float(np.degrees(between)), 2)
    if not 1e-3 < between < np.pi - 1e-3:
        where = (
            "in the same place"
            if between < 1
            else "at opposite ends, joined by more than one great circle"
        )
        return [
            f"{quoted(names[a])} and {quoted(names[b])} lie {where}: there is no one way to look at."
        ], numbers

    t = np.linspace(0, 1, POINTS)
    cosines = slerp(space.vectors[a], space.vectors[b], t) @ space.vectors.T
    ends = cosines[:, [a, b]].copy()
    cosines[:, [a, b]] = -np.inf
    third, best = cosines.argmax(axis=1), cosines.max(axis=1)
    inside = np.flatnonzero(best > ends.max(axis=1))
    passed = list(dict.fromkeys(third[inside].tolist()))
    if passed:
        verdict = (
            f"Between t = {t[inside[0]]:.2f} and t = {t[inside[-1]]:.2f} the way leads past "
            f"{', then '.join(quoted(names[n]) for n in passed)}: nearer there than both ends are."
        )
    else:
        verdict = (
            f"No other entry is ever nearer than both ends. Half-way, the nearest is {quoted(names[third[half]])} with "
            f"a cosine of {best[half]:.2f}, against {ends[half, 0]:.2f} for the ends: with {len(names):,} entries in "
            f"{space.vectors.shape[1]} dimensions, the space between two of them is mostly empty."
        )
    numbers |= {
        "half_way_cosine": round(float(ends[half, 0]), 4),
        "half_way_entry": space.entries[third[half]].id,
        "half_way_entry_cosine": round(float(best[half]), 4),
        "passed": [space.entries[n].id for n in passed],
    }
    rows = [(t[n], ends[n, 0], ends[n, 1], names[third[n]], best[n]) for n in range(0, POINTS, 5)]
    start, goal = f"to the start, {one_line(names[a], 40)}", f"to the end, {one_line(names[b], 40)}"
    return [
        f"From {quoted(names[a])} to {quoted(names[b])} the angle is {np.degrees(between):.0f} degrees. Spherical "
        "interpolation (slerp, Shoemake 1985) follows the great circle at equal speed, at length 1 throughout. A "
        "straight line would cut through the inside of the sphere, where the encoder puts no text: half-way its "
        f"length is {np.cos(between / 2):.2f}.",
        Table(
            ("t", "cosine to the start", "to the end", "nearest other entry", "its cosine"),
            tuple((float(row[0]), float(row[1]), float(row[2]), row[3], float(row[4])) for row in rows),
        ),
        Curves(
            "Along the great circle between two entries", "t", "cosine", t,
            {start: ends[:, 0], goal: ends[:, 1], "to the nearest other entry": best},
        ),
        verdict,
    ], numbers  # fmt: skip
