"""Duplicates and outliers: the entries nearest to each other, and the entries far from all others.

The distribution of the corpus itself says what is unusual: a value outside of its fences. The mean
over several neighbours as a measure of outliers: Angiulli and Pizzuti (2002), Fast Outlier
Detection in High Dimensional Spaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.lab.algorithms.duplicates import fences, nearest_pairs
from qasearch.lab.algorithms.neighbours import nearest_neighbours
from qasearch.lab.algorithms.norms import mean_cosine
from qasearch.lab.arrays import Matrix
from qasearch.lab.charts import Curves, Demonstration, Part, Table
from qasearch.lab.demonstrations.wording import location
from qasearch.lab.space import Space
from qasearch.phrases import counted

NEIGHBOURS = 10
"""Nearest entries over which the mean cosine of an entry is taken."""

MAX_ROWS = 10
"""Pairs, and outliers, in a table."""

MIN_OUTLIERS = 3
"""Entries in the table of outliers, also if none is an outlier."""

BINS = 30
"""Bins of the histogram of cosines."""

ROUNDING = 1e-6
"""Cosines that differ by less are equal: float32 rounds them to about 1e-7."""


@dataclass(frozen=True, slots=True)
class Neighbourhoods:
    """How near the entries are to each other.

    Attributes:
        k: number of neighbours of an entry.
        closest: (n,) cosine of each entry with its nearest one.
        means: (n,) mean cosine of each entry with its k nearest.
        any_two: mean cosine of all pairs of entries.
        high: cosine from which a neighbour is too near.
        low: mean cosine below which an entry is an outlier.
        pairs: the nearest pairs: cosine and both entries, nearest first.
        loneliest: the entries with the lowest means, lowest first.
    """

    k: int
    closest: Matrix
    means: Matrix
    any_two: float
    high: float
    low: float
    pairs: Sequence[tuple[float, int, int]]
    loneliest: Sequence[int]

    @property
    def with_duplicate(self) -> int:
        """The number of entries with a neighbour that is too near."""
        return int(np.sum(self.closest >= self.high))

    @property
    def outliers(self) -> int:
        """The number of outliers."""
        return int(np.sum(self.means < self.low))


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The nearest pairs, the loneliest entries, and how near neighbours usually are.

    Raises:
        BadRequest: there are fewer than five entries.
    """
    space.need(5, "The search for duplicates")
    measured = neighbourhoods(space)
    entries, (cosine, first, second) = space.entries, measured.pairs[0]
    numbers = {
        "entries": len(entries),
        "any_two": round(measured.any_two, 4),
        "nearest_median": round(float(np.median(measured.closest)), 4),
        "duplicates_from": round(measured.high, 4),
        "entries_with_duplicate": measured.with_duplicate,
        "outliers_below": round(measured.low, 4),
        "outliers": measured.outliers,
        "nearest_pair": [entries[first].id, entries[second].id, round(cosine, 4)],
        "farthest_entry": entries[measured.loneliest[0]].id,
    }
    body = (*tell_duplicates(measured, space), *tell_outliers(measured, space))
    return Demonstration("Duplicates and outliers", body, numbers)


def neighbourhoods(space: Space) -> Neighbourhoods:
    """The measures of the nearest neighbours of every entry."""
    k = min(NEIGHBOURS, len(space.entries) - 1)
    ids, cosines = nearest_neighbours(space.vectors, k)
    closest, means = cosines[:, 0].astype(np.float64), cosines.mean(axis=1, dtype=np.float64)
    low = fences(means)[0] - ROUNDING
    listed = max(MIN_OUTLIERS, min(int(np.sum(means < low)), MAX_ROWS))
    return Neighbourhoods(
        k=k,
        closest=closest,
        means=means,
        any_two=mean_cosine(space.vectors),
        # below 1, so that identical entries count although no fence is above them
        high=min(fences(closest)[1] + ROUNDING, 1 - ROUNDING),
        low=low,
        pairs=nearest_pairs(ids, cosines)[:MAX_ROWS],
        loneliest=np.argsort(means, kind="stable")[:listed].tolist(),
    )


def tell_duplicates(measured: Neighbourhoods, space: Space) -> tuple[Part, ...]:
    """How near the nearest entry usually is, and which pairs are too near."""
    closest, high, count = measured.closest, measured.high, measured.with_duplicate
    verdict = (
        f"{counted(count, 'entry has', 'entries have')} a neighbour at this cosine or nearer: look "
        "at these pairs first."
        if count
        else "No entry has a neighbour that near, so by this measure the corpus has no duplicates."
    )
    counts, edges = np.histogram(closest, BINS, (float(closest.min()) - ROUNDING, 1 + ROUNDING))
    rows: list[tuple[str | float, ...]] = []
    for cosine, first, second in measured.pairs:
        one, other = space.entries[first], space.entries[second]
        duplicate = "yes" if cosine >= high else "no"
        rows.append((cosine, duplicate, one.question, location(one)))
        rows.append(("", "", other.question, location(other)))
    copies = sum(len(entry.also_at) for entry in space.entries)
    merged = (
        f" The corpus contains {counted(copies, 'exact copy', 'exact copies')} of entries; reading "
        "it made one entry of each and its copies."
        if copies
        else ""
    )
    return (
        f"The mean cosine of two entries is {measured.any_two:.2f}. The cosine of an entry and its "
        f"nearest one has a median of {np.median(closest):.2f}, a minimum of {closest.min():.2f} "
        f"and a maximum of {closest.max():.2f}. These {len(closest)} values say what is too near: "
        "more than 1.5 interquartile ranges above their upper quartile, which is "
        f"{high:.3f} here. {verdict}",
        Curves(
            "How near the nearest neighbour is",
            "cosine",
            "share of the entries",
            (edges[1:] + edges[:-1]) / 2,
            {"entries": counts / len(closest)},
            {"median": float(np.median(closest)), "duplicates from": high},
        ),
        Table(("cosine", "duplicate", "these two", "at"), tuple(rows)),
        "Two entries can be near and still differ: opposites, or a subject and a part of it. If "
        "both answer the same question, delete one and add its question to the other as an alias. "
        f"If they do not, write into each how it differs from the other.{merged}",
    )


def tell_outliers(measured: Neighbourhoods, space: Space) -> tuple[Part, ...]:
    """The entries that are far from all others."""
    advice = (
        " Possible reasons: a file that does not belong here, a heading that is no question, a "
        "subject with one entry only."
        if measured.outliers
        else ""
    )
    rows = tuple(
        (
            float(measured.means[number]),
            "yes" if measured.means[number] < measured.low else "no",
            space.entries[number].question,
            location(space.entries[number]),
        )
        for number in measured.loneliest
    )
    return (
        f"Outliers are far from all other entries. The measure is the mean cosine to the "
        f"{measured.k} nearest entries: one near entry alone proves nothing. Outliers are the "
        f"entries below the lower fence, {measured.low:.3f}: {measured.outliers} of "
        f"{len(measured.means)}.{advice}",
        Table(("mean cosine", "outlier", "entry", "at"), rows),
    )
