"""Eigenvalues and eigenvectors of a symmetric matrix, the greatest first, by power iteration and
deflation.

Hotelling (1933), Analysis of a complex of statistical variables into principal components, has
both; their rate and the Rayleigh quotient: Trefethen and Bau (1997), Numerical Linear Algebra,
lecture 27.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qasearch.lab.algorithms.covariance import Matrix

MOST_STEPS, PRECISION = 5000, 1e-9


class Eigenpair(NamedTuple):
    """An eigenvalue, its (d,) eigenvector of unit length, and by step the residual |A v - value v|
    / value.
    """

    value: float
    vector: Matrix
    residuals: Matrix


def power_iteration(a: Matrix, start: Matrix) -> Eigenpair:
    """The greatest eigenvalue of a symmetric, positive semi-definite (d, d) matrix that is not
    zero, from (d,) `start`.

    Multiply and normalise until the residual is `PRECISION`, or `MOST_STEPS` times. Each step
    shrinks what `start` has of the second eigenvector by value_2 / value_1. The value is the
    Rayleigh quotient v.A v. The sign of the vector, which is arbitrary, makes its largest
    coordinate positive.
    """
    vector, residuals = start / np.linalg.norm(start), []
    for _ in range(MOST_STEPS):
        image = a @ vector
        value = float(vector @ image)
        residuals.append(float(np.linalg.norm(image - value * vector)) / value)
        if residuals[-1] < PRECISION:
            break
        vector = image / np.linalg.norm(image)
    return Eigenpair(value, vector * np.sign(vector[np.abs(vector).argmax()]), np.array(residuals))


def leading_eigenpairs(a: Matrix, count: int) -> list[Eigenpair]:
    """The `count` greatest, or as many as are not rounding: found one by one, each taken out as A -
    value v v^T.
    """
    rng, rest = np.random.default_rng(0), a.copy()
    pairs: list[Eigenpair] = []
    while len(pairs) < count and np.trace(rest) > 1e-9 * np.trace(a):
        pairs.append(power_iteration(rest, rng.normal(size=len(a))))
        value, vector, _ = pairs[-1]
        rest = rest - value * np.outer(vector, vector)
    return sorted(pairs, key=lambda pair: -pair.value)
