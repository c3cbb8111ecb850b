"""Covariance and correlation: of the dimensions of the vectors, and of signals of similarity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.covariance import (
    correlation_matrix,
    covariance_matrix,
    rank_correlation_matrix,
)
from qasearch.lab.arrays import Ids, Matrix
from qasearch.lab.charts import Demonstration, Finding, Grid, Part, Points, Table
from qasearch.lab.demonstrations.held_out import MAX_PASSAGES, passages_text
from qasearch.lab.sampling import fixed_sample
from qasearch.lab.space import Space

CONSTANT = 1e-6
"""A standard deviation below this is what float32 rounds: the column is constant."""

STRONGEST_PAIRS = 8
"""Most correlated pairs of which the dimensions are drawn, at most so many dimensions."""

LISTED_DIMENSIONS = 5
"""Constant dimensions that are named in the text."""

MAX_ENTRIES = 150
"""Entries of which all pairs are compared."""

MAX_PASSAGES_OF_ENTRY = 100
"""Passages of an entry that take part in the comparison."""

MAX_DOTS = 1000
"""Pairs of entries drawn as points."""

EQUAL = 0.05
"""r and rho that differ by less count as nearly equal."""

HIGHEST_SHARE = 0.05
"""Share of the highest values that is removed to see whether a few extreme pairs matter."""

MIN_PAIRS = 20
"""Pairs that must be left to say why r and rho differ."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Covariance and correlation of the dimensions that vary.

    Attributes:
        passages: number of passages.
        varying: (v,) numbers of the dimensions that vary.
        constant: (c,) numbers of those that do not.
        covariances: (v, v).
        correlations: (v, v).
        strongest: (p, 2) the most correlated pairs, as places in `varying`, strongest first.
    """

    passages: int
    varying: Ids
    constant: Ids
    covariances: Matrix
    correlations: Matrix
    strongest: Ids

    @property
    def absolute_correlations(self) -> Matrix:
        """(v (v - 1) / 2,) |r| of every pair."""
        return np.abs(self.correlations[np.triu_indices(len(self.varying), 1)])

    @property
    def off_diagonal(self) -> float:
        """The share of the sum of squares of the covariance matrix outside of its diagonal."""
        squares = self.covariances**2
        return float(1 - np.diag(squares).sum() / squares.sum())


@dataclass(frozen=True, slots=True)
class Signals:
    """Signals of similarity over pairs of entries.

    Attributes:
        entries: number of entries.
        names: (s,) of the signals that vary.
        values: (p, s) by pair of entries.
        same_section: (p,) whether both entries are in one section.
        covariances: (s, s).
        r: (s, s) Pearson's r.
        rho: (s, s) Spearman's rho.
    """

    entries: int
    names: Sequence[str]
    values: Matrix
    same_section: Sequence[bool]
    covariances: Matrix
    r: Matrix
    rho: Matrix


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """Which dimensions vary together, and which signals of similarity do.

    Raises:
        BadRequest: there are fewer than three entries, or fewer than two dimensions vary.
    """
    space.need(3, "Correlating")
    return Demonstration.of(
        "Covariance and correlation: what varies together",
        [tell_dimensions(varying_dimensions(space), space), tell_signals(space)],
    )


def varying_dimensions(space: Space) -> Dimensions:
    """The measures of the dimensions of the passage vectors.

    Raises:
        BadRequest: fewer than two dimensions vary.
    """
    rows = fixed_sample(len(space.passages), MAX_PASSAGES)
    x = space.passage_vectors[rows].astype(np.float64)
    varies = x.std(axis=0) > CONSTANT
    varying = np.flatnonzero(varies)
    if len(varying) < 2:
        raise BadRequest(
            f"Correlating needs two dimensions that vary. {len(varying)} of the {x.shape[1]} "
            f"dimensions of the index in {space.place} vary.",
            "Choose an index with several different texts: --index DIR",
        )
    correlations = correlation_matrix(x[:, varying])
    pairs = np.column_stack(np.triu_indices(len(varying), 1))
    order = np.argsort(-np.abs(correlations[tuple(pairs.T)]), kind="stable")
    return Dimensions(
        passages=len(x),
        varying=varying,
        constant=np.flatnonzero(~varies),
        covariances=covariance_matrix(x[:, varying]),
        correlations=correlations,
        strongest=pairs[order[:STRONGEST_PAIRS]],
    )


def pair_signals(space: Space, entries: Ids) -> tuple[dict[str, Matrix], Ids]:
    """(p,) values of each of four signals, and the (p, 2) pairs of these entries.

    The signals are the cosine of the questions, of the nearest two passages and of the mean
    vectors, and the Jaccard index of the words: words in both texts divided by words in either
    (Jaccard 1901).
    """
    members = [np.flatnonzero(space.owners == entry)[:MAX_PASSAGES_OF_ENTRY] for entry in entries]
    starts = np.cumsum([0, *map(len, members[:-1])])
    passages = space.passage_vectors[np.concatenate(members)]
    nearest = [
        np.maximum.reduceat((space.passage_vectors[own] @ passages.T).max(axis=0), starts)
        for own in members
    ]
    questions = passages[starts]  # the first passage of an entry is its question
    means = space.vectors[entries]
    texts = [f"{space.entries[entry].question} {space.entries[entry].answer}" for entry in entries]
    words = [set(re.findall(r"\w+", text.lower())) for text in texts]
    common = [[len(a & b) / max(1, len(a | b)) for b in words] for a in words]
    above = np.triu_indices(len(entries), 1)
    signals = {
        "question": questions @ questions.T,
        "nearest passages": nearest,
        "mean": means @ means.T,
        "words": common,
    }
    pairs = np.column_stack([entries[side] for side in above])
    return {name: np.array(values, np.float64)[above] for name, values in signals.items()}, pairs


def varying_signals(space: Space) -> Signals | None:
    """The measures of the signals that vary; None if fewer than two do."""
    entries = fixed_sample(len(space.entries), MAX_ENTRIES)
    values, pairs = pair_signals(space, entries)
    names = [name for name, column in values.items() if column.std() > CONSTANT]
    if len(names) < 2:
        return None
    x = np.column_stack([values[name] for name in names])
    return Signals(
        entries=len(entries),
        names=names,
        values=x,
        same_section=[space.sections[a] == space.sections[b] for a, b in pairs],
        covariances=covariance_matrix(x),
        r=correlation_matrix(x),
        rho=rank_correlation_matrix(x),
    )


def tell_dimensions(measured: Dimensions, space: Space) -> Finding:
    """The dimensions that vary together."""
    s, r, varying = measured.covariances, measured.correlations, measured.varying
    a, b = measured.strongest[0]
    drawn = list(dict.fromkeys(measured.strongest.ravel().tolist()))[:STRONGEST_PAIRS]
    names = tuple(str(varying[place]) for place in drawn)
    strengths, off = measured.absolute_correlations, measured.off_diagonal
    by_chance = (2 / np.pi / measured.passages) ** 0.5
    body = (
        f"In {passages_text(space, measured.passages)}, {len(varying)} dimensions vary, which "
        f"makes {len(strengths):,} pairs.{_constant_dimensions(measured)}",
        "Covariance is the mean product of two deviations from the mean. Correlation is the "
        "covariance divided by both standard deviations. The most correlated dimensions are "
        f"{varying[a]} and {varying[b]}: covariance {s[a, b]:.2g}, Pearson's r {r[a, b]:.2f}. A "
        f"straight line that predicts one from the other explains {r[a, b] ** 2:.0%} of its "
        f"variance. With all numbers in hundredths, the covariance is {1e4 * s[a, b]:.2g} and r is "
        "the same: covariance has units, r has none.",
        Grid(
            "Pearson's r of the most correlated dimensions", names, names, r[np.ix_(drawn, drawn)]
        ),
        f"The mean |r| over all pairs is {strengths.mean():.3f}. For unrelated columns of "
        f"{measured.passages:,} independent rows it would be {by_chance:.3f} (the root of "
        "2/(pi n)), but passages of one entry are not independent. Small values add up: "
        f"{off:.0%} of the sum of squares of the covariance matrix lies outside its diagonal. PCA "
        "turns the axes so that nothing lies outside.",
    )
    return Finding(
        body,
        {
            "passages": measured.passages,
            "dimensions": len(varying),
            "constant_dimensions": measured.constant.tolist(),
            "strongest_pair": [int(varying[a]), int(varying[b])],
            "strongest_covariance": float(f"{s[a, b]:.4g}"),
            "strongest_r": round(float(r[a, b]), 4),
            "mean_abs_r": round(float(strengths.mean()), 4),
            "off_diagonal": round(off, 4),
        },
    )


def _constant_dimensions(measured: Dimensions) -> str:
    constant = measured.constant
    if not len(constant):
        return ""
    listed = ", ".join(map(str, constant[:LISTED_DIMENSIONS]))
    more = ", …" if len(constant) > LISTED_DIMENSIONS else ""
    total = len(measured.varying) + len(constant)
    return (
        f" {len(constant)} of the model's {total} dimensions ({listed}{more}) have the same value "
        "in every passage, apart from rounding, and are left out. A correlation with a constant is "
        "0/0; a program that prints a number for it prints rounding noise."
    )


def tell_signals(space: Space) -> Finding:
    """The signals that vary together, and where Pearson's r and Spearman's rho differ."""
    measured = varying_signals(space)
    if measured is None:
        text = "Fewer than two signals of similarity vary, so there is nothing to correlate."
        return Finding((text,), {"covariance_r_rho_of_signals": {}})
    names, r, rho = measured.names, measured.r, measured.rho
    couples = list(combinations(range(len(names)), 2))
    rows = {
        f"{names[i]}, {names[j]}": [
            float(f"{matrix[i, j]:.4g}") for matrix in (measured.covariances, r, rho)
        ]
        for i, j in couples
    }
    i, j = max(couples, key=lambda couple: abs(r[couple] - rho[couple]))
    drawn = np.sort(np.random.default_rng(0).permutation(len(measured.values))[:MAX_DOTS])
    body: tuple[Part, ...] = (
        "The same measures for four signals of how similar two entries are: the cosine of their "
        "questions, of their nearest two passages and of their mean vectors, and the share of "
        f"common words (Jaccard index). {measured.entries} entries make "
        f"{len(measured.values):,} pairs.",
        Table(
            ("signals", "covariance", "Pearson r", "Spearman rho"),
            tuple((name, *values) for name, values in rows.items()),
        ),
        _largest(measured, couples),
        "Pearson's r measures how near the points are to a straight line, Spearman's rho how near "
        "they are to any rising or falling curve. The two differ most for "
        f"'{names[i]}' and '{names[j]}': r is {r[i, j]:.2f}, rho {rho[i, j]:.2f}. "
        f"{reason_for_gap(measured.values[:, [i, j]], r[i, j] - rho[i, j])}",
        Points(
            f"Pairs of entries: {names[i]} (across) and {names[j]} (up)",
            measured.values[drawn][:, [i, j]],
            tuple(
                "same section" if measured.same_section[pair] else "different sections"
                for pair in drawn
            ),
        ),
    )
    return Finding(body, {"covariance_r_rho_of_signals": rows})


def _largest(measured: Signals, couples: Sequence[tuple[int, int]]) -> str:
    names = measured.names
    largest = max(couples, key=lambda couple: abs(measured.covariances[couple]))
    strongest = max(couples, key=lambda couple: abs(measured.r[couple]))
    if largest == strongest:
        return "The largest covariance and the largest r belong to the same pair of signals."
    return (
        f"The largest covariance belongs to '{names[largest[0]]}' and '{names[largest[1]]}', the "
        f"largest r to '{names[strongest[0]]}' and '{names[strongest[1]]}': covariance also grows "
        "with the spread of both signals."
    )


def reason_for_gap(x: Matrix, gap: float) -> str:
    """Why r and rho of two columns differ.

    Both are measured again without the rows among the highest `HIGHEST_SHARE` of either column.

    Args:
        x: (p, 2).
        gap: r minus rho of all rows.
    """
    if abs(gap) < EQUAL:
        return "They are nearly equal: neither outliers nor a curve matter much here."
    rest = x[(x <= np.quantile(x, 1 - HIGHEST_SHARE, axis=0)).all(axis=1)]
    if len(rest) < MIN_PAIRS or rest.std(axis=0).min() < CONSTANT:
        return "There are too few pairs to say why."
    r, rho = correlation_matrix(rest)[0, 1], rank_correlation_matrix(rest)[0, 1]
    without = (
        f"Without the pairs among the highest {HIGHEST_SHARE:.0%} of either signal, r is {r:.2f} "
        f"and rho {rho:.2f}"
    )
    if abs(r - rho) < abs(gap) / 2:
        return (
            f"{without}. So a few extreme pairs made the difference: their values weigh more in r "
            "than their ranks do in rho."
        )
    return f"{without}. So the difference comes from the shape of the whole relation."
