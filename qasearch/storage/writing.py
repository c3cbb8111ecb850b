"""`index.db`, written: documents in and out, and what follows from them settled for what they
touch.

A generation costs as much as what changed: which entries are copies, who has an id, which vectors
are used no more and what the vectors file lacks is only looked at for the documents that were
removed and added.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qasearch.datatypes.entry import Document, Entry, Passage
from qasearch.storage.connecting import connect_for_writing, not_writable
from qasearch.storage.database import Database, among
from qasearch.storage.metadata import Counts, IndexMetadata, encode_metadata
from qasearch.storage.postings import FROM_ENTRIES, add_postings, write_postings
from qasearch.storage.schema import FILE_NAME, FULL_TEXT, PASSAGES_PER_ENTRY

if TYPE_CHECKING:
    from qasearch.storage.segments import Floats, Ids, Segment


@dataclass(slots=True)
class _Touched:
    """What the documents that came and went in a transaction have and had.

    Attributes:
        entries: row ids of entries, and of those whose original went.
        pairs: the digests of question and answer of these entries.
        ids: the ids that they declare, and those that come from their paths.
        embeddings: the hashes of the vectors that were used.
    """

    entries: set[int] = field(default_factory=set)
    pairs: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    embeddings: set[str] = field(default_factory=set)

    def add(self, entry: int, pair: str, declared_id: str, derived_id: str) -> None:
        self.entries.add(entry)
        self.pairs.update({pair} - {""})
        self.ids.update({declared_id, derived_id} - {""})


class Writer(Database):
    """An `index.db` open for writing. Use `open`; close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        super().__init__(connection, folder)
        self._touched = _Touched()

    @classmethod
    def open(cls, folder: Path) -> Writer:
        """The index in `folder`, made if it is missing.

        Raises:
            IndexDamaged, BadRequest, IndexIncompatible: as for reading.
            IndexNotWritable: the folder cannot be made or written.
        """
        return cls(connect_for_writing(folder), folder)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes in the block, or none of them.

        Raises:
            IndexNotWritable: the disk is full, or another process holds the file.
        """
        self._touched = _Touched()
        with not_writable(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def publish(self, metadata: IndexMetadata) -> None:
        """Record what is true of the index as a whole. From the first record on, it can be read."""
        self._connection.execute(
            "INSERT OR REPLACE INTO metadata VALUES (1, ?)", (encode_metadata(metadata),)
        )

    def store_array(self, name: str, array: Floats) -> None:
        """Store a (rows, columns) float32 array under a name, in place of an older one."""
        data = np.ascontiguousarray(array, np.float32).tobytes()
        self._connection.execute(
            "INSERT OR REPLACE INTO arrays VALUES (?, ?, ?)", (name, array.shape[1], data)
        )

    def add_embeddings(self, hashes: Sequence[str], vectors: Floats) -> None:
        """Keep vectors by the hash of the text that they are of."""
        rows = [(digest, vector.tobytes()) for digest, vector in zip(hashes, vectors, strict=True)]
        self._connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def touch_document(self, document_id: int, size: int, mtime_ns: int) -> None:
        """Record the new stat of a file whose content is the same."""
        self._connection.execute(
            "UPDATE documents SET size = ?, mtime_ns = ? WHERE id = ?",
            (size, mtime_ns, document_id),
        )

    def remove_document(self, document_id: int) -> None:
        """Remove a document with its entries, references, passages and words."""
        of_document = "FROM entries WHERE document_id = ?"
        for row in self._rows(
            f"SELECT rowid, pair, declared_id, derived_id {of_document}", (document_id,)
        ):
            self._touched.add(*row)
        copies = self._rows(
            f"SELECT rowid FROM entries WHERE copy_of IN (SELECT rowid {of_document})",
            (document_id,),
        )
        self._touched.entries.update(row[0] for row in copies)
        used = f"SELECT embedding FROM passages WHERE entry IN (SELECT rowid {of_document})"
        self._touched.embeddings.update(row[0] for row in self._rows(used, (document_id,)))
        for table in FULL_TEXT:
            self._connection.execute(
                f"""INSERT INTO {table} ({table}, rowid, question, aliases, answer)
                SELECT 'delete', rowid, question, aliases, answer FROM word_source WHERE document_id = ?""",
                (document_id,),
            )
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def restart_row_ids(self) -> None:
        """Let new entries have row ids that were given before: the vectors file must be written
        anew.
        """
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'entries'")

    def add_document(self, document: Document, size: int, mtime_ns: int, sha256: str) -> list[int]:
        """Add a document with its entries and references; the row ids of its entries, in their
        order.
        """
        problems = [(problem.line, problem.reason) for problem in document.problems]
        document_id = self._connection.execute(
            "INSERT INTO documents (path, size, mtime_ns, sha256, anchors, problems) VALUES (?, ?, ?, ?, ?, ?)",
            (
                document.path,
                size,
                mtime_ns,
                sha256,
                _json(sorted(document.anchors)),
                _json(problems),
            ),
        ).lastrowid
        return [
            self._add_entry(
                document_id,
                entry,
                document.declared_ids.get(entry.id, ""),
                document.pairs.get(entry.id, ""),
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
        self._touched.add(rowid, pair, declared_id, entry.id)
        self._connection.executemany(
            "INSERT INTO entry_references VALUES (?, ?, ?, ?, ?, ?)",
            [
                (rowid, position, r.text, r.target, r.kind, r.line)
                for position, r in enumerate(entry.references)
            ],
        )
        for table in FULL_TEXT:
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

    def settle(self) -> None:
        """Bring up to date what follows from the documents that came and went in this transaction.

        Which entries are copies, who has which id, which vectors are used, and the counts.
        """
        self._settle_copies()
        self._settle_ids()
        where, values = among("hash", self._touched.embeddings)
        self._connection.execute(
            f"DELETE FROM embeddings WHERE {where} AND hash NOT IN (SELECT embedding FROM passages WHERE "
            f"{among('embedding', ())[0]})",
            values * 2,
        )
        query = """SELECT (SELECT count(*) FROM documents),
            (SELECT count(*) FROM entries) - (SELECT count(*) FROM entries WHERE copy_of IS NOT NULL),
            (SELECT count(*) FROM entries WHERE NOT answered AND copy_of IS NULL),
            (SELECT count(*) FROM passages)"""  # each from an index, no row is read
        counts = Counts(*next(self._rows(query)))
        self._connection.execute(
            "UPDATE counts SET documents = ?, entries = ?, unanswered = ?, passages = ?",
            astuple(counts),
        )

    def _settle_copies(self) -> None:
        """Let the same question with the same answer be found once: all but one of each pair are
        copies.

        The original is the one in front matter, which has the other wordings, else the first by
        path and line.
        """
        where, values = among("pair", self._touched.pairs)
        changed = list(
            self._rows(
                f"""WITH same AS (SELECT e.rowid AS entry, copy_of, first_value(e.rowid) OVER (
                    PARTITION BY pair ORDER BY rule != 'front_matter', path, question_line, e.rowid) AS original
                    FROM entries e JOIN documents d ON d.id = document_id WHERE pair != '' AND {where})
                SELECT nullif(original, entry), entry FROM same WHERE copy_of IS NOT nullif(original, entry)""",
                values,
            )
        )
        self._connection.executemany("UPDATE entries SET copy_of = ? WHERE rowid = ?", changed)
        self._touched.entries.update(entry for _, entry in changed)

    def _settle_ids(self) -> None:
        """Give each entry the id that it declares, or its derived one where that id is
        another's.
        """
        declared, values = among("declared_id", self._touched.ids)
        derived, _ = among("derived_id", ())
        self._connection.execute(
            f"""UPDATE entries SET id = declared_id, id_is_taken = 0
            WHERE declared_id != '' AND {declared} AND (id != declared_id OR id_is_taken)""",
            values,
        )
        self._connection.execute(
            f"UPDATE entries SET id_is_taken = 0 WHERE id_is_taken AND declared_id = '' AND {derived}",
            values,
        )
        losers = [
            (rowid,) for place, rowid, *_ in self._contested_ids(self._touched.ids) if place > 1
        ]
        self._connection.executemany(
            "UPDATE entries SET id = derived_id, id_is_taken = 1 WHERE rowid = ?", losers
        )

    def update_delta(self, base: Segment) -> int:
        """Note where the entries that `settle` looked at differ from the vectors file; how many
        vectors differ now.
        """
        entries = np.array(sorted(self._touched.entries), np.int64)
        where, values = among("rowid", entries)
        rows = self._rows(f"SELECT rowid FROM entries WHERE copy_of IS NULL AND {where}", values)
        live = np.isin(entries, np.array([row[0] for row in rows], np.int64))
        held = base.holds(entries * PASSAGES_PER_ENTRY)
        self._connection.executemany(
            "DELETE FROM gone WHERE entry = ?", _each(entries[held & live])
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO gone VALUES (?)", _each(entries[held & ~live])
        )
        ranges = [
            (entry * PASSAGES_PER_ENTRY, (entry + 1) * PASSAGES_PER_ENTRY)
            for (entry,) in _each(entries[~held])
        ]
        self._connection.executemany("DELETE FROM delta WHERE id >= ? AND id < ?", ranges)
        where, values = among("entry", entries[~held & live])
        self._connection.execute(
            f"INSERT INTO delta SELECT id, vector FROM passages JOIN embeddings ON hash = embedding WHERE {where}",
            values,
        )
        self._update_postings(entries[~held], entries[~held & live])
        return int(
            next(self._rows("SELECT (SELECT count(*) FROM delta) + (SELECT count(*) FROM gone)"))[0]
        )

    def _update_postings(self, removed: Ids, added: Ids) -> None:
        """Keep the words of entries that the vectors file lacks, where words are kept as arrays."""
        if (mean := self.mean_words()) is None:
            return
        self._connection.executemany("DELETE FROM new_postings WHERE entry = ?", _each(removed))
        where, values = among("rowid", added)
        query = f"SELECT rowid, question || ' ' || aliases || ' ' || answer FROM word_source WHERE {where}"
        add_postings(self._connection, self.stemmer(), dict(self._rows(query, values)), mean)

    def write_postings(self) -> None:
        """Write the words of all entries as arrays if there are many."""
        self._connection.execute("DELETE FROM postings")
        self._connection.execute("DELETE FROM new_postings")
        self._connection.execute("DELETE FROM word_arrays")
        if self.counts().entries >= FROM_ENTRIES:
            mean = write_postings(self._connection)
            self._connection.execute("INSERT INTO word_arrays VALUES (?)", (mean,))

    def clear_delta(self, keep: Iterable[str]) -> None:
        """Note that the vectors file is whole; of the embeddings, only those of passages and those
        in `keep` remain.
        """
        self._connection.execute("DELETE FROM delta")
        self._connection.execute("DELETE FROM gone")
        where, values = among("hash", keep)
        self._connection.execute(
            f"DELETE FROM embeddings WHERE hash NOT IN (SELECT embedding FROM passages) AND NOT {where}",
            values,
        )


def start_over(folder: Path) -> None:
    """Remove the database in `folder`, whatever it is."""
    with not_writable(folder):
        for name in (FILE_NAME, f"{FILE_NAME}-journal"):
            (folder / name).unlink(missing_ok=True)


def _each(entries: Ids) -> list[tuple[int]]:
    return [(entry,) for entry in entries.tolist()]


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
