"""The reply to a question: its hits and the verdict on them. A higher `score` is better
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
"""The lowest confidences of the verdicts `answer` and `weak`.

Below 0.4, `weak` was shown for 17 % of off-topic questions on the bundled corpus instead of 4 %.
"""


def verdict_of(confidence: float) -> Verdict:
    """The verdict on a hit of this confidence."""
    if confidence >= ANSWER_FROM:
        return Verdict.ANSWER
    return Verdict.WEAK if confidence >= WEAK_FROM else Verdict.NONE


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry was found.

    Attributes:
        weights: the weight of each signal by name; the score is the weighted sum of the signals.
        off_topic_penalty: what is subtracted from the score before it becomes a confidence, because
            the question is near to off-topic questions.
        half_confidence_score: the score, less the penalty, at which the confidence is 50 %.
        word_scores: what each word of the question adds to the lexical signal; 0 for a word that
            the entry does not have.
        word_cosines: what each word of the question adds to the cosine of the passage: the loss
            without it (erasure: Li, Monroe and Jurafsky 2016, arXiv:1612.08220). It is below 0 if
            the passage is nearer without the word.
        sentence: the sentence of the passage that is nearest to the question, as a reader sees it.
        sentence_line: the line where that sentence begins.
        sentence_cosine: the cosine of that sentence to the question.
    """

    weights: dict[str, float]
    off_topic_penalty: float
    half_confidence_score: float
    word_scores: dict[str, float]
    word_cosines: dict[str, float]
    sentence: str
    sentence_line: int
    sentence_cosine: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry in a reply.

    Attributes:
        rank: 1 for the best hit.
        entry: the entry.
        abs_path: the absolute path of its file.
        score: ranks the hits of one reply.
        confidence: the probability that this entry answers the question, 0 to 1.
        matched_on: what kind of passage was nearest to the question.
        passage: that passage.
        signals: the parts of the score by name; `rerank` is the score of a cross-encoder, and
            replaces the others.
        explanation: only if it was asked for.
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
    """The milliseconds that one question took: embedding it, ranking, and both together."""

    encode: float
    search: float
    total: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one question. `notes` are remarks for the person who asked."""

    query: str
    verdict: Verdict
    index: IndexState
    timing_ms: Timing
    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
