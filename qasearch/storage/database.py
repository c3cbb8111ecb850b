"""`index.db`, read: all of an index but the vectors file.

Documents, entries, passages, references, words, and embeddings by the hash of their text. Readers
never write (`PRAGMA query_only`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from qasearch.datatypes.entry import Entry, Passage, PassageKind, Place, Problem, Reference, Rule
from qasearch.datatypes.note_names import ends_with_path, last_part, note_name
from qasearch.datatypes.stamp import Stamp
from qasearch.errors import IndexMissing
from qasearch.identity import Record, settle_ids
from qasearch.storage.connecting import connect_for_reading, damage_of
from qasearch.storage.full_text import FullText
from qasearch.storage.metadata import Counts, IndexMetadata, decode_metadata
from qasearch.storage.rows import ENTRY, PASSAGE, REFERENCE
from qasearch.storage.schema import FILE_NAME
from qasearch.storage.sql import among

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_ROWS_AT_ONCE = 4096
"""Rows read at once while all vectors are copied: 6 MB of vectors with 384 dimensions."""


class DocumentRow(NamedTuple):
    """What the index knows of a file, to tell whether it changed."""

    id: int
    path: str
    read_as: str
    sha256: str


class EntryPlace(NamedTuple):
    """What filters look at: the row id of an entry, and where the entry stands."""

    rowid: int
    path: str
    breadcrumb: tuple[str, ...]
    tags: tuple[str, ...]


class Database:
    """An open `index.db`. Use `open_for_reading`; close it, or use it in a `with`.

    Attributes:
        folder: of the index.
        words: searches the words of the entries.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder
        self.words = FullText(self._rows)

    @classmethod
    def open_for_reading(cls, folder: Path) -> Database:
        """The index in `folder`, as of the last commit.

        Raises:
            IndexMissing: there is none, or its first build has not ended.
            IndexDamaged: the file is damaged.
            BadRequest: the file is another program's.
            IndexIncompatible: another format version wrote it.
        """
        database = cls(connect_for_reading(folder), folder)
        try:
            database.metadata()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close the file; a running transaction is rolled back."""
        self._connection.close()
        self.words.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything that is read in the block is of one generation.

        A build waits with its commit until the end of the block.
        """
        self._rows("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

    # The index as a whole

    def published(self) -> IndexMetadata | None:
        """What the last build recorded; None until the first build has ended."""
        row = next(self._rows("SELECT record FROM metadata"), None)
        return decode_metadata(row[0], self.folder / FILE_NAME) if row else None

    def metadata(self) -> IndexMetadata:
        """What the last build recorded.

        Raises:
            IndexMissing: the first build has not ended.
        """
        if (metadata := self.published()) is None:
            raise IndexMissing(
                f"The first build of the index in {self.folder} has not ended.",
                "Go on with it: qasearch build",
            )
        return metadata

    def counts(self) -> Counts:
        """The counts as of the last `Writer.settle`; zeros in a new index."""
        return Counts(*next(self._rows("SELECT * FROM counts")))

    # Documents

    def stamps(self) -> dict[str, Stamp]:
        """What told of every document, by path, that it had not changed."""
        rows = self._rows("SELECT path, size, mtime_ns, inode, ctime_ns, read_as FROM documents")
        return {row[0]: row[1:] for row in rows}

    def documents(self, paths: Iterable[str]) -> dict[str, DocumentRow]:
        """The documents at these paths, by path; paths without a document are left out."""
        where, values = among("path", paths)
        query = f"SELECT {', '.join(DocumentRow._fields)} FROM documents WHERE {where}"
        documents = map(DocumentRow._make, self._rows(query, values))
        return {document.path: document for document in documents}

    def anchors_of(self, path: str) -> frozenset[str] | None:
        """The anchors of the document at `path`; None where there is no such document."""
        row = next(self._rows("SELECT anchors FROM documents WHERE path = ?", (path,)), None)
        return frozenset(json.loads(row[0])) if row else None

    def document_named(self, target: str) -> str | None:
        """The path of the document that a wiki link names; the nearest to the top of the corpus.

        Links of wikis name documents by their names or the ends of their paths (`note_name`). None
        where there is no such document.
        """
        name = note_name(target)
        rows = self._rows("SELECT path FROM documents WHERE name = ?", (last_part(name),))
        paths = [path for (path,) in rows if ends_with_path(note_name(path), name)]
        return min(paths, key=lambda path: (path.count("/"), path), default=None)

    def document_problems(self) -> list[Problem]:
        """What was wrong in the documents when they were read, by path."""
        rows = self._rows(
            "SELECT path, problems FROM documents WHERE problems != '[]' ORDER BY path"
        )
        return [
            Problem(path, line, reason)
            for path, problems in rows
            for line, reason in json.loads(problems)
        ]

    def id_problems(self) -> list[Problem]:
        """A problem for each entry that could not have the id that it declares, by path."""
        rows = self._rows("SELECT DISTINCT declared_id FROM entries WHERE id_is_taken")
        taken = {declared_id for (declared_id,) in rows}
        settled = settle_ids(self._records_with_ids(taken), only=taken).values()
        problems = [problem for _, problem in settled if problem]
        return sorted(problems, key=lambda problem: (problem.path, problem.line))

    def all_problems(self) -> list[Problem]:
        """The problems of the documents, then those of the ids."""
        return [*self.document_problems(), *self.id_problems()]

    # Entries

    def entries(self, rowids: Iterable[int] | None = None) -> dict[int, Entry]:
        """Entries by row id, in the order of path and line.

        Without row ids, these are all entries but the copies.
        """
        rowids = None if rowids is None else [*rowids]
        where, values = ("copy_of IS NULL", ()) if rowids is None else among("e.rowid", rowids)
        rows = self._rows(
            f"""SELECT e.rowid, e.id, path, {ENTRY.names}
            FROM entries e JOIN documents d ON d.id = document_id WHERE {where}
            ORDER BY path, question_line, e.rowid""",
            values,
        )
        references, places = self._references(rowids), self._places_of_copies(rowids)
        return {
            rowid: Entry(
                id=entry_id,
                path=path,
                references=tuple(references.get(rowid, ())),
                also_at=tuple(places.get(rowid, ())),
                **ENTRY.fields(values),
            )
            for rowid, entry_id, path, *values in rows
        }

    def _references(self, entries: Iterable[int] | None) -> dict[int, list[Reference]]:
        where, values = among("entry", entries)
        rows = self._rows(
            f"""SELECT entry, {REFERENCE.names} FROM entry_references WHERE {where}
            ORDER BY entry, position""",
            values,
        )
        references: dict[int, list[Reference]] = {}
        for entry, *fields in rows:
            references.setdefault(entry, []).append(Reference(**REFERENCE.fields(fields)))
        return references

    def _places_of_copies(self, originals: Iterable[int] | None) -> dict[int, list[Place]]:
        where, values = among("copy_of", originals)
        rows = self._rows(
            f"""SELECT copy_of, path, question_line, e.id
            FROM entries e JOIN documents d ON d.id = document_id
            WHERE copy_of IS NOT NULL AND {where} ORDER BY path, question_line, e.rowid""",
            values,
        )
        places: dict[int, list[Place]] = {}
        for original, *place in rows:
            places.setdefault(original, []).append(Place(*place))
        return places

    def places(self) -> list[EntryPlace]:
        """The places of all entries; a copy has the row id of its original."""
        rows = self._rows(
            """SELECT coalesce(copy_of, e.rowid), path, breadcrumb, tags
            FROM entries e JOIN documents d ON d.id = document_id"""
        )
        parsed = cache(lambda text: tuple(json.loads(text)))  # many entries have the same texts
        return [
            EntryPlace(rowid, path, parsed(breadcrumb), parsed(tags))
            for rowid, path, breadcrumb, tags in rows
        ]

    def rowid_of(self, entry_id: str) -> int | None:
        """The row id of the entry with this id; None where there is none."""
        row = next(self._rows("SELECT rowid FROM entries WHERE id = ?", (entry_id,)), None)
        return int(row[0]) if row else None

    def count_entries(self, documents: Iterable[int]) -> int:
        """How many entries these documents have, copies included."""
        where, values = among("document_id", documents)
        return int(next(self._rows(f"SELECT count(*) FROM entries WHERE {where}", values))[0])

    def _records_with_ids(self, ids: Iterable[str]) -> list[Record[int]]:
        """All entries that have one of the ids as declared or as derived id, by row id."""
        declared, values = among("declared_id", ids)
        # the condition on '' is that of the index; a UNION uses both indexes, an OR neither
        return self._records(
            f"""SELECT rowid FROM entries WHERE declared_id != '' AND {declared}
            UNION SELECT rowid FROM entries WHERE {among("derived_id", ids)[0]}""",
            values * 2,
        )

    def _records_with_same_pair(self, pairs: Iterable[str]) -> list[Record[int]]:
        """All entries that share one of these digests of question and answer with others."""
        where, values = among("pair", pairs)
        shared = f"""SELECT pair FROM entries WHERE pair != '' AND {where}
            GROUP BY pair HAVING count(*) > 1"""
        return self._records(
            f"SELECT rowid FROM entries WHERE pair != '' AND pair IN ({shared})", values
        )

    def _records(self, rowids: str, values: Sequence[object]) -> list[Record[int]]:
        """What identifies the entries whose row ids a query gives, in the order of row ids.

        Entries of one document are in the order of that document then, which decides between
        entries of the same line.
        """
        rows = self._rows(
            f"""SELECT e.rowid, path, question_line, rule, derived_id, declared_id, pair
            FROM entries e JOIN documents d ON d.id = document_id
            WHERE e.rowid IN ({rowids}) ORDER BY e.rowid""",
            values,
        )
        return [Record(row[0], row[1], row[2], Rule(row[3]), *row[4:]) for row in rows]

    # Passages and their vectors

    def passages(self, ids: Iterable[int]) -> dict[int, Passage]:
        """The passages with these ids; `embedded` is empty, as only the encoder needs it."""
        where, values = among("id", ids)
        rows = self._rows(f"SELECT id, {PASSAGE.names} FROM passages WHERE {where}", values)
        return {
            passage_id: Passage(embedded="", **PASSAGE.fields(fields))
            for passage_id, *fields in rows
        }

    def sample_passages(self, kind: PassageKind, limit: int) -> list[tuple[int, int, str]]:
        """Id, entry and text of at most `limit` passages of a kind, without those of copies.

        Where there are more, the choice depends on what they say alone: on the digests of their
        texts.
        """
        query = """SELECT p.id, entry, text FROM passages p JOIN entries e ON e.rowid = entry
            WHERE kind = ? AND copy_of IS NULL ORDER BY embedding, p.id LIMIT ?"""
        return list(self._rows(query, (kind, limit)))

    def passage_vectors(
        self, dimension: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
        """The vectors of all passages but those of copies, some thousand at a time.

        Yields:
            (n,) int64 ids, ascending from part to part, and (n, d) float32 vectors.
        """
        query = """SELECT p.id, vector FROM passages p JOIN embeddings ON hash = embedding
            WHERE entry NOT IN (SELECT rowid FROM entries WHERE copy_of IS NOT NULL)
            ORDER BY p.id"""
        with damage_of(self.folder / FILE_NAME):
            cursor = self._connection.execute(query)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield _arrays(rows, dimension)

    def delta(self, dimension: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The passages that the vectors file lacks: (n,) int64 ids, ascending, and (n, d) float32
        vectors.
        """
        return _arrays(list(self._rows("SELECT id, vector FROM delta ORDER BY id")), dimension)

    def gone(self) -> npt.NDArray[np.int64]:
        """(n,) int64, ascending: the row ids of entries whose vectors in the vectors file no longer
        count.
        """
        import numpy as np

        rows = self._rows("SELECT entry FROM gone ORDER BY entry")
        return np.array([entry for (entry,) in rows], np.int64)

    def embeddings(self, hashes: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
        """(d,) float32 vectors by hash; hashes without a vector are left out."""
        import numpy as np

        where, values = among("hash", hashes)
        rows = self._rows(f"SELECT hash, vector FROM embeddings WHERE {where}", values)
        return {digest: np.frombuffer(vector, np.float32) for digest, vector in rows}

    def known_embeddings(self, hashes: Iterable[str]) -> set[str]:
        """Those of the hashes that have a vector."""
        where, values = among("hash", hashes)
        return {row[0] for row in self._rows(f"SELECT hash FROM embeddings WHERE {where}", values)}

    def _rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        with damage_of(self.folder / FILE_NAME):
            rows = self._connection.execute(query, values).fetchall()
        return iter(rows)


def _arrays(
    rows: Sequence[tuple[int, bytes]], dimension: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    import numpy as np

    ids = np.array([row[0] for row in rows], np.int64)
    vectors = np.frombuffer(b"".join(row[1] for row in rows), np.float32)
    return ids, vectors.reshape(len(rows), dimension)
