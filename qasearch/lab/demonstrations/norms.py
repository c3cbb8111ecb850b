"""Norms: why unit length makes cosine, inner product and L2 distance rank alike, and where that
ends.

On unit vectors |u - v|^2 = |u|^2 + |v|^2 - 2 u.v = 2 - 2 u.v: each of the three is a monotonic
function of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.lab.algorithms.norms import ORDERS, Matrix, distances, norm, unit, worst_detour
from qasearch.lab.charts import Bars, Demonstration, Table
from qasearch.lab.demonstrations.rankings import TIE, depth, kept, same_order
from qasearch.lab.demonstrations.samples import counted, hold_out, mean_vectors
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Space


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The norms of the vectors, which measures rank alike, and which distances are metrics."""
    space.need(3, "Comparing norms")
    (asked, others), (names, means) = hold_out(space, 100, 4000), mean_vectors(space, 4000)
    queries, points = (
        unit(space.passage_vectors[ids].astype(np.float64)) for ids in (asked, others)
    )
    cosines, d, k = queries @ points.T, points.shape[1], depth(min(len(points), len(means)))
    far = {name: distances(queries, points, order) for name, order in ORDERS.items()}
    error, agree = (
        float(np.abs(far["L2"] ** 2 - (2 - 2 * cosines)).max()),
        same_order(cosines, -far["L2"]),
    )
    sizes = {name: norm(points, order) for name, order in ORDERS.items()}
    found = {f"{name}, unit length": kept(cosines, -far[name], k) for name in ORDERS}

    lengths, by_cosine, by_product = norm(means, 2), queries @ unit(means).T, queries @ means.T
    by_means = {"inner product, means": by_product, "L2, means": -distances(queries, means, 2)}
    found |= {name: kept(by_cosine, near, k) for name, near in by_means.items()}
    first, other = by_cosine.argmax(axis=1), by_product.argmax(axis=1)
    loss = by_cosine.max(axis=1) - np.take_along_axis(by_cosine, other[:, None], axis=1)[:, 0]
    q, moved = int(loss.argmax()), float(np.mean(loss > TIE))
    change = (
        f"The inner product rewards length, and puts another entry first for {moved:.0%} of the questions: nearest by"
        f" cosine to '{one_line(space.passages[asked[q]].text)}' is '{names[first[q]]}' (its mean has length"
        f" {lengths[first[q]]:.2f}), by inner product '{names[other[q]]}' ({lengths[other[q]]:.2f})."
        if moved
        else "The inner product rewards length, but here no question gets another first entry by it."
    )
    some = np.unique(np.linspace(0, len(means) - 1, 200).astype(int))
    table, broken, detour = _laws(unit(means[some]), [names[i] for i in some])
    body = (
        f"Three norms of {counted(space, len(points))} in {d} dimensions. All have L2 norm 1, as the index keeps"
        f" directions only. That bounds the others: L1 lies between 1 (one coordinate has it all) and {d**0.5:.1f}, the"
        f" root of {d} (all have the same size), the max norm between {d**-0.5:.3f} and 1.",
        Table(("norm", "least", "mean", "greatest"), tuple((name, *_spread(size)) for name, size in sizes.items())),
        f"The mean L1 norm is {sizes['L1'].mean() / d**0.5:.0%} of its bound; for coordinates drawn from a normal"
        " distribution, in many dimensions, it would be about 80% (the root of 2/pi).",
        "Unit length makes three measures one. Since |u - v|^2 = 2 - 2 u.v, the inner product is the cosine, and the L2"
        f" distance falls as it rises: over {cosines.size:,} pairs of a question, held out, and a passage both sides"
        f" differ by {error:.0e} at most, and {agree:.0%} of the {len(queries)} questions get all passages in the same"
        f" order, ties aside. L1 and the max norm have no such identity: of the {k} nearest by cosine, L1 finds"
        f" {found['L1, unit length']:.0%} and the max norm, which sees one coordinate of a difference,"
        f" {found['max, unit length']:.0%}.",
        Bars(f"Of the {k} nearest by cosine, the share found by", tuple(found), tuple(found.values())),
        "Without unit length they part. The mean of an entry's passages is the shorter, the less these agree: from"
        f" {lengths.min():.2f} ('{names[lengths.argmin()]}') to {lengths.max():.2f} ('{names[lengths.argmax()]}')."
        f" {change}",
        "A norm makes a distance, d(x, y) = ||x - y||. It doubles when both vectors do (homogeneity), and no way round"
        f" is shorter than the direct way (triangle inequality), here measured between {len(some)} entries:",
        table,
        broken,
    )  # fmt: skip
    numbers = {
        "dimensions": d, "passages": len(points), "questions": len(queries), "depth": k, "same_order": round(agree, 4),
        "identity_error": float(f"{error:.1e}"), "norms": {name: _spread(size) for name, size in sizes.items()},
        "recall_of_cosine": {name: round(share, 4) for name, share in found.items()}, "first_moved": round(moved, 4),
        "mean_lengths": _spread(lengths), "cosine_distance_detour": round(detour, 4),
    }  # fmt: skip
    return Demonstration(
        "Norms: how long, how far, and what unit length is good for", body, numbers
    )


def _spread(values: Matrix) -> list[float]:
    return [round(float(of(values)), 4) for of in (np.min, np.mean, np.max)]


def _laws(vectors: Matrix, names: Sequence[str]) -> tuple[Table, str, float]:
    """A table of what doubling and detours do to five distances, what it says, and the ratio of the
    cosine distance.
    """
    ways = {
        f"{name} norm": (distances(vectors, vectors, order), 2) for name, order in ORDERS.items()
    }
    squares = ways["L2 norm"][0] ** 2
    ways |= {"squared L2": (squares, 4), "cosine distance": (squares / 2, 1)}
    worst = {name: worst_detour(between) for name, (between, _) in ways.items()}
    table = Table(
        ("distance", "when both vectors double", "direct way by shortest way round"),
        tuple((name, f"times {factor}", worst[name][0]) for name, (_, factor) in ways.items()),
    )
    ratio, x, y, z = worst["cosine distance"]
    if ratio <= 1 + TIE:
        return (
            table,
            "No detour here is shorter: a law for the norms, but for the last two distances mere chance.",
            1.0,
        )
    direct, there, on = squares[x, z] / 2, squares[x, y] / 2, squares[y, z] / 2
    return table, (
        "The cosine distance, 1 - cos, is half the square of the L2 distance of unit vectors, and comes from no norm:"
        f" '{names[x]}' and '{names[z]}' are {direct:.3f} apart, yet by way of '{names[y]}' only {there:.3f} + {on:.3f}"
        f" = {there + on:.3f}. A ball tree, which skips points by the triangle inequality, can miss neighbours with it;"
        " with the L2 distance, which ranks alike, it cannot."
    ), ratio  # fmt: skip
