"""The searchable vectors of a generation: those of the vectors file, and what changed since it was
written.

Searched exactly, or approximately where there are many.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from qasearch.storage import exact
from qasearch.storage.approximate import Approximate
from qasearch.storage.exact import Mask, cosines
from qasearch.storage.schema import PASSAGES_PER_ENTRY
from qasearch.storage.segments import Floats, Ids, Segment

__all__ = ["Floats", "Ids", "VectorIndex", "cosines"]


class VectorIndex:
    """Vectors by passage id, searched by inner product."""

    def __init__(
        self,
        base: Segment,
        delta: Segment | None = None,
        gone: Ids | None = None,
        approximate: Approximate | None = None,
    ) -> None:
        """The vectors in `base` and `delta`, but those in `base` of the entries `gone`.

        Args:
            base: the vectors file.
            delta: passages that it lacks; None for none.
            gone: (g,) int64, row ids of entries; None for none.
            approximate: searches `base`; None to do that exactly.
        """
        self._base = base
        self._approximate = approximate
        self._delta = Segment(base.ids[:0], base.vectors[:0]) if delta is None else delta
        self._live: Mask | None = None
        if gone is not None and len(gone):
            rows, _ = base.between(gone * PASSAGES_PER_ENTRY, (gone + 1) * PASSAGES_PER_ENTRY)
            self._live = np.ones(len(base), np.bool_)
            self._live[rows] = False

    @cached_property
    def ids(self) -> Ids:
        """(n,) int64, the ids of all passages, ascending."""
        base = self._base.ids if self._live is None else self._base.ids[self._live]
        return np.sort(np.concatenate([base, self._delta.ids])) if len(self._delta) else base

    def __len__(self) -> int:
        live = len(self._base) if self._live is None else int(np.count_nonzero(self._live))
        return live + len(self._delta)

    def search(
        self, queries: Floats, top_k: int, only: Ids | None = None, *, exactly: bool = False
    ) -> tuple[Ids, Floats]:
        """The passages nearest to each query by inner product, best first.

        The approximate search is left out among few passages, and for who wants many.

        Args:
            queries: (q, d) float32, rows of unit norm.
            top_k: how many for each query; fewer come back where there are fewer.
            only: passage ids to search among; None for all.
            exactly: whether to leave it out in any case.

        Returns:
            ids and scores, both (q, k); the approximate search may estimate the scores.
        """
        rows, scores = self._in_base(
            queries, top_k, _allowed(self._base, only, self._live), exactly=exactly
        )
        ids = self._base.ids[rows]
        if not len(self._delta):
            return ids, scores
        new_rows, new_scores = exact.nearest(
            self._delta, queries, top_k, _allowed(self._delta, only, None)
        )
        ids, scores = np.hstack([ids, self._delta.ids[new_rows]]), np.hstack([scores, new_scores])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
        return np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)

    def _in_base(
        self, queries: Floats, top_k: int, allowed: Mask | None, *, exactly: bool
    ) -> tuple[Ids, Floats]:
        """Rows of the vectors file and their inner products, both (q, k), best first."""
        found = None
        if self._approximate and not exactly:
            found = self._approximate.nearest(self._base, queries, top_k, allowed)
        return exact.nearest(self._base, queries, top_k, allowed) if found is None else found

    def between(self, starts: Ids, stops: Ids) -> tuple[Ids, Floats]:
        """The passages whose ids lie in some ranges, in the order of the ranges.

        Args:
            starts: (r,) int64, the first id of each range.
            stops: (r,) int64, the id after its last one.

        Returns:
            (m,) int64 ids and (m, d) float32 vectors.
        """
        rows, ranges = self._base.between(starts, stops)
        if self._live is not None:
            kept = self._live[rows]
            rows, ranges = rows[kept], ranges[kept]
        ids, vectors = self._base.ids[rows], self._base.take(rows)
        new_rows, new_ranges = self._delta.between(starts, stops)
        if not len(new_rows):
            return ids, vectors
        ids = np.concatenate([ids, self._delta.ids[new_rows]])
        order = np.lexsort((ids, np.concatenate([ranges, new_ranges])))
        return ids[order], np.concatenate([vectors, self._delta.vectors[new_rows]])[order]


def _allowed(segment: Segment, only: Ids | None, live: Mask | None) -> Mask | None:
    """Which rows of a segment may be found; None for all."""
    if only is None:
        return live
    listed = np.zeros(len(segment), np.bool_)
    listed[segment.rows_of(only)] = True
    return listed if live is None else listed & live
