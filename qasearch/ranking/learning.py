"""What a build learns about ranking its corpus: the weight of the words.

Nobody labels anything: the corpus is asked its own questions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.options import Mode
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, scores, signal_weights
from qasearch.ranking.probes import Probe, ProbeQuestion, ask_own_questions
from qasearch.storage.database import Database
from qasearch.storage.vectors import Floats, VectorIndex

_LEXICAL_WEIGHTS = tuple(number / 20 for number in range(15))
"""The weights that are tried."""

_DEFAULT = _LEXICAL_WEIGHTS.index(DEFAULT_LEXICAL_WEIGHT)

_MIN_PROBES = 20
"""With fewer held-out questions, the best weight would be chance."""


def learn_lexical_weight(
    database: Database, index: VectorIndex, questions: Sequence[ProbeQuestion], vectors: Floats
) -> float:
    """The weight of the words, 0 to 1, with which a corpus answers its own questions well.

    Well is a mean reciprocal rank of the right entries that is not clearly worse than the largest
    one: by at most one standard error of the difference (Breiman et al. 1984, "Classification and
    Regression Trees", 3.4.3). From the best weight towards the default, it is the last such weight:
    a corpus must give evidence to be ranked in its own way. With too few questions, it is the
    default. `python -m benchmarks.retrieval` compares it with the default.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        questions: of the corpus itself.
        vectors: (n, d) float32, their embeddings.
    """
    probes = ask_own_questions(database, index, questions, vectors)
    probes = [probe for probe in probes if probe.is_answerable]
    if len(probes) < _MIN_PROBES:
        return DEFAULT_LEXICAL_WEIGHT
    ranks = np.array(
        [[_reciprocal_rank(probe, weight) for weight in _LEXICAL_WEIGHTS] for probe in probes]
    )
    return _LEXICAL_WEIGHTS[_nearest_to_default(ranks)]


def _nearest_to_default(ranks: npt.NDArray[np.float64]) -> int:
    """The number of the weight that is not clearly worse than the best one.

    Args:
        ranks: (n, 15), the reciprocal rank of each probe with each weight.
    """
    padded = np.pad(ranks.mean(axis=0), 1, mode="edge")
    best = int(np.convolve(padded, np.full(3, 1 / 3), mode="valid").argmax())
    differences = ranks[:, [best]] - ranks
    errors = differences.std(axis=0) / np.sqrt(len(ranks))
    is_as_good = differences.mean(axis=0) <= errors + 1e-9
    step = 1 if best < _DEFAULT else -1
    chosen = best
    while chosen != _DEFAULT and is_as_good[chosen + step]:
        chosen += step
    return chosen


def _reciprocal_rank(probe: Probe, lexical_weight: float) -> float:
    weights = signal_weights(Mode.HYBRID, lexical_weight)
    better = scores(probe.wrong, weights) > scores(probe.right, weights)[0]
    return 1 / (1 + float(better.sum()))
