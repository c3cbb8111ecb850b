"""`index.db`: documents, entries, passages, references, the full-text index, and embeddings by content hash.

Everything but the searchable vectors, in SQLite. Readers never write (`PRAGMA query_only`).
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from qasearch.datatypes import Document, Entry, Passage, PassageKind, Place, Problem, Reference, ReferenceKind
from qasearch.errors import BadRequest, IndexDamaged, IndexIncompatible, IndexMissing, IndexNotWritable

FILE_NAME = "index.db"
FORMAT_VERSION = 3
"""Raised whenever an older qasearch could not read the tables, or a newer one would read them wrongly."""

PASSAGES_PER_ENTRY = 2**20
"""A passage's id is the row id of its entry times this, plus its place in the entry: whose it is needs no look-up."""

_APPLICATION_ID = 0x71617365  # 'qase': tells our file from any other SQLite database
_BUSY_TIMEOUT_S = 10.0
_REBUILD = "Build again: qasearch build --full"

_NO_COPY = "rowid NOT IN (SELECT rowid FROM entries WHERE copy_of IS NOT NULL)"

_FULL_TEXT = ("words", "spellings")

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, anchors TEXT NOT NULL, problems TEXT NOT NULL);
CREATE TABLE entries (
    rowid INTEGER PRIMARY KEY, document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    id TEXT NOT NULL, derived_id TEXT NOT NULL, declared_id TEXT NOT NULL,
    question TEXT NOT NULL, aliases TEXT NOT NULL, answer TEXT NOT NULL, answered INTEGER NOT NULL,
    breadcrumb TEXT NOT NULL, tags TEXT NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL,
    question_line INTEGER NOT NULL, rule TEXT NOT NULL, column_start INTEGER NOT NULL, column_end INTEGER NOT NULL,
    question_line_end INTEGER NOT NULL, question_body TEXT NOT NULL,
    pair TEXT NOT NULL, copy_of INTEGER REFERENCES entries ON DELETE SET NULL);
CREATE INDEX entries_by_document ON entries (document_id);
CREATE INDEX entries_by_id ON entries (id);
CREATE INDEX entries_by_derived_id ON entries (derived_id);
CREATE INDEX entries_by_pair ON entries (pair) WHERE pair != '';
CREATE INDEX entries_by_copy_of ON entries (copy_of) WHERE copy_of IS NOT NULL;
CREATE INDEX entries_unanswered ON entries (copy_of) WHERE NOT answered;
CREATE INDEX entries_by_declared_id ON entries (declared_id) WHERE declared_id != '';
CREATE TABLE entry_references (
    entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE, position INTEGER NOT NULL,
    text TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, line INTEGER NOT NULL,
    PRIMARY KEY (entry, position)) WITHOUT ROWID;
CREATE TABLE passages (
    id INTEGER PRIMARY KEY, entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
    kind TEXT NOT NULL, text TEXT NOT NULL, line_start INTEGER NOT NULL, line_end INTEGER NOT NULL,
    embedding TEXT NOT NULL);
CREATE INDEX passages_by_entry ON passages (entry);
CREATE INDEX passages_by_embedding ON passages (embedding);
CREATE TABLE embeddings (hash TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE arrays (name TEXT PRIMARY KEY, columns INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE VIEW word_source AS
    SELECT rowid, breadcrumb || ' ' || question || ' ' || question_body AS question, aliases, answer, document_id
    FROM entries;
CREATE VIRTUAL TABLE words USING fts5 (
    question, aliases, answer, content='word_source', tokenize='porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE spellings USING fts5 (
    question, aliases, answer, content='word_source', detail=none, columnsize=0,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (spellings, row);
"""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What the index knows of a file, to tell whether it changed."""

    id: int
    path: str
    size: int
    mtime_ns: int
    sha256: str


class Database:
    """An open `index.db`. Use `open_for_reading` or `open_for_writing`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder

    @classmethod
    def open_for_reading(cls, folder: Path) -> Database:
        """The index in `folder`, as of the last commit.

        Raises:
            IndexMissing: there is none, or its first build has not ended.
            IndexDamaged: the file is damaged.
            BadRequest: the file is another program's.
            IndexIncompatible: another format version wrote it.
        """
        file = folder / FILE_NAME
        if not file.is_file() or file.stat().st_size == 0:
            raise IndexMissing(f"There is no index in {folder}.", "Build one: qasearch build")
        mode = "rw" if os.access(file, os.W_OK) and os.access(folder, os.W_OK) else "ro"
        with _damage_of(file):  # 'rw' lets SQLite roll back what a killed build left; nothing else is written
            connection = sqlite3.connect(_uri(file, mode), uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        try:
            with _damage_of(file):
                connection.execute("PRAGMA query_only = 1")
                application = connection.execute("PRAGMA application_id").fetchone()[0]
                version = connection.execute("PRAGMA user_version").fetchone()[0]
            if application != _APPLICATION_ID:
                raise BadRequest(f"{file} belongs to another program.", "Name another folder with --index.")
            if version != FORMAT_VERSION:
                raise IndexIncompatible(
                    f"The index in {folder} has format version {version}; this qasearch reads {FORMAT_VERSION}.",
                    _REBUILD,
                )
            database = cls(connection, folder)
            if "generation" not in database.meta():
                raise IndexMissing(
                    f"The first build of the index in {folder} has not ended.",
                    "Go on with it: qasearch build",
                )
        except BaseException:
            connection.close()
            raise
        return database

    @classmethod
    def open_for_writing(cls, folder: Path) -> Database:
        """The index in `folder`, made if it is missing.

        Raises:
            IndexDamaged, IndexIncompatible: as for reading.
            IndexNotWritable: the folder cannot be made or written.
        """
        file = folder / FILE_NAME
        with not_writable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            new = not file.exists() or file.stat().st_size == 0
            if not new:
                with suppress(IndexMissing):  # a first build that was interrupted goes on
                    cls.open_for_reading(folder).close()
            connection = sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            try:
                connection.execute("PRAGMA foreign_keys = 1")
                connection.execute("PRAGMA cache_spill = 0")  # readers are locked out at the commit only
                if new:
                    connection.execute("PRAGMA page_size = 8192")
                    connection.executescript(
                        f"""BEGIN; {_SCHEMA} PRAGMA application_id = {_APPLICATION_ID};
                        PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"""
                    )
            except BaseException:
                connection.close()
                raise
        return cls(connection, folder)

    def close(self) -> None:
        """Close the file; a transaction under way is rolled back."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of one generation; a build waits with its commit until the end of it."""
        self._rows("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    # -- reading

    def meta(self) -> dict[str, str]:
        """Everything recorded about the index as a whole."""
        return dict(self._rows("SELECT key, value FROM meta"))

    def counts(self) -> dict[str, int]:
        """Documents, entries, unanswered entries (the same pair in several places once), and passages."""
        query = """SELECT (SELECT count(*) FROM documents),
            (SELECT count(*) FROM entries WHERE NOT answered AND copy_of IS NULL), (SELECT count(*) FROM passages)"""
        documents, unanswered, passages = next(self._rows(query))
        entries = self.entry_count()
        return {"documents": documents, "entries": entries, "unanswered": unanswered, "passages": passages}

    def entry_count(self) -> int:
        """How many entries can be found."""
        query = """SELECT (SELECT count(*) FROM entries)
            - (SELECT count(*) FROM entries WHERE copy_of IS NOT NULL)"""  # each from an index, no row is read
        return int(next(self._rows(query))[0])

    def count_entries(self, documents: Iterable[int]) -> int:
        """How many entries these documents have, copies included."""
        where, values = _among("document_id", documents)
        return int(next(self._rows(f"SELECT count(*) FROM entries WHERE {where}", values))[0])

    def documents(self) -> dict[str, DocumentRow]:
        """Every document by path."""
        rows = self._rows("SELECT id, path, size, mtime_ns, sha256 FROM documents")
        return {row[1]: DocumentRow(*row) for row in rows}

    def problems(self) -> list[Problem]:
        """What was wrong in the documents when they were read, by path."""
        rows = self._rows("SELECT path, problems FROM documents WHERE problems != '[]' ORDER BY path")
        return [Problem(path, line, reason) for path, problems in rows for line, reason in json.loads(problems)]

    def anchors_of(self, path: str) -> frozenset[str] | None:
        """The anchors of the document at `path`; None where there is no such document."""
        row = next(self._rows("SELECT anchors FROM documents WHERE path = ?", (path,)), None)
        return frozenset(json.loads(row[0])) if row else None

    def document_named(self, name: str) -> str | None:
        """The path of the first document with this name, folder and suffix left out, as wiki links name it."""
        pattern = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = self._rows(
            "SELECT path FROM documents WHERE path LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\' ORDER BY path",
            (f"{pattern}.%", f"%/{pattern}.%"),
        )
        return next((path for (path,) in rows if path.rpartition("/")[2].rpartition(".")[0] == name), None)

    def places(self) -> list[tuple[int, str, tuple[str, ...], tuple[str, ...]]]:
        """Row id, path, breadcrumb and tags of every entry, for filters; a copy has the row id of its original."""
        rows = self._rows(
            """SELECT coalesce(copy_of, e.rowid), path, breadcrumb, tags
            FROM entries e JOIN documents d ON d.id = document_id"""
        )
        return [(rowid, path, tuple(json.loads(crumb)), tuple(json.loads(tags))) for rowid, path, crumb, tags in rows]

    def entries(self, rowids: Iterable[int] | None = None) -> dict[int, Entry]:
        """Entries by row id, in the order of path and line; all but the copies if no row ids are given."""
        where, values = _among("e.rowid", rowids)
        where = "copy_of IS NULL" if rowids is None else where
        also_at: dict[int, list[Place]] = {}
        copies = f"""SELECT copy_of, path, question_line, e.id FROM entries e JOIN documents d ON d.id = document_id
            WHERE copy_of IS NOT NULL AND {_among("copy_of", rowids)[0]} ORDER BY path, question_line"""
        for original, path, line, entry_id in self._rows(copies, values):
            also_at.setdefault(original, []).append(Place(path, line, entry_id))
        references: dict[int, list[Reference]] = {}
        query = f"SELECT entry, text, target, kind, line FROM entry_references WHERE {_among('entry', rowids)[0]}"
        for entry, text, target, kind, line in self._rows(f"{query} ORDER BY entry, position", values):
            references.setdefault(entry, []).append(Reference(text, target, ReferenceKind(kind), line))
        rows = self._rows(
            f"""SELECT e.rowid, e.id, question, aliases, answer, answered, breadcrumb, tags, path, line_start, line_end,
            question_line, rule, column_start, column_end, question_line_end, question_body
            FROM entries e JOIN documents d ON d.id = document_id WHERE {where}
            ORDER BY path, question_line, e.rowid""",
            values,
        )
        return {
            row[0]: Entry(
                id=row[1],
                question=row[2],
                aliases=tuple(json.loads(row[3])),
                answer=row[4],
                answered=bool(row[5]),
                breadcrumb=tuple(json.loads(row[6])),
                tags=tuple(json.loads(row[7])),
                references=tuple(references.get(row[0], ())),
                path=row[8],
                line_start=row[9],
                line_end=row[10],
                question_line=row[11],
                rule=row[12],
                column_start=row[13],
                column_end=row[14],
                question_line_end=row[15],
                question_body=row[16],
                also_at=tuple(also_at.get(row[0], ())),
            )
            for row in rows
        }

    def rowid_of(self, entry_id: str) -> int | None:
        """The row id of the entry with this id."""
        row = next(self._rows("SELECT rowid FROM entries WHERE id = ?", (entry_id,)), None)
        return int(row[0]) if row else None

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages with these ids, without what the encoder read."""
        where, values = _among("id", ids)
        rows = self._rows(f"SELECT id, kind, text, line_start, line_end FROM passages WHERE {where}", values)
        return {row[0]: Passage(PassageKind(row[1]), row[2], "", row[3], row[4]) for row in rows}

    def match_words(
        self, words: Sequence[str], limit: int, only: Iterable[int] | None = None, *, in_answer: bool = False
    ) -> dict[int, float]:
        """BM25 of the entries with any of the words, higher is better, at most `limit` of them.

        Robertson and Zaragoza (2009) with k1 = 1.2 and b = 0.75, over question, aliases and answer, or over the answer
        alone.
        """
        if not words:
            return {}
        where, values = _among("rowid", only)
        where += f" AND {_NO_COPY}"
        query = f"SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? AND {where} ORDER BY bm25(words) LIMIT ?"
        match = f"{'answer : ' if in_answer else ''}({' OR '.join(map(_quoted, words))})"
        return dict(self._rows(query, (match, *values, limit)))

    def count_matches(self, word: str) -> int:
        """How many entries have the word, stemmed as the index stems."""
        query = f"SELECT count(*) FROM words WHERE words MATCH ? AND {_NO_COPY}"
        return int(next(self._rows(query, (_quoted(word),)))[0])

    def words_from(self, first: str, last: str) -> dict[str, int]:
        """The words of all entries from `first` up to but not including `last`, and how many entries have each."""
        return dict(self._rows("SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ?", (first, last)))

    def sample_passages(self, kind: PassageKind, limit: int) -> list[tuple[int, int, str]]:
        """Id, entry and text of passages of a kind: all, or `limit` of them, always the same ones and from everywhere.

        Those of copies are none of them.
        """
        query = """SELECT p.id, entry, text FROM passages p JOIN entries e ON e.rowid = entry
            WHERE kind = ? AND copy_of IS NULL ORDER BY (p.id * 2654435761) % 4294967296, p.id LIMIT ?"""
        return list(self._rows(query, (kind, limit)))

    def array(self, name: str) -> npt.NDArray[np.float32] | None:
        """The (rows, columns) float32 array that is kept under this name; None where there is none."""
        row = next(self._rows("SELECT columns, data FROM arrays WHERE name = ?", (name,)), None)
        return np.frombuffer(row[1], np.float32).reshape(-1, row[0]) if row else None

    def _rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple]:  # type: ignore[type-arg]
        with _damage_of(self.folder / FILE_NAME):
            rows = self._connection.execute(query, values).fetchall()
        return iter(rows)

    # -- writing

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes in the block, or none of them.

        Raises:
            IndexNotWritable: the disk is full, or another process holds the file.
        """
        with not_writable(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def publish(self, meta: dict[str, str]) -> None:
        """Record what is true of the index as a whole; with the first `generation`, readers may open it."""
        self._connection.execute("DELETE FROM meta")
        self._connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())

    def keep_array(self, name: str, array: npt.NDArray[np.float32]) -> None:
        """Keep a (rows, columns) array under a name."""
        data = np.ascontiguousarray(array, np.float32).tobytes()
        self._connection.execute("INSERT OR REPLACE INTO arrays VALUES (?, ?, ?)", (name, array.shape[1], data))

    def remove_document(self, document_id: int) -> None:
        """Remove a document with its entries, references, passages and words."""
        for table in _FULL_TEXT:
            self._connection.execute(
                f"""INSERT INTO {table} ({table}, rowid, question, aliases, answer)
                SELECT 'delete', rowid, question, aliases, answer FROM word_source WHERE document_id = ?""",
                (document_id,),
            )
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def touch_document(self, document_id: int, size: int, mtime_ns: int) -> None:
        """Record the new stat of a file whose content is the same."""
        self._connection.execute(
            "UPDATE documents SET size = ?, mtime_ns = ? WHERE id = ?", (size, mtime_ns, document_id)
        )

    def add_document(self, document: Document, size: int, mtime_ns: int, sha256: str) -> list[int]:
        """Add a document with its entries and references; the row ids of its entries, in their order."""
        problems = [(problem.line, problem.reason) for problem in document.problems]
        document_id = self._connection.execute(
            "INSERT INTO documents (path, size, mtime_ns, sha256, anchors, problems) VALUES (?, ?, ?, ?, ?, ?)",
            (document.path, size, mtime_ns, sha256, _json(sorted(document.anchors)), _json(problems)),
        ).lastrowid
        return [
            self._add_entry(
                document_id, entry, document.declared_ids.get(entry.id, ""), document.pairs.get(entry.id, "")
            )
            for entry in document.entries
        ]

    def _add_entry(self, document_id: int | None, entry: Entry, declared_id: str, pair: str) -> int:
        columns = (
            document_id, entry.id, entry.id, declared_id, entry.question, _json(entry.aliases), entry.answer,
            entry.answered, _json(entry.breadcrumb), _json(entry.tags), entry.line_start, entry.line_end,
            entry.question_line, entry.rule, entry.column_start, entry.column_end, entry.question_line_end,
            entry.question_body, pair,
        )  # fmt: skip
        rowid = self._connection.execute(
            f"""INSERT INTO entries (document_id, id, derived_id, declared_id, question, aliases, answer, answered,
            breadcrumb, tags, line_start, line_end, question_line, rule, column_start, column_end, question_line_end,
            question_body, pair) VALUES ({_marks(len(columns))})""",
            columns,
        ).lastrowid
        assert rowid is not None  # noqa: S101 - an INSERT that did not raise has a row id
        self._connection.executemany(
            "INSERT INTO entry_references VALUES (?, ?, ?, ?, ?, ?)",
            [(rowid, position, r.text, r.target, r.kind, r.line) for position, r in enumerate(entry.references)],
        )
        for table in _FULL_TEXT:
            self._connection.execute(
                f"""INSERT INTO {table} (rowid, question, aliases, answer)
                SELECT rowid, question, aliases, answer FROM word_source WHERE rowid = ?""",
                (rowid,),
            )
        return rowid

    def add_passages(self, entry: int, passages: Sequence[tuple[str, Passage]]) -> None:
        """Add the passages of an entry, each with the hash that names its embedding."""
        first = entry * PASSAGES_PER_ENTRY
        self._connection.executemany(
            f"""INSERT INTO passages (id, entry, kind, text, line_start, line_end, embedding)
            VALUES ({_marks(7)})""",
            [
                (first + place, entry, each.kind, each.text, each.line_start, each.line_end, digest)
                for place, (digest, each) in enumerate(passages[:PASSAGES_PER_ENTRY])
            ],
        )

    def known_embeddings(self, hashes: Iterable[str]) -> set[str]:
        """Those of the hashes that have a vector."""
        where, values = _among("hash", hashes)
        return {row[0] for row in self._rows(f"SELECT hash FROM embeddings WHERE {where}", values)}

    def embeddings(self, hashes: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
        """(d,) float32 vectors by hash, of those hashes that have one."""
        where, values = _among("hash", hashes)
        rows = self._rows(f"SELECT hash, vector FROM embeddings WHERE {where}", values)
        return {digest: np.frombuffer(vector, np.float32) for digest, vector in rows}

    def add_embeddings(self, hashes: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Keep vectors by the hash of the text that they are of."""
        rows = [(digest, vector.tobytes()) for digest, vector in zip(hashes, vectors, strict=True)]
        self._connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def remove_unused_embeddings(self, keep: Iterable[str]) -> None:
        """Remove the vectors that no passage uses, but those in `keep`."""
        where, values = _among("hash", keep)
        self._connection.execute(
            f"DELETE FROM embeddings WHERE hash NOT IN (SELECT embedding FROM passages) AND NOT {where}",
            values,
        )

    def remove_all_embeddings(self) -> None:
        """Remove every vector, as for another model."""
        self._connection.execute("DELETE FROM embeddings")

    def passage_vectors(self, dimension: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(n,) int64 ids of all passages but those of copies, and their (n, d) float32 vectors."""
        query = """SELECT p.id, vector FROM passages p JOIN embeddings ON hash = embedding
            JOIN entries e ON e.rowid = p.entry WHERE copy_of IS NULL ORDER BY p.id"""
        rows = self._connection.execute(query).fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        vectors = np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(len(rows), dimension)
        return ids, vectors

    def settle_copies(self) -> None:
        """Let the same question with the same answer be found once: all but one of each pair are copies.

        The original is the one in front matter, which has the other wordings, else the first by path and line.
        """
        self._connection.execute("UPDATE entries SET copy_of = NULL WHERE copy_of IS NOT NULL")
        self._connection.execute(
            """WITH counted AS (SELECT e.rowid AS entry, first_value(e.rowid) OVER (
                    PARTITION BY pair ORDER BY rule != 'front_matter', path, question_line, e.rowid) AS original
                FROM entries e JOIN documents d ON d.id = document_id
                WHERE pair IN (SELECT pair FROM entries WHERE pair != '' GROUP BY pair HAVING count(*) > 1))
            UPDATE entries SET copy_of = original FROM counted WHERE entries.rowid = entry AND entry != original"""
        )

    def settle_ids(self) -> None:
        """Give each entry the id that it declares, or its derived one where that id is another's."""
        self._connection.execute("UPDATE entries SET id = declared_id WHERE declared_id != '' AND id != declared_id")
        losers = [(rowid,) for place, rowid, *_ in self._contested_ids() if place > 1]
        self._connection.executemany("UPDATE entries SET id = derived_id WHERE rowid = ?", losers)

    def id_problems(self) -> list[Problem]:
        """A problem for each entry that could not have the id that it declares."""
        problems, owner = [], ""
        for place, _, claimed, path, line in self._contested_ids():
            if place == 1:
                owner = f"{path}:{line}"
            else:
                problems.append(Problem(path, line, f"the id '{claimed}' is already taken by {owner}; give another"))
        return problems

    def _contested_ids(self) -> list[tuple[int, int, str, str, int]]:
        """Place among the claimants, row id, id, path and line of each entry whose id others claim as well.

        An id that comes from a path stands, whoever declares the same; else the first path has it.
        """
        query = """WITH declared AS (SELECT DISTINCT declared_id AS id FROM entries WHERE declared_id != ''),
            claims AS (
                SELECT rowid, document_id, question_line, declared_id AS id, 1 AS declares FROM entries
                WHERE declared_id != ''
                UNION ALL SELECT rowid, document_id, question_line, derived_id, 0 FROM entries
                WHERE declared_id = '' AND derived_id IN (SELECT id FROM declared)),
            counted AS (SELECT c.*, d.path, count(*) OVER (PARTITION BY c.id) AS claimants
                FROM claims c JOIN documents d ON d.id = document_id)
            SELECT row_number() OVER (PARTITION BY id ORDER BY declares, path), rowid, id, path, question_line
            FROM counted WHERE claimants > 1 ORDER BY id, declares, path"""
        return list(self._rows(query))


@contextmanager
def not_writable(folder: Path) -> Iterator[None]:
    """Turn what goes wrong while writing in `folder` into `IndexNotWritable`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise IndexDamaged(f"{folder / FILE_NAME} is damaged: {error}.", _REBUILD) from error
        hint = {
            sqlite3.SQLITE_FULL: "Free some space; the index is as it was before.",
            sqlite3.SQLITE_BUSY: "Wait for the other build to end.",
        }.get(code, "Check the folder's permissions and free space, or name another one with --index.")
        raise IndexNotWritable(f"Cannot write the index in {folder}: {error}.", hint) from error
    except OSError as error:
        raise IndexNotWritable(
            f"Cannot write the index in {folder}: {error.strerror or error}.",
            "Check the folder's permissions and free space, or name another one with --index.",
        ) from error


@contextmanager
def _damage_of(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise IndexNotWritable(
                f"{file} is locked by a build that is being written.", "Ask again in a moment."
            ) from error
        raise IndexDamaged(f"{file} is damaged: {error}.", _REBUILD) from error
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"{file} is damaged: {error}.", _REBUILD) from error


def _uri(file: Path, mode: str) -> str:
    return f"{file.absolute().as_uri()}?mode={mode}"


def _among(name: str, values: Iterable[object] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that `name` is one of `values` (any number of them), and the parameters it takes."""
    if values is None:
        return "1", ()
    listed = [int(value) if not isinstance(value, str) else value for value in values]  # type: ignore[call-overload]
    return f"{name} IN (SELECT value FROM json_each(?))", (json.dumps(listed),)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
