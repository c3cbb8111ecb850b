"""The signals of the candidates to one score, and the candidates in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import DENSE, Candidates
from qasearch.storage.vectors import Floats

DEFAULT_LEXICAL = 0.3
"""The weight of the words where a corpus has too little to learn its own from."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score and the signals that make it up."""

    entry: int
    passage: int
    score: float
    signals: Mapping[str, float]


def weights(mode: Mode, lexical: float) -> dict[str, float]:
    """What each signal adds to the score.

    The words have the share `lexical`, 0 to 1, which a build learns from the corpus; the dense
    signals share the rest alike: one lucky passage counts less than an entry that is near in
    several. The other modes leave one side out.
    """
    share = {Mode.HYBRID: lexical, Mode.DENSE: 0.0, Mode.LEXICAL: 1.0}[mode]
    return {**dict.fromkeys(DENSE, (1 - share) / len(DENSE)), "lexical": share}


def scores(candidates: Candidates, weighing: Mapping[str, float]) -> Floats:
    """(m,) float32, the weighted sum of the signals of each candidate."""
    total = np.zeros(len(candidates.entries), np.float32)
    for name, weight in weighing.items():
        total += np.float32(weight) * candidates.signals[name]
    return total


def rank(candidates: Candidates, mode: Mode, lexical: float, top_k: int) -> list[Ranked]:
    """The `top_k` best candidates, best first; ties in the order of their row ids.

    In the lexical mode, those without a word of the question are left out.
    """
    if mode is Mode.LEXICAL:
        candidates = candidates.only(candidates.signals["lexical"] > 0)
    total = scores(candidates, weights(mode, lexical))
    best = np.argsort(-total, kind="stable")[:top_k]
    return [
        Ranked(
            int(candidates.entries[at]),
            int(candidates.passages[at]),
            float(total[at]),
            {name: float(values[at]) for name, values in candidates.signals.items()},
        )
        for at in best
    ]
