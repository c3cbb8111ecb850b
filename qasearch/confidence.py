"""From a score to the probability that the corpus answers the question, and to a verdict.

A similarity means nothing by itself: 0.4 is a match in one corpus and noise in another. At build time
questions that have nothing to do with most corpora are asked, and their best scores give the distribution
of scores without an answer (an outlier test against the null distribution, with median and spread as
robust estimates). A question's confidence is a logistic function of how far it stands out of that.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from qasearch.datatypes import Verdict

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ANSWER_FROM, WEAK_FROM = 0.5, 0.3
"""The confidence from which a verdict is `answer`, and from which it is `weak`."""

_CENTRE, _SLOPE = 2.89, 0.66
"""Spreads above the median at which the confidence is one half, and logits gained per spread there.

Fitted once to labelled questions of two public sets by benchmarks/confidence.py, not to any user's corpus.
"""
_MIN_MEDIAN, _MIN_SPREAD = 0.15, 0.05
"""For corpora of a few entries, which too few off-topic questions come near to."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The scores that questions without an answer reach in this corpus: their median and robust spread."""

    median: float
    spread: float

    def confidence(self, score: float) -> float:
        """The probability, 0 to 1, that an entry with this score answers the question."""
        logit = _SLOPE * ((score - self.median) / self.spread - _CENTRE)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))

    def to_json(self) -> str:
        """For the index."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """What `to_json` wrote."""
        return cls(**json.loads(text))


def calibrate(off_topic_scores: npt.NDArray[np.float32]) -> Calibration:
    """The calibration for a corpus whose best scores for the off-topic questions are these, (n,) float32.

    The spread is 1.4826 times the median absolute deviation, the standard deviation of a normal distribution.
    """
    import numpy as np

    if not len(off_topic_scores):
        return Calibration(_MIN_MEDIAN, _MIN_SPREAD)
    median = float(np.median(off_topic_scores))
    spread = 1.4826 * float(np.median(np.abs(off_topic_scores - median)))
    return Calibration(max(median, _MIN_MEDIAN), max(spread, _MIN_SPREAD))


def off_topic_questions() -> list[str]:
    """Everyday questions on many subjects: few corpora answer more than some of them."""
    text = files("qasearch").joinpath("off_topic_questions.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def verdict_of(confidence: float) -> Verdict:
    """Whether a hit of this confidence is an answer, a weak one, or none."""
    if confidence >= ANSWER_FROM:
        return Verdict.ANSWER
    return Verdict.WEAK if confidence >= WEAK_FROM else Verdict.NONE
