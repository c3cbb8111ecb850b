"""What can be said of an index as a whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from qasearch.datatypes.entry import Problem
from qasearch.datatypes.options import Mode
from qasearch.datatypes.rules import NO_RULES, CorpusRules, ToldFlavour


@dataclass(frozen=True, slots=True)
class IndexState:
    """What a reply says about the index that it came from.

    `built_at` is a time in UTC as ISO 8601. The index is `stale` if files of the corpus changed
    since it was built; `changed_files` are their paths in the corpus.
    """

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
        name: the kind of index, as FAISS names it.
        lists_read: how many of its lists a question reads.
        compared: for how many passages from these lists the whole vectors are compared.
        recall: the mean share of the 10 nearest passages that this search finds, 0 to 1.
        questions: over how many questions of the corpus the recall was measured.
        sha256: the digest of the file that holds the lists.
    """

    name: str
    lists_read: int
    compared: int
    recall: float
    questions: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A logistic curve from the two numbers of a hit to the probability that it is the answer.

    `qasearch.ranking.confidence` says what the numbers are.

    Attributes:
        score: the logits per unit of the score.
        lead: the logits per unit of the lead.
        offset: the logits where both are 0.
    """

    score: float
    lead: float
    offset: float

    def logit(self, score: float, lead: float) -> float:
        """The logarithm of the odds that a hit with this score and this lead is the answer."""
        return self.score * score + self.lead * lead + self.offset

    def confidence(self, score: float, lead: float) -> float:
        """The probability, 0 to 1, that a hit with this score and this lead is the answer."""
        logit = max(-30.0, min(30.0, self.logit(score, lead)))  # exp cannot overflow
        return 1 / (1 + math.exp(-logit))


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The curves of one corpus, fitted to questions whose answers its owner knows.

    Attributes:
        curves: for each mode.
        file: the file of the questions.
        questions: how many of its questions were used.
        at: when, ISO 8601 in UTC.
    """

    curves: Mapping[Mode, Curve]
    file: str
    questions: int
    at: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """What encodes the questions.

    Attributes:
        name: `onnxruntime` with its version, or `sentence-transformers`.
        reason: why it is not onnxruntime; "" if it is.
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Everything that `qasearch status` says about an index.

    Attributes:
        state: its counts, and whether it is stale.
        corpus: the folder that it was built from.
        unanswered: how many entries have no answer.
        runtime: what encodes the questions.
        search: how passages are searched; None if all vectors are compared.
        calibrated: the curves of this corpus; None if it has the shipped ones.
        bytes: the size of each file of the index by name.
        problems: what was wrong in the corpus at the last build, and what cannot be read now.
        rules: which files are read, and as what.
        flavours: what the corpus was written for, and what told it.
    """

    state: IndexState
    corpus: str
    unanswered: int
    runtime: Runtime
    search: ApproximateSearch | None
    calibrated: Calibrated | None
    bytes: dict[str, int]
    problems: tuple[Problem, ...]
    rules: CorpusRules = NO_RULES
    flavours: tuple[ToldFlavour, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Attributes:
        corpus: the folder that was read.
        index: the folder of the index.
        model: the name of the embedding model.
        documents: how many files the index holds now.
        added: how many files are new.
        changed: how many files changed.
        removed: how many files are gone.
        unchanged: how many files stayed the same.
        entries: how many entries the index holds now.
        unanswered: how many of them have no answer.
        passages: how many passages the index holds now.
        embedded: how many texts got a new vector.
        elapsed_s: how long the build took, in seconds.
        problems: what is wrong in the corpus.
    """

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
