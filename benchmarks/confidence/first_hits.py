"""The score and the lead of the first hits of the public sets, with entries taken away.

A split takes 30 % of the entries away, by a digest of their ids. The queries that only those answer
are gaps then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.retrieval.opened import OpenSet
from qasearch.datatypes.options import Mode
from qasearch.encoding import Encoder
from qasearch.evaluation.off_topic import off_topic_questions
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import RIVALS, Standings
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, rank

SPLITS = 5

RIGHT, WRONG, GAP, OFF_TOPIC = "right", "wrong", "gap", "off-topic"
"""The kinds of first hits; `qasearch.ranking.confidence.EXPECTED_SHARES` explains them."""

_AWAY = 3
"""Tenths of the entries that a split takes away."""


@dataclass(frozen=True, slots=True)
class FirstHits:
    """The first hits of one set in one mode.

    Attributes:
        numbers: (n, 2) float64, the score and the lead.
        kinds: (n,) the kind of each.
    """

    numbers: npt.NDArray[np.float64]
    kinds: npt.NDArray[np.str_]

    def of_kind(self, *kinds: str) -> npt.NDArray[np.bool_]:
        """(n,) bool, which first hits are of one of these kinds."""
        return np.isin(self.kinds, kinds)


def first_hits(opened: OpenSet, encoder: Encoder) -> dict[Mode, FirstHits]:
    """The first hits of a set for each mode, of all splits."""
    questions = [(query.corrected, query.asked_vector, query.relevance) for query in opened.queries]
    off_topic = off_topic_questions()
    vectors = encoder.encode_queries(off_topic)
    with opened.index.snapshot():
        found = [(_find(opened, text, vector), relevance) for text, vector, relevance in questions]
        found_off_topic = [
            _find(opened, text, vector) for text, vector in zip(off_topic, vectors, strict=True)
        ]
    rows: dict[Mode, list[tuple[float, float, str]]] = {mode: [] for mode in Mode}
    for split in range(SPLITS):
        for mode in Mode:
            rows[mode] += _of_split(opened, split, mode, found, found_off_topic)
    return {
        mode: FirstHits(
            np.array([row[:2] for row in of_mode], np.float64),
            np.array([row[2] for row in of_mode]),
        )
        for mode, of_mode in rows.items()
    }


def _find(opened: OpenSet, text: str, vector: npt.NDArray[np.float32]) -> Candidates:
    return find_candidates(
        opened.index.database, opened.index.vectors, text, vector, min_entries=10 * RIVALS
    )


def _of_split(
    opened: OpenSet,
    split: int,
    mode: Mode,
    found: Sequence[tuple[Candidates, Mapping[str, int]]],
    found_off_topic: Sequence[Candidates],
) -> Iterator[tuple[float, float, str]]:
    """The score, the lead and the kind of each first hit, with the entries of a split away."""
    kept = {rowid for rowid, name in opened.names.items() if not _is_away(name, split)}
    kept_names = {opened.names[rowid] for rowid in kept}
    for candidates, relevance in found:
        right = {name for name, value in relevance.items() if value > 0}
        is_answerable = not right.isdisjoint(kept_names)
        row = _first_hit(candidates, kept, mode)
        if row is None:
            continue
        entry, score, lead = row
        if not right:  # the set itself says that nothing answers it
            kind = OFF_TOPIC
        elif is_answerable:
            kind = RIGHT if opened.names[entry] in right else WRONG
        else:
            kind = GAP
        yield score, lead, kind
    for candidates in found_off_topic:
        if row := _first_hit(candidates, kept, mode):
            yield row[1], row[2], OFF_TOPIC


def _first_hit(
    candidates: Candidates, kept: set[int], mode: Mode
) -> tuple[int, float, float] | None:
    """The row id of the first hit among the kept entries, its score and its lead."""
    kept_candidates = candidates.where(np.isin(candidates.entries, np.array([*kept], np.int64)))
    hits = rank(kept_candidates, mode, DEFAULT_LEXICAL_WEIGHT, 1)
    if not hits:
        return None
    return hits[0].entry, *Standings(kept_candidates, mode).of(hits)[0]


def _is_away(entry_id: str, split: int) -> bool:
    digest = hashlib.sha256(f"gap {split} {entry_id}".encode()).hexdigest()
    return int(digest, 16) % 10 < _AWAY
