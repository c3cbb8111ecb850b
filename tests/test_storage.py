"""The index folder: vectors against NumPy, full-text search, and every kind of damage."""

from __future__ import annotations

import sqlite3
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.entry import (
    Document,
    Entry,
    Passage,
    PassageKind,
    Problem,
    Reference,
    ReferenceKind,
    Rule,
)
from qasearch.datatypes.index import ApproximateSearch, Calibrated, Curve
from qasearch.datatypes.options import Mode
from qasearch.errors import (
    BadRequest,
    IndexDamaged,
    IndexIncompatible,
    IndexMissing,
    IndexNotWritable,
)
from qasearch.storage import segments
from qasearch.storage.connecting import connect_for_reading
from qasearch.storage.database import Database
from qasearch.storage.generations import OpenIndex
from qasearch.storage.metadata import Counts, IndexMetadata, VectorsFile
from qasearch.storage.passage_ids import (
    MAX_PASSAGES,
    are_questions,
    entry_of,
    id_range,
    is_question,
    passage_id,
    position_of,
    question_id,
)
from qasearch.storage.rows import ENTRY, PASSAGE, REFERENCE, Columns
from qasearch.storage.schema import FILE_NAME, FORMAT_VERSION
from qasearch.storage.segments import Floats, Segment
from qasearch.storage.vectors import VectorIndex
from qasearch.storage.writing import Writer


def unit(rows: int, dimension: int, seed: int = 0) -> Floats:
    matrix = np.random.default_rng(seed).standard_normal((rows, dimension)).astype(np.float32)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def entry(name: str, question: str, answer: str = "Because.", **other: object) -> Entry:
    values: dict[str, object] = {
        "id": name,
        "question": question,
        "aliases": (),
        "answer": answer,
        "answered": bool(answer),
        "breadcrumb": (),
        "tags": (),
        "references": (),
        "path": "a.md",
        "line_start": 2,
        "line_end": 2,
        "question_line": 1,
        "rule": Rule.HEADING,
        "column_start": 1,
        "column_end": len(answer),
        "question_line_end": 1,
    }
    return Entry(**(values | other))  # type: ignore[arg-type]


@given(rows=st.integers(1, 60), top_k=st.integers(1, 70), seed=st.integers(0, 1000), data=st.data())
@settings(max_examples=50, deadline=None)
def test_search_agrees_with_numpy(
    tmp_path_factory: pytest.TempPathFactory, rows: int, top_k: int, seed: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("index")
    matrix, queries = unit(rows, 8, seed), unit(3, 8, seed + 1)
    ids = np.sort(np.random.default_rng(seed).permutation(1000)[:rows].astype(np.int64))
    in_base = data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows).map(np.array))
    half = int(in_base.sum()) // 2  # the file is written part by part
    parts = [
        (ids[in_base][:half], matrix[in_base][:half]),
        (ids[in_base][half:], matrix[in_base][half:]),
    ]
    digest = segments.write(folder, 1, 8, parts)
    base = Segment.open(folder / segments.file_name(1), digest)
    index = VectorIndex(base, Segment(ids[~in_base], matrix[~in_base]))
    np.testing.assert_array_equal(index.ids, ids)
    assert len(index) == rows
    only = data.draw(st.none() | st.lists(st.sampled_from(ids.tolist()), unique=True))
    allowed = np.isin(ids, ids if only is None else only)
    for some in (queries, queries[:1]):  # NumPy searches for one question, FAISS for several
        passages, scores = index.search(
            some, top_k, None if only is None else np.array(only, np.int64)
        )
        products = some @ matrix.T
        best = -np.sort(-products[:, allowed], axis=1)[:, :top_k]
        np.testing.assert_allclose(scores, best, atol=1e-5)
        # the scores are those of the passages; so nearly equal passages may change places
        rows_found = np.searchsorted(ids, passages)
        np.testing.assert_allclose(
            np.take_along_axis(products, rows_found, axis=1), scores, atol=1e-5
        )
        assert allowed[rows_found].all()
        assert all(len(set(row)) == len(row) for row in passages.tolist())
    starts = np.array(data.draw(st.lists(st.integers(0, 1000), max_size=5, unique=True)), np.int64)
    inside, rows_of = index.between(starts, starts + 100)
    expected_rows = [
        place for start in starts for place in np.flatnonzero((ids >= start) & (ids < start + 100))
    ]
    np.testing.assert_array_equal(inside, ids[expected_rows])
    np.testing.assert_array_equal(rows_of, matrix[expected_rows])


def test_a_passage_id_says_its_entry_and_its_position() -> None:
    assert passage_id(3, 5) == 3 * MAX_PASSAGES + 5
    assert (entry_of(passage_id(3, 5)), position_of(passage_id(3, 5))) == (3, 5)
    last = passage_id(3, MAX_PASSAGES - 1)
    assert entry_of(last) == 3
    first, end = id_range(3)
    assert (first, end) == (question_id(3), last + 1)
    ids = np.array([question_id(1), question_id(1) + 1, question_id(2)])
    assert entry_of(ids).tolist() == [1, 1, 2]
    assert are_questions(ids).tolist() == [True, False, True]
    assert [is_question(passage) for passage in ids.tolist()] == [True, False, True]


def test_vectors_are_taken_by_entry() -> None:
    ids = np.array([passage_id(1, 0), passage_id(1, 1), passage_id(2, 0), passage_id(4, 0)])
    vectors = unit(4, 3)
    index = VectorIndex(Segment(ids[:3], vectors[:3]), Segment(ids[3:], vectors[3:]), np.array([2]))
    assert index.ids_of(np.array([1, 2, 3])).tolist() == ids[:2].tolist()
    passages, rows = index.passages_of(np.array([4, 1]))
    assert passages.tolist() == ids[[3, 0, 1]].tolist()
    np.testing.assert_array_equal(rows, vectors[[3, 0, 1]])
    passages, rows = index.all_passages()
    assert passages.tolist() == ids[[0, 1, 3]].tolist()
    np.testing.assert_array_equal(rows, vectors[[0, 1, 3]])


def test_vectors_of_no_passages(tmp_path: Path) -> None:
    digest = segments.write(tmp_path, 3, 4, [(np.array([7], np.int64), unit(1, 4))])
    index = VectorIndex(Segment.open(tmp_path / "vectors-3.f32", digest))
    nothing = np.empty(0, np.int64)
    assert [part.shape for part in index.between(nothing, nothing)] == [(0,), (0, 4)]
    assert index.search(unit(2, 4), 5, np.empty(0, np.int64))[0].shape == (2, 0)


def test_other_generations_are_removed_and_nothing_else(tmp_path: Path) -> None:
    outdated = (
        "vectors-2.faiss",
        "vectors-1.f32",
        ".vectors-3.f32.4711.tmp",
        ".lists-3.faiss.4711.tmp",
        "lists-1.faiss",
    )  # format 3 had FAISS's
    for name in (*outdated, "vectors-2.f32", "lists-2.faiss", "vectors-x.f32", "notes.md"):
        (tmp_path / name).write_text("x")
    segments.remove_others(tmp_path, 2)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "lists-2.faiss",
        "notes.md",
        "vectors-2.f32",
        "vectors-x.f32",
    ]


@pytest.mark.parametrize("damage", ["truncated", "empty", "another", "missing"])
def test_damaged_vectors_are_noticed(tmp_path: Path, damage: str) -> None:
    digest = segments.write(tmp_path, 1, 4, [(np.arange(5), unit(5, 4))])
    file = tmp_path / "vectors-1.f32"
    data = file.read_bytes()
    if damage == "missing":
        file.unlink()
    elif damage == "another":
        segments.write(tmp_path, 1, 4, [(np.arange(1, 6), unit(5, 4))])
    else:
        file.write_bytes(data[:-3] if damage == "truncated" else b"")
    with pytest.raises(IndexDamaged, match=r"vectors-1\.f32.*qasearch build --full"):
        Segment.open(file, digest)


def test_altered_vectors_are_noticed_by_reading_them_all(tmp_path: Path) -> None:
    segments.write(tmp_path, 1, 3, [(np.arange(5), unit(5, 3))])
    file = tmp_path / "vectors-1.f32"
    segments.verify(file)
    data = bytearray(file.read_bytes())
    data[64 + 5 * 3 * 4 - 1] ^= 1  # the last byte of the last vector
    file.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"vectors-1\.f32 is altered.*qasearch build --full"):
        segments.verify(file)


def metadata(generation: int, sha256: str) -> IndexMetadata:
    """The record of an index whose vectors file was written by this generation."""
    return IndexMetadata(
        generation=generation,
        built_at="2024-05-01T12:00:00+00:00",
        corpus=Path("/notes"),
        model="some/model",
        fingerprint="f",
        dimension=4,
        changed_entries=3,
        vectors=VectorsFile(
            generation, sha256, ApproximateSearch("IVF32,PQ8x4fs", 5, 200, 0.99, 50, "abc")
        ),
        lexical_weight=0.25,
        calibrated=Calibrated({Mode.DENSE: Curve(3.0, 9.0, -3.5)}, "q.tsv", 20, "2024-05-01"),
    )


def exactly_searched(record: IndexMetadata) -> IndexMetadata:
    """The same, where no file of an approximate search was written."""
    return replace(record, vectors=replace(record.vectors, approximate=None))


def filled(folder: Path) -> Writer:
    database = Writer.open(folder)
    document = Document(
        "a.md",
        (
            entry(
                "a#tea",
                "What is tea?",
                "A hot drink of leaves.",
                tags=("Drinks",),
                breadcrumb=("Kitchen",),
            ),
            entry(
                "a#coffee",
                "What is coffee?",
                "A hot drink of beans.\nWith [milk](m.md).",
                aliases=("java",),
                references=(Reference("milk", "m.md", ReferenceKind.FILE, 5),),
                question_line=4,
                line_start=5,
                line_end=6,
            ),
        ),
        anchors=frozenset({"tea", "coffee"}),
        problems=(Problem("a.md", 3, "odd"),),
    )
    with database.transaction():
        rows = database.add_document(document, (100, 5, 1, 6, "plain"), "digest")
        passage = Passage(PassageKind.QUESTION, "What is tea?", "What is tea?", 1, 1)
        database.add_passages(rows[0], [("h1", passage)])
        database.add_embeddings(["h1"], unit(1, 4))
        database.settle()
        sha256 = segments.write(folder, 1, 4, database.passage_vectors(4))
        database.publish(exactly_searched(metadata(1, sha256)))
    return database


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    filled(tmp_path).close()
    with Database.open_for_reading(tmp_path) as database:
        tea, coffee = database.entries().values()
        assert (tea.question, tea.tags, tea.breadcrumb, tea.path) == (
            "What is tea?",
            ("Drinks",),
            ("Kitchen",),
            "a.md",
        )
        assert coffee.references == (Reference("milk", "m.md", ReferenceKind.FILE, 5),)
        assert (coffee.aliases, coffee.line_start, coffee.line_end) == (("java",), 5, 6)
        assert database.counts() == Counts(documents=1, entries=2, unanswered=0, passages=1)
        assert database.anchors_of("a.md") == frozenset({"tea", "coffee"})
        assert database.anchors_of("b.md") is None
        assert database.document_problems() == [Problem("a.md", 3, "odd")]
        assert database.rowid_of("a#coffee") == 2
        assert database.rowid_of("a#milk") is None


STORED_ELSEWHERE = {
    Entry: {"id", "path", "references", "also_at"},
    Reference: {"exists"},
    Passage: {"embedded"},
}


@pytest.mark.parametrize(
    ("record", "columns"), [(Entry, ENTRY), (Reference, REFERENCE), (Passage, PASSAGE)]
)
def test_every_field_has_a_column(record: type, columns: Columns) -> None:
    names = {field.name for field in fields(record)}
    assert set(columns.names.split(", ")) == names - STORED_ELSEWHERE[record]


def test_words_are_stemmed_and_weighted_by_rarity(tmp_path: Path) -> None:
    with filled(tmp_path) as database:
        assert database.words.match(["leaf"], 10).keys() == set()
        assert database.words.match(["drinks"], 10).keys() == {1, 2}
        assert database.words.match(["JAVA", "nothing"], 10).keys() == {2}
        assert database.words.match(["drink"], 10, [2]).keys() == {2}
        assert database.words.match(['"', "OR", "tea*"], 10).keys() <= {1}
        scores = database.words.match(["hot", "beans"], 10)
        assert scores[2] > scores[1] > 0
        assert database.words.count("drinking") == 2


def test_a_removed_document_leaves_nothing(tmp_path: Path) -> None:
    with filled(tmp_path) as database:
        with database.transaction():
            database.remove_document(1)
            database.settle()
        assert database.counts() == Counts(documents=0, entries=0, unanswered=0, passages=0)
        assert database.words.match(["drink"], 10) == {}
        assert database.embeddings(["h1"]) == {}


def test_a_failed_transaction_changes_nothing(tmp_path: Path) -> None:
    with filled(tmp_path) as database:
        with pytest.raises(IndexNotWritable, match="No space"), database.transaction():
            database.remove_document(1)
            raise OSError(28, "No space left on device")
        assert database.counts().entries == 2


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"no index in .*qasearch build"):
        Database.open_for_reading(tmp_path)


def test_an_index_whose_first_build_was_interrupted_is_missing_and_can_go_on(
    tmp_path: Path,
) -> None:
    with Writer.open(tmp_path) as database, database.transaction():
        database.add_embeddings(["h"], unit(1, 4))
    with pytest.raises(IndexMissing, match="has not ended"):
        Database.open_for_reading(tmp_path)
    with Writer.open(tmp_path) as database:
        assert database.published() is None
        assert database.counts() == Counts(documents=0, entries=0, unanswered=0, passages=0)
        assert database.known_embeddings(["h"]) == {"h"}


@pytest.mark.parametrize("search", [None, ApproximateSearch("IVF2", 1, 2, 0.99, 50, "abc")])
def test_metadata_are_read_as_they_were_written(
    tmp_path: Path, search: ApproximateSearch | None
) -> None:
    written = metadata(7, "sha")
    written = replace(written, vectors=replace(written.vectors, approximate=search))
    with Writer.open(tmp_path) as writer, writer.transaction():
        writer.publish(written)
    with Database.open_for_reading(tmp_path) as database:
        assert database.metadata() == written


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"generation": 1}', '{"vectors": 1}'])
def test_damaged_metadata_are_noticed(tmp_path: Path, record: str) -> None:
    filled(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    with connection:
        connection.execute("UPDATE metadata SET record = ?", (record,))
    connection.close()
    with pytest.raises(IndexDamaged, match=r"metadata in .*index\.db is damaged.*build --full"):
        Database.open_for_reading(tmp_path)


@pytest.mark.parametrize("content", [b"not a database at all" * 99, None])
def test_a_damaged_database_is_noticed(tmp_path: Path, content: bytes | None) -> None:
    filled(tmp_path).close()
    file = tmp_path / FILE_NAME
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2] if content is None else content)
    with pytest.raises(IndexDamaged, match=r"index\.db is damaged.*qasearch build --full"):
        OpenIndex(tmp_path).database.entries()


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    filled(tmp_path).close()
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    connection.close()
    with pytest.raises(
        IndexIncompatible, match=f"format version {FORMAT_VERSION + 1}.*reads {FORMAT_VERSION}"
    ):
        Database.open_for_reading(tmp_path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.executescript("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1);")
    connection.close()
    with pytest.raises(BadRequest, match="belongs to another program"):
        Writer.open(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    assert connection.execute("SELECT x FROM theirs").fetchall() == [(1,)]
    connection.close()


def test_a_reader_never_writes(tmp_path: Path) -> None:
    filled(tmp_path).close()
    with (
        Writer(connect_for_reading(tmp_path), tmp_path) as database,
        pytest.raises(IndexNotWritable, match="readonly"),
        database.transaction(),
    ):
        database.publish(metadata(2, ""))


def test_a_snapshot_sees_one_generation(tmp_path: Path) -> None:
    filled(tmp_path).close()
    index = OpenIndex(tmp_path)
    with index.snapshot():
        assert index.metadata.generation == 1
        assert index.vectors.search(unit(1, 4), 3)[0].tolist() == [[question_id(1)]]
    with Writer.open(tmp_path) as database, database.transaction():
        sha256 = segments.write(tmp_path, 2, 4, [(np.array([1, 9]), unit(2, 4))])
        database.publish(exactly_searched(metadata(2, sha256)))
    with index.snapshot():
        assert index.metadata.generation == 2
        assert sorted(index.vectors.search(unit(1, 4), 3)[0][0].tolist()) == [1, 9]
    index.close()


def test_rows_of_a_large_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = unit(50, 4)
    digest = segments.write(tmp_path, 1, 4, [(np.arange(50), matrix)])
    rows = np.array([0, 3, 4, 5, 4, 49, 48])
    file = tmp_path / segments.file_name(1)
    np.testing.assert_array_equal(Segment.open(file, digest).take(rows), matrix[rows])
    monkeypatch.setattr(segments, "_MAX_MAPPED_BYTES", 100)
    large = Segment.open(file, digest)
    file.unlink()  # as a build does while it is open
    assert large.file is not None
    np.testing.assert_array_equal(large.take(rows), matrix[rows])
    assert large.take(rows[:0]).shape == (0, 4)
