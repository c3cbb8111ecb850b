"""Norms and distances: the length of one vector, how far apart two are, and whether a way round can
be shorter.

Horn and Johnson (2013), Matrix Analysis, chapter 5, has the axioms.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

ORDERS = {"L1": 1.0, "L2": 2.0, "max": math.inf}


def norm(vectors: Matrix, order: float) -> Matrix:
    """(...) of (..., d): (sum |x|^order)^(1/order) along the last axis, and its limit max |x| for
    an infinite order.

    `order` is at least 1: below, the triangle inequality fails.
    """
    sizes = np.abs(vectors)
    if order == math.inf:
        return np.asarray(sizes.max(axis=-1))
    return np.asarray((sizes**order).sum(axis=-1) ** (1 / order))


def unit(vectors: Matrix) -> Matrix:
    """(n, d) rows divided by their L2 norms; a row of 0 stays."""
    lengths = norm(vectors, 2)[:, None]
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1))


def distances(queries: Matrix, points: Matrix, order: float) -> Matrix:
    """(q, c) of (q, d) and (c, d): the norms of the differences, one query at a time to save
    memory.
    """
    return np.stack([norm(points - query, order) for query in queries])


def worst_detour(between: Matrix) -> tuple[float, int, int, int]:
    """The greatest ratio d(x, z) / (d(x, y) + d(y, z)), and its x, y, z.

    By way of y = x it is 1. Where it is more, the way by y is shorter than the direct way, which no
    metric allows.

    Args:
        between: (n, n) distances of all pairs, zero on the diagonal.
    """
    worst = (1.0, 0, 0, 0)
    for x, direct in enumerate(between):
        detours = direct[:, None] + between
        y = detours.argmin(axis=0)
        ratios = np.divide(
            direct, detours.min(axis=0), out=np.ones_like(direct), where=direct > 1e-6
        )
        z = int(ratios.argmax())
        if ratios[z] > worst[0]:
            worst = (float(ratios[z]), x, int(y[z]), z)
    return worst
