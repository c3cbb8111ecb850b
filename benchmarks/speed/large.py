"""A million entries: a question (candidates and ranking, encoding aside) beside one exact FAISS
search, one thread.

The entries are written through the storage layer, as embedding a million texts would take hours.
Their texts are questions and sentences of the public sets, a fifth of the words replaced by other
words of these; each has one passage, whose vector is that of a real text turned by some angle
towards the difference of two others, so that the noise is spread as texts are. The cosine to the
real one is between 0.6 and 0.9: the wordings of one intent of BANKING77, CLINC150 and HINT3 have
0.60 at the upper quartile. The questions are real, and so are their vectors.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.shared import ROOT, jsonl, need
from benchmarks.speed.pairs import Run, compare
from qasearch.datatypes.entry import Document, Entry, Passage, PassageKind, Rule
from qasearch.datatypes.options import Mode
from qasearch.encoding import load_encoder
from qasearch.ranking.candidates import DEPTH, find_candidates
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, rank
from qasearch.ranking.probes import choose_questions
from qasearch.settings import DEFAULT_MODEL
from qasearch.storage import approximate, segments
from qasearch.storage.generations import OpenIndex, open_vectors_file
from qasearch.storage.metadata import IndexMetadata, RankingParameters, VectorsFile
from qasearch.storage.passage_ids import question_id
from qasearch.storage.vectors import Floats
from qasearch.storage.writing import Writer

ENTRIES = 1_000_000
SETS = (
    "scifact",
    "stackfaq_dev",
    "rqe_chq_faq",
    "banking77_intent",
    "clinc150_intent",
    "hint3_curekart",
)
_EMBEDDED = 10_000
_A_FILE, _A_COMMIT = 100, 50_000
_QUESTIONS = 200
_TOP_K = 10


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _make(folder, ENTRIES)
        index = OpenIndex(folder)
        texts, queries = _kept_questions(folder)
        print(f"search: {index.metadata.vectors.approximate}", flush=True)
        base = open_vectors_file(folder, index.metadata.vectors)
        flat: Any = faiss.IndexFlatIP(base.vectors.shape[1])
        flat.add(base.vectors)
        faiss.omp_set_num_threads(1)
        searches = _each([partial(flat.search, query[None], DEPTH) for query in queries])
        compare(
            "a question",
            _asking(index, texts, queries),
            "exact FAISS search",
            searches,
            runs=runs,
            target="0.05",
        )
        approximately, exactly = (
            [
                _ranked(index, text, query, exactly=exact)
                for text, query in zip(texts, queries, strict=True)
            ]
            for exact in (False, True)
        )
        recall = np.mean([len(a & e) / len(e) for a, e in zip(approximately, exactly, strict=True)])
        print(f"recall@10 of the ranking beside the exact one: {recall:.4f} (target: 0.99)")
        index.close()
        asking = [sys.executable, "-m", "benchmarks.speed.large", temporary]
        said = subprocess.run(
            asking, check=True, cwd=ROOT, capture_output=True, encoding="utf-8"
        ).stdout
        print(
            f"peak memory of a process that asks {len(texts)} questions: {said.strip()} "
            "(target: 1 GB)",
            flush=True,
        )


def _ranked(index: OpenIndex, text: str, query: Floats, *, exactly: bool = False) -> set[int]:
    found = find_candidates(
        index.database, index.vectors, text, query, min_entries=_TOP_K, exact=exactly
    )
    return {each.entry for each in rank(found, Mode.HYBRID, DEFAULT_LEXICAL_WEIGHT, _TOP_K)}


def _asking(index: OpenIndex, texts: list[str], queries: Floats) -> Run:
    return _each(
        [partial(_ranked, index, text, query) for text, query in zip(texts, queries, strict=True)]
    )


def _each(work: list[partial[Any]]) -> Run:
    """Does each once: the median of their seconds."""

    def run() -> tuple[float, float]:
        elapsed = []
        for one in work:
            started = time.perf_counter()
            one()
            elapsed.append(time.perf_counter() - started)
        return statistics.median(elapsed), 0.0

    return run


def _make(folder: Path, entries: int) -> None:
    """An index of so many entries in `folder`, and questions to it."""
    questions, sentences, asked = _texts()
    encoder = load_encoder(DEFAULT_MODEL, offline=True)
    np.savez(folder / "questions.npz", texts=asked, vectors=encoder.encode_queries(asked))
    real = encoder.encode_documents(
        random.Random(0).sample(sorted({*questions, *sentences}), _EMBEDDED)
    )
    started = time.perf_counter()

    def done(what: str) -> None:
        nonlocal started
        print(f"{what}: {time.perf_counter() - started:.0f} s", flush=True)
        started = time.perf_counter()

    with Writer.open(folder) as database:
        made = _varied(questions, sentences)
        for first in range(0, entries, _A_COMMIT):
            with database.transaction():
                for start in range(first, min(entries, first + _A_COMMIT), _A_FILE):
                    _add_file(
                        database, f"{start // _A_FILE}.md", [next(made) for _ in range(_A_FILE)]
                    )
                database.settle()
        done(f"{entries:,} entries written")
        with database.transaction():
            sha256 = segments.write(folder, 1, real.shape[1], _noisy(real, entries))
            database.write_postings()
            file = VectorsFile(1, sha256, None)
            done("vectors and words written")
            own = choose_questions(database)
            vectors = encoder.encode_queries([each.text for each in own])
            passages = np.array([each.passage for each in own])
            base = open_vectors_file(folder, file)
            search = approximate.build(folder, 1, base, vectors, passages, top_k=DEPTH)
            done("search built")
            database.publish(
                IndexMetadata(
                    generation=1,
                    built_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    corpus=folder,
                    model=encoder.name,
                    fingerprint=encoder.fingerprint,
                    dimension=encoder.dimension,
                    changed_entries=0,
                    vectors=replace(file, approximate=search),
                    ranking=RankingParameters(DEFAULT_LEXICAL_WEIGHT, {}),
                )
            )


def _texts() -> tuple[list[str], list[str], list[str]]:
    """Questions of the corpora, sentences of the answers, and those to ask, from the queries."""
    questions, sentences, asked = [], [], []
    for name in SETS:
        source = need(f"eval/{name}")
        for row in jsonl(source / "corpus.jsonl"):
            questions += [
                row.get("question") or row.get("title") or row["id"],
                *(row.get("examples") or []),
            ]
            found = re.split(r"(?<=[.!?])\s+|\n\n+", row.get("answer") or row.get("text") or "")
            sentences += [sentence for sentence in found if 20 < len(sentence) < 300]
        asked += [row["text"] for row in jsonl(source / "queries.jsonl")]
    return questions, sentences, random.Random(0).sample(asked, _QUESTIONS)


def _varied(questions: list[str], sentences: list[str]) -> Iterator[tuple[str, str]]:
    """Question and answer of one entry after the other, a fifth of the words replaced."""
    drawn = random.Random(0)
    words = [word for sentence in drawn.sample(sentences, 20_000) for word in sentence.split()]

    def vary(text: str) -> str:
        return " ".join(
            drawn.choice(words) if drawn.random() < 0.2 else word for word in text.split()
        )

    while True:
        for question in questions:
            yield vary(question), " ".join(map(vary, drawn.sample(sentences, 2)))


def _add_file(database: Writer, path: str, pairs: list[tuple[str, str]]) -> None:
    entries = [
        Entry(
            id=f"{path}#{line}",
            question=question,
            aliases=(),
            answer=answer,
            answered=True,
            breadcrumb=(),
            tags=(),
            references=(),
            path=path,
            line_start=line,
            line_end=line,
            question_line=line,
            rule=Rule.HEADING,
            column_start=1,
            column_end=len(answer),
            question_line_end=line,
        )
        for line, (question, answer) in enumerate(pairs, start=1)
    ]
    rowids = database.add_document(Document(path, tuple(entries)), 0, 0, "")
    for rowid, entry in zip(rowids, entries, strict=True):
        passage = Passage(
            PassageKind.QUESTION, entry.question, entry.question, entry.line_start, entry.line_end
        )
        database.add_passages(rowid, [("", passage)])


def _noisy(real: Floats, count: int) -> Iterator[tuple[Any, Floats]]:
    """Ids of the first passages of entries, and their vectors: the real ones, then the same turned
    by some angle.
    """
    drawn = np.random.default_rng(0)
    for start in range(0, count, _A_COMMIT):
        rows = np.arange(start, min(count, start + _A_COMMIT))
        noise = (
            real[drawn.integers(len(real), size=len(rows))]
            - real[drawn.integers(len(real), size=len(rows))]
        )
        noise /= np.maximum(np.linalg.norm(noise, axis=1, keepdims=True), 1e-6)
        cosines = np.where(rows < len(real), 1, drawn.uniform(0.6, 0.9, len(rows)))[:, None]
        vectors = cosines * real[rows % len(real)] + np.sqrt(1 - cosines**2) * noise
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        yield question_id(rows + 1), unit.astype(np.float32)


def _kept_questions(folder: Path) -> tuple[list[str], Floats]:
    with np.load(folder / "questions.npz") as kept:
        return kept["texts"].tolist(), kept["vectors"]


if __name__ == "__main__":
    _asking(OpenIndex(Path(sys.argv[1])), *_kept_questions(Path(sys.argv[1])))()
    # what the kernel reports when it ends would count the process that started it as well
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")))
