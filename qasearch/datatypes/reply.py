"""The reply to a question: its hits and the verdict on them. A higher `score` is better
everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from qasearch.datatypes.entry import Entry, Passage, PassageKind
from qasearch.datatypes.index import Curve, IndexState
from qasearch.datatypes.options import Trust


class Verdict(StrEnum):
    """Whether the first hit answers the question."""

    ANSWER = "answer"
    WEAK = "weak"
    NONE = "none"


class Thresholds(NamedTuple):
    """The lowest confidences of the verdicts `answer` and `weak`."""

    answer_from: float
    weak_from: float


THRESHOLDS: Mapping[Trust, Thresholds] = {
    Trust.STRICT: Thresholds(0.8, 0.3),
    Trust.BALANCED: Thresholds(0.64, 0.16),
    Trust.OPEN: Thresholds(0.45, 0.08),
}
"""The points on the curve. docs/confidence.md has what each of them costs."""


def verdict_of(confidence: float, trust: Trust) -> Verdict:
    """The verdict on a hit of this confidence."""
    thresholds = THRESHOLDS[trust]
    if confidence >= thresholds.answer_from:
        return Verdict.ANSWER
    return Verdict.WEAK if confidence >= thresholds.weak_from else Verdict.NONE


class GapKind(StrEnum):
    """What there is instead of an answer."""

    RELATED = "related"
    MENTION = "mention"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Mention:
    """A sentence in which the corpus mentions what a question asks for.

    Attributes:
        entry: the entry that it stands in.
        abs_path: the absolute path of its file.
        line: its first line.
        text: as a reader sees it.
        words: the words of the text that were asked for, as they are written there.
    """

    entry: Entry
    abs_path: str
    line: int
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What a corpus lacks to answer a question.

    Attributes:
        kind: what there is instead: entries on the subject, no more than a mention, or nothing.
        missing: what the question asks for and no entry contains: words, names and codes as they
            were typed.
        sentence: what is missing, for the person who asked.
        mention: where the corpus mentions what was asked for; None if that is nowhere, or is what
            the first hit is about.
    """

    kind: GapKind
    missing: tuple[str, ...]
    sentence: str
    mention: Mention | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the confidence of a hit is computed from; `qasearch.ranking.confidence` explains it.

    Attributes:
        score: with the lexical weight that is the same for all corpora.
        lead: how far that is above the mean of the best nine other entries.
        curve: from these two to the probability that it is the answer if no hit above it is.
        limit: the largest probability that the wording allows; 1 for any.
        doubt: why the wording speaks against it; "" if it does not.
        left: the probability that no hit above it is the answer.
    """

    score: float
    lead: float
    curve: Curve
    limit: float
    doubt: str
    left: float

    @property
    def confidence(self) -> float:
        """The probability, 0 to 1, that this hit is the answer, and no hit above it."""
        return self.left * min(self.limit, self.curve.confidence(self.score, self.lead))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry was found.

    Attributes:
        weights: the weight of each signal by name; the score is the weighted sum of the signals.
        evidence: what the confidence is computed from.
        answer_from: the lowest confidence of the verdict `answer`.
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
    evidence: Evidence
    answer_from: float
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
        confidence: the probability that this entry, and none above it, is the answer, 0 to 1.
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
    """The answer to one question.

    Attributes:
        query: the question.
        verdict: whether the first hit answers it.
        index: the index that the reply came from.
        timing_ms: how long it took.
        hits: best first.
        notes: remarks for the person who asked.
        gap: what is missing; None if the verdict is `answer`.
    """

    query: str
    verdict: Verdict
    index: IndexState
    timing_ms: Timing
    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question of the corpus itself, asked with its own wording hidden.

    Attributes:
        entry_id: the id of the entry that it belongs to.
        reply: what was found; None if nothing of the entry is left to find.
        without_entry: what was found as if the entry did not exist.
    """

    entry_id: str
    reply: Reply | None
    without_entry: Reply
