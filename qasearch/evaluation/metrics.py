"""How good one ranking is: the usual figures of information retrieval, as trec_eval computes them.

`gains` are the relevance of each found entry in the order of the ranking, 0 for one that is not
relevant or was not judged. The ranking is taken as it is shown: scores play no part, so there are
no ties.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from qasearch.evaluation.report import RANKING_METRICS

DEPTH = 100
"""How many entries of a ranking the deepest metric looks at."""


def ranking_metrics(ranking: Sequence[str], relevance: Mapping[str, int]) -> dict[str, float]:
    """Every metric of `RANKING_METRICS` for one query, each 0 to 1, higher is better.

    Args:
        ranking: ids of entries, best first, none of them twice; may be empty.
        relevance: of the judged entries by id, at least one of them above 0. What is not judged is
            not relevant.

    Raises:
        ValueError: no entry is relevant; then no metric has a meaning.
    """
    gains = [max(0, relevance.get(entry, 0)) for entry in ranking]
    judged = [value for value in relevance.values() if value > 0]
    if not judged:
        raise ValueError("a query without a relevant entry has no metrics")
    values = (
        hit(gains, 1),
        hit(gains, 5),
        reciprocal_rank(gains, 10),
        ndcg(gains, judged, 10),
        recall(gains, judged),
    )
    return dict(zip(RANKING_METRICS, values, strict=True))


def hit(gains: Sequence[int], k: int) -> float:
    """1 if any of the first `k` entries is relevant, else 0: trec_eval's `success`."""
    return float(any(gain > 0 for gain in gains[:k]))


def reciprocal_rank(gains: Sequence[int], k: int) -> float:
    """One by the rank of the first relevant entry (Voorhees 1999), 0 if it is not among the first
    `k`.
    """
    return next((1 / rank for rank, gain in enumerate(gains[:k], start=1) if gain > 0), 0.0)


def dcg(gains: Sequence[int], k: int) -> float:
    """Discounted cumulative gain of the first `k`: the sum of gain / log2(rank + 1).

    Järvelin and Kekäläinen (2002), with the gain linear in the relevance and the discount from rank
    2 on, as in trec_eval's `ndcg_cut`.
    """
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], start=1))


def ndcg(gains: Sequence[int], judged: Sequence[int], k: int) -> float:
    """The discounted cumulative gain by the largest one that any ranking could have.

    Args:
        gains: of the ranking.
        judged: relevance of every relevant entry, found or not, at least one, in any order.
        k: how many of the ranking count.
    """
    return dcg(gains, k) / dcg(sorted(judged, reverse=True), k)


def recall(gains: Sequence[int], judged: Sequence[int], k: int = DEPTH) -> float:
    """The share of the relevant entries, at least one, that is among the first `k`."""
    return sum(gain > 0 for gain in gains[:k]) / len(judged)
