"""The candidates of a question in one order, by a weighted sum of their signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qasearch.searching.candidates import Candidate

WEIGHTS = {"dense": 0.4, "support": 0.4, "lexical": 0.2}
"""What each signal adds to the score. One lucky passage counts less than an entry that is near in several.

Measured on four public sets by benchmarks/ranking.py.
"""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score."""

    candidate: Candidate
    score: float


def rank(candidates: Sequence[Candidate], top_k: int) -> list[Ranked]:
    """The `top_k` best candidates, best first; ties in the order of the entries in the index."""
    ranked = [Ranked(each, sum(WEIGHTS[name] * value for name, value in signals(each).items())) for each in candidates]
    return sorted(ranked, key=lambda each: (-each.score, each.candidate.entry))[:top_k]


def signals(candidate: Candidate) -> dict[str, float]:
    """The parts of a candidate's score by name."""
    return {"dense": candidate.dense, "support": candidate.support, "lexical": candidate.lexical}
