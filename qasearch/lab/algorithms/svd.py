"""The singular value decomposition by one-sided Jacobi rotations.

Hestenes (1958), Inversion of matrices by biorthogonalization and related results; the pairs of a
round are disjoint, in the order of Brent and Luk (1985), so that all of them turn at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qasearch.lab.algorithms.covariance import Matrix
from qasearch.lab.space import Ids

PRECISION, MOST_SWEEPS = 1e-10, 60


def singular_values(a: Matrix) -> tuple[Matrix, Matrix]:
    """(r,) singular values of (m, d), greatest first, less those that are rounding, and (r, d)
    right vectors as rows.

    Turning two rows into each other leaves A^T A as it is. Pairs are turned to right angles until
    all are: then A^T A is the sum of row^T row, the lengths of the rows are the singular values,
    their directions the right vectors v, and the left ones are A v / value. R of A = QR has the
    same A^T A, and never more than d rows.
    """
    rows: Matrix = np.array(np.linalg.qr(a, mode="r"))
    rounding = 1e-13 * float(np.linalg.norm(rows))
    for _ in range(MOST_SWEEPS):
        if max((turn(rows, i, j, rounding) for i, j in rounds(len(rows))), default=0.0) < PRECISION:
            break
    values = np.linalg.norm(rows, axis=1)
    order = np.argsort(-values, kind="stable")
    order = order[values[order] > 1e-10 * values.max()]
    return values[order], rows[order] / values[order, None]


def turn(rows: Matrix, i: Ids, j: Ids, rounding: float) -> float:
    """Turn each pair of rows i, j of (r, d) to a right angle, in place; the greatest |cosine| that
    a pair had before.

    By the angle whose tangent t is the smaller root of t^2 + 2 z t = 1, where z = (|y|^2 - |x|^2) /
    (2 x.y). Rows no longer than `rounding` are left as they are.
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
    """Every pair of `count` rows once, in rounds of disjoint pairs: the first stays, the others
    walk round a table.
    """
    ring = np.arange(count + count % 2)  # an odd one out meets an empty seat
    for _ in range(len(ring) - 1):
        i, j = ring[: len(ring) // 2], ring[::-1][: len(ring) // 2]
        seated = (i < count) & (j < count)
        yield i[seated], j[seated]
        ring = np.concatenate([ring[:1], np.roll(ring[1:], 1)])
