"""Covariance and correlation between the dimensions of the vectors, and between signals of
likeness.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.covariance import correlation_matrix, covariance_matrix
from qasearch.lab.charts import Demonstration, Grid
from qasearch.lab.demonstrations.samples import MOST_PASSAGES, counted
from qasearch.lab.demonstrations.signals import show_signals
from qasearch.lab.space import Space


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """Which dimensions vary together, and which signals of likeness do."""
    space.need(3, "Correlating")
    rows = np.sort(np.random.default_rng(0).permutation(len(space.passages))[:MOST_PASSAGES])
    x = space.passage_vectors[rows].astype(np.float64)
    varies = x.std(axis=0) > 1e-6  # less is what float32 rounds
    alive, dead = np.flatnonzero(varies), np.flatnonzero(~varies)
    if len(alive) < 2:
        raise BadRequest(
            f"Correlating needs two dimensions that vary, and of {x.shape[1]} in the index in {space.place} there are"
            f" {len(alive)}.",
            "Show it on an index of several different texts: --index DIR",
        )
    s, r = covariance_matrix(x[:, alive]), correlation_matrix(x[:, alive])
    above = np.triu_indices(len(alive), 1)
    strength = np.abs(r[above])
    pairs = np.column_stack(above)[np.argsort(-strength, kind="stable")[:8]]
    (a, b), some = pairs[0], list(dict.fromkeys(pairs.ravel().tolist()))[:8]
    typical, off = float(strength.mean()), float(1 - (np.diag(s) ** 2).sum() / (s**2).sum())
    names = tuple(str(alive[number]) for number in some)
    wasted = (
        f" The same in every passage, up to rounding, and left out: {len(dead)} of the model's {x.shape[1]} dimensions"
        f" ({', '.join(map(str, dead[:5]))}{', …' if len(dead) > 5 else ''}). A correlation with a constant is 0/0, and"
        " what a program prints for it, if anything, is rounding noise."
        if len(dead)
        else ""
    )
    words, signals = show_signals(space)
    body = (
        f"Over {counted(space, len(x))}, {len(alive)} dimensions vary, which makes {len(strength):,} pairs.{wasted}",
        "Covariance is the mean product of two deviations from the mean; correlation divides it by both standard"
        f" deviations. The most correlated pair is {alive[a]} and {alive[b]}: covariance {s[a, b]:.2g}, Pearson's r"
        f" {r[a, b]:.2f}, so a line from one explains {r[a, b] ** 2:.0%} of the variance of the other. Counted"
        f" in hundredths the covariance is {1e4 * s[a, b]:.2g}, and r as before: covariance has units, r has none.",
        Grid("Pearson's r of the most correlated dimensions", names, names, r[np.ix_(some, some)]),
        f"The mean |r| over all pairs is {typical:.3f}. Between unrelated columns of {len(x):,} independent rows it"
        f" would be {(2 / np.pi / len(x)) ** 0.5:.3f} (the root of 2/(pi n)), but passages of one entry are not"
        f" independent. What is small adds up: {off:.0%} of the sum of squares of the covariance matrix lies off its"
        " diagonal. PCA turns the axes until none does.",
        *words,
    )  # fmt: skip
    numbers = {
        "passages": len(x), "dimensions": len(alive), "constant_dimensions": dead.tolist(),
        "strongest_pair": [int(alive[a]), int(alive[b])], "strongest_covariance": float(f"{s[a, b]:.4g}"),
        "strongest_r": round(float(r[a, b]), 4), "mean_abs_r": round(typical, 4), "off_diagonal": round(off, 4),
        "covariance_r_rho_of_signals": signals,
    }  # fmt: skip
    return Demonstration("Covariance and correlation: what varies together", body, numbers)
