"""Questions on many subjects, of which a corpus answers few."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.reply import Reply

_ASKED = 200
"""About how many are asked: as many as an evaluation asks of the corpus's own."""


def all_off_topic_questions() -> list[str]:
    """Every question that comes with qasearch for this purpose."""
    from importlib.resources import files

    file = files("qasearch.evaluation").joinpath("off_topic_questions.txt")
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def off_topic_questions() -> list[str]:
    """Some 200 of them, from all subjects."""
    questions = all_off_topic_questions()
    return questions[:: max(1, len(questions) // _ASKED)]


def unanswered(replies: Sequence[Reply]) -> list[Reply]:
    """The replies to off-topic questions that the corpus does not answer, from their best scores.

    These are all but the outliers: scores above the third quartile by more than one and a half
    times the distance between the quartiles (Tukey 1977). The corpus may well answer those.
    """
    if not replies:
        return []
    scores = np.array([max((hit.score for hit in reply.hits), default=0.0) for reply in replies])
    lower, upper = np.quantile(scores, (0.25, 0.75))
    highest = upper + 1.5 * (upper - lower)
    return [reply for reply, score in zip(replies, scores, strict=True) if score <= highest]
