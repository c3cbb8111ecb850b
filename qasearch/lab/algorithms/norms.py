"""Norms, distances and directions of vectors.

The axioms of a norm: Horn and Johnson (2013), Matrix Analysis, chapter 5.
"""

from __future__ import annotations

import math

import numpy as np

from qasearch.lab.arrays import Floats

ORDERS = {"L1": 1.0, "L2": 2.0, "max": math.inf}
"""The order of each norm by name."""

SAME_POINT = 1e-6
"""Points nearer than this are one point: float32 rounds numbers near 1 to about 1e-7."""


def norm(vectors: Floats, order: float) -> Floats:
    """(...) norms of (..., d) vectors: (sum |x|^order)^(1/order) along the last axis.

    An infinite order gives the limit, max |x|. The order must be at least 1: below 1 the triangle
    inequality fails.
    """
    sizes = np.abs(vectors)
    if order == math.inf:
        return np.asarray(sizes.max(axis=-1))
    return np.asarray((sizes**order).sum(axis=-1) ** (1 / order))


def unit(vectors: Floats) -> Floats:
    """(n, d) rows divided by their L2 norms, in the precision of the input; a zero row stays."""
    lengths = norm(vectors, 2)[:, None]
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1))


def distances(queries: Floats, points: Floats, order: float) -> Floats:
    """(q, c) norms of the differences of (q, d) queries and (c, d) points.

    One query is handled at a time: all differences at once would need q times the memory.
    """
    return np.stack([norm(points - query, order) for query in queries])


def squared_distances(x: Floats, y: Floats) -> Floats:
    """(n, k) squared L2 distances of (n, d) and (k, d) points: |x|^2 - 2 x.y + |y|^2, at least 0.

    One matrix product makes this fast; rounding may leave 1e-7 between a point and itself.
    """
    squared: Floats = np.sum(x**2, axis=1)[:, None] - 2 * x @ y.T + np.sum(y**2, axis=1)
    return np.maximum(squared, 0)


def mean_cosine(vectors: Floats) -> float:
    """The mean cosine of all pairs of different rows of (n, d) vectors, n at least 2.

    Rows have unit norm or are zero. |sum of rows|^2 holds the product of every pair twice, and
    the squared length of every row once.
    """
    total, n = vectors.sum(axis=0, dtype=np.float64), len(vectors)
    own = float(np.sum(np.asarray(vectors, np.float64) ** 2))
    return float((total @ total - own) / (n * (n - 1)))


def worst_detour(between: Floats) -> tuple[float, int, int, int]:
    """The greatest ratio d(x, z) / (d(x, y) + d(y, z)), and its x, y, z.

    With y = x the ratio is 1. A ratio above 1 breaks the triangle inequality: the way from x to z
    through y is shorter than the direct way. Pairs at the same point are left out.

    Args:
        between: (n, n) distances of all pairs, zero on the diagonal.
    """
    worst = (1.0, 0, 0, 0)
    for x, direct in enumerate(between):
        detours = direct[:, None] + between
        y = detours.argmin(axis=0)
        ratios = np.divide(
            direct, detours.min(axis=0), out=np.ones_like(direct), where=direct > SAME_POINT
        )
        z = int(ratios.argmax())
        if ratios[z] > worst[0]:
            worst = (float(ratios[z]), x, int(y[z]), z)
    return worst
