"""What each signal of the ranking is worth: hit@1, hit@5 and MRR on public sets with several weights.

    python -m benchmarks.ranking

Up to 500 questions a set, drawn with a fixed seed; `examples` of a set become aliases. The candidates are those of the
real search; only the weights of `qasearch.searching.ranking` differ.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np

import qasearch
from benchmarks.shared import answerable, need, write_corpus
from qasearch.encoding import load_encoder
from qasearch.searching.candidates import find_candidates
from qasearch.searching.ranking import WEIGHTS, signals
from qasearch.storage.generations import OpenIndex

SETS = ("stackfaq_dev", "clinc150_intent", "hint3_curekart", "banking77_intent")
SAMPLE = 500
VARIANTS = {
    "dense": {"dense": 1.0},
    "lexical": {"lexical": 1.0},
    "dense and lexical": {"dense": 0.8, "lexical": 0.2},
    "all three": WEIGHTS,
}


def main() -> None:
    encoder = load_encoder("all-MiniLM-L6-v2", offline=True)
    for name in SETS:
        source = need(f"eval/{name}")
        asked = answerable(source)
        asked = random.Random(0).sample(asked, min(SAMPLE, len(asked)))
        with tempfile.TemporaryDirectory() as folder:
            corpus, place = Path(folder) / "corpus", Path(folder) / "index"
            corpus.mkdir()
            write_corpus(corpus, source / "corpus.jsonl")
            qasearch.build(corpus, place, offline=True)
            index = OpenIndex(place)
            ids = {rowid: entry.id for rowid, entry in index.database.entries().items()}
            vectors = encoder.encode_queries([text for text, _ in asked])
            found = [
                find_candidates(index.database, index.vectors, text, vector, None)
                for (text, _), vector in zip(asked, vectors, strict=True)
            ]
            index.close()
        for variant, weights in VARIANTS.items():
            ranks = []
            for (_, expected), candidates in zip(asked, found, strict=True):
                scores = [
                    sum(weights.get(name, 0.0) * value for name, value in signals(each).items()) for each in candidates
                ]
                order = np.argsort(-np.array(scores), kind="stable")
                ranks.append(next((n for n, at in enumerate(order, 1) if ids[candidates[at].entry] in expected), 0))
            rank = np.array(ranks)
            reciprocal = np.mean([1 / each if each else 0 for each in ranks])
            figures = (
                f"hit@1 {np.mean(rank == 1):.3f}  hit@5 {np.mean((rank > 0) & (rank <= 5)):.3f}  MRR {reciprocal:.3f}"
            )
            print(f"{name:18} {variant:18} {figures}", flush=True)


if __name__ == "__main__":
    main()
