"""Norms: which measures rank alike at unit length, and which distances are metrics.

For unit vectors |u - v|^2 = |u|^2 + |v|^2 - 2 u.v = 2 - 2 u.v, so the L2 distance falls exactly
where the cosine rises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.neighbours import TIE, comparison_depth, recall_at, same_order
from qasearch.lab.algorithms.norms import ORDERS, distances, norm, unit, worst_detour
from qasearch.lab.arrays import Floats, Matrix
from qasearch.lab.charts import Bars, Demonstration, Part, Table
from qasearch.lab.demonstrations.held_out import hold_out, passages_text
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.sampling import fixed_sample
from qasearch.lab.space import Space

MAX_QUESTIONS = 100
"""Held-out questions; each is compared with all passages in three norms."""

MAX_POINTS = 4000
"""Passages and entries compared: three matrices of distances to each stay small."""

TRIANGLE_ENTRIES = 200
"""Entries among which every detour is tried: their number grows with the cube."""


@dataclass(frozen=True, slots=True)
class UnitLength:
    """What was measured on unit vectors.

    Attributes:
        passages: number of passages searched.
        questions: number of held-out questions.
        dimensions: d.
        depth: number of nearest passages that are compared.
        sizes: (passages,) norms of the passages, by norm.
        error: the largest difference of |u - v|^2 and 2 - 2 u.v.
        agreement: share of the questions for which cosine and L2 distance give the same order.
        recalls: by norm, the share of the nearest by cosine that it finds.
    """

    passages: int
    questions: int
    dimensions: int
    depth: int
    sizes: Mapping[str, Floats]
    error: float
    agreement: float
    recalls: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Means:
    """What was measured on the mean vectors of entries, which have no unit length.

    Attributes:
        names: (e,) the questions of the entries.
        lengths: (e,) L2 norms of the means.
        recalls: by measure, the share of the nearest by cosine that it finds.
        moved: share of the questions for which cosine and inner product find different entries
            first.
        question: the question for which the cosines of these two differ most.
        by_cosine: number of the entry that the cosine finds for it.
        by_product: number of the entry that the inner product finds for it.
    """

    names: Sequence[str]
    lengths: Matrix
    recalls: Mapping[str, float]
    moved: float
    question: str
    by_cosine: int
    by_product: int


@dataclass(frozen=True, slots=True)
class Laws:
    """What doubling and detours do to five distances.

    Attributes:
        names: questions of the entries that are compared.
        squares: (s, s) squared L2 distances between them.
        factors: by distance, its factor when both vectors double.
        detours: by distance, the result of `worst_detour`.
    """

    names: Sequence[str]
    squares: Matrix
    factors: Mapping[str, int]
    detours: Mapping[str, tuple[float, int, int, int]]


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The norms of the vectors, which measures rank alike, and which distances are metrics.

    Raises:
        BadRequest: there are too few entries, or the passages of every entry cancel out.
    """
    space.need(3, "Comparing norms")
    queries, searched = hold_out(space, MAX_QUESTIONS, MAX_POINTS)
    names, means = mean_vectors(space, MAX_POINTS)
    questions, points = (
        unit(space.passage_vectors[ids].astype(np.float64)) for ids in (queries, searched)
    )
    depth = comparison_depth(min(len(points), len(means)))
    at_unit_length = unit_length(questions, points, depth)
    texts = [one_line(space.passages[number].text) for number in queries]
    of_means = without_unit_length(questions, texts, means, names, depth)
    laws = distance_laws(means, names)
    body = (
        *tell_unit_length(at_unit_length, passages_text(space, len(points))),
        Bars(
            f"Share of the {depth} nearest by cosine found by",
            (*at_unit_length.recalls, *of_means.recalls),
            (*at_unit_length.recalls.values(), *of_means.recalls.values()),
        ),
        tell_means(of_means),
        *tell_laws(laws),
    )
    recalls = {**at_unit_length.recalls, **of_means.recalls}
    numbers = {
        "dimensions": at_unit_length.dimensions,
        "passages": at_unit_length.passages,
        "questions": at_unit_length.questions,
        "depth": depth,
        "same_order": round(at_unit_length.agreement, 4),
        "identity_error": float(f"{at_unit_length.error:.1e}"),
        "norms": {name: _spread(sizes) for name, sizes in at_unit_length.sizes.items()},
        "recall_of_cosine": {name: round(share, 4) for name, share in recalls.items()},
        "first_moved": round(of_means.moved, 4),
        "mean_lengths": _spread(of_means.lengths),
        "cosine_distance_detour": round(laws.detours["cosine distance"][0], 4),
    }
    return Demonstration("Norms: length, distance, and what unit length changes", body, numbers)


def mean_vectors(space: Space, most: int) -> tuple[tuple[str, ...], Matrix]:
    """The questions of at most `most` entries, and (e, d) the means of their passage vectors.

    Means are not normalised. Entries with a zero mean are left out.

    Raises:
        BadRequest: all means are zero.
    """
    sums, counts = np.zeros((len(space.entries), space.vectors.shape[1])), np.bincount(space.owners)
    np.add.at(sums, space.owners, space.passage_vectors)
    usable = np.flatnonzero(np.linalg.norm(sums, axis=1) > 1e-6)
    if not len(usable):
        raise BadRequest(
            f"In the index in {space.place}, the passage vectors of every entry add up to zero, so "
            "no entry has a direction.",
            "Build the index again: qasearch build --full",
        )
    usable = usable[fixed_sample(len(usable), most)]
    names = tuple(one_line(space.entries[number].question) for number in usable)
    return names, sums[usable] / counts[usable, None]


def unit_length(questions: Floats, points: Floats, depth: int) -> UnitLength:
    """The measures of (q, d) questions and (c, d) passages of unit norm."""
    cosines = questions @ points.T
    by_norm = {name: distances(questions, points, order) for name, order in ORDERS.items()}
    return UnitLength(
        passages=len(points),
        questions=len(questions),
        dimensions=points.shape[1],
        depth=depth,
        sizes={name: norm(points, order) for name, order in ORDERS.items()},
        error=float(np.abs(by_norm["L2"] ** 2 - (2 - 2 * cosines)).max()),
        agreement=same_order(cosines, -by_norm["L2"]),
        recalls={
            f"{name}, unit length": recall_at(depth, cosines, -by_norm[name]) for name in ORDERS
        },
    )


def without_unit_length(
    questions: Floats, texts: Sequence[str], means: Matrix, names: Sequence[str], depth: int
) -> Means:
    """The measures of (q, d) questions and (e, d) means of entries."""
    by_cosine, by_product = questions @ unit(means).T, questions @ means.T
    scores = {
        "inner product, means": by_product,
        "L2, means": -distances(questions, means, 2),
    }
    first, other = by_cosine.argmax(axis=1), by_product.argmax(axis=1)
    loss = by_cosine.max(axis=1) - np.take_along_axis(by_cosine, other[:, None], axis=1)[:, 0]
    example = int(loss.argmax())
    return Means(
        names=names,
        lengths=np.asarray(norm(means, 2), np.float64),
        recalls={name: recall_at(depth, by_cosine, near) for name, near in scores.items()},
        moved=float(np.mean(loss > TIE)),
        question=texts[example],
        by_cosine=int(first[example]),
        by_product=int(other[example]),
    )


def distance_laws(means: Matrix, names: Sequence[str]) -> Laws:
    """The laws of five distances between the directions of some of (e, d) means."""
    chosen = np.unique(np.linspace(0, len(means) - 1, TRIANGLE_ENTRIES).astype(int))
    vectors = unit(means[chosen])
    by_norm = {f"{name} norm": distances(vectors, vectors, order) for name, order in ORDERS.items()}
    squares = np.asarray(by_norm["L2 norm"] ** 2, np.float64)
    between = by_norm | {"squared L2": squares, "cosine distance": squares / 2}
    return Laws(
        names=[names[number] for number in chosen],
        squares=squares,
        # the cosine does not change with length
        factors=dict.fromkeys(by_norm, 2) | {"squared L2": 4, "cosine distance": 1},
        detours={name: worst_detour(far) for name, far in between.items()},
    )


def tell_unit_length(measured: UnitLength, passages: str) -> tuple[Part, ...]:
    """The norms of unit vectors, and the rankings that they give."""
    d, l1 = measured.dimensions, measured.sizes["L1"].mean()
    return (
        f"Three norms of {passages} in {d} dimensions. The index stores every vector with L2 norm "
        f"1. This bounds the other norms: L1 lies between 1 (one coordinate has the whole length) "
        f"and {d**0.5:.1f}, the root of {d} (all coordinates have the same size). The max norm "
        f"lies between {d**-0.5:.3f} and 1.",
        Table(
            ("norm", "minimum", "mean", "maximum"),
            tuple((name, *_spread(sizes)) for name, sizes in measured.sizes.items()),
        ),
        f"The mean L1 norm is {l1 / d**0.5:.0%} of its upper bound. With coordinates from a normal "
        "distribution, in many dimensions, it would be about 80% (the root of 2/pi).",
        "At unit length, three measures give one ranking. |u - v|^2 = 2 - 2 u.v, so the inner "
        "product is the cosine, and the L2 distance falls when the cosine rises. Over "
        f"{measured.questions * measured.passages:,} pairs of a held-out question and a passage, "
        f"the two sides of this equation differ by at most {measured.error:.0e}. For "
        f"{measured.agreement:.0%} of the {measured.questions} questions, cosine and L2 distance "
        "sort all passages in the same order, apart from ties. L1 and the max norm obey no such "
        f"equation. Of the {measured.depth} nearest by cosine, L1 finds "
        f"{measured.recalls['L1, unit length']:.0%}. The max norm, which looks at one coordinate "
        f"of a difference, finds {measured.recalls['max, unit length']:.0%}.",
    )


def tell_means(measured: Means) -> str:
    """The lengths of the means, and how they change the first entry of a ranking."""
    lengths, names = measured.lengths, measured.names
    if measured.moved:
        first, other = measured.by_cosine, measured.by_product
        change = (
            "The inner product prefers long vectors. It puts another entry first than the cosine "
            f"for {measured.moved:.0%} of the questions. An example is '{measured.question}': "
            f"nearest by cosine is '{names[first]}', whose mean has length {lengths[first]:.2f}; "
            f"nearest by inner product is '{names[other]}', with length {lengths[other]:.2f}."
        )
    else:
        change = (
            "The inner product prefers long vectors, but here it changes the first entry of no "
            "question."
        )
    return (
        "Without unit length, the rankings can differ. The mean of an entry's passages is short if "
        f"the passages point in different directions. Here its length goes from "
        f"{lengths.min():.2f} ('{names[int(lengths.argmin())]}') to {lengths.max():.2f} "
        f"('{names[int(lengths.argmax())]}'). {change}"
    )


def tell_laws(laws: Laws) -> tuple[Part, ...]:
    """What makes a distance a metric, and which of the five distances is none."""
    table = Table(
        ("distance", "when both vectors double", "direct way / shortest detour"),
        tuple(
            (name, f"times {factor}", laws.detours[name][0])
            for name, factor in laws.factors.items()
        ),
    )
    opening = (
        "A norm defines a distance, d(x, y) = ||x - y||, with two properties. Homogeneity: the "
        "distance doubles when both vectors double. Triangle inequality: a detour is never shorter "
        f"than the direct way. Measured between {len(laws.names)} entries:"
    )
    ratio, x, y, z = laws.detours["cosine distance"]
    if ratio <= 1 + TIE:
        return (
            opening,
            table,
            "No detour is shorter than the direct way here. For the three norms this is a law; for "
            "the last two distances it is chance.",
        )
    direct, there, back = (laws.squares[pair] / 2 for pair in ((x, z), (x, y), (y, z)))
    return (
        opening,
        table,
        "The cosine distance, 1 - cos, is half of the squared L2 distance of unit vectors. It "
        "comes from no norm and breaks the triangle inequality: "
        f"'{laws.names[x]}' and '{laws.names[z]}' are {direct:.3f} apart, but the detour through "
        f"'{laws.names[y]}' is only {there:.3f} + {back:.3f} = {there + back:.3f} long. A ball "
        "tree skips points by the triangle inequality, so it can miss neighbours with this "
        "distance. The L2 distance gives the same ranking and is safe.",
    )


def _spread(values: Floats) -> list[float]:
    """The minimum, the mean and the maximum, rounded."""
    return [round(float(value), 4) for value in (np.min(values), np.mean(values), np.max(values))]
