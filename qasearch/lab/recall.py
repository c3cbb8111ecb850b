"""How much of an exact ranking a cheaper one finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int64]

K = 10


def recall(exact: Scores, scores: Scores) -> float:
    """The share of the first ten by `scores` that are as good, by `exact`, as the first ten by `exact`, in the mean.

    Both are (q, m), higher for better; ones that were not to be found are -inf in both. What ties with the tenth is as
    good as the tenth. If m is less than ten, all m are as good as any.
    """
    k = min(K, exact.shape[1], int(np.isfinite(exact).sum(axis=1).min()))
    best = -np.partition(-exact, k - 1, axis=1)[:, k - 1]
    found = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    return float((np.take_along_axis(exact, found, axis=1) >= best[:, None] - 1e-6).mean())


def without_itself(scores: Scores, queries: Ids) -> Scores:
    """(q, m) scores, -inf for each query at itself."""
    scores[np.arange(len(queries)), queries] = -np.inf
    return scores
