"""Principal components, and how many dimensions a cloud of points really has.

Pearson (1901), On lines and planes of closest fit to systems of points in space; Hotelling (1933),
Analysis of a complex of statistical variables into principal components.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qasearch.lab.algorithms.covariance import covariance_matrix
from qasearch.lab.arrays import Floats, Matrix

NO_VARIANCE = 1e-12
"""Total variance below which all points are taken to be one point; the rest is rounding."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane in which points vary most.

    Attributes:
        mean: (d,) float64, the origin of the plane.
        axes: (2, d) float64, two directions at right angles; the second is zero if d is 1.
        share: the share of the variance in these two directions; 0 if nothing varies.
    """

    mean: Matrix
    axes: Matrix
    share: float

    def place(self, points: Floats) -> Matrix:
        """(n, 2) float64 coordinates of (n, d) points in the plane."""
        return np.asarray((points - self.mean) @ self.axes.T, np.float64)


class Components(NamedTuple):
    """The (d,) mean, the (d, d) axes as orthonormal columns, and the (d,) variances along them.

    Variances are in falling order.
    """

    mean: Matrix
    axes: Matrix
    variances: Matrix

    def scores(self, x: Matrix) -> Matrix:
        """(n, d) coordinates of (n, d) points along the axes.

        The coordinates of the points that the axes were made from are uncorrelated.
        """
        return np.asarray((x - self.mean) @ self.axes)

    @property
    def plane(self) -> Plane:
        """The plane of the first two axes.

        An axis and its opposite are equally good: the largest coordinate of each is made
        positive, so that the plane is the same on every machine.
        """
        axes = self.axes[:, :2].T
        axes = np.pad(axes, ((0, 2 - len(axes)), (0, 0)))
        largest = axes[[0, 1], np.abs(axes).argmax(axis=1)]
        total = self.variances.sum()
        share = float(self.variances[:2].sum() / total) if total > NO_VARIANCE else 0.0
        return Plane(self.mean, axes * np.where(largest < 0, -1, 1)[:, None], share)


def principal_components(x: Matrix) -> Components:
    """The principal components of (n, d) points, n at least 2.

    The variance along a unit vector u is u.S u, S the covariance matrix. Where it is greatest,
    S u = variance u (Lagrange), so u is an eigenvector. LAPACK finds all of them here;
    `qasearch.lab.algorithms.eigen` shows how to find the first few by hand.
    """
    variances, axes = np.linalg.eigh(covariance_matrix(x))
    return Components(x.mean(axis=0), axes[:, ::-1], np.maximum(variances[::-1], 0))


def principal_plane(x: Floats) -> Plane:
    """The plane of the first two principal components of (n, d) points, n at least 2."""
    return principal_components(np.asarray(x, np.float64)).plane


def effective_dimension(variances: Matrix) -> float:
    """The participation ratio (sum v)^2 / sum v^2 of variances that are not all 0.

    It is d for d equal variances, and 1 if one direction has all of the variance.
    """
    return float(variances.sum() ** 2 / (variances**2).sum())


def nearness_in(dimensions: int, queries: Matrix, points: Matrix) -> Matrix:
    """(q, c) scores, higher is nearer, by L2 distance in the first few coordinates.

    The score is minus the squared distance without |query|^2, which is the same for all points
    and changes no ranking.

    Args:
        dimensions: how many coordinates count.
        queries: (q, d).
        points: (c, d).
    """
    a, b = queries[:, :dimensions], points[:, :dimensions]
    return np.asarray(2 * a @ b.T - (b**2).sum(axis=1))
