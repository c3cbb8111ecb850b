"""Many real passages: the encoder that builds use beside `SentenceTransformer.encode` with its
defaults.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.shared import ROOT, jsonl, need
from benchmarks.speed.pairs import Run, compare
from qasearch.encoding import Encoder, load_encoder, model_files
from qasearch.reading.corpus import read_corpus
from qasearch.reading.entries import read_document
from qasearch.reading.passages import make_passages

PASSAGES = 2000


def measure(runs: int) -> None:
    encoder = load_encoder(model_files.BUILT_IN, offline=True)
    texts = passages(encoder)
    reference = SentenceTransformer(str(model_files.built_in_folder()), local_files_only=True)
    lowest = (
        (encoder.encode_documents(texts) * reference.encode(texts, normalize_embeddings=True))
        .sum(axis=1)
        .min()
    )
    print(f"{len(texts)} passages, lowest cosine between both: {lowest:.7f}", flush=True)
    ours = timed(lambda: encoder.encode_documents(texts))
    theirs = timed(lambda: reference.encode(texts))
    compare(
        "SentenceTransformer.encode", theirs, "qasearch's encoder", ours, runs=runs, target="1.5"
    )


def passages(encoder: Encoder) -> list[str]:
    """2,000: half of them from all over the bundled corpus, half from abstracts of scientific
    papers.
    """
    abstracts = jsonl(need("eval/scifact/corpus.jsonl"))[::5]
    papers = (f"# {row['title']}\n\n{row['text']}\n" for row in abstracts)
    documents = [read_document(text, "paper.md").entries for text in papers]
    found = []
    for entries in (
        read_corpus(ROOT / "corpus")[0],
        [entry for each in documents for entry in each],
    ):
        made = [make_passages(entry, encoder.count_tokens, encoder.max_tokens) for entry in entries]
        texts = [passage.embedded for each in made for passage in each]
        found += [texts[at] for at in np.linspace(0, len(texts) - 1, PASSAGES // 2).astype(int)]
    return found


def timed(call: Callable[[], object]) -> Run:
    """A call in this process; its memory is not told apart."""

    def run() -> tuple[float, float]:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started, 0.0

    return run
