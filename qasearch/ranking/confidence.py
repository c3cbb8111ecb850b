"""From a score to the probability that an entry answers the question.

A similarity means nothing by itself: 0.4 is a match in one corpus and noise in another. What a
score means here is learned from three kinds of scores: of the corpus's own questions with their
answer there, of the same questions with their answer taken away, and of questions on other
subjects. A logistic curve through them gives the probability (Platt 1999).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.index import Calibration
from qasearch.storage.vectors import Floats, cosines

NEIGHBOURS, CONTRAST = 5, 0.3
"""How many of the nearest off-topic questions speak against a question, and how much."""

_ANSWERED, _OFF_TOPIC, _MISSING = 0.5, 0.45, 0.05
"""How often a question is expected to have an answer, to be about something else, or to miss its
answer."""

_WORDINGS = (-0.2, 0.0, 0.2)
"""People's wordings vary more than those of one author: each held-out score stands for these around
it as well."""

_USUAL = (0.1, 0.2, 0.3, 0.4, 0.5)
_USUAL_COUNT = 10
"""How far above the off-topic median right answers usually are; counts as so many held-out
questions."""

_RIDGE = 1e-3


def off_topic_questions() -> list[str]:
    """Questions on many subjects: few corpora answer more than some of them."""
    from importlib.resources import files

    text = files("qasearch.ranking").joinpath("off_topic_questions.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def contrast(background: Floats, vector: Floats, *, but: int | None = None) -> float:
    """What speaks against a question: how near it is to questions on other subjects, times a
    constant.

    Args:
        background: (m, d) float32, unit vectors of the off-topic questions.
        vector: (d,) float32, that of the question.
        but: the row of `background` that is the question itself.
    """
    near = cosines(background, vector)
    if but is not None:
        near = np.delete(near, but)
    if not len(near):
        return 0.0
    count = min(NEIGHBOURS, len(near))
    return CONTRAST * float(np.partition(near, -count)[-count:].mean())


def ordinary(scores: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """(n,) bool, which off-topic scores do not stand out, and so are of questions that the corpus
    does not answer.

    The fence is the third quartile and one and a half times the distance between the quartiles
    (Tukey 1977).
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
    """The curve through the evidence of three kinds of questions, each (n,), and any of them may be
    empty.

    Args:
        answered: for the right entry of questions that the corpus answers.
        missing: for the nearest of the others, as if the right one were not there.
        off_topic: for the nearest entry of questions on other subjects.
    """
    off_topic = (
        np.maximum(off_topic, 0.0) if len(off_topic) else np.zeros(1)
    )  # less than nothing says no more
    base = float(np.median(off_topic))
    usual = base + np.array(_USUAL)
    kinds = [
        (
            np.add.outer(answered, _WORDINGS).ravel(),
            1.0,
            _ANSWERED * len(answered) / (len(answered) + _USUAL_COUNT),
        ),
        (usual, 1.0, _ANSWERED * _USUAL_COUNT / (len(answered) + _USUAL_COUNT)),
        (missing, 0.0, _MISSING),
        (off_topic, 0.0, _OFF_TOPIC),
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
    """Logistic regression on one variable by Newton's method, with a small ridge on the slope."""
    design = np.stack([x - x.mean(), np.ones(len(x))], axis=1)
    ridge = np.diag([_RIDGE, 0.0])
    beta = np.array([10.0, 0.0])
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weights * (y - p)) - ridge @ beta
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design + ridge + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < 1e-6:
            break
    slope = max(1.0, float(beta[0]))
    return Calibration(float(x.mean() - beta[1] / slope), slope)
