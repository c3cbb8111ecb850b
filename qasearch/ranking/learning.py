"""What a build learns about ranking its corpus, and where the index stores it.

That is the weight of the words, and what a score means. Nobody labels anything: the corpus is asked
its own questions, and questions on other subjects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.index import Calibration
from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import are_unanswered, calibrate, off_topic_penalty
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, scores, signal_weights
from qasearch.ranking.probes import Probe, ProbeQuestion, ask_own_questions
from qasearch.storage.database import Database
from qasearch.storage.metadata import RankingParameters
from qasearch.storage.vectors import Floats, VectorIndex

if TYPE_CHECKING:
    from qasearch.storage.writing import Writer

_LEXICAL_WEIGHTS = np.linspace(0, 0.7, 15)
"""The weights that are tried, in steps of 0.05."""

_MIN_PROBES = 20
"""With fewer held-out questions, the best weight would be chance."""

_OFF_TOPIC = "off-topic vectors"
"""The name of the array in the index that holds them."""


@dataclass(frozen=True, slots=True)
class LearnedRanking:
    """What a build learned about ranking one corpus.

    Attributes:
        off_topic_vectors: (m, d) float32, unit vectors of questions that the corpus does not
            answer.
        lexical_weight: the weight of the words in the score, 0 to 1.
        calibrations: from the evidence for an entry to a probability, for each mode.
    """

    off_topic_vectors: Floats
    lexical_weight: float
    calibrations: Mapping[Mode, Calibration]

    def save(self, database: Writer) -> RankingParameters:
        """Store the vectors in the index; the result is for the metadata of the index."""
        database.store_array(_OFF_TOPIC, self.off_topic_vectors)
        return RankingParameters(self.lexical_weight, self.calibrations)

    @classmethod
    def load(cls, database: Database, parameters: RankingParameters) -> LearnedRanking:
        """What `save` stored.

        Raises:
            IndexDamaged: the index has no such vectors.
        """
        vectors = database.array(_OFF_TOPIC)
        return cls(vectors, parameters.lexical_weight, parameters.calibrations)


def learn(
    database: Database,
    index: VectorIndex,
    own: tuple[Sequence[ProbeQuestion], Floats],
    off_topic: tuple[Sequence[str], Floats],
) -> LearnedRanking:
    """What a corpus teaches about ranking it.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        own: questions of the corpus and their (n, d) float32 embeddings.
        off_topic: questions on other subjects and their (m, d) float32 embeddings.
    """
    probes = ask_own_questions(database, index, *own)
    lexical_weight = _best_lexical_weight(probes)
    texts, vectors = off_topic
    candidates = [
        find_candidates(database, index, text, vector)
        for text, vector in zip(texts, vectors, strict=True)
    ]
    hybrid = signal_weights(Mode.HYBRID, lexical_weight)
    unanswered = are_unanswered(_best_scores(candidates, hybrid))
    vectors = vectors[unanswered]
    candidates = [candidates[row] for row in np.flatnonzero(unanswered)]
    answered = [probe for probe in probes if probe.is_answerable]
    penalties = _Penalties(
        answered=np.array([off_topic_penalty(vectors, probe.vector) for probe in answered]),
        missing=np.array([off_topic_penalty(vectors, probe.vector) for probe in probes]),
        off_topic=np.array(
            [
                off_topic_penalty(vectors, vector, excluded_row=row)
                for row, vector in enumerate(vectors)
            ]
        ),
    )
    calibrations = {}
    for mode in Mode:
        weights = signal_weights(mode, lexical_weight)
        right = _best_scores([probe.right for probe in answered], weights)
        missing = _best_scores([probe.near_misses for probe in probes], weights)
        calibrations[mode] = calibrate(
            answered=right - penalties.answered,
            missing=missing - penalties.missing,
            off_topic=_best_scores(candidates, weights) - penalties.off_topic,
        )
    return LearnedRanking(vectors, lexical_weight, calibrations)


@dataclass(frozen=True, slots=True)
class _Penalties:
    """The off-topic penalties of each kind of question, the same in each mode."""

    answered: npt.NDArray[np.float64]
    missing: npt.NDArray[np.float64]
    off_topic: npt.NDArray[np.float64]


def _best_scores(
    candidates: Sequence[Candidates], weights: Mapping[str, float]
) -> npt.NDArray[np.float64]:
    """(n,) float64, the best score among the candidates for each question; 0 if there are none."""
    return np.array(
        [float(scores(of_question, weights).max(initial=0.0)) for of_question in candidates],
        np.float64,
    )


def _best_lexical_weight(probes: Sequence[Probe]) -> float:
    """The weight of the words with which the held-out questions find their own entries best.

    Best is the largest mean reciprocal rank, smoothed over neighbouring weights. Of equally good
    weights it is the one nearest to the default. With too few questions, it is the default.
    """
    probes = [probe for probe in probes if probe.is_answerable]
    if len(probes) < _MIN_PROBES:
        return DEFAULT_LEXICAL_WEIGHT
    curve = np.array(
        [
            np.mean([_reciprocal_rank(probe, float(weight)) for probe in probes])
            for weight in _LEXICAL_WEIGHTS
        ]
    )
    smooth = np.convolve(np.pad(curve, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    best = _LEXICAL_WEIGHTS[smooth >= smooth.max() - 1e-9]
    return float(min(best, key=lambda weight: abs(weight - DEFAULT_LEXICAL_WEIGHT)))


def _reciprocal_rank(probe: Probe, lexical_weight: float) -> float:
    weights = signal_weights(Mode.HYBRID, lexical_weight)
    better = scores(probe.wrong, weights) > scores(probe.right, weights)[0]
    return 1 / (1 + float(better.sum()))
