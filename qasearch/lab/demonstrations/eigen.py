"""Eigenvectors of the covariance matrix: the axes of the largest variance, and how to find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.covariance import covariance_matrix
from qasearch.lab.algorithms.eigen import PRECISION, Eigenpair, leading_eigenpairs
from qasearch.lab.arrays import Ids, Matrix
from qasearch.lab.charts import Bars, Curves, Demonstration, Part, Table
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Space
from qasearch.phrases import counted

EIGENVECTORS = 5
"""Eigenvectors that are searched."""

RANDOM_DIRECTIONS = 1000
"""Random directions that are compared with the first eigenvector."""

BARS_AT_EACH_END = 4
"""Entries drawn at each end of the first eigenvector."""

NO_VARIANCE = 1e-9
"""Total variance below which all entries count as one point."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The eigenvectors with the largest eigenvalues.

    Attributes:
        total: the trace of the covariance matrix, which is the total variance.
        dimensions: d.
        pairs: the k eigenpairs, largest first.
        exact: (d,) all eigenvalues by LAPACK, largest first.
        scores: (n, k) coordinates of the entries along the eigenvectors.
        order: (n, k) numbers of the entries by rising coordinate.
        residual: the largest |A v - value v|, divided by the first eigenvalue.
        best_random: the largest variance along a random direction, divided by the first
            eigenvalue.
    """

    total: float
    dimensions: int
    pairs: Sequence[Eigenpair]
    exact: Matrix
    scores: Matrix
    order: Ids
    residual: float
    best_random: float

    @property
    def values(self) -> Matrix:
        """(k,) the eigenvalues."""
        return np.array([pair.value for pair in self.pairs])


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast power iteration found the first eigenvector.

    Attributes:
        logarithms: (steps,) log10 of the residuals.
        predicted: value 2 / value 1, the factor of the residual in a step.
        measured: the mean factor over the last half of the steps.
    """

    logarithms: Matrix
    predicted: float
    measured: float


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The directions in which the entries vary most, the entries at their ends, and the speed.

    Raises:
        BadRequest: there are fewer than three entries, or all lie at one point.
    """
    space.need(3, "Finding eigenvectors")
    axes = leading_axes(space)
    ratio = float(axes.exact[1:2].clip(min=0).sum() / axes.exact[0])
    speed = speed_of(axes.pairs[0].residuals, ratio)
    steps = [len(pair.residuals) for pair in axes.pairs]
    body = (*tell_axes(axes, space), *tell_speed(speed, axes.pairs[0].residuals))
    numbers = {
        "entries": len(space.entries),
        "trace": float(f"{axes.total:.6g}"),
        "values": [float(f"{value:.6g}") for value in axes.values],
        "shares": [round(float(value) / axes.total, 4) for value in axes.values],
        "residual": float(f"{axes.residual:.1e}"),
        "steps": steps,
        "rate": [round(speed.predicted, 4), round(speed.measured, 4)] if speed else [],
        "best_random_direction": round(axes.best_random, 4),
        "ends": [
            [space.entries[number].id for number in (*column[:2], *column[:-3:-1])]
            for column in axes.order.T
        ],
    }
    return Demonstration("Eigenvectors: the axes along which the corpus varies", body, numbers)


def leading_axes(space: Space) -> Axes:
    """The leading eigenvectors of the covariance matrix of the entries.

    Raises:
        BadRequest: all entries lie at one point.
    """
    x = space.vectors.astype(np.float64)
    a = covariance_matrix(x)
    total = float(np.trace(a))
    if total < NO_VARIANCE:
        raise BadRequest(
            f"All {len(x)} entries of the index in {space.place} lie at one point, so their "
            "covariance matrix is zero.",
            "Choose an index with several different texts: --index DIR",
        )
    pairs = leading_eigenpairs(a, EIGENVECTORS)
    values = np.array([pair.value for pair in pairs])
    vectors = np.array([pair.vector for pair in pairs])
    scores = (x - x.mean(axis=0)) @ vectors.T
    errors = np.linalg.norm(vectors @ a - values[:, None] * vectors, axis=1)
    directions = np.random.default_rng(0).normal(size=(RANDOM_DIRECTIONS, len(a)))
    variances = ((directions @ a) * directions).sum(axis=1) / (directions**2).sum(axis=1)
    return Axes(
        total=total,
        dimensions=len(a),
        pairs=pairs,
        exact=np.asarray(np.linalg.eigvalsh(a)[::-1], np.float64),
        scores=scores,
        order=scores.argsort(axis=0, kind="stable"),
        residual=float(errors.max() / values[0]),
        best_random=float(variances.max() / values[0]),
    )


def speed_of(residuals: Matrix, ratio: float) -> Speed | None:
    """The predicted and the measured speed; None if there are too few steps to measure one.

    Args:
        residuals: (steps,) of the first eigenvector.
        ratio: the second eigenvalue divided by the first.
    """
    steps, half = len(residuals), len(residuals) // 2
    if steps < 4 or ratio < 1e-6:
        return None
    logarithms = np.log10(np.maximum(residuals, 1e-16))
    rate = float(10 ** ((logarithms[-1] - logarithms[half]) / (steps - 1 - half)))
    return Speed(logarithms, ratio, rate)


def tell_axes(axes: Axes, space: Space) -> tuple[Part, ...]:
    """What the eigenvectors are, which entries stand at their ends, and how exact they are."""
    names = [one_line(entry.question) for entry in space.entries]
    order, values = axes.order, axes.values
    low, high = names[order[0, 0]], names[order[-1, 0]]
    drawn = order[:, 0]
    if len(drawn) > 2 * BARS_AT_EACH_END:
        drawn = np.concatenate([drawn[:BARS_AT_EACH_END], drawn[-BARS_AT_EACH_END:]])
    sample = f" (a sample of {space.total:,})" if space.total > len(names) else ""
    rows = tuple(
        (
            str(number + 1),
            float(pair.value),
            f"{pair.value / axes.total:.1%}",
            len(pair.residuals),
            f"{names[order[0, number]]} / {names[order[1, number]]}",
            f"{names[order[-1, number]]} / {names[order[-2, number]]}",
        )
        for number, pair in enumerate(axes.pairs)
    )
    difference = np.abs(axes.exact[: len(values)] - values).max()
    return (
        f"The mean vectors of {len(names):,} entries{sample} have a covariance matrix A, "
        f"{axes.dimensions} by {axes.dimensions}. A stretches an eigenvector v without turning "
        "it: A v = value v. The value is the variance of the entries along v.",
        Table(("eigenvector", "value", "share", "steps", "at one end", "at the other end"), rows),
        "The first eigenvector is the direction in which the entries vary most: from "
        f"'{low}' to '{high}'. The variance along the best of {RANDOM_DIRECTIONS:,} random "
        f"directions is {axes.best_random:.1%} of that. Which end is positive is arbitrary. The "
        "algebra does not say what an axis means; compare the entries at both ends.",
        Bars(
            "Coordinates along the first eigenvector",
            tuple(names[number] for number in drawn),
            tuple(float(axes.scores[number, 0]) for number in drawn),
        ),
        f"The {len(values)} eigenvalues above are {values.sum() / axes.total:.0%} of the trace, "
        f"{axes.total:.3g}, which is the sum of all eigenvalues and the total variance. Two "
        f"checks: |A v - value v| is at most {axes.residual:.0e} of the first value, and the "
        f"values differ from those of LAPACK by at most {difference:.0e}.",
    )


def tell_speed(speed: Speed | None, residuals: Matrix) -> tuple[Part, ...]:
    """How fast power iteration was, compared with the prediction."""
    steps = len(residuals)
    if speed is None:
        return (
            f"Power iteration found the first eigenvector in {counted(steps, 'step')}, too few to "
            "measure its speed. The smaller the other eigenvalues are, the faster it is.",
        )
    stopped = (
        " Two nearly equal eigenvalues made it slow, and it was stopped."
        if residuals[-1] > PRECISION
        else ""
    )
    predicted = speed.logarithms[-1] + np.log10(speed.predicted) * np.arange(1.0 - steps, 1.0)
    return (
        "Power iteration multiplies a vector by A and normalises it, again and again. In each step "
        "the part of the second eigenvector should be multiplied by value 2 / value 1 = "
        f"{speed.predicted:.4f}. Over the last half of the {steps} steps, the residual was "
        f"multiplied by {speed.measured:.4f} a step.{stopped}",
        Curves(
            "Power iteration: log10 of |A v - value v| / value",
            "step",
            "log10 of the residual",
            np.arange(1.0, steps + 1),
            {"measured": speed.logarithms, "predicted": predicted},
        ),
    )
