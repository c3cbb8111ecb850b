"""The vectors of a generation, to be searched: those of the vectors file, and what changed since.

Few vectors are searched exactly, many approximately.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from qasearch.storage.approximate import Approximate
from qasearch.storage.exact import Mask, cosines, nearest
from qasearch.storage.passage_ids import entry_of, id_range
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
        """The vectors in `base` and `delta`, without those in `base` of the entries in `gone`.

        Args:
            base: the vectors file.
            delta: passages that the file lacks; None for none.
            gone: (g,) int64, row ids of entries; None for none.
            approximate: searches `base`; None to compare all of its vectors.
        """
        self._base = base
        self._approximate = approximate
        self._delta = Segment(base.ids[:0], base.vectors[:0]) if delta is None else delta
        self._live: Mask | None = None
        if gone is not None and len(gone):
            rows, _ = base.between(*id_range(gone))
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

    def ids_of(self, entries: Ids) -> Ids:
        """(m,) int64, ascending: the ids of all passages of these entries, (e,) int64 row ids."""
        return self.ids[np.isin(entry_of(self.ids), entries)]

    def passages_of(self, entries: Ids) -> tuple[Ids, Floats]:
        """The passages of these entries, (e,) int64 row ids: in their order, then by id.

        Returns:
            (m,) int64 ids and (m, d) float32 vectors.
        """
        return self.between(*id_range(entries))

    def all_passages(self) -> tuple[Ids, Floats]:
        """(n,) int64 ids, ascending, and (n, d) float32 vectors of all passages."""
        return self.between(np.zeros(1, np.int64), np.full(1, np.iinfo(np.int64).max))

    def search(
        self, queries: Floats, top_k: int, only: Ids | None = None, *, exact: bool = False
    ) -> tuple[Ids, Floats]:
        """The passages nearest to each query by inner product, best first.

        Args:
            queries: (q, d) float32, rows of unit norm.
            top_k: how many for each query; fewer come back where there are fewer.
            only: ids of the passages to search; None for all.
            exact: whether to compare all vectors. With few passages, or for many results, that is
                done in any case.

        Returns:
            ids and scores, both (q, k). Scores of an approximate search may be estimates.
        """
        allowed = _allowed(self._base, only, self._live)
        rows, scores = self._search_base(queries, top_k, allowed, exact=exact)
        ids = self._base.ids[rows]
        if not len(self._delta):
            return ids, scores
        allowed = _allowed(self._delta, only, None)
        new_rows, new_scores = nearest(self._delta, queries, top_k, allowed)
        ids = np.hstack([ids, self._delta.ids[new_rows]])
        scores = np.hstack([scores, new_scores])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
        return np.take_along_axis(ids, order, axis=1), np.take_along_axis(scores, order, axis=1)

    def _search_base(
        self, queries: Floats, top_k: int, allowed: Mask | None, *, exact: bool
    ) -> tuple[Ids, Floats]:
        """Rows of the vectors file and their inner products, both (q, k), best first."""
        if self._approximate and not exact:
            result = self._approximate.nearest(self._base, queries, top_k, allowed)
            if result is not None:
                return result
        return nearest(self._base, queries, top_k, allowed)

    def between(self, starts: Ids, stops: Ids) -> tuple[Ids, Floats]:
        """The passages whose ids are in some ranges, in the order of the ranges, then by id.

        Args:
            starts: (r,) int64, the first id of each range.
            stops: (r,) int64, the id after its last one.

        Returns:
            (m,) int64 ids and (m, d) float32 vectors.
        """
        rows, ranges = self._base.between(starts, stops)
        if self._live is not None:
            live = self._live[rows]
            rows, ranges = rows[live], ranges[live]
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
    allowed = np.zeros(len(segment), np.bool_)
    allowed[segment.rows_of(only)] = True
    return allowed if live is None else allowed & live
