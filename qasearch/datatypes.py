"""What flows through qasearch: frozen dataclasses that know no library.

Line numbers are 1-based and inclusive everywhere. `score` is higher-is-better everywhere.
Paths inside a corpus are relative to it, with `/` on every platform.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ReferenceKind(StrEnum):
    """What a reference points to."""

    WEB = "web"
    FILE = "file"
    ANCHOR = "anchor"
    IMAGE = "image"
    FOOTNOTE = "footnote"


class PassageKind(StrEnum):
    """Which part of an entry a passage is."""

    QUESTION = "question"
    ALIAS = "alias"
    ANSWER = "answer"


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


class Mode(StrEnum):
    """Which signals rank the entries: all of them, the embeddings alone, or the words alone."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Reference:
    """A link, image, footnote or front-matter source of an entry.

    `exists` is None where it cannot be known without the network (`WEB`) or was not looked up yet.
    """

    text: str
    target: str
    kind: ReferenceKind
    line: int
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where else the same question has the same answer: the line of the question, and the id of the entry there."""

    path: str
    line: int
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer: the unit that is found and shown.

    `answer` is the exact slice of the file at `path` from `column_start` of `line_start` to `column_end` of `line_end`
    (1-based, in characters, inclusive): whole lines, except where question and answer share one. An entry that is not
    `answered` has an empty answer, and its place is that of the question.

    `rule` names the way in which the question was marked; it stands on `question_line` to `question_line_end`.
    `question_body` is what belongs to it below its wording, as Markdown: code, choices, a picture. `also_at` are other
    places of the corpus where the same question has the same answer.
    """

    id: str
    question: str
    aliases: tuple[str, ...]
    answer: str
    answered: bool
    breadcrumb: tuple[str, ...]
    tags: tuple[str, ...]
    references: tuple[Reference, ...]
    path: str
    line_start: int
    line_end: int
    question_line: int
    rule: str
    column_start: int
    column_end: int
    question_line_end: int
    question_body: str = ""
    also_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry that gets a vector of its own.

    `text` is what is shown, and for an answer a slice of its file; `embedded` is what the encoder reads
    (the same in plain text, with the question in front as context).
    """

    kind: PassageKind
    text: str
    embedded: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the corpus that its owner should mend. `line` is 0 where no line is to blame."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        """`path:line: reason`."""
        return f"{self.path}:{self.line}: {self.reason}" if self.line else f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown file as it was read.

    `anchors` are the fragment identifiers that a link may point to (GitHub's heading slugs, HTML ids).
    `declared_ids` maps the id of an entry to the one that its front matter asks for, `pairs` that of an answered entry
    to a digest of question and answer, alike where both say the same in the same words.
    """

    path: str
    entries: tuple[Entry, ...]
    anchors: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    declared_ids: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries may be found. None lets everything through; they apply before the top k are taken.

    `section` is compared with every heading and folder above an entry, letter case and punctuation aside;
    `path` is a glob over the whole relative path, in which `*` also crosses `/`; `tag` ignores case.
    """

    section: str | None = None
    path: str | None = None
    tag: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.section, self.path, self.tag))


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an entry was found.

    Attributes:
        weights: of the signals by name: the score is their weighted sum.
        against: what the question loses, before the score becomes a confidence, for being near to other subjects.
        even: the score less `against` at which the confidence is one half.
        words: the question's words, and what each adds to the lexical signal; 0 for those that the entry does not have.
        parts: the question's words, and what each adds to the cosine of the passage: what is lost without it (erasure:
            Li, Monroe and Jurafsky 2016, arXiv:1612.08220). Below 0 if the passage is nearer without it.
        sentence: of the passage, the one nearest to the question, as a reader sees it; `sentence_line` is where it
            begins and `sentence_cosine` how near it is.
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

    `score` ranks within one reply; `confidence` is the probability that this entry answers the question.
    `signals` are the parts of the score by name; `rerank` is that of a cross-encoder, which then is the score.
    `explanation` is there if it was asked for.
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
class IndexState:
    """What a reply says about the index it came from. `built_at` is ISO 8601 in UTC."""

    path: str
    built_at: str
    documents: int
    entries: int
    passages: int
    model: str
    stale: bool = False
    changed_files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApproximateSearch:
    """How the passages of a large corpus are searched.

    Attributes:
        name: of the index, as FAISS has it.
        lists_read: how many of its lists a question reads.
        compared: of how many passages from these the whole vectors are compared.
        recall: the share of the 10 nearest passages that is found, in the mean, 0 to 1.
        questions: how many of the corpus's own questions say so.
        sha256: of the index's file.
    """

    name: str
    lists_read: int
    compared: int
    recall: float
    questions: int
    sha256: str


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


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. Counts of documents, then of entries and passages in the index, then of texts."""

    corpus: str
    index: str
    model: str
    documents: int
    added: int
    changed: int
    removed: int
    unchanged: int
    entries: int
    unanswered: int
    passages: int
    embedded: int
    elapsed_s: float
    problems: tuple[Problem, ...]
