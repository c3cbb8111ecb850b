"""From the signals of the candidates to one score, and the candidates in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import DENSE, Candidates
from qasearch.storage.vectors import Floats

DEFAULT_LEXICAL_WEIGHT = 0.3
"""The weight of the words for a corpus that is too small to learn its own. `python -m
benchmarks.retrieval` compares it with the learned one."""


_LITERAL_WEIGHT = 0.65
"""The weight of the words for a question that is literal, such as the name of a function: its
vector says little about it."""

_LITERAL_FACTOR = 2.5
"""From 1 / 2.5 of its words on, a question is wholly literal: some words only say what is asked."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score and its signals."""

    entry: int
    passage: int
    score: float
    signals: Mapping[str, float]


def signal_weights(mode: Mode, lexical_weight: float) -> dict[str, float]:
    """The weight of each signal in the score; they add up to 1.

    In the hybrid mode, the words have `lexical_weight`, 0 to 1, which a build learns from the
    corpus. The dense signals share the rest equally, so that an entry with several near passages is
    better than one with a single lucky passage. The other modes leave the words or the vectors out.
    """
    lexical = {Mode.HYBRID: lexical_weight, Mode.DENSE: 0.0, Mode.LEXICAL: 1.0}[mode]
    return {**dict.fromkeys(DENSE, (1 - lexical) / len(DENSE)), "lexical": lexical}


def lexical_weight_for(learned: float, literal_share: float) -> float:
    """The weight of the words for one question: more than was learned, the more of it is literal.

    `python -m benchmarks.literal` measures what that brings.
    """
    share = min(1.0, _LITERAL_FACTOR * literal_share)
    return learned + share * max(0.0, _LITERAL_WEIGHT - learned)


def scores(candidates: Candidates, weights: Mapping[str, float]) -> Floats:
    """(m,) float32, the weighted sum of the signals of each candidate."""
    total = np.zeros(len(candidates), np.float32)
    for name, weight in weights.items():
        total += np.float32(weight) * candidates.signals[name]
    return total


def rank(candidates: Candidates, mode: Mode, lexical_weight: float, top_k: int) -> list[Ranked]:
    """The `top_k` best candidates, best first; ties by row id.

    In the lexical mode, candidates without a word of the question are left out.
    """
    if mode is Mode.LEXICAL:
        candidates = candidates.where(candidates.signals["lexical"] > 0)
    total = scores(candidates, signal_weights(mode, lexical_weight))
    best = np.argsort(-total, kind="stable")[:top_k]
    return [
        Ranked(
            int(candidates.entries[row]),
            int(candidates.passages[row]),
            float(total[row]),
            {name: float(values[row]) for name, values in candidates.signals.items()},
        )
        for row in best
    ]
