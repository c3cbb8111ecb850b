"""The candidates for a question, with their signals.

Candidates are the entries of the nearest passages, and the entries that have the question's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.ranking.lexical import lexical_scores
from qasearch.storage.database import Database
from qasearch.storage.passage_ids import entry_of
from qasearch.storage.vectors import Floats, Ids, VectorIndex, cosines

DEPTH = 200
"""At least so many nearest passages, and so many entries by words, are looked at for a question."""

_DEPTH_FACTOR = 4
"""If the nearest passages are of too few entries, so many times as many are looked at."""

SUPPORT = 3
"""The number of passages in the signal `support`: one passage may be near by chance."""

DENSE = ("dense", "support", "centroid")
SIGNALS = (*DENSE, "lexical")


@dataclass(frozen=True, slots=True)
class Candidates:
    """Entries that may answer a question (m of them), ascending by row id, with their signals.

    Attributes:
        entries: (m,) int64, the row ids.
        passages: (m,) int64, for each entry the id of its passage that is nearest to the question.
        signals: by name, each (m,) float32. `dense` is the cosine of that passage to the question;
            `support` the mean cosine of the three nearest passages (of all, if there are fewer);
            `centroid` the cosine of the mean of all passages; `lexical` the BM25 score as a share
            of the largest possible one, 0 to 1.
    """

    entries: Ids
    passages: Ids
    signals: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.entries)

    def where(self, mask: npt.NDArray[np.bool_]) -> Candidates:
        """The candidates for which the (m,) bool mask is true."""
        signals = {name: values[mask] for name, values in self.signals.items()}
        return Candidates(self.entries[mask], self.passages[mask], signals)

    def merged(self, more: Candidates) -> Candidates:
        """These candidates and more, which are other entries."""
        entries = np.concatenate([self.entries, more.entries])
        order = np.argsort(entries)
        passages = np.concatenate([self.passages, more.passages])
        signals = {
            name: np.concatenate([values, more.signals[name]])[order]
            for name, values in self.signals.items()
        }
        return Candidates(entries[order], passages[order], signals)


def find_candidates(
    database: Database,
    index: VectorIndex,
    question: str,
    vector: Floats,
    *,
    min_entries: int = 1,
    allowed: frozenset[int] | None = None,
    exact: bool = False,
) -> Candidates:
    """The candidates for one question.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        question: the text, for its words.
        vector: (d,) float32, its embedding, of unit norm.
        min_entries: how many candidates are needed. There are fewer only if fewer are allowed.
        allowed: row ids of the entries that may be found; None for all.
        exact: whether all vectors are compared, however many there are.
    """
    lexical = lexical_scores(database, question, max(DEPTH, min_entries), allowed)
    nearest = _nearest_entries(index, vector, min_entries, allowed, exact=exact)
    entries = np.array(sorted({*nearest, *lexical}), np.int64)
    ids, vectors = index.passages_of(entries)
    return candidates_from(ids, vectors, cosines(vectors, vector), lexical)


def _nearest_entries(
    index: VectorIndex,
    vector: Floats,
    min_entries: int,
    allowed: frozenset[int] | None,
    *,
    exact: bool,
) -> set[int]:
    """Row ids of the entries of the nearest passages: `DEPTH` of them, and more until there are
    `min_entries` entries.
    """
    only = None if allowed is None else index.ids_of(np.array([*allowed], np.int64))
    available = len(index) if only is None else len(only)
    depth = DEPTH
    while True:
        passages, _ = index.search(vector[None], depth, only, exact=exact)
        entries = set(entry_of(passages[0]).tolist())
        if len(entries) >= min_entries or depth >= available:
            return entries
        depth *= _DEPTH_FACTOR


def candidates_from(
    ids: Ids, vectors: Floats, similarities: Floats, lexical: Mapping[int, float]
) -> Candidates:
    """The candidates that have these passages.

    Args:
        ids: (n,) int64, the ids of all passages of some entries, ascending.
        vectors: (n, d) float32, their unit vectors.
        similarities: (n,) float32, their cosines to the question.
        lexical: the lexical signal by row id of the entry; 0 for entries that are not in it.
    """
    owners = entry_of(ids)
    order = np.lexsort((-similarities, owners))
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    if not len(firsts):
        empty = np.empty(0, np.float32)
        return Candidates(owners, ids, dict.fromkeys(SIGNALS, empty))
    counts = np.diff(firsts, append=len(ids))
    ranked = similarities[order]
    supporting = np.arange(len(ids)) - np.repeat(firsts, counts) < SUPPORT
    sums = np.add.reduceat(np.where(supporting, ranked, 0), firsts)
    lengths = np.linalg.norm(_sums(vectors, firsts, counts), axis=1)
    entries = owners[firsts]
    signals = {
        "dense": ranked[firsts],
        "support": (sums / np.minimum(counts, SUPPORT)).astype(np.float32),
        "centroid": np.add.reduceat(similarities, firsts) / np.maximum(lengths, 1e-6),
        "lexical": np.array([lexical.get(entry, 0.0) for entry in entries.tolist()], np.float32),
    }
    return Candidates(entries, ids[order][firsts], signals)


def _sums(vectors: Floats, firsts: Ids, counts: Ids) -> Floats:
    """(m, d) float32, for each entry the sum of its `counts` vectors, of which the first is in row
    `firsts`.
    """
    sums = vectors[firsts]
    several = counts > 1  # `reduceat` takes long for a single row
    if several.any():
        starts = np.r_[0, np.cumsum(counts[several])[:-1]]
        sums[several] = np.add.reduceat(vectors[np.repeat(several, counts)], starts, axis=0)
    return sums
