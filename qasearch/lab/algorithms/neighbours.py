"""Exact nearest neighbours, and how well one ranking finds what another one finds.

Several concepts and the map use this module.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from qasearch.lab.arrays import Floats, Ids

BLOCK = 256
"""Rows compared with all others at a time: the cosines take 20 MB for 20,000 entries."""

TIE = 1e-6
"""Scores that differ by no more than this are equal: float32 cosines are rounded to about 1e-7."""

DEPTH = 10
"""Rank down to which rankings are compared, as in recall@10."""


def nearest_neighbours(vectors: Floats, k: int) -> tuple[Ids, Floats]:
    """(n, k) numbers of the k nearest other rows for each of (n, d) rows, and their cosines.

    Best first; ties in the order of the rows. Rows have unit norm, and k is below n. The result is
    exact: all n^2 cosines are computed, a block of rows at a time.
    """
    ids, cosines = [], []
    for rows in blocks(np.arange(len(vectors))):
        distances = negated_cosines(vectors, rows)
        nearest = smallest_columns(distances.copy(), k)
        ids.append(nearest)
        cosines.append(-np.take_along_axis(distances, nearest, axis=1))
    return np.concatenate(ids), np.clip(np.concatenate(cosines), -1, 1)


def blocks(rows: Ids) -> Iterator[Ids]:
    """The rows, `BLOCK` of them at a time."""
    for start in range(0, len(rows), BLOCK):
        yield rows[start : start + BLOCK]


def negated_cosines(vectors: Floats, rows: Ids) -> Floats:
    """(r, n) minus the cosine of each given row with every row; infinite with itself."""
    negated = -(vectors[rows] @ vectors.T)
    negated[np.arange(len(rows)), rows] = np.inf
    return negated


def smallest_columns(values: Floats, k: int) -> Ids:
    """(r, k) int64 columns of the k smallest of each of (r, n) rows, smallest first.

    `values` is overwritten. For a small k, one pass over the row for each is faster than a
    partition.
    """
    columns = np.empty((len(values), k), np.int64)
    for place in range(k):
        columns[:, place] = values.argmin(axis=1)
        values[np.arange(len(values)), columns[:, place]] = np.inf
    return columns


def recall_at(k: int, reference: Floats, scores: Floats) -> float:
    """The share of the k best by `reference` among the k best by `scores`, the mean over the rows.

    Args:
        k: from 1 to c.
        reference: (q, c) scores, higher is better.
        scores: (q, c) other scores of the same candidates. A candidate that ties with the k-th
            best by `reference` counts as one of the k best.
    """
    threshold = -np.partition(-reference, k - 1, axis=1)[:, k - 1 : k]
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    return float(np.mean(np.take_along_axis(reference, best, axis=1) >= threshold - TIE))


def recall_at_10(reference: Floats, scores: Floats) -> float:
    """`recall_at` 10, or at the number of candidates if there are fewer.

    A score of -inf in both rankings marks a candidate that must not be found.
    """
    candidates = int(np.isfinite(reference).sum(axis=1).min())
    return recall_at(min(DEPTH, candidates), reference, scores)


def comparison_depth(count: int) -> int:
    """The depth at which rankings of `count` candidates are compared.

    It is 10, but at most half of the candidates and at least one: the best half of a ranking says
    more than all of it.
    """
    return max(1, min(DEPTH, count // 2))


def exclude_self(scores: Floats, queries: Ids) -> Floats:
    """(q, m) scores, changed in place: -inf where query i meets itself, candidate `queries[i]`."""
    scores[np.arange(len(queries)), queries] = -np.inf
    return scores


def first_hit_accuracy(scores: Floats, owners: Ids, expected: Ids) -> float:
    """The share of the queries whose best candidate belongs to the expected entry; 0 of none.

    Args:
        scores: (q, c), higher is better.
        owners: (c,) the entry of each candidate.
        expected: (q,) the entry that answers each query.
    """
    if not len(scores):
        return 0.0
    return float((owners[scores.argmax(axis=1)] == expected).mean())


def same_order(reference: Floats, scores: Floats) -> float:
    """The share of the rows that both (q, c) scores sort in the same order, apart from ties."""
    order = np.argsort(-scores, axis=1, kind="stable")
    steps = np.diff(np.take_along_axis(reference, order, axis=1), axis=1)
    return float(np.mean((steps <= TIE).all(axis=1)))
