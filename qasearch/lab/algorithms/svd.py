"""The singular value decomposition by one-sided Jacobi rotations.

Hestenes (1958), Inversion of matrices by biorthogonalization and related results. The pairs of a
round are disjoint, in the order of Brent and Luk (1985), so that all of them turn at once. The best
copy of low rank: Eckart and Young (1936), The approximation of one matrix by another of lower rank.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qasearch.lab.arrays import Ids, Matrix

PRECISION = 1e-10
"""Cosine below which two rows count as being at right angles."""

MAX_SWEEPS = 60
"""Sweeps over all pairs after which the rotations stop, so that the loop always ends."""


def singular_values(a: Matrix) -> tuple[Matrix, Matrix]:
    """(r,) singular values of (m, d) `a`, largest first, and the (r, d) right vectors as rows.

    Values that are rounding are left out. Turning two rows against each other does not change
    A^T A. Pairs are turned until all rows are at right angles. Then A^T A is the sum of row^T row:
    the lengths of the rows are the singular values, their directions the right vectors v, and the
    left vectors are A v / value. R of A = QR has the same A^T A, and never more than d rows.
    """
    rows: Matrix = np.array(np.linalg.qr(a, mode="r"))
    rounding = 1e-13 * float(np.linalg.norm(rows))
    for _ in range(MAX_SWEEPS):
        cosines = [turn(rows, i, j, rounding) for i, j in rounds(len(rows))]
        if max(cosines, default=0.0) < PRECISION:
            break
    values = np.linalg.norm(rows, axis=1)
    order = np.argsort(-values, kind="stable")
    order = order[values[order] > 1e-10 * values.max()]
    return values[order], rows[order] / values[order, None]


def turn(rows: Matrix, i: Ids, j: Ids, rounding: float) -> float:
    """Turn each pair of rows i, j of (r, d) to a right angle, in place.

    The result is the largest |cosine| of a pair before. The tangent t of the angle is the smaller
    root of t^2 + 2 z t = 1, where z = (|y|^2 - |x|^2) / (2 x.y). Rows that are not longer than
    `rounding` are left as they are.
    """
    x, y = rows[i], rows[j]
    xx, yy, xy = (np.einsum("rd,rd->r", *pair) for pair in ((x, x), (y, y), (x, y)))
    cosines = np.abs(xy) / np.maximum(np.sqrt(xx * yy), 1e-300)
    askew = (np.minimum(xx, yy) > rounding**2) & (cosines > PRECISION / 100)
    z = (yy - xx) / (2 * np.where(askew, xy, 1))
    t = np.where(askew, np.where(z < 0, -1, 1) / (np.abs(z) + np.hypot(1, z)), 0)[:, None]
    cos = 1 / np.sqrt(1 + t**2)
    rows[i], rows[j] = cos * (x - t * y), cos * (t * x + y)
    return float(cosines[askew].max(initial=0.0))


def rounds(count: int) -> Iterator[tuple[Ids, Ids]]:
    """Every pair of `count` rows exactly once, in rounds of disjoint pairs.

    As in a chess tournament: the first row keeps its seat, the others move one seat a round.
    """
    ring = np.arange(count + count % 2)  # with an odd count, one seat is empty
    for _ in range(len(ring) - 1):
        i, j = ring[: len(ring) // 2], ring[::-1][: len(ring) // 2]
        seated = (i < count) & (j < count)
        yield i[seated], j[seated]
        ring = np.concatenate([ring[:1], np.roll(ring[1:], 1)])


def errors_in(a: Matrix, basis: Matrix) -> Matrix:
    """(r,) relative errors |A - A W W^T| / |A|, for W the first 1, 2, ..., r columns of `basis`.

    A W W^T is the nearest copy of (m, d) A with rows in the span of W. In the Frobenius norm its
    error is the root of 1 - |A W|^2 / |A|^2 (Pythagoras). `basis` is (d, r), orthonormal.
    """
    squares = np.cumsum(((a @ basis) ** 2).sum(axis=0))
    return np.asarray(np.sqrt(np.maximum(0, 1 - squares / (a**2).sum())))
