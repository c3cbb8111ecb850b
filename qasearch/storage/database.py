"""`index.db`, read: documents, entries, passages, references, the full-text index, and embeddings
by content hash.

Everything but the vectors of the vectors file, in SQLite. Readers never write (`PRAGMA
query_only`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from qasearch.datatypes.entry import (
    Entry,
    Passage,
    PassageKind,
    Place,
    Problem,
    Reference,
    ReferenceKind,
    Rule,
)
from qasearch.errors import IndexDamaged, IndexMissing
from qasearch.storage.connecting import REBUILD, connect_for_reading, damage_of
from qasearch.storage.metadata import Counts, IndexMetadata, decode_metadata
from qasearch.storage.schema import FILE_NAME, PASSAGES_PER_ENTRY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from qasearch.storage.postings import Postings, Stemmer

__all__ = ["PASSAGES_PER_ENTRY", "Database", "DocumentRow"]

_CHUNK = 4096

_NO_COPY = "rowid NOT IN (SELECT rowid FROM entries WHERE copy_of IS NOT NULL)"


class DocumentRow(NamedTuple):
    """What the index knows of a file, to tell whether it changed."""

    id: int
    path: str
    size: int
    mtime_ns: int
    sha256: str


class Database:
    """An open `index.db`. Use `open_for_reading`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self._stemmer: Stemmer | None = None
        self._kept: tuple[tuple[int, int, float], Postings] | None = None
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
        database = cls(connect_for_reading(folder), folder)
        try:
            database.metadata()
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close the file; a transaction under way is rolled back."""
        self._connection.close()
        if self._stemmer:
            self._stemmer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of one generation; a build waits with its commit until
        the end of it.
        """
        self._rows("BEGIN")
        try:
            yield
        finally:
            self._connection.rollback()

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

    def count_entries(self, documents: Iterable[int]) -> int:
        """How many entries these documents have, copies included."""
        where, values = among("document_id", documents)
        return int(next(self._rows(f"SELECT count(*) FROM entries WHERE {where}", values))[0])

    def stats(self) -> dict[str, tuple[int, int]]:
        """The size and time stamp of every document by path."""
        return {
            path: (size, mtime)
            for path, size, mtime in self._rows("SELECT path, size, mtime_ns FROM documents")
        }

    def documents(self, paths: Iterable[str]) -> dict[str, DocumentRow]:
        """The documents at these paths, by path."""
        where, values = among("path", paths)
        rows = self._rows(
            f"SELECT id, path, size, mtime_ns, sha256 FROM documents WHERE {where}", values
        )
        return {row[1]: DocumentRow(*row) for row in rows}

    def problems(self) -> list[Problem]:
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
        """A problem for each entry that could not have the id that it declares."""
        query = "SELECT DISTINCT iif(declared_id = '', derived_id, declared_id) FROM entries WHERE id_is_taken"
        taken = [row[0] for row in self._rows(query)]
        problems, owner = [], ""
        for place, _, claimed, path, line in self._contested_ids(taken):
            if place == 1:
                owner = f"{path}:{line}"
            else:
                problems.append(
                    Problem(
                        path, line, f"the id '{claimed}' is already taken by {owner}; give another"
                    )
                )
        return problems

    def all_problems(self) -> list[Problem]:
        """What was wrong in the documents when they were read, and ids that could not be had."""
        return [*self.problems(), *self.id_problems()]

    def anchors_of(self, path: str) -> frozenset[str] | None:
        """The anchors of the document at `path`; None where there is no such document."""
        row = next(self._rows("SELECT anchors FROM documents WHERE path = ?", (path,)), None)
        return frozenset(json.loads(row[0])) if row else None

    def document_named(self, name: str) -> str | None:
        """The path of the first document with this name, folder and suffix left out, as wiki links
        name it.
        """
        pattern = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = self._rows(
            "SELECT path FROM documents WHERE path LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\' ORDER BY path",
            (f"{pattern}.%", f"%/{pattern}.%"),
        )
        return next(
            (path for (path,) in rows if path.rpartition("/")[2].rpartition(".")[0] == name), None
        )

    def places(self) -> list[tuple[int, str, tuple[str, ...], tuple[str, ...]]]:
        """Row id, path, breadcrumb and tags of every entry, for filters; a copy has the row id of
        its original.
        """
        rows = self._rows(
            """SELECT coalesce(copy_of, e.rowid), path, breadcrumb, tags
            FROM entries e JOIN documents d ON d.id = document_id"""
        )
        parsed = cache(lambda text: tuple(json.loads(text)))  # many entries have the same
        return [(rowid, path, parsed(crumb), parsed(tags)) for rowid, path, crumb, tags in rows]

    def entries(self, rowids: Iterable[int] | None = None) -> dict[int, Entry]:
        """Entries by row id, in the order of path and line; all but the copies if no row ids are
        given.
        """
        where, values = among("e.rowid", rowids)
        where = "copy_of IS NULL" if rowids is None else where
        also_at: dict[int, list[Place]] = {}
        copies = f"""SELECT copy_of, path, question_line, e.id FROM entries e JOIN documents d ON d.id = document_id
            WHERE copy_of IS NOT NULL AND {among("copy_of", rowids)[0]} ORDER BY path, question_line"""
        for original, path, line, entry_id in self._rows(copies, values):
            also_at.setdefault(original, []).append(Place(path, line, entry_id))
        references: dict[int, list[Reference]] = {}
        query = f"SELECT entry, text, target, kind, line FROM entry_references WHERE {among('entry', rowids)[0]}"
        for entry, text, target, kind, line in self._rows(
            f"{query} ORDER BY entry, position", values
        ):
            references.setdefault(entry, []).append(
                Reference(text, target, ReferenceKind(kind), line)
            )
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
                rule=Rule(row[12]),
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
        where, values = among("id", ids)
        rows = self._rows(
            f"SELECT id, kind, text, line_start, line_end FROM passages WHERE {where}", values
        )
        return {row[0]: Passage(PassageKind(row[1]), row[2], "", row[3], row[4]) for row in rows}

    def match_words(
        self,
        words: Sequence[str],
        limit: int,
        only: Iterable[int] | None = None,
        *,
        in_answer: bool = False,
    ) -> dict[int, float]:
        """BM25 of the entries with any of the words, higher is better, at most `limit` of them.

        Robertson and Zaragoza (2009) with k1 = 1.2 and b = 0.75, over question, aliases and answer,
        or over the answer alone.
        """
        if not words:
            return {}
        postings = None if in_answer else self._postings()
        if postings:
            return postings.best(words, limit, only)
        where, values = among(
            "+rowid", only
        )  # with a bare rowid, FTS5 would match anew for each of them
        where += f" AND {_NO_COPY}"
        query = f"SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? AND {where} ORDER BY bm25(words) LIMIT ?"
        match = f"{'answer : ' if in_answer else ''}({' OR '.join(map(_quoted, words))})"
        return dict(self._rows(query, (match, *values, limit)))

    def count_matches(self, word: str) -> int:
        """How many entries have the word, stemmed as the index stems."""
        query = f"SELECT count(*) FROM words WHERE words MATCH ? AND {_NO_COPY}"
        return int(next(self._rows(query, (_quoted(word),)))[0])

    def count_words(self, words: Sequence[str]) -> dict[str, int]:
        """How many entries have each of the words, stemmed as the index stems."""
        postings = self._postings()
        return (
            postings.counts(words)
            if postings
            else {word: self.count_matches(word) for word in words}
        )

    def mean_words(self) -> float | None:
        """The mean number of words of an entry when the words were last written as arrays.

        None where the words are not kept as arrays.
        """
        row = next(self._rows("SELECT mean_words FROM word_arrays"), None)
        return float(row[0]) if row else None

    def _postings(self) -> Postings | None:
        """The words as arrays, where the index is large enough to have them."""
        if (mean_words := self.mean_words()) is None:
            return None
        metadata, entries = self.published(), self.counts().entries
        version = (metadata.generation if metadata else 0, entries, mean_words)
        if self._kept is None or self._kept[0] != version:
            from qasearch.storage.postings import Postings

            self._kept = version, Postings(self._rows, self.stemmer(), entries)
        return self._kept[1]

    def stemmer(self) -> Stemmer:
        """What stems words as the index does, made on first use."""
        if self._stemmer is None:
            from qasearch.storage.postings import Stemmer

            self._stemmer = Stemmer()
        return self._stemmer

    def words_from(self, first: str, last: str) -> dict[str, int]:
        """The words of all entries from `first` up to but not including `last`, and how many
        entries have each.
        """
        return dict(
            self._rows(
                "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ?", (first, last)
            )
        )

    def sample_passages(self, kind: PassageKind, limit: int) -> list[tuple[int, int, str]]:
        """Id, entry and text of passages of a kind: all, or `limit` of them, always the same ones
        and from everywhere.

        Those of copies are none of them.
        """
        query = """SELECT p.id, entry, text FROM passages p JOIN entries e ON e.rowid = entry
            WHERE kind = ? AND copy_of IS NULL ORDER BY (p.id * 2654435761) % 4294967296, p.id LIMIT ?"""
        return list(self._rows(query, (kind, limit)))

    def array(self, name: str) -> npt.NDArray[np.float32]:
        """The (rows, columns) float32 array that is stored under this name.

        Raises:
            IndexDamaged: there is none.
        """
        import numpy as np

        row = next(self._rows("SELECT columns, data FROM arrays WHERE name = ?", (name,)), None)
        if row is None:
            raise IndexDamaged(f"{self.folder / FILE_NAME} has no array '{name}'.", REBUILD)
        return np.frombuffer(row[1], np.float32).reshape(-1, row[0])

    def delta(self, dimension: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(n,) int64 ids, ascending, of the passages that the vectors file lacks, and their (n, d)
        float32 vectors.
        """
        return _arrays(list(self._rows("SELECT id, vector FROM delta ORDER BY id")), dimension)

    def gone(self) -> npt.NDArray[np.int64]:
        """(n,) int64, the row ids, ascending, of the entries whose passages in the vectors file are
        found no more.
        """
        import numpy as np

        return np.array(
            [row[0] for row in self._rows("SELECT entry FROM gone ORDER BY entry")], np.int64
        )

    def passage_vectors(
        self, dimension: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
        """Some thousand passages at a time, copies left out: (n,) int64 ids, ascending, and (n, d)
        float32 vectors.
        """
        query = """SELECT p.id, vector FROM passages p JOIN embeddings ON hash = embedding
            WHERE entry NOT IN (SELECT rowid FROM entries WHERE copy_of IS NOT NULL) ORDER BY p.id"""
        with damage_of(self.folder / FILE_NAME):
            cursor = self._connection.execute(query)
            while rows := cursor.fetchmany(_CHUNK):
                yield _arrays(rows, dimension)

    def embeddings(self, hashes: Iterable[str]) -> dict[str, npt.NDArray[np.float32]]:
        """(d,) float32 vectors by hash, of those hashes that have one."""
        import numpy as np

        where, values = among("hash", hashes)
        rows = self._rows(f"SELECT hash, vector FROM embeddings WHERE {where}", values)
        return {digest: np.frombuffer(vector, np.float32) for digest, vector in rows}

    def known_embeddings(self, hashes: Iterable[str]) -> set[str]:
        """Those of the hashes that have a vector."""
        where, values = among("hash", hashes)
        return {row[0] for row in self._rows(f"SELECT hash FROM embeddings WHERE {where}", values)}

    def _contested_ids(self, ids: Iterable[str]) -> list[tuple[int, int, str, str, int]]:
        """Place among the claimants, row id, id, path and line of each entry that claims one of
        `ids` with others.

        An id that comes from a path stands, whoever declares the same; else the first by path and
        line has it.
        """
        declared, values = among("declared_id", ids)
        query = f"""WITH declaring AS (
                SELECT rowid, document_id, question_line, declared_id AS id, 1 AS declares FROM entries
                WHERE declared_id != '' AND {declared}),
            claims AS (
                SELECT * FROM declaring
                UNION ALL SELECT rowid, document_id, question_line, derived_id, 0 FROM entries
                WHERE derived_id IN (SELECT id FROM declaring) AND declared_id = ''),
            counted AS (SELECT c.*, d.path, count(*) OVER (PARTITION BY c.id) AS claimants
                FROM claims c JOIN documents d ON d.id = document_id)
            SELECT row_number() OVER (PARTITION BY id ORDER BY declares, path, question_line, rowid) AS place,
                rowid, id, path, question_line
            FROM counted WHERE claimants > 1 ORDER BY id, place"""
        return list(self._rows(query, values))

    def _rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple]:  # type: ignore[type-arg]
        with damage_of(self.folder / FILE_NAME):
            rows = self._connection.execute(query, values).fetchall()
        return iter(rows)


def among(name: str, values: Iterable[object] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that `name` is one of `values` (any number of them), and the parameters it
    takes.
    """
    if values is None:
        return "1", ()
    listed = [int(value) if not isinstance(value, str) else value for value in values]  # type: ignore[call-overload]
    return f"{name} IN (SELECT value FROM json_each(?))", (json.dumps(listed),)


def _arrays(
    rows: Sequence[tuple[int, bytes]], dimension: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    import numpy as np

    ids = np.array([row[0] for row in rows], np.int64)
    return ids, np.frombuffer(b"".join(row[1] for row in rows), np.float32).reshape(
        len(rows), dimension
    )


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
