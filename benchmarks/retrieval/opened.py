"""Opens the index of a set and embeds its queries, for measurements that no command offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.retrieval.commands import METRIC
from benchmarks.retrieval.sets import SetFiles
from qasearch.encoding import Encoder
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import load_judgements
from qasearch.evaluation.metric_table import measure_ranking
from qasearch.searching.searcher import Searcher, clean_question
from qasearch.storage.generations import OpenIndex
from qasearch.storage.vectors import Floats, Ids


@dataclass(frozen=True, slots=True)
class SetQuery:
    """A query of a set.

    Attributes:
        text: as the user typed it, on one line.
        vector: (d,) float32, its embedding.
        corrected: the text with its misspelt words corrected; the same text if there are none.
        asked_vector: (d,) float32, the vector that qasearch asks with.
        relevance: of the entries by id; no value is above 0 if nothing answers the query.
    """

    text: str
    vector: Floats
    corrected: str
    asked_vector: Floats
    relevance: Mapping[str, int]

    @property
    def answerable(self) -> bool:
        """Whether an entry answers it."""
        return any(value > 0 for value in self.relevance.values())


@dataclass(frozen=True, slots=True)
class OpenSet:
    """An open index and the queries of the set.

    Attributes:
        index: the index.
        names: the id of each entry by its row id.
        ids: (n,) int64, the ids of the passages, ascending.
        vectors: (n, d) float32, the embeddings of the passages.
        queries: the queries, embedded.
    """

    index: OpenIndex
    names: Mapping[int, str]
    ids: Ids
    vectors: Floats
    queries: Sequence[SetQuery]

    @property
    def answerable(self) -> npt.NDArray[np.bool_]:
        """(q,) bool, whether an entry answers the query."""
        return np.array([query.answerable for query in self.queries])

    def ndcg(self, rankings: Sequence[Sequence[int]]) -> float:
        """The mean nDCG@10 over the answerable queries.

        Args:
            rankings: for each query the row ids of entries, best first.
        """
        values = [
            measure_ranking([self.names[entry] for entry in ranking], query.relevance)[METRIC]
            for query, ranking in zip(self.queries, rankings, strict=True)
            if query.answerable
        ]
        return float(np.mean(values))


@contextmanager
def open_set(files: SetFiles, encoder: Encoder) -> Iterator[OpenSet]:
    """The index of a set as it was built, with the queries embedded; closed after the block."""
    index = OpenIndex(files.index)
    entries = index.database.entries()
    names = {rowid: entry.id for rowid, entry in entries.items()}
    ids, vectors = index.vectors.all_passages()
    queries = _queries(files, EntryIds.of([*entries.values()]), index, encoder)
    yield OpenSet(index, names, ids, vectors, queries)
    index.close()


def _queries(files: SetFiles, ids: EntryIds, index: OpenIndex, encoder: Encoder) -> list[SetQuery]:
    judgements = load_judgements(files.queries, files.qrels, files.no_answer)
    judged = [ids.resolve(query) for query in judgements.queries]
    texts = [clean_question(row.query.text) for row in judged]
    encoded = Searcher(index, encoder).encode(texts)
    return [
        SetQuery(text, vector, question.corrected, question.vector, row.relevance)
        for row, text, vector, question in zip(
            judged, texts, encoder.encode_queries(texts), encoded, strict=True
        )
    ]
