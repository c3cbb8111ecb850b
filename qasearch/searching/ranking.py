"""The candidates of a question in one order, by a weighted sum of their signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qasearch.searching.candidates import Candidate

LEXICAL_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score."""

    candidate: Candidate
    score: float


def rank(candidates: Sequence[Candidate], top_k: int) -> list[Ranked]:
    """The `top_k` best candidates, best first; ties in the order of the entries in the index."""
    ranked = [Ranked(c, (1 - LEXICAL_WEIGHT) * c.dense + LEXICAL_WEIGHT * c.lexical) for c in candidates]
    return sorted(ranked, key=lambda each: (-each.score, each.candidate.entry))[:top_k]
