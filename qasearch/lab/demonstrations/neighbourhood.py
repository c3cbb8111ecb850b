"""One vector looked at, and who is near it."""

from __future__ import annotations

from typing import Any

import numpy as np

from qasearch.lab.charts import Bars, Chart, Table
from qasearch.lab.space import Floats, Space

BARS, NEIGHBOURS = 12, 6
"""How many numbers of the vector, and how many neighbours are shown."""

Parts = tuple[list[str | Table | Chart], dict[str, Any]]


def one_vector(vector: Floats, what: str) -> Parts:
    """What a (d,) vector of unit norm looks like; `what` it is of begins the sentence."""
    d = len(vector)
    largest = np.argsort(-np.abs(vector), kind="stable")[:BARS]
    held, even = float((vector[largest] ** 2).sum()), len(largest) / d
    return [
        f"{what} is {d} numbers for the encoder; they begin with {', '.join(f'{x:.3f}' for x in vector[:4])}. Their "
        f"mean is {vector.mean():.3f} and their standard deviation {vector.std():.3f}: in a vector of length 1, "
        f"numbers of mean 0 have one of 1/sqrt({d}) = {d**-0.5:.3f}. The {len(largest)} largest hold {held:.0%} of the "
        f"squared length; if all numbers were equal, so many would hold {even:.0%}. None means something by itself: "
        "turn the space as a whole, and every number changes, but no cosine does.",
        Bars(
            "The largest numbers of one vector",
            tuple(f"dimension {n}" for n in largest),
            tuple(vector[largest].tolist()),
        ),
    ], {
        "dimensions": d,
        "mean": round(float(vector.mean()), 5),
        "standard_deviation": round(float(vector.std()), 5),
        "largest_dimensions": largest.tolist(),
        "largest_share": round(held, 4),
    }  # fmt: skip


def neighbours(space: Space, vector: Floats, own: int = -1) -> Parts:
    """The entries nearest to a (d,) vector of unit norm, by their nearest passage, without the
    entry `own`.
    """
    near = space.nearness(vector)
    others = np.delete(np.arange(len(near)), own) if own >= 0 else np.arange(len(near))
    nearest = others[np.argsort(-near[others], kind="stable")][:NEIGHBOURS]
    first, mean, spread = (
        float(near[nearest[0]]),
        float(near[others].mean()),
        float(near[others].std()),
    )
    above = (
        f": the first stands {(first - mean) / spread:.1f} standard deviations above"
        if spread > 1e-6
        else ""
    )
    return [
        "What means something is which entries are near. The cosine to an entry is that to the nearest of its "
        f"passages. For the first below it is {first:.2f}, in the mean over all {mean:.2f}{above}.",
        Table(
            ("nearest entries", "cosine"),
            tuple((space.entries[n].question, float(near[n])) for n in nearest),
        ),
    ], {
        "neighbours": [[space.entries[n].id, round(float(near[n]), 4)] for n in nearest],
        "mean_nearness": round(mean, 4),
    }
