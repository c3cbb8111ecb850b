"""Eigenvectors of the covariance matrix: the axes along which the entries vary, and how fast they
are found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.covariance import Matrix, covariance_matrix
from qasearch.lab.algorithms.eigen import PRECISION, leading_eigenpairs
from qasearch.lab.charts import Bars, Chart, Curves, Demonstration, Table
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Space


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The directions in which the entries vary most, what stands at their ends, and how fast they
    are found.
    """
    space.need(3, "Finding eigenvectors")
    x = space.vectors.astype(np.float64)
    a, names = covariance_matrix(x), [one_line(entry.question) for entry in space.entries]
    total = float(np.trace(a))
    if total < 1e-9:
        raise BadRequest(
            f"All {len(x)} entries of the index in {space.place} lie in one point, so their covariance matrix is zero.",
            "Show it on an index of several different texts: --index DIR",
        )
    pairs, exact = leading_eigenpairs(a, 5), np.linalg.eigvalsh(a)[::-1]
    values, vectors = (
        np.array([pair.value for pair in pairs]),
        np.array([pair.vector for pair in pairs]),
    )
    scores = (x - x.mean(axis=0)) @ vectors.T
    order = scores.argsort(axis=0, kind="stable")
    error = float(np.linalg.norm(vectors @ a - values[:, None] * vectors, axis=1).max() / values[0])
    directions = np.random.default_rng(0).normal(size=(1000, len(a)))
    best = float(
        (((directions @ a) * directions).sum(axis=1) / (directions**2).sum(axis=1)).max()
        / values[0]
    )
    shown = [*order[:4, 0], *order[-4:, 0]] if len(x) > 8 else [*order[:, 0]]
    low, high = names[order[0, 0]], names[order[-1, 0]]
    speed, charts, rate = _speed(pairs[0].residuals, float(exact[1:2].clip(min=0).sum() / exact[0]))
    sample = f" (a sample of {space.total:,})" if space.total > len(x) else ""
    body: tuple[str | Chart | Table, ...] = (
        f"The mean vectors of {len(x):,} entries{sample} have a covariance matrix A, {len(a)} by {len(a)}. It only"
        " stretches its eigenvectors, A v = value v, and the value is the variance of the entries along v.",
        Table(("eigenvector", "value", "share", "steps", "at one end", "at the other"),
              tuple((f"{i + 1}", float(pair.value), f"{pair.value / total:.1%}", len(pair.residuals),
                     f"{names[order[0, i]]} / {names[order[1, i]]}", f"{names[order[-1, i]]} / {names[order[-2, i]]}")
                    for i, pair in enumerate(pairs))),
        f"The first is the direction in which the corpus varies most: from '{low}' to '{high}'. Of 1,000 random"
        f" directions the best has {best:.1%} of its variance. Which end is positive is arbitrary, and what an axis is"
        " about, the reader says, not the algebra.",
        Bars("Coordinates along the first eigenvector", tuple(names[i] for i in shown),
             tuple(float(scores[i, 0]) for i in shown)),
        f"Shown: {len(pairs)}, with {values.sum() / total:.0%} of the trace, {total:.3g}, which is the sum of all"
        f" eigenvalues and the total variance. Checked: |A v - value v| is at most {error:.0e} of the first value, and"
        f" LAPACK's values differ by at most {np.abs(exact[: len(values)] - values).max():.0e}.",
        speed,
        *charts,
    )  # fmt: skip
    numbers = {
        "entries": len(x), "trace": float(f"{total:.6g}"), "values": [float(f"{value:.6g}") for value in values],
        "shares": [round(float(value) / total, 4) for value in values], "residual": float(f"{error:.1e}"),
        "steps": [len(pair.residuals) for pair in pairs], "rate": rate, "best_random_direction": round(best, 4),
        "ends": [[space.entries[i].id for i in (*column[:2], *column[:-3:-1])] for column in order.T],
    }  # fmt: skip
    return Demonstration("Eigenvectors: the axes along which the corpus varies", body, numbers)


def _speed(residuals: Matrix, ratio: float) -> tuple[str, tuple[Curves, ...], list[float]]:
    """How fast the first was found, which the ratio of the second value to it predicts: words,
    chart, both rates.
    """
    steps, half = len(residuals), len(residuals) // 2
    if steps < 4 or ratio < 1e-6:
        return (
            f"Power iteration found the first in {steps} steps, as the second eigenvalue is nothing to it.",
            (),
            [],
        )
    logs = np.log10(np.maximum(residuals, 1e-16))
    rate = float(10 ** ((logs[-1] - logs[half]) / (steps - 1 - half)))
    chart = Curves(
        "Power iteration: log10 of |A v - value v| / value", "step", "log10 of the residual", np.arange(1.0, steps + 1),
        {"measured": logs, "predicted": logs[-1] + np.log10(ratio) * np.arange(1.0 - steps, 1.0)},
    )  # fmt: skip
    return (
        "Power iteration multiplies by A and normalises, again and again. What is left of the second eigenvector should"
        f" shrink by value 2 / value 1 = {ratio:.4f} a step; over the last half of the {steps} steps the residual"
        f" shrank by {rate:.4f}."
        + (" Two nearly equal eigenvalues make it slow, and it was stopped." if residuals[-1] > PRECISION else "")
    ), (chart,), [round(ratio, 4), round(rate, 4)]  # fmt: skip
