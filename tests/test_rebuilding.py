"""Edits that are built one after another give the same index as a build from nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qasearch.building import BuildOptions, build, publishing
from qasearch.datatypes.index import BuildReport
from qasearch.storage import segments
from qasearch.storage.database import PASSAGES_PER_ENTRY
from qasearch.storage.generations import OpenIndex
from qasearch.storage.schema import FILE_NAME
from qasearch.storage.segments import Floats

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
    """A build with few questions on other subjects, which keeps what it learned, and soon writes
    the vectors anew."""
    with (
        patch.object(publishing, "off_topic_questions", lambda: ["What is a tax?", "Who won?"]),
        patch.object(publishing, "_DELTA_AT_LEAST", 4),
    ):
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
        ids, vectors = index.vectors.between(np.array([0]), np.array([2**62]))
        assert ids.tolist() == index.vectors.ids.tolist()
        assert len(ids) == len(index.vectors)
        named = [
            (*places[int(each) // PASSAGES_PER_ENTRY], int(each) % PASSAGES_PER_ENTRY)
            for each in ids
        ]
        queries = HashEncoder().encode_queries(["one", "two"])
        found, scores = index.vectors.search(queries, 5)
        assert set(found.ravel().tolist()) <= set(ids.tolist())
        only = index.vectors.search(queries, 5, ids[::2])[0]
        assert set(only.ravel().tolist()) <= set(ids[::2].tolist())
        best = -np.sort(-queries @ vectors.T, axis=1)[:, :5]
        np.testing.assert_allclose(scores, best, atol=1e-6)
        said = {
            "entries": list(entries.values()),
            "problems": sorted(map(str, index.database.all_problems())),
            "counts": index.database.counts(),
            "vectors": {
                name: vector.tobytes() for name, vector in zip(named, vectors, strict=True)
            },
            "words": {
                places[entry]: round(score, 9)
                for entry, score in index.database.match_words(["tea", "sun"], 50).items()
            },
        }
    index.close()
    connection = sqlite3.connect(folder / FILE_NAME)
    said["embeddings"] = {row[0] for row in connection.execute("SELECT hash FROM embeddings")}
    connection.close()
    return said


DRINKS, SAYINGS = ("tea", "milk", "water"), ("Of the sun.", "Of the rain.", "")

sections = st.lists(st.tuples(st.sampled_from(DRINKS), st.sampled_from(SAYINGS)), max_size=4).map(
    lambda drawn: "".join(f"# What is {drink}?\n\n{saying}\n\n" for drink, saying in drawn)
)
front_matter = st.builds(
    "---\n{}question: What is {}?\naliases: [{}]\n---\n{}\n".format,
    st.sampled_from(["", "id: a\n", "id: drink\n"]),
    st.sampled_from(DRINKS),
    st.sampled_from(["the tea", "rain"]),
    st.sampled_from(SAYINGS),
)
edits = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "sub/c.md", "d.md"]),
    st.none() | sections | front_matter,
    min_size=1,
    max_size=3,
)

DECLARED, DERIVED = (
    "---\nid: a\nquestion: Is it a?\n---\nYes.\n",
    "---\nquestion: Who is a?\n---\nThis.\n",
)
TEA = "# What is tea?\n\nOf the sun.\n"


def write(corpus: Path, edit: Mapping[str, str | None]) -> None:
    """Write the files of an edit, and remove those that are None."""
    for path, text in edit.items():
        file = corpus / path
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")


@example(
    [{"a.md": TEA, "b.md": TEA}, {"a.md": None}, {"a.md": TEA}]
)  # a copy becomes the original, and a copy again
@example(
    [{"b.md": DECLARED}, {"a.md": DERIVED}]
)  # an id that came from a declaration is lost to a path, ...
@example([{"b.md": DECLARED, "a.md": DERIVED}, {"a.md": None}])  # ... and had back
@given(st.lists(edits, min_size=2, max_size=6))
@settings(max_examples=25, deadline=None)
def test_built_edit_by_edit_or_at_once_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, str | None]]
) -> None:
    place = tmp_path_factory.mktemp("rebuilding")
    corpus = place / "corpus"
    write(corpus.parent, {"corpus/always.md": TEA + "# What is coffee?\n\nBlack.\n"})
    for edit in history:
        write(corpus, edit)
        last = bring_up_to_date(corpus, place / "step by step")
    assert bring_up_to_date(corpus, place / "step by step").problems == last.problems
    bring_up_to_date(corpus, place / "at once")
    assert contents(place / "step by step") == contents(place / "at once")


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
