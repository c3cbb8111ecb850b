"""Edits that are built one after another give the same index as a build from nothing, and the same
entries as a corpus that is read at once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qasearch.building import BuildOptions, build, publishing
from qasearch.datatypes.entry import Document, Entry
from qasearch.datatypes.index import BuildReport
from qasearch.reading.corpus import read_corpus
from qasearch.storage import segments
from qasearch.storage.database import Database
from qasearch.storage.generations import OpenIndex
from qasearch.storage.passage_ids import entry_of, position_of
from qasearch.storage.schema import FILE_NAME
from qasearch.storage.segments import Floats
from qasearch.storage.writing import Writer
from tests.test_storage import entry

DIMENSION = 8


class HashEncoder:
    """The same random unit vector for the same text."""

    name, fingerprint, dimension, max_tokens = "hash", "hash", DIMENSION, 64

    def encode_documents(self, texts: Sequence[str]) -> Floats:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        drawn = [
            np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
            for seed in seeds
        ]
        return np.array([vector / np.linalg.norm(vector) for vector in drawn], np.float32).reshape(
            -1, DIMENSION
        )

    encode_queries = encode_documents

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def bring_up_to_date(corpus: Path, index: Path) -> BuildReport:
    """A build that keeps what it learned, and soon writes the vectors anew."""
    with patch.object(publishing, "_DELTA_AT_LEAST", 4):
        quick = BuildOptions(embed_at_most=1000)
        return build(
            corpus, index, lambda _: HashEncoder(), model=None, default_model="hash", options=quick
        )


def contents(folder: Path) -> dict[str, Any]:
    """Everything that an index says, by what does not depend on the order of the edits."""
    index = OpenIndex(folder)
    with index.snapshot():
        entries = index.database.entries()
        places = {rowid: (entry.path, entry.question_line) for rowid, entry in entries.items()}
        ids, vectors = index.vectors.all_passages()
        assert ids.tolist() == index.vectors.ids.tolist()
        assert len(ids) == len(index.vectors)
        named = [(*places[entry_of(passage)], position_of(passage)) for passage in ids.tolist()]
        queries = HashEncoder().encode_queries(["one", "two"])
        passages, scores = index.vectors.search(queries, 5)
        assert set(passages.ravel().tolist()) <= set(ids.tolist())
        some = index.vectors.search(queries, 5, ids[::2])[0]
        assert set(some.ravel().tolist()) <= set(ids[::2].tolist())
        best = -np.sort(-queries @ vectors.T, axis=1)[:, :5]
        np.testing.assert_allclose(scores, best, atol=1e-5)
        facts = {
            "entries": list(entries.values()),
            "problems": sorted(map(str, index.database.all_problems())),
            "counts": index.database.counts(),
            "vectors": {
                name: vector.tobytes() for name, vector in zip(named, vectors, strict=True)
            },
            "words": {
                places[entry]: round(score, 9)
                for entry, score in index.database.words.match(["tea", "sun"], 50).items()
            },
        }
    index.close()
    connection = sqlite3.connect(folder / FILE_NAME)
    facts["embeddings"] = {row[0] for row in connection.execute("SELECT hash FROM embeddings")}
    connection.close()
    return facts


def read(corpus: Path) -> tuple[list[Entry], list[str]]:
    """Entries and problems of a corpus that is read at once; links are not looked up."""
    entries, problems = read_corpus(corpus)
    unresolved = [
        replace(entry, references=tuple(replace(link, exists=None) for link in entry.references))
        for entry in entries
    ]
    return unresolved, sorted(map(str, problems))


def stored(index: Path) -> tuple[list[Entry], list[str]]:
    """Entries and problems as an index has them."""
    with Database.open_for_reading(index) as database:
        return list(database.entries().values()), sorted(map(str, database.all_problems()))


DRINKS, SAYINGS = ("tea", "milk", "water"), ("Of the sun.", "Of [the rain](b.md).", "")

sections = st.lists(st.tuples(st.sampled_from(DRINKS), st.sampled_from(SAYINGS)), max_size=4).map(
    lambda drawn: "".join(f"# What is {drink}?\n\n{saying}\n\n" for drink, saying in drawn)
)
# ids that nobody derives, ids of files that are one question, and an id of a section
ids = st.sampled_from(["", "drink", "a", "b", "sub/c", "a#what-is-tea"]).map(
    lambda name: f"id: {name}\n" if name else ""
)
front_matter = st.builds(
    "---\n{}question: What is {}?\naliases: [{}]\n---\n{}\n".format,
    ids,
    st.sampled_from(DRINKS),
    st.sampled_from(["the tea", "rain"]),
    st.sampled_from(SAYINGS),
)
broken = st.just('---\nquestion: "What is tea?\n---\nOf the sun.\n')
edits = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "sub/c.md", "d.md"]),
    st.none() | sections | front_matter | broken,
    min_size=1,
    max_size=3,
)

TEA = "# What is tea?\n\nOf the sun.\n"
IS_A = "---\nquestion: Who is a?\n---\nThis.\n"
WANTS_A = "---\nid: a\nquestion: Is it a?\n---\nYes.\n"
WANTS_B = "---\nid: b\nquestion: Is it b?\n---\nYes.\n"


def write(corpus: Path, edit: Mapping[str, str | None]) -> None:
    """Write the files of an edit, and remove those that are None."""
    for path, text in edit.items():
        file = corpus / path
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")


@example([{"a.md": TEA, "b.md": TEA}, {"a.md": None}, {"a.md": TEA}])  # who is the copy changes
@example([{"b.md": WANTS_A}, {"a.md": IS_A}])  # b.md loses the id a to the path of a.md, ...
@example([{"b.md": WANTS_A, "a.md": IS_A}, {"a.md": None}])  # ... and gets it back
@example([{"b.md": WANTS_A, "d.md": WANTS_A}, {"b.md": WANTS_B}])  # the next one gets it
@example([{"d.md": WANTS_A, "a.md": WANTS_B}, {"b.md": WANTS_A}])  # b.md stays b: a.md loses it
@given(st.lists(edits, min_size=2, max_size=6))
@settings(max_examples=25, deadline=None)
def test_built_edit_by_edit_or_at_once_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, str | None]]
) -> None:
    place = tmp_path_factory.mktemp("rebuilding")
    corpus, index = place / "corpus", place / "step by step"
    write(corpus.parent, {"corpus/always.md": TEA + "# What is coffee?\n\nBlack.\n"})
    for edit in history:
        write(corpus, edit)
        report = bring_up_to_date(corpus, index)
        assert stored(index) == read(corpus)
        assert sorted(map(str, report.problems)) == read(corpus)[1]
    assert bring_up_to_date(corpus, index).problems == report.problems
    bring_up_to_date(corpus, place / "at once")
    assert contents(index) == contents(place / "at once")


def steps_to_settle(place: Path, documents: int) -> int:
    """How many hundreds of instructions SQLite runs to settle one edit among so many documents.

    The edited document takes part in everything: its id is contested, and it has a copy.
    """

    def document(number: int, declared_id: str, pair: str) -> Document:
        path = f"{number}.md"
        only = entry(f"{number}", f"What is {number}?", path=path)
        return Document(path, (only,), declared_ids={only.id: declared_id}, pairs={only.id: pair})

    place.mkdir()
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with Writer.open(place) as database:
        with database.transaction():
            for number in range(documents):
                database.add_document(document(number, "", str(number)), (0, 0, 0, 0, "plain"), "")
            database.add_document(document(documents, "shared", "same"), (0, 0, 0, 0, "plain"), "")
            database.add_document(
                document(documents + 1, "shared", "same"), (0, 0, 0, 0, "plain"), ""
            )
            database.settle()
        assert [problem.path for problem in database.id_problems()] == [f"{documents + 1}.md"]
        with database.transaction():
            database.remove_document(database.documents(["0.md"])["0.md"].id)
            database.add_document(document(0, "shared", "same"), (0, 0, 0, 0, "plain"), "")
            database._connection.set_progress_handler(count, 100)
            database.settle()
            database._connection.set_progress_handler(None, 0)
        assert len(database.id_problems()) == 2
        assert database.counts().entries == documents
    return steps


def test_settling_an_edit_costs_the_same_in_a_large_corpus(tmp_path: Path) -> None:
    small, large = (steps_to_settle(tmp_path / str(count), count) for count in (100, 2000))
    assert small > 0
    assert large <= 1.5 * small


def test_the_vectors_file_is_kept_until_much_differs(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    write(corpus, {"a.md": TEA, "b.md": "# What is milk?\n\nWhite.\n"})
    files = []
    for n in range(5):
        bring_up_to_date(corpus, index)
        files.append([file.name for file in index.glob("vectors-*")])
        write(corpus, {"a.md": TEA.replace("sun", f"sun {n}")})
    # two new vectors and one entry gone, then the same two replaced: three differ; more than four
    # never do
    assert files == [["vectors-1.f32"]] * 5
    write(corpus, {"c.md": "# What is rain?\n\nWater.\n"})
    bring_up_to_date(corpus, index)
    assert [file.name for file in index.glob("vectors-*")] == ["vectors-6.f32"]


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_a_build_mends_the_vectors_file(tmp_path: Path, damage: str) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    write(corpus, {"a.md": TEA})
    bring_up_to_date(corpus, index)
    file = index / segments.file_name(1)
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    write(corpus, {"b.md": "# What is milk?\n\nWhite.\n"})
    bring_up_to_date(corpus, index)
    bring_up_to_date(corpus, tmp_path / "at once")
    assert contents(index) == contents(tmp_path / "at once")
