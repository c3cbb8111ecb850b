"""Principal components, and how many dimensions a cloud of points really has.

Pearson (1901), On lines and planes of closest fit to systems of points in space; Hotelling (1933),
Analysis of a complex of statistical variables into principal components.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qasearch.lab.algorithms.covariance import Matrix, covariance_matrix


class Components(NamedTuple):
    """The (d,) mean, the (d, d) axes as columns, orthonormal, and the (d,) variances along them,
    greatest first.
    """

    mean: Matrix
    axes: Matrix
    variances: Matrix

    def scores(self, x: Matrix) -> Matrix:
        """(n, d) coordinates of (n, d) points along the axes, uncorrelated for the points that the
        axes are of.
        """
        return np.asarray((x - self.mean) @ self.axes)


def principal_components(x: Matrix) -> Components:
    """Those of (n, d) points, n at least 2: maximising u.S u with u.u = 1 gives S u = variance u
    (Lagrange).

    LAPACK finds all eigenvectors here; `qasearch.lab.algorithms.eigen` shows how the first few can
    be found by hand.
    """
    variances, axes = np.linalg.eigh(covariance_matrix(x))
    return Components(x.mean(axis=0), axes[:, ::-1], np.maximum(variances[::-1], 0))


def plane(x: Matrix) -> tuple[Matrix, float]:
    """(n, 2) coordinates of (n, d) points along the first two components, and the share of the
    variance in these.

    What has one dimension only lies on a line of the plane; where nothing varies, the share is 0.
    """
    components = principal_components(x)
    flat, total = components.scores(x)[:, :2], components.variances.sum()
    share = float(components.variances[:2].sum() / total) if total > 1e-12 else 0.0
    return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1]))), share


def effective_dimension(variances: Matrix) -> float:
    """(sum v)^2 / sum v^2, the participation ratio: d for d equal variances, 1 where one has all.
    Not all may be 0.
    """
    return float(variances.sum() ** 2 / (variances**2).sum())


def mean_cosine(vectors: Matrix) -> float:
    """The mean cosine of all pairs of different rows of (n, d), unit norm each: |sum|^2 is these
    twice, and n ones.
    """
    total, n = vectors.sum(axis=0), len(vectors)
    return float((total @ total - n) / (n * (n - 1)))


def nearness_in(dimensions: int, queries: Matrix, points: Matrix) -> Matrix:
    """(q, c) scores, higher is nearer, by L2 distance in the first coordinates of (q, d) and (c,
    d).
    """
    a, b = queries[:, :dimensions], points[:, :dimensions]
    return np.asarray(
        2 * a @ b.T - (b**2).sum(axis=1)
    )  # less |a|^2, which is the same for all points
