"""Signals that say how alike two entries are, and how the signals themselves go together."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np

from qasearch.lab.algorithms.covariance import (
    Matrix,
    correlation_matrix,
    covariance_matrix,
    rank_correlation_matrix,
)
from qasearch.lab.charts import Points, Table
from qasearch.lab.space import Ids, Space

MOST_ENTRIES, MOST_OF_EACH = 150, 100  # all pairs of their passages are compared


def pair_signals(space: Space, some: Ids) -> tuple[dict[str, Matrix], Ids]:
    """(p,) values of each of four signals, and (p, 2) the entries: all pairs of `some`, their first
    100 passages each.

    Cosine of the questions, of the nearest two passages and of the mean vectors; and of the words
    of question and answer the Jaccard index, how many both have by how many either has (Jaccard
    1901).
    """
    members = [np.flatnonzero(space.owners == entry)[:MOST_OF_EACH] for entry in some]
    starts = np.cumsum([0, *map(len, members[:-1])])
    everything = space.passage_vectors[np.concatenate(members)]
    nearest = [
        np.maximum.reduceat((space.passage_vectors[own] @ everything.T).max(axis=0), starts)
        for own in members
    ]
    questions, means = (
        everything[starts],
        space.vectors[some],
    )  # an entry's first passage is its question
    texts = [f"{space.entries[entry].question} {space.entries[entry].answer}" for entry in some]
    words = [set(re.findall(r"\w+", text.lower())) for text in texts]
    shared = [[len(a & b) / max(1, len(a | b)) for b in words] for a in words]
    above = np.triu_indices(len(some), 1)
    signals = {
        "question": questions @ questions.T,
        "nearest passages": nearest,
        "mean": means @ means.T,
        "words": shared,
    }
    pairs = np.column_stack([some[side] for side in above])
    return {name: np.array(values, np.float64)[above] for name, values in signals.items()}, pairs


def show_signals(space: Space) -> tuple[tuple[str | Table | Points, ...], dict[str, list[float]]]:
    """What there is to read of the signals between entries, and by pair of signals covariance, r
    and rho.
    """
    entries = np.sort(np.random.default_rng(0).permutation(len(space.entries))[:MOST_ENTRIES])
    values, pairs = pair_signals(space, entries)
    names = [name for name, column in values.items() if column.std() > 1e-6]
    if len(names) < 2:
        return (
            "Fewer than two signals of likeness vary between the entries, so there is nothing to correlate.",
        ), {}
    x = np.column_stack([values[name] for name in names])
    measures = covariance_matrix(x), correlation_matrix(x), rank_correlation_matrix(x)
    couples = list(combinations(range(len(names)), 2))
    found = {
        f"{names[i]}, {names[j]}": [float(f"{m[i, j]:.4g}") for m in measures] for i, j in couples
    }
    rows, columns = np.array(couples).T
    covariances, r, rho = (measure[rows, columns] for measure in measures)
    largest, strongest, apart = (couples[np.argmax(np.abs(of))] for of in (covariances, r, r - rho))
    i, j = apart
    shown = np.sort(np.random.default_rng(0).permutation(len(x))[:1000])
    same = [space.sections[a] == space.sections[b] for a, b in pairs[shown]]
    return (
        f"The same measures between signals: for the {len(x):,} pairs of {len(entries)} entries, the cosine of their"
        " questions, of their two nearest passages and of their mean vectors, and the share of common words (Jaccard).",
        Table(("signals", "covariance", "Pearson r", "Spearman rho"), tuple((k, *v) for k, v in found.items())),
        (
            "The largest covariance and the largest r belong to the same pair of signals."
            if largest == strongest
            else f"The largest covariance is that of '{names[largest[0]]}' and '{names[largest[1]]}', the largest r"
            f" that of '{names[strongest[0]]}' and '{names[strongest[1]]}': covariance grows with both spreads."
        ),
        "Pearson measures how close the points are to a line, Spearman to any rising (or falling) curve. They differ"
        f" most for '{names[i]}' and '{names[j]}': {measures[1][apart]:.2f} against {measures[2][apart]:.2f}."
        f" {_why(x[:, apart], measures[1][apart] - measures[2][apart])}",
        Points(f"Pairs of entries: {names[i]} (across) and {names[j]} (up)", x[shown][:, [i, j]],
               tuple("same section" if yes else "different sections" for yes in same)),
    ), found  # fmt: skip


def _why(x: Matrix, gap: float) -> str:
    """Why r and rho of two columns differ by `gap`, tried without the rows where either is among
    its highest 5%.
    """
    if abs(gap) < 0.05:
        return "That is nearly the same: neither outliers nor a bend matter much here."
    rest = x[(x <= np.quantile(x, 0.95, axis=0)).all(axis=1)]
    if len(rest) < 20 or rest.std(axis=0).min() < 1e-6:
        return "There are too few pairs to say why."
    r, rho = correlation_matrix(rest)[0, 1], rank_correlation_matrix(rest)[0, 1]
    what = (
        f"Without the pairs that are among the highest 5% in either, they are {r:.2f} and {rho:.2f}"
    )
    if abs(r - rho) < abs(gap) / 2:
        return f"{what}: a few extreme pairs made the difference, whose values weigh more in r than their ranks in rho."
    return (
        f"{what}: not a few extreme pairs make the difference, but the shape of the whole relation."
    )
