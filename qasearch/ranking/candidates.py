"""Which entries come into question, with their signals: those with the nearest passages, and those
with the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.ranking.lexical import lexical_scores
from qasearch.storage.database import PASSAGES_PER_ENTRY, Database
from qasearch.storage.vectors import Floats, Ids, VectorIndex, cosines

DEPTH = 200
"""How many passages, and how many entries by words, are looked at for each question at least."""

SUPPORT = 3
"""How many of an entry's passages speak for it."""

DENSE = ("dense", "support", "centroid")
SIGNALS = (*DENSE, "lexical")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Entries that may answer, in ascending order of their row ids, with their signals.

    Attributes:
        entries: (m,) int64, their row ids.
        passages: (m,) int64, the id of each one's passage that is nearest to the question.
        signals: by name, each (m,) float32. `dense` is the cosine of that passage to the question,
            `support` the mean cosine of the three nearest (of all, if there are fewer), `centroid`
            the cosine of the mean of all passages, `lexical` BM25 as a share of what could be
            reached, 0 to 1.
    """

    entries: Ids
    passages: Ids
    signals: Mapping[str, Floats]

    def only(self, kept: npt.NDArray[np.bool_]) -> Candidates:
        """Those for which `kept`, (m,) bool, is true."""
        signals = {name: values[kept] for name, values in self.signals.items()}
        return Candidates(self.entries[kept], self.passages[kept], signals)

    def joined(self, others: Candidates) -> Candidates:
        """These and others, none of which is among these."""
        entries = np.concatenate([self.entries, others.entries])
        order = np.argsort(entries)
        passages = np.concatenate([self.passages, others.passages])
        signals = {
            name: np.concatenate([self.signals[name], others.signals[name]])[order]
            for name in self.signals
        }
        return Candidates(entries[order], passages[order], signals)


def find_candidates(
    database: Database,
    index: VectorIndex,
    question: str,
    vector: Floats,
    *,
    wanted: int = 1,
    among: frozenset[int] | None = None,
    exactly: bool = False,
) -> Candidates:
    """The candidates for one question.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        question: the text, for its words.
        vector: (d,) float32, its embedding, of unit norm.
        wanted: how many are needed; fewer are found only where there are fewer.
        among: row ids of the entries that may be found; None for all.
        exactly: whether all vectors are compared, however many there are.
    """
    lexical = lexical_scores(database, question, max(DEPTH, wanted), among)
    near = _nearest(index, vector, wanted, among, exactly=exactly)
    entries = np.array(sorted({*near, *lexical}), np.int64)
    ids, vectors = passages_of(index, entries)
    return candidates_of(ids, vectors, cosines(vectors, vector), lexical)


def _nearest(
    index: VectorIndex, vector: Floats, wanted: int, among: frozenset[int] | None, *, exactly: bool
) -> set[int]:
    """Row ids of the entries of the nearest passages: of 200, and of more until there are as many
    as are wanted.
    """
    only = None
    if among is not None:
        only = index.ids[np.isin(index.ids // PASSAGES_PER_ENTRY, np.array([*among], np.int64))]
    available = len(index) if only is None else len(only)
    depth = DEPTH
    while True:
        passages, _ = index.search(vector[None], depth, only, exactly=exactly)
        entries = set((passages[0] // PASSAGES_PER_ENTRY).tolist())
        if len(entries) >= wanted or depth >= available:
            return entries
        depth *= 4


def passages_of(index: VectorIndex, entries: Ids) -> tuple[Ids, Floats]:
    """(n,) int64 ids, ascending, and (n, d) float32 vectors of all passages of these entries, in
    ascending order.
    """
    return index.between(entries * PASSAGES_PER_ENTRY, (entries + 1) * PASSAGES_PER_ENTRY)


def candidates_of(
    ids: Ids, vectors: Floats, near: Floats, lexical: Mapping[int, float]
) -> Candidates:
    """Candidates from all their passages.

    Args:
        ids: (n,) int64, ids of passages, those of an entry next to each other.
        vectors: (n, d) float32, their unit vectors.
        near: (n,) float32, their cosines to the question.
        lexical: the lexical signal by row id of the entry; 0 for those that are not in it.
    """
    owners = ids // PASSAGES_PER_ENTRY
    order = np.lexsort((-near, owners))
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    if not len(firsts):
        empty = np.empty(0, np.float32)
        return Candidates(owners, ids, dict.fromkeys(SIGNALS, empty))
    counts = np.diff(firsts, append=len(ids))
    ranked = near[order]
    counted = np.arange(len(ids)) - np.repeat(firsts, counts) < SUPPORT
    support = np.add.reduceat(np.where(counted, ranked, 0), firsts) / np.minimum(counts, SUPPORT)
    lengths = np.linalg.norm(_sums(vectors, firsts, counts), axis=1)
    entries = owners[firsts]
    signals = {
        "dense": ranked[firsts],
        "support": support.astype(np.float32),
        "centroid": np.add.reduceat(near, firsts) / np.maximum(lengths, 1e-6),
        "lexical": np.array([lexical.get(entry, 0.0) for entry in entries.tolist()], np.float32),
    }
    return Candidates(entries, ids[order][firsts], signals)


def _sums(vectors: Floats, firsts: Ids, counts: Ids) -> Floats:
    """(m, d) float32, for each entry the sum of its `counts` vectors from `firsts` on."""
    sums = vectors[firsts]
    several = counts > 1  # `reduceat` takes long for a single row
    if several.any():
        starts = np.r_[0, np.cumsum(counts[several])[:-1]]
        sums[several] = np.add.reduceat(vectors[np.repeat(several, counts)], starts, axis=0)
    return sums
