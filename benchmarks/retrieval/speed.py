"""Measures how long ranking takes beside one exact FAISS search over the same vectors.

    OMP_NUM_THREADS=1 python -m benchmarks.retrieval.speed INDEX QUERIES

The encoding of the query is not included. Both run in one thread and take turns, query by query,
after one round that does not count. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.shared import seconds
from qasearch.datatypes.options import Mode
from qasearch.encoding import load_encoder
from qasearch.evaluation.queries import read_queries
from qasearch.ranking.candidates import DEPTH, find_candidates
from qasearch.ranking.fusion import Ranked, rank
from qasearch.storage.generations import OpenIndex
from qasearch.storage.vectors import Floats

_ROUNDS = 4
"""The first round does not count."""

_TOP_K = 5


def find_and_rank(index: OpenIndex, text: str, vector: Floats) -> list[Ranked]:
    candidates = find_candidates(index.database, index.vectors, text, vector, min_entries=_TOP_K)
    return rank(candidates, Mode.HYBRID, index.metadata.lexical_weight, _TOP_K)


def main() -> None:
    index = OpenIndex(Path(sys.argv[1]))
    texts = [query.text for query in read_queries(Path(sys.argv[2]), labelled=False)]
    queries = load_encoder(index.metadata.model, offline=True).encode_queries(texts)
    _, vectors = index.vectors.all_passages()
    flat: Any = faiss.IndexFlatIP(queries.shape[1])
    flat.add(vectors)
    faiss.omp_set_num_threads(1)
    ranking_s, search_s = [], []
    with index.snapshot():
        for _ in range(_ROUNDS):
            for text, vector in zip(texts, queries, strict=True):
                ranking_s.append(seconds(partial(find_and_rank, index, text, vector)))
                search_s.append(seconds(partial(flat.search, vector[None], DEPTH)))
    report = {
        "passages": len(vectors),
        "queries": len(texts),
        "rounds": _ROUNDS - 1,
        "ranking_ms": _quantiles_ms(ranking_s[len(texts) :]),
        "search_ms": _quantiles_ms(search_s[len(texts) :]),
    }
    print(json.dumps(report))


def _quantiles_ms(times_s: list[float]) -> dict[str, float]:
    times_ms = np.array(times_s) * 1000
    return {"median": float(np.median(times_ms)), "p95": float(np.quantile(times_ms, 0.95))}


if __name__ == "__main__":
    main()
