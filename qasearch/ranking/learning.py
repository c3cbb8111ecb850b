"""What a build learns from a corpus about ranking it, and what is kept of that in the index.

How much words count, and what a score means. Nobody labels anything: the corpus is asked its own
questions, and questions on other subjects.
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
from qasearch.ranking.confidence import calibrate, contrast, ordinary
from qasearch.ranking.fusion import DEFAULT_LEXICAL, scores, weights
from qasearch.ranking.probes import Probe, ProbeQuestion, ask_own_questions
from qasearch.storage.database import Database
from qasearch.storage.metadata import RankingParameters
from qasearch.storage.vectors import Floats, VectorIndex

if TYPE_CHECKING:
    from qasearch.storage.writing import Writer

_SHARES = np.linspace(0, 0.7, 15)
_ENOUGH_PROBES = 20

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
    """What a corpus teaches.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        own: questions of the corpus and their (n, d) float32 embeddings.
        off_topic: questions on other subjects and theirs.
    """
    probes = ask_own_questions(database, index, own[0], own[1])
    lexical = _lexical_share(probes)
    vectors = off_topic[1]
    found = [
        find_candidates(database, index, text, vector)
        for text, vector in zip(off_topic[0], vectors, strict=True)
    ]
    kept = ordinary(_evidence(found, weights(Mode.HYBRID, lexical), np.zeros(len(found))))
    background = vectors[kept]
    found = [candidates for candidates, ordinarily in zip(found, kept, strict=True) if ordinarily]
    against = np.array(
        [contrast(background, vector, but=row) for row, vector in enumerate(background)]
    )
    held_out = [probe for probe in probes if len(probe.own.entries)]
    against_held_out = np.array([contrast(background, probe.vector) for probe in held_out])
    against_probes = np.array([contrast(background, probe.vector) for probe in probes])
    calibrations = {}
    for mode in Mode:
        weighing = weights(mode, lexical)
        calibrations[mode] = calibrate(
            answered=_evidence([probe.own for probe in held_out], weighing, against_held_out),
            missing=_evidence([probe.missing for probe in probes], weighing, against_probes),
            off_topic=_evidence(found, weighing, against),
        )
    return LearnedRanking(background, lexical, calibrations)


def _evidence(
    found: Sequence[Candidates], weighing: Mapping[str, float], against: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    """(n,), the best score of each question less what speaks against it; 0 less that where nothing
    was found.
    """
    best = np.array([float(scores(candidates, weighing).max(initial=0.0)) for candidates in found])
    return np.asarray(best - against)


def _lexical_share(probes: Sequence[Probe]) -> float:
    """The share of the words in the score with which the held-out questions find their own entries
    best.

    That is the mean reciprocal rank, smoothed over neighbouring shares; ties go to the usual share,
    which is also taken where there are too few questions.
    """
    probes = [probe for probe in probes if len(probe.own.entries)]
    if len(probes) < _ENOUGH_PROBES:
        return DEFAULT_LEXICAL
    curve = np.array(
        [np.mean([_reciprocal_rank(probe, float(share)) for probe in probes]) for share in _SHARES]
    )
    smooth = np.convolve(np.pad(curve, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    best = np.flatnonzero(smooth >= smooth.max() - 1e-9)
    return float(_SHARES[min(best, key=lambda at: abs(_SHARES[at] - DEFAULT_LEXICAL))])


def _reciprocal_rank(probe: Probe, share: float) -> float:
    weighing = weights(Mode.HYBRID, share)
    return 1 / (1 + float((scores(probe.others, weighing) > scores(probe.own, weighing)[0]).sum()))
