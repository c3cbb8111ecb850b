"""How two rankings of the same candidates compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating[Any]]

TIE = 1e-6
"""Scores that differ by no more than float32 rounds are the same."""


def depth(count: int) -> int:
    """How many of `count` candidates are compared: ten, or half of them where that is less, but one
    at least.
    """
    return max(1, min(10, count // 2))


def ladder(top: int) -> list[int]:
    """Numbers of dimensions to try, from 1 to `top`: powers of two, from 32 on also the middle
    between two.
    """
    steps = [
        step
        for power in range(16)
        for step in (2**power, 3 * 2 ** (power - 1))
        if power > 4 or step == 2**power
    ]
    return [step for step in steps if step < top] + [top]


def kept(wanted: Scores, found: Scores, k: int) -> float:
    """The share of the `k` best by `wanted` that are among the `k` best by `found`: recall, the
    mean over the rows.

    Args:
        wanted: (q, c) scores, higher is better.
        found: (q, c) other scores of the same candidates.
        k: from 1 to c. What ties with the last of the `k` best counts as one of them.
    """
    last = -np.partition(-wanted, k - 1, axis=1)[:, k - 1 : k]
    best = np.argpartition(-found, k - 1, axis=1)[:, :k]
    return float(np.mean(np.take_along_axis(wanted, best, axis=1) >= last - TIE))


def recall(exact: Scores, found: Scores) -> float:
    """The same for the ten best, or all where there are fewer; what is not to be found is -inf in
    both.
    """
    return kept(exact, found, min(10, int(np.isfinite(exact).sum(axis=1).min())))


def without_itself(scores: Scores, queries: npt.NDArray[np.int64]) -> Scores:
    """(q, m) scores, -inf for each query at itself."""
    scores[np.arange(len(queries)), queries] = -np.inf
    return scores


def same_order(wanted: Scores, found: Scores) -> float:
    """The share of the rows in which both (q, c) scores put all candidates in the same order, ties
    aside.
    """
    order = np.argsort(-found, axis=1, kind="stable")
    return float(
        np.mean((np.diff(np.take_along_axis(wanted, order, axis=1), axis=1) <= TIE).all(axis=1))
    )
