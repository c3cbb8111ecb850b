"""How long ranking takes, encoding aside, beside one exact FAISS search over the same vectors; both
in one thread.

    OMP_NUM_THREADS=1 python -m benchmarks.retrieval.speed INDEX QUERIES

The two take turns, query by query, after a round that does not count. Prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.encoding import load_encoder
from qasearch.evaluation.queries import read_queries
from qasearch.ranking.candidates import DEPTH, find_candidates
from qasearch.ranking.fusion import Ranked, rank
from qasearch.ranking.learning import LearnedRanking
from qasearch.storage.generations import OpenIndex
from qasearch.storage.vectors import Floats

_ROUNDS = 4
_TOP_K = 5


def elapsed_ms(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def find_and_rank(
    index: OpenIndex, learned: LearnedRanking, text: str, vector: Floats
) -> list[Ranked]:
    found = find_candidates(index.database, index.vectors, text, vector, min_entries=_TOP_K)
    return rank(found, Mode.HYBRID, learned.lexical_weight, _TOP_K)


def main() -> None:
    index = OpenIndex(Path(sys.argv[1]))
    texts = [query.text for query in read_queries(Path(sys.argv[2]), labelled=False)]
    learned = LearnedRanking.load(index.database, index.metadata.ranking)
    queries = load_encoder(index.metadata.model, offline=True).encode_queries(texts)
    _, vectors = index.vectors.all_passages()
    flat: Any = faiss.IndexFlatIP(queries.shape[1])
    flat.add(vectors)
    faiss.omp_set_num_threads(1)
    ranking, search = [], []
    with index.snapshot():
        for _ in range(_ROUNDS):
            for text, vector in zip(texts, queries, strict=True):
                ranking.append(elapsed_ms(partial(find_and_rank, index, learned, text, vector)))
                search.append(elapsed_ms(partial(flat.search, vector[None], DEPTH)))
    counted = {"ranking": ranking[len(texts) :], "search": search[len(texts) :]}
    said: dict[str, object] = {
        "passages": len(vectors),
        "queries": len(texts),
        "rounds": _ROUNDS - 1,
    }
    for name, times in counted.items():
        said[name] = {"median": float(np.median(times)), "p95": float(np.quantile(times, 0.95))}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
