"""From a score to the probability that an entry answers the question.

A score alone means nothing: 0.4 is a match in one corpus and noise in another. A build learns what
scores mean in its corpus from three kinds of questions: questions of the corpus with their answer
in it, the same questions with their answer taken away, and questions on other subjects. A logistic
curve through their scores gives the probability (Platt 1999).

The *evidence* for an entry is its score minus the off-topic penalty of the question.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.index import Calibration
from qasearch.storage.vectors import Floats, cosines

_PENALTY_NEIGHBOURS, _PENALTY_FACTOR = 5, 0.3
"""The off-topic penalty is this factor times the mean cosine of a question to so many of its
nearest off-topic questions. `python -m benchmarks.retrieval` shows the confidence without it."""

_ANSWERED_SHARE, _OFF_TOPIC_SHARE, _MISSING_SHARE = 0.5, 0.45, 0.05
"""The kinds of questions that are expected: answered by the corpus, about something else, and about
its subject but without an answer."""

_WORDING_SPREAD = (-0.2, 0.0, 0.2)
"""The wordings of many people vary more than those of one author. So each score of a held-out
question stands for scores this much lower and higher as well."""

_USUAL_MARGINS = (0.1, 0.2, 0.3, 0.4, 0.5)
"""How much evidence right answers usually have above the median of off-topic questions."""

_USUAL_QUESTIONS = 10
"""These usual margins count as much as so many held-out questions."""

_RIDGE = 1e-3
"""A small penalty on the slope: it would be infinite if a score separated the kinds perfectly."""


def off_topic_questions() -> list[str]:
    """Questions on many subjects; few corpora answer more than some of them."""
    from importlib.resources import files

    text = files("qasearch.ranking").joinpath("off_topic_questions.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def off_topic_penalty(
    off_topic_vectors: Floats, vector: Floats, *, excluded_row: int | None = None
) -> float:
    """The evidence that every entry loses because the question is similar to off-topic questions.

    Args:
        off_topic_vectors: (m, d) float32, unit vectors of off-topic questions.
        vector: (d,) float32, that of the question.
        excluded_row: the row of `off_topic_vectors` that is the question itself; None if none is.
    """
    similarities = cosines(off_topic_vectors, vector)
    if excluded_row is not None:
        similarities = np.delete(similarities, excluded_row)
    if not len(similarities):
        return 0.0
    count = min(_PENALTY_NEIGHBOURS, len(similarities))
    return _PENALTY_FACTOR * float(np.partition(similarities, -count)[-count:].mean())


def are_unanswered(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """(n,) bool, which off-topic questions the corpus does not answer, from their best scores.

    These are all but the outliers: scores above the third quartile by more than one and a half
    times the distance between the quartiles (Tukey 1977).
    """
    if not len(scores):
        return np.zeros(0, np.bool_)
    lower, upper = np.quantile(scores, (0.25, 0.75))
    return np.asarray(scores <= upper + 1.5 * (upper - lower))


def calibrate(
    answered: npt.NDArray[np.floating],
    missing: npt.NDArray[np.floating],
    off_topic: npt.NDArray[np.floating],
) -> Calibration:
    """The curve through the evidence of three kinds of questions, each (n,); any may be empty.

    Args:
        answered: for the right entry of questions that the corpus answers.
        missing: for the best other entry of these questions, as if the right entry did not exist.
        off_topic: for the best entry of questions on other subjects.
    """
    # evidence below 0 says no more than 0
    off_topic = np.maximum(off_topic, 0.0) if len(off_topic) else np.zeros(1)
    usual = float(np.median(off_topic)) + np.array(_USUAL_MARGINS)
    questions = len(answered) + _USUAL_QUESTIONS
    kinds = [
        (
            np.add.outer(answered, _WORDING_SPREAD).ravel(),
            1.0,
            _ANSWERED_SHARE * len(answered) / questions,
        ),
        (usual, 1.0, _ANSWERED_SHARE * _USUAL_QUESTIONS / questions),
        (missing, 0.0, _MISSING_SHARE),
        (off_topic, 0.0, _OFF_TOPIC_SHARE),
    ]
    present = [
        (values, label, share / len(values)) for values, label, share in kinds if len(values)
    ]
    return _fit(
        np.concatenate([values for values, _, _ in present]),
        np.concatenate([np.full(len(values), label) for values, label, _ in present]),
        np.concatenate([np.full(len(values), weight) for values, _, weight in present]),
    )


def _fit(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating], weights: npt.NDArray[np.floating]
) -> Calibration:
    """Logistic regression on one variable by Newton's method, with a small ridge on the slope.

    The slope is at least 1, so that more evidence never means less confidence.
    """
    design = np.stack([x - x.mean(), np.ones(len(x))], axis=1)
    ridge = np.diag([_RIDGE, 0.0])
    beta = np.array([10.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weights * (y - p)) - ridge @ beta
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + ridge + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        # steps of at most 5, because Newton's method may diverge with longer ones
        beta = beta + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-6:
            break
    slope = max(1.0, float(beta[0]))
    return Calibration(float(x.mean() - beta[1] / slope), slope)
