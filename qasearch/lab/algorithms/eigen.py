"""The largest eigenvalues of a symmetric matrix and their eigenvectors, by power iteration.

Power iteration and deflation: Hotelling (1933), Analysis of a complex of statistical variables into
principal components. Their rate and the Rayleigh quotient: Trefethen and Bau (1997), Numerical
Linear Algebra, lecture 27.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qasearch.lab.arrays import Matrix

MAX_STEPS = 5000
"""Steps after which an iteration is stopped: two nearly equal eigenvalues would take forever."""

PRECISION = 1e-9
"""Residual |A v - value v| / value at which an eigenvector counts as found."""


class Eigenpair(NamedTuple):
    """An eigenvalue, its (d,) eigenvector of unit length, and the (steps,) residuals on the way.

    A residual is |A v - value v| / value.
    """

    value: float
    vector: Matrix
    residuals: Matrix


def power_iteration(a: Matrix, start: Matrix) -> Eigenpair:
    """The largest eigenvalue of a symmetric, positive semi-definite (d, d) matrix, not zero.

    Multiply the vector by the matrix and normalise it, again and again, until the residual is
    `PRECISION`. Each step shrinks the part of the second eigenvector by value_2 / value_1. The
    eigenvalue is the Rayleigh quotient v.A v. The sign of an eigenvector is arbitrary: its largest
    coordinate is made positive.
    """
    vector, residuals = start / np.linalg.norm(start), []
    for _ in range(MAX_STEPS):
        image = a @ vector
        value = float(vector @ image)
        residuals.append(float(np.linalg.norm(image - value * vector)) / value)
        if residuals[-1] < PRECISION:
            break
        vector = image / np.linalg.norm(image)
    return Eigenpair(value, vector * np.sign(vector[np.abs(vector).argmax()]), np.array(residuals))


def leading_eigenpairs(a: Matrix, count: int) -> list[Eigenpair]:
    """The `count` largest eigenpairs, or fewer if the rest is rounding; largest first.

    They are found one by one. Each is removed from the matrix before the next is searched:
    A - value v v^T (deflation).
    """
    rng, rest = np.random.default_rng(0), a.copy()
    pairs: list[Eigenpair] = []
    while len(pairs) < count and np.trace(rest) > 1e-9 * np.trace(a):
        pairs.append(power_iteration(rest, rng.normal(size=len(a))))
        value, vector, _ = pairs[-1]
        rest = rest - value * np.outer(vector, vector)
    return sorted(pairs, key=lambda pair: -pair.value)
