"""A built index and the queries of its set in this process, for what no command shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.retrieval.sets import SetFiles
from qasearch.encoding import Encoder
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import load_judgements
from qasearch.evaluation.metrics import ranking_metrics
from qasearch.ranking.learning import LearnedRanking
from qasearch.searching.searcher import between, clean_question
from qasearch.searching.spelling import respell
from qasearch.storage.generations import OpenIndex
from qasearch.storage.vectors import Floats, Ids


@dataclass(frozen=True, slots=True)
class SetQuery:
    """A query of a set.

    Attributes:
        text: as it was typed, on one line.
        vector: (d,) float32, its embedding as the encoder gives it.
        meant: with its misspelt words put right.
        meant_vector: (d,) float32, that of what is asked: half as typed, half as meant.
        relevance: of the entries by id; none of them above 0 if nothing answers it.
    """

    text: str
    vector: Floats
    meant: str
    meant_vector: Floats
    relevance: Mapping[str, int]

    @property
    def answerable(self) -> bool:
        """Whether anything answers it."""
        return any(value > 0 for value in self.relevance.values())


@dataclass(frozen=True, slots=True)
class OpenSet:
    """An open index with what its build learned, and the queries to ask.

    Attributes:
        names: the ids of the entries by row id.
        ids: (n,) int64, ids of the passages, ascending.
        vectors: (n, d) float32, their embeddings as the encoder gives them.
    """

    index: OpenIndex
    learned: LearnedRanking
    names: Mapping[int, str]
    ids: Ids
    vectors: Floats
    queries: Sequence[SetQuery]

    @property
    def answerable(self) -> npt.NDArray[np.bool_]:
        """(q,) bool, which of the queries something answers."""
        return np.array([query.answerable for query in self.queries])

    def ndcg(self, rankings: Sequence[Sequence[int]]) -> float:
        """The mean nDCG@10 over the answerable queries of a ranking for each query, as row ids,
        best first.
        """
        return float(
            np.mean(
                [
                    ranking_metrics([self.names[entry] for entry in ranking], query.relevance)[
                        "nDCG@10"
                    ]
                    for query, ranking in zip(self.queries, rankings, strict=True)
                    if query.answerable
                ]
            )
        )


def open_set(files: SetFiles, encoder: Encoder) -> OpenSet:
    """The set's index, as it was built, with the queries embedded."""
    index = OpenIndex(files.index)
    learned = LearnedRanking.load(index.database, index.metadata.ranking)
    entries = index.database.entries()
    ids, vectors = index.vectors.all_passages()
    queries = _queries(files, EntryIds.of([*entries.values()]), index, encoder)
    return OpenSet(
        index, learned, {rowid: entry.id for rowid, entry in entries.items()}, ids, vectors, queries
    )


def _queries(files: SetFiles, ids: EntryIds, index: OpenIndex, encoder: Encoder) -> list[SetQuery]:
    judged = [
        ids.resolve(each)
        for each in load_judgements(files.queries, files.qrels, files.no_answer).queries
    ]
    texts = [clean_question(each.query.text) for each in judged]
    meant = [respell(text, index.database, encoder.count_tokens) for text in texts]
    respelt = [other for text, other in zip(texts, meant, strict=True) if other != text]
    vectors = encoder.encode_queries([*texts, *respelt])
    others = iter(vectors[len(texts) :])
    return [
        SetQuery(
            text,
            vector,
            other,
            vector if other == text else between(vector, next(others)),
            each.relevance,
        )
        for each, text, vector, other in zip(
            judged, texts, vectors[: len(texts)], meant, strict=True
        )
    ]
