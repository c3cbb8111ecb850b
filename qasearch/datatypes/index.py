"""What can be said of an index as a whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qasearch.datatypes.entry import Problem


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
class Calibration:
    """A logistic curve from the evidence for an entry to the probability that it is right.

    Attributes:
        centre: the evidence at which the probability is one half.
        slope: the logits per unit of evidence.
    """

    centre: float
    slope: float

    def confidence(self, evidence: float) -> float:
        """The probability, 0 to 1, that an entry with this evidence answers the question."""
        logit = max(-30.0, min(30.0, self.slope * (evidence - self.centre)))  # exp cannot overflow
        return 1 / (1 + math.exp(-logit))


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
        bytes: the size of each file of the index by name.
        problems: what was wrong in the corpus when the index was built.
    """

    state: IndexState
    corpus: str
    unanswered: int
    runtime: Runtime
    search: ApproximateSearch | None
    bytes: dict[str, int]
    problems: tuple[Problem, ...]


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
