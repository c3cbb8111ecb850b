"""Measures a question to a million entries beside one exact FAISS search, in one thread.

The question includes candidates and ranking, but not its encoding. Also measured are the recall of
the approximate search and the memory of a process that asks.

Embedding a million texts would take hours, so the entries are written through the storage layer.
Their texts are questions and sentences of the public sets, with a fifth of the words replaced by
other words of these sets. Each entry has one passage. Its vector is that of a real text, turned
towards the difference of two other vectors, so that the noise is spread as texts are. The cosine to
the real vector is between 0.6 and 0.9: the wordings of one intent of BANKING77, CLINC150 and HINT3
have 0.60 at the upper quartile. The questions and their vectors are real.
"""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from benchmarks.shared import ROOT, jsonl, need, seconds
from benchmarks.speed.pairs import Cost, Run, compare
from qasearch.datatypes.entry import Document, Entry, Passage, PassageKind, Rule
from qasearch.datatypes.options import Mode
from qasearch.encoding import load_encoder
from qasearch.ranking.candidates import DEPTH, find_candidates
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, rank
from qasearch.ranking.probes import choose_questions
from qasearch.settings import DEFAULT_MODEL
from qasearch.storage import approximate, segments
from qasearch.storage.generations import OpenIndex, open_vectors_file
from qasearch.storage.metadata import IndexMetadata, VectorsFile
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
"""The public sets that the texts come from."""

LEAST_COSINE, LARGEST_COSINE = 0.6, 0.9
"""Between the vector of an entry and the real vector; see above."""

REPLACED_WORDS = 0.2
"""The share of the words of a text that are replaced."""

_EMBEDDED = 10_000
"""Real texts that are embedded."""

_ENTRIES_PER_FILE = 100

_ENTRIES_PER_COMMIT = 50_000

_QUESTIONS = 200
_TOP_K = 10


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions to ask: their texts, and their vectors, (q, d) float32."""

    texts: list[str]
    vectors: Floats


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _make_index(folder, ENTRIES)
        index = OpenIndex(folder)
        questions = _load_questions(folder)
        print(f"search: {index.metadata.vectors.approximate}", flush=True)
        base = open_vectors_file(folder, index.metadata.vectors)
        flat: Any = faiss.IndexFlatIP(base.vectors.shape[1])
        flat.add(base.vectors)
        faiss.omp_set_num_threads(1)
        searches = [partial(flat.search, vector[None], DEPTH) for vector in questions.vectors]
        asking = _median_run(_rankings(index, questions))
        exact_search = _median_run(searches)
        compare("a question", asking, "exact FAISS search", exact_search, runs=runs, target="0.05")
        print(f"recall@10 beside the exact ranking: {_recall(index, questions):.4f} (target: 0.99)")
        index.close()
        # in a process of its own: this one holds all vectors
        peak = subprocess.run(
            [sys.executable, "-m", "benchmarks.speed.large", temporary],
            check=True,
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
        ).stdout
        print(
            f"peak memory of a process that asks {len(questions.texts)} questions: {peak.strip()} "
            "(target: 1 GB)",
            flush=True,
        )


def _ranked(index: OpenIndex, text: str, vector: Floats, *, exactly: bool = False) -> set[int]:
    """The row ids of the best entries."""
    candidates = find_candidates(
        index.database, index.vectors, text, vector, min_entries=_TOP_K, exact=exactly
    )
    return {
        ranked.entry for ranked in rank(candidates, Mode.HYBRID, DEFAULT_LEXICAL_WEIGHT, _TOP_K)
    }


def _rankings(
    index: OpenIndex, questions: Questions, *, exactly: bool = False
) -> list[Callable[[], set[int]]]:
    """One call of `_ranked` for each question."""
    return [
        partial(_ranked, index, text, vector, exactly=exactly)
        for text, vector in zip(questions.texts, questions.vectors, strict=True)
    ]


def _recall(index: OpenIndex, questions: Questions) -> float:
    """The mean share of the best entries that are among the best of the approximate search too."""
    pairs = zip(_rankings(index, questions), _rankings(index, questions, exactly=True), strict=True)
    shares = []
    for approximate_ranking, exact_ranking in pairs:
        best = exact_ranking()
        shares.append(len(best & approximate_ranking()) / len(best))
    return statistics.fmean(shares)


def _median_run(calls: Sequence[Callable[[], object]]) -> Run:
    """Makes every call once; its cost is the median of their times."""
    return lambda: Cost(statistics.median(seconds(call) for call in calls))


def _make_index(folder: Path, entries: int) -> None:
    """Write an index of this number of entries into the folder, and the questions to it."""
    questions, sentences, queries = _texts()
    encoder = load_encoder(DEFAULT_MODEL, offline=True)
    np.savez(folder / "questions.npz", texts=queries, vectors=encoder.encode_queries(queries))
    texts = random.Random(0).sample(sorted({*questions, *sentences}), _EMBEDDED)
    real = encoder.encode_documents(texts)
    started = time.perf_counter()

    def report(step: str) -> None:
        nonlocal started
        print(f"{step}: {time.perf_counter() - started:.0f} s", flush=True)
        started = time.perf_counter()

    with Writer.open(folder) as database:
        _write_entries(database, entries, _varied(questions, sentences))
        report(f"{entries:,} entries written")
        with database.transaction():
            sha256 = segments.write(folder, 1, real.shape[1], _noisy(real, entries))
            database.write_postings()
            report("vectors and words written")
            file = VectorsFile(1, sha256, None)
            own_questions = choose_questions(database)
            vectors = encoder.encode_queries([question.text for question in own_questions])
            passages = np.array([question.passage for question in own_questions])
            base = open_vectors_file(folder, file)
            search = approximate.build(folder, 1, base, vectors, passages, top_k=DEPTH)
            report("search built")
            metadata = IndexMetadata(
                generation=1,
                built_at=datetime.now(UTC).isoformat(timespec="seconds"),
                corpus=folder,
                model=encoder.name,
                fingerprint=encoder.fingerprint,
                dimension=encoder.dimension,
                changed_entries=0,
                vectors=replace(file, approximate=search),
                lexical_weight=DEFAULT_LEXICAL_WEIGHT,
            )
            database.publish(metadata)


def _texts() -> tuple[list[str], list[str], list[str]]:
    """The questions of the sets, the sentences of their answers, and the queries to ask."""
    questions, sentences, queries = [], [], []
    for name in SETS:
        source = need(f"eval/{name}")
        for row in jsonl(source / "corpus.jsonl"):
            questions.append(row.get("question") or row.get("title") or row["id"])
            questions += row.get("examples") or []
            answer = row.get("answer") or row.get("text") or ""
            pieces = re.split(r"(?<=[.!?])\s+|\n\n+", answer)
            sentences += [piece for piece in pieces if 20 < len(piece) < 300]
        queries += [row["text"] for row in jsonl(source / "queries.jsonl")]
    return questions, sentences, random.Random(0).sample(queries, _QUESTIONS)


def _varied(questions: list[str], sentences: list[str]) -> Iterator[tuple[str, str]]:
    """Question and answer of one entry after the other, with replaced words, without end."""
    draw = random.Random(0)
    words = [word for sentence in draw.sample(sentences, 20_000) for word in sentence.split()]

    def vary(text: str) -> str:
        return " ".join(
            draw.choice(words) if draw.random() < REPLACED_WORDS else word for word in text.split()
        )

    while True:
        for question in questions:
            yield vary(question), " ".join(map(vary, draw.sample(sentences, 2)))


def _write_entries(database: Writer, count: int, pairs: Iterator[tuple[str, str]]) -> None:
    for first in range(0, count, _ENTRIES_PER_COMMIT):
        with database.transaction():
            last = min(count, first + _ENTRIES_PER_COMMIT)
            for start in range(first, last, _ENTRIES_PER_FILE):
                of_file = [next(pairs) for _ in range(_ENTRIES_PER_FILE)]
                _add_file(database, f"{start // _ENTRIES_PER_FILE}.md", of_file)
            database.settle()


def _add_file(database: Writer, path: str, pairs: list[tuple[str, str]]) -> None:
    entries = tuple(
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
    )
    rowids = database.add_document(Document(path, entries), (0, 0, 0, 0, "plain"), "")
    for rowid, entry in zip(rowids, entries, strict=True):
        passage = Passage(
            PassageKind.QUESTION, entry.question, entry.question, entry.line_start, entry.line_end
        )
        database.add_passages(rowid, [("", passage)])


def _noisy(real: Floats, count: int) -> Iterator[tuple[Any, Floats]]:
    """Passage ids and vectors of entries, one commit after the other.

    The first vectors are the real ones, all others are real ones turned by an angle.
    """
    draw = np.random.default_rng(0)
    for start in range(0, count, _ENTRIES_PER_COMMIT):
        rows = np.arange(start, min(count, start + _ENTRIES_PER_COMMIT))
        first = real[draw.integers(len(real), size=len(rows))]
        noise = first - real[draw.integers(len(real), size=len(rows))]
        noise /= np.maximum(np.linalg.norm(noise, axis=1, keepdims=True), 1e-6)
        drawn = draw.uniform(LEAST_COSINE, LARGEST_COSINE, len(rows))
        cosines = np.where(rows < len(real), 1, drawn)[:, None]
        vectors = cosines * real[rows % len(real)] + np.sqrt(1 - cosines**2) * noise
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        yield question_id(rows + 1), unit.astype(np.float32)


def _load_questions(folder: Path) -> Questions:
    with np.load(folder / "questions.npz") as stored:
        return Questions(stored["texts"].tolist(), stored["vectors"])


def _print_peak_memory(folder: Path) -> None:
    """Ask every question once and print the peak of resident memory."""
    for ask in _rankings(OpenIndex(folder), _load_questions(folder)):
        ask()
    # The usage that the kernel reports at the end would include this process's parent.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(line for line in lines if line.startswith("VmHWM")))


if __name__ == "__main__":
    _print_peak_memory(Path(sys.argv[1]))
