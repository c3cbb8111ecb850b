"""What is said of an index as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from qasearch.datatypes.entry import Problem


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
class BuildReport:
    """What a build did. Counts of documents, then of entries and passages in the index, then of
    texts.
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
