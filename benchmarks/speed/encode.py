"""Measures the encoder of the builds on real passages, beside `SentenceTransformer.encode`."""

from __future__ import annotations

import numpy as np
from sentence_transformers import SentenceTransformer

from benchmarks.shared import ROOT, jsonl, need
from benchmarks.speed.pairs import call, compare
from qasearch.encoding import Encoder, load_encoder
from qasearch.encoding.model_files import built_in_folder
from qasearch.reading.corpus import read_corpus
from qasearch.reading.entries import read_document
from qasearch.reading.passages import make_passages
from qasearch.settings import DEFAULT_MODEL

PASSAGES = 2000


def measure(runs: int) -> None:
    encoder = load_encoder(DEFAULT_MODEL, offline=True)
    texts = passages(encoder)
    reference = SentenceTransformer(str(built_in_folder()), local_files_only=True)
    expected = reference.encode(texts, normalize_embeddings=True)
    lowest = (encoder.encode_documents(texts) * expected).sum(axis=1).min()
    print(f"{len(texts)} passages, lowest cosine between both: {lowest:.7f}", flush=True)
    compare(
        "SentenceTransformer.encode",
        call(lambda: reference.encode(texts)),
        "the encoder of qasearch",
        call(lambda: encoder.encode_documents(texts)),
        runs=runs,
        target="1.5",
    )


def passages(encoder: Encoder) -> list[str]:
    """2,000 passages: half from the bundled corpus, half from abstracts of scientific papers."""
    abstracts = jsonl(need("eval/scifact/corpus.jsonl"))[::5]
    papers = (f"# {row['title']}\n\n{row['text']}\n" for row in abstracts)
    paper_entries = [entry for text in papers for entry in read_document(text, "paper.md").entries]
    bundled_entries, _ = read_corpus(ROOT / "corpus")
    texts = []
    for entries in (bundled_entries, paper_entries):
        all_texts = [
            passage.embedded
            for entry in entries
            for passage in make_passages(entry, encoder.count_tokens, encoder.max_tokens)
        ]
        rows = np.linspace(0, len(all_texts) - 1, PASSAGES // 2).astype(int)
        texts += [all_texts[row] for row in rows]
    return texts
