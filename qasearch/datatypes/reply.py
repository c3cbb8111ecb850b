"""The reply to a question: its hits and the verdict on them. `score` is higher-is-better
everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qasearch.datatypes.entry import Entry, Passage, PassageKind
from qasearch.datatypes.index import IndexState


class Verdict(StrEnum):
    """Whether the first hit answers the question."""

    ANSWER = "answer"
    WEAK = "weak"
    NONE = "none"


ANSWER_FROM, WEAK_FROM = 0.5, 0.4
"""The confidence from which a verdict is `answer`, and from which it is `weak`."""


def verdict_of(confidence: float) -> Verdict:
    """Whether a hit of this confidence is an answer, a weak one, or none."""
    if confidence >= ANSWER_FROM:
        return Verdict.ANSWER
    return Verdict.WEAK if confidence >= WEAK_FROM else Verdict.NONE


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry was found.

    Attributes:
        weights: of the signals by name: the score is their weighted sum.
        against: what the question loses, before the score becomes a confidence, for being near to
            other subjects.
        even: the score less `against` at which the confidence is one half.
        words: the question's words, and what each adds to the lexical signal; 0 for those that the
            entry does not have.
        parts: the question's words, and what each adds to the cosine of the passage: what is lost
            without it (erasure: Li, Monroe and Jurafsky 2016, arXiv:1612.08220). Below 0 if the
            passage is nearer without it.
        sentence: of the passage, the one nearest to the question, as a reader sees it;
            `sentence_line` is where it begins and `sentence_cosine` how near it is.
    """

    weights: dict[str, float]
    against: float
    even: float
    words: dict[str, float]
    parts: dict[str, float]
    sentence: str
    sentence_line: int
    sentence_cosine: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, best first by `rank` (1-based).

    `score` ranks within one reply; `confidence` is the probability that this entry answers the
    question. `signals` are the parts of the score by name; `rerank` is that of a cross-encoder,
    which then is the score. `explanation` is there if it was asked for.
    """

    rank: int
    entry: Entry
    abs_path: str
    score: float
    confidence: float
    matched_on: PassageKind
    passage: Passage
    signals: dict[str, float]
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds spent on one question: encoding it, ranking, and everything together."""

    encode: float
    search: float
    total: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one question. `notes` are remarks that the person who asked should see."""

    query: str
    verdict: Verdict
    index: IndexState
    timing_ms: Timing
    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
