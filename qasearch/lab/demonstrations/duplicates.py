"""Duplicates and outliers: the entries nearest to each other, and those far from all.

What stands out is said by the distribution, beyond its fences. The mean over several neighbours as
a measure of outliers is that of Angiulli and Pizzuti (2002), Fast Outlier Detection in High
Dimensional Spaces.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.entry import Entry
from qasearch.lab.algorithms.duplicates import fences, nearest, nearest_pairs
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.space import Space

NEIGHBOURS, SHOWN, BINS = 10, 10, 30
ROUNDING = 1e-6  # of cosines in float32


def place(entry: Entry) -> str:
    """Where an entry stands: path:line."""
    return f"{entry.path}:{entry.question_line}"


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The nearest pairs, the loneliest entries, and how near neighbours are as a rule."""
    del arguments
    space.need(5, "The search for duplicates")
    n, entries = len(space.entries), space.entries
    ids, cosines = nearest(space.vectors, min(NEIGHBOURS, n - 1))
    closest, means = cosines[:, 0].astype(np.float64), cosines.mean(axis=1, dtype=np.float64)
    high, low = min(fences(closest)[1] + ROUNDING, 1 - ROUNDING), fences(means)[0] - ROUNDING
    doubled, lonely = int(np.sum(closest >= high)), int(np.sum(means < low))
    sums, squares = (
        space.vectors.sum(axis=0, dtype=np.float64),
        float(np.sum(space.vectors**2, dtype=np.float64)),
    )
    any_two = float((sums @ sums - squares) / (n * (n - 1)))
    pairs = nearest_pairs(ids, cosines)[:SHOWN]
    loneliest = np.argsort(means, kind="stable")[: max(3, min(lonely, SHOWN))]
    counts, edges = np.histogram(closest, BINS, (float(closest.min()) - ROUNDING, 1 + ROUNDING))
    copies = sum(len(entry.also_at) for entry in entries)
    body = (
        f"Two entries taken at random have a mean cosine of {any_two:.2f}; an entry and the one nearest to it "
        f"have {np.median(closest):.2f} in the median, {closest.min():.2f} at the least and {closest.max():.2f} at the "
        f"most. What is too near is said by these {n} values themselves: more than 1.5 interquartile ranges above "
        f"their upper quartile, which is {high:.3f} here. "
        + (f"{doubled} entries have a neighbour nearer than that: look at these pairs first." if doubled else
           "No entry has a neighbour nearer than that: by its own measure the corpus has no duplicates."),
        Curves("How near the nearest neighbour is", "cosine", "share of the entries", (edges[1:] + edges[:-1]) / 2,
               {"entries": counts / n}, {"median": float(np.median(closest)), "duplicates from": high}),
        Table(("cosine", "duplicate", "these two", "at"), tuple(row for cosine, a, b in pairs for row in (
            (cosine, "yes" if cosine >= high else "no", entries[a].question, place(entries[a])),
            ("", "", entries[b].question, place(entries[b]))))),
        "Two entries can be near and yet different: opposites, or a subject and its part. If both answer the same "
        "question, keep one and give it the other's wording as an alias; if not, say in each how they differ."
        + f" {copies} copies word for word were made one entry when the corpus was read." * (copies > 0),
        f"At the other end are the entries far from all. Their measure is the mean cosine to the {ids.shape[1]} "
        f"nearest, as a single near entry is no company. Outliers are those below the lower fence, {low:.3f}: {lonely} "
        f"of {n}." + " Look for a stray file, a heading that is no question, a subject of its own." * (lonely > 0),
        Table(("mean cosine", "outlier", "entry", "at"),
              tuple((float(means[i]), "yes" if means[i] < low else "no", entries[i].question, place(entries[i]))
                    for i in loneliest)),
    )  # fmt: skip
    numbers = {
        "entries": n, "any_two": round(any_two, 4), "nearest_median": round(float(np.median(closest)), 4),
        "duplicates_from": round(high, 4), "entries_with_duplicate": doubled, "outliers_below": round(low, 4),
        "outliers": lonely, "nearest_pair": [entries[pairs[0][1]].id, entries[pairs[0][2]].id, round(pairs[0][0], 4)],
        "farthest_entry": entries[loneliest[0]].id,
    }  # fmt: skip
    return Demonstration("Duplicates and outliers", body, numbers)
