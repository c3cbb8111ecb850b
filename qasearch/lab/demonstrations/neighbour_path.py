"""A chain of entries from one to another, each among the nearest neighbours of the one before
it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from qasearch.lab.algorithms.embedding_space import angles_between, joined_from, shortest_path
from qasearch.lab.algorithms.pca import plane
from qasearch.lab.charts import Chart, Points, Table
from qasearch.lab.demonstrations.wording import one_line, quoted
from qasearch.lab.space import Space

MOST_ENTRIES = 3_000
"""Of more, the path leads over a sample of this size, which holds both its ends."""


def over_neighbours(
    space: Space, a: int, b: int
) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """The path from the entry numbered `a` to the one numbered `b`, another, in words and
    numbers.
    """
    chosen = np.arange(len(space.entries))
    if len(chosen) > MOST_ENTRIES:
        chosen = np.union1d(
            np.random.default_rng(0).choice(chosen, MOST_ENTRIES, replace=False), [a, b]
        )
    start, goal = (int(np.searchsorted(chosen, end)) for end in (a, b))
    angles = angles_between(space.vectors[chosen])
    joined = joined_from(angles)
    k = int(shortest_path(joined, start, goal, np.maximum)[1])
    path, _ = shortest_path(np.where(joined <= k, angles**2, np.inf), start, goal)
    steps = np.degrees([angles[pair] for pair in pairwise(path)])
    direct = float(np.degrees(angles[start, goal]))
    on_it = [space.entries[n] for n in chosen[path]]
    flat, share = plane(space.vectors[chosen].astype(np.float64))

    if len(path) == 2:
        rank = (
            f"one is among the {k} nearest of the other"
            if k > 1
            else "one is the nearest of the other"
        )
        verdict = (
            f"They are neighbours: {rank}, {direct:.0f} degrees away, so the way is that one step."
        )
    else:
        verdict = (
            f"The path has {len(steps)} steps of {steps.min():.0f} to {steps.max():.0f} degrees, {steps.sum():.0f} "
            f"together; directly it would be {direct:.0f}. The direct way is short and leads through empty space. The "
            f"path keeps to entries: of any two in a row, one is among the {k} nearest of the other."
        )
    everything = f"the {len(space.entries):,} entries"
    joined_ones = (
        everything
        if len(chosen) == len(space.entries)
        else f"a sample of {len(chosen):,} of {everything}"
    )
    return [
        f"Join each of {joined_ones} to its k nearest neighbours, and look for the shortest way from "
        f"{quoted(on_it[0].question)} to {quoted(on_it[-1].question)} (Dijkstra 1959). A step costs the square of its "
        "angle, so that two small steps are cheaper than one of their sum. The smallest k that connects the two is "
        f"{k}.",
        Table(
            ("step", "entry", "degrees from the one before", "in all"),
            tuple(
                (n, entry.question, float(step), float(far))
                for n, (entry, step, far) in enumerate(zip(on_it, [0, *steps], np.cumsum([0, *steps]), strict=True))
            ),
        ),
        verdict,
        Points(
            f"The path, in the plane of two principal components ({share:.0%} of the variance)",
            flat,
            tuple(space.sections[n] for n in chosen),
            {at: one_line(entry.question, 40) for at, entry in zip(path, on_it, strict=True)},
            tuple(pairwise(path)),
        ),
    ], {
        "path": [entry.id for entry in on_it],
        "k": k,
        "steps_degrees": steps.round(2).tolist(),
        "direct_degrees": round(direct, 2),
        "entries": len(chosen),
        "variance_in_plane": round(share, 4),
    }  # fmt: skip
