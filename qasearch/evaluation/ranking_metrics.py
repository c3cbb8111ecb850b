"""Metrics of one ranking, as trec_eval computes them. Which ones are reported: `metric_table`.

`gains` are the relevances of the ranked entries, best rank first; 0 for an entry that is not
relevant or not judged. `relevances` are those of all relevant entries, ranked or not, in any order;
at least one. The order counts, not the scores, so there are no ties.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

DEPTH = 100
"""Number of hits that an evaluation asks for: `recall@100` looks deepest."""


def hit(gains: Sequence[int], k: int) -> float:
    """1 if any of the first `k` entries is relevant, else 0: `success` of trec_eval."""
    return float(any(gain > 0 for gain in gains[:k]))


def reciprocal_rank(gains: Sequence[int], k: int) -> float:
    """1 / rank of the first relevant entry (Voorhees 1999); 0 if none is among the first `k`."""
    return next((1 / rank for rank, gain in enumerate(gains[:k], start=1) if gain > 0), 0.0)


def dcg(gains: Sequence[int], k: int) -> float:
    """Discounted cumulative gain of the first `k` entries: the sum of gain / log2(rank + 1).

    From Järvelin and Kekäläinen (2002). As in `ndcg_cut` of trec_eval, the gain is the relevance
    itself and rank 2 is the first that is discounted.
    """
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], start=1))


def ndcg(gains: Sequence[int], relevances: Sequence[int], k: int) -> float:
    """The DCG of the first `k` entries, divided by the highest DCG that a ranking can have."""
    return dcg(gains, k) / dcg(sorted(relevances, reverse=True), k)


def recall(gains: Sequence[int], relevances: Sequence[int], k: int) -> float:
    """The share of the relevant entries that are among the first `k`."""
    return sum(gain > 0 for gain in gains[:k]) / len(relevances)
