"""`index.db`, written: documents in and out, and what follows from that.

A build costs as much as what changed. Copies, ids, unused vectors and the differences from the
vectors file are settled for the documents that were removed and added, and for nothing else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qasearch.datatypes.entry import Document, Entry, Passage
from qasearch.datatypes.note_names import last_part, note_name
from qasearch.datatypes.stamp import Stamp
from qasearch.identity import find_copies, settle_ids
from qasearch.storage.connecting import connect_for_writing, not_writable
from qasearch.storage.database import Database
from qasearch.storage.metadata import Counts, IndexMetadata, encode_metadata
from qasearch.storage.passage_ids import MAX_PASSAGES, id_range, passage_id, question_id
from qasearch.storage.postings import FROM_ENTRIES, add_postings, write_postings
from qasearch.storage.rows import ENTRY, PASSAGE, REFERENCE, to_json
from qasearch.storage.schema import FILE_NAME, FULL_TEXT
from qasearch.storage.sql import among, placeholders

if TYPE_CHECKING:
    from qasearch.storage.segments import Floats, Ids, Segment


@dataclass(slots=True)
class _Touched:
    """What the documents have, or had, that a transaction removed or added.

    Attributes:
        entries: row ids of their entries, and of the copies whose original was removed.
        pairs: the digests of question and answer of their entries.
        ids: the ids that their entries declare or derive.
        embeddings: the hashes of the vectors that removed passages used.
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

    # The index as a whole

    def publish(self, metadata: IndexMetadata) -> None:
        """Record what is true of the index as a whole. From the first record on, it can be read."""
        self._connection.execute(
            "INSERT OR REPLACE INTO metadata VALUES (1, ?)", (encode_metadata(metadata),)
        )

    # Documents in and out

    def touch_document(self, document_id: int, stamp: Stamp) -> None:
        """Record the new stamp of a file whose content is the same."""
        self._connection.execute(
            """UPDATE documents SET size = ?, mtime_ns = ?, inode = ?, ctime_ns = ?, read_as = ?
            WHERE id = ?""",
            (*stamp, document_id),
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
        self._touched.entries.update(rowid for (rowid,) in copies)
        used = f"SELECT embedding FROM passages WHERE entry IN (SELECT rowid {of_document})"
        self._touched.embeddings.update(digest for (digest,) in self._rows(used, (document_id,)))
        for table in FULL_TEXT:
            self._connection.execute(
                f"""INSERT INTO {table} ({table}, rowid, question, aliases, answer)
                SELECT 'delete', rowid, question, aliases, answer FROM word_source
                WHERE document_id = ?""",
                (document_id,),
            )
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))

    def restart_row_ids(self) -> None:
        """Let new entries use row ids again from 1 on. Write the vectors file again after that."""
        self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'entries'")

    def add_document(self, document: Document, stamp: Stamp, sha256: str) -> list[int]:
        """Add a document with its entries and references.

        Returns:
            the row ids of its entries, in their order.
        """
        problems = to_json([(problem.line, problem.reason) for problem in document.problems])
        anchors = to_json(sorted(document.anchors))
        name = last_part(note_name(document.path))
        document_id = self._connection.execute(
            """INSERT INTO documents
            (path, size, mtime_ns, inode, ctime_ns, read_as, sha256, anchors, problems, name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (document.path, *stamp, sha256, anchors, problems, name),
        ).lastrowid
        assert document_id is not None  # noqa: S101 - an INSERT that did not raise has a row id
        return [self._add_entry(document_id, document, entry) for entry in document.entries]

    def _add_entry(self, document_id: int, document: Document, entry: Entry) -> int:
        declared_id = document.declared_ids.get(entry.id, "")
        pair = document.pairs.get(entry.id, "")
        identity = (document_id, entry.id, entry.id, declared_id, pair)
        rowid = self._connection.execute(
            f"""INSERT INTO entries (document_id, id, derived_id, declared_id, pair, {ENTRY.names})
            VALUES ({placeholders(len(identity) + ENTRY.count)})""",
            (*identity, *ENTRY.values(entry)),
        ).lastrowid
        assert rowid is not None  # noqa: S101 - as above
        self._touched.add(rowid, pair, declared_id, entry.id)
        self._connection.executemany(
            f"""INSERT INTO entry_references (entry, position, {REFERENCE.names})
            VALUES ({placeholders(2 + REFERENCE.count)})""",
            [
                (rowid, position, *REFERENCE.values(reference))
                for position, reference in enumerate(entry.references)
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
        self._connection.executemany(
            f"""INSERT INTO passages (id, entry, embedding, {PASSAGE.names})
            VALUES ({placeholders(3 + PASSAGE.count)})""",
            [
                (passage_id(entry, position), entry, digest, *PASSAGE.values(passage))
                for position, (digest, passage) in enumerate(passages[:MAX_PASSAGES])
            ],
        )

    def add_embeddings(self, hashes: Sequence[str], vectors: Floats) -> None:
        """Store the (n, d) float32 vectors of texts by the hashes of the texts."""
        rows = [(digest, vector.tobytes()) for digest, vector in zip(hashes, vectors, strict=True)]
        self._connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    # What follows from the documents

    def settle(self) -> None:
        """Bring up to date what follows from the documents that this transaction changed.

        Which entries are copies, which id each entry has, which vectors are used, and the counts.
        """
        self._settle_copies()
        self._settle_ids()
        self._remove_unused_embeddings()
        self._settle_counts()

    def _settle_copies(self) -> None:
        """Make all but one of the entries with the same question and answer copies of that one.

        An entry that is alone is no copy: if its original was removed, SQLite has set `copy_of` to
        NULL.
        """
        records = self._records_with_same_pair(self._touched.pairs)
        copies = find_copies(records)
        where, values = among("rowid", [record.key for record in records])
        old = dict(self._rows(f"SELECT rowid, copy_of FROM entries WHERE {where}", values))
        changed = [(copies.get(entry), entry) for entry in old if copies.get(entry) != old[entry]]
        self._connection.executemany("UPDATE entries SET copy_of = ? WHERE rowid = ?", changed)
        self._touched.entries.update(entry for _, entry in changed)

    def _settle_ids(self) -> None:
        """Give each entry that declares a touched id this id, or its derived id if another has it.

        Ids that nobody declares are left out: `add_document` gave each entry its derived id.
        """
        where, values = among("declared_id", self._touched.ids)
        query = f"SELECT DISTINCT declared_id FROM entries WHERE declared_id != '' AND {where}"
        declared = {declared_id for (declared_id,) in self._rows(query, values)}
        settled = settle_ids(self._records_with_ids(declared), only=declared)
        rows = [(new.id, new.problem is not None, rowid) for rowid, new in settled.items()]
        self._connection.executemany(
            "UPDATE entries SET id = ?1, id_is_taken = ?2 "
            "WHERE rowid = ?3 AND (id != ?1 OR id_is_taken != ?2)",
            rows,
        )

    def _remove_unused_embeddings(self) -> None:
        """Remove the vectors that only removed passages used."""
        where, values = among("hash", self._touched.embeddings)
        used = f"SELECT embedding FROM passages WHERE {among('embedding', ())[0]}"
        self._connection.execute(
            f"DELETE FROM embeddings WHERE {where} AND hash NOT IN ({used})", values * 2
        )

    def _settle_counts(self) -> None:
        # each number comes from an index alone: no row of a table is read
        query = """SELECT (SELECT count(*) FROM documents),
            (SELECT count(*) FROM entries)
                - (SELECT count(*) FROM entries WHERE copy_of IS NOT NULL),
            (SELECT count(*) FROM entries WHERE NOT answered AND copy_of IS NULL),
            (SELECT count(*) FROM passages)"""
        counts = Counts(*next(self._rows(query)))
        self._connection.execute(
            "UPDATE counts SET documents = ?, entries = ?, unanswered = ?, passages = ?",
            astuple(counts),
        )

    # What differs from the vectors file

    def update_delta(self, base: Segment) -> int:
        """Record where the entries that `settle` looked at differ from the vectors file.

        Args:
            base: the vectors file.

        Returns:
            how many vectors and entries differ now: vectors that the file lacks, and entries whose
            vectors it has although they are removed or copies.
        """
        entries = np.array(sorted(self._touched.entries), np.int64)
        where, values = among("rowid", entries)
        rows = self._rows(f"SELECT rowid FROM entries WHERE copy_of IS NULL AND {where}", values)
        live = np.isin(entries, np.array([rowid for (rowid,) in rows], np.int64))
        in_file = base.holds(question_id(entries))
        self._connection.executemany(
            "DELETE FROM gone WHERE entry = ?", _parameters(entries[in_file & live])
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO gone VALUES (?)", _parameters(entries[in_file & ~live])
        )
        new = entries[~in_file]
        self._connection.executemany(
            "DELETE FROM delta WHERE id >= ? AND id < ?", map(id_range, new.tolist())
        )
        where, values = among("entry", entries[~in_file & live])
        self._connection.execute(
            f"""INSERT INTO delta SELECT id, vector
            FROM passages JOIN embeddings ON hash = embedding WHERE {where}""",
            values,
        )
        self._update_postings(new, entries[~in_file & live])
        query = "SELECT (SELECT count(*) FROM delta) + (SELECT count(*) FROM gone)"
        return int(next(self._rows(query))[0])

    def _update_postings(self, removed: Ids, added: Ids) -> None:
        """Update the words of entries that the vectors file lacks, where words are arrays."""
        if (mean_words := self.words.mean_words()) is None:
            return
        self._connection.executemany(
            "DELETE FROM new_postings WHERE entry = ?", _parameters(removed)
        )
        where, values = among("rowid", added)
        rows = self._rows(
            f"""SELECT rowid, question || ' ' || aliases || ' ' || answer
            FROM word_source WHERE {where}""",
            values,
        )
        add_postings(self._connection, self.words.stemmer(), dict(rows), mean_words)

    def write_postings(self) -> None:
        """Write the words of all entries as arrays if there are many entries."""
        for table in ("word_arrays", "postings", "new_postings"):
            self._connection.execute(f"DELETE FROM {table}")
        if self.counts().entries >= FROM_ENTRIES:
            mean_words = write_postings(self._connection)
            self._connection.execute("INSERT INTO word_arrays VALUES (?)", (mean_words,))

    def clear_delta(self) -> None:
        """Record that the vectors file lacks nothing, and remove the vectors that nothing uses."""
        self._connection.execute("DELETE FROM delta")
        self._connection.execute("DELETE FROM gone")
        self._connection.execute(
            "DELETE FROM embeddings WHERE hash NOT IN (SELECT embedding FROM passages)"
        )


def start_over(folder: Path) -> None:
    """Remove the database in `folder`, whatever is in it.

    Raises:
        IndexNotWritable: it cannot be removed.
    """
    with not_writable(folder):
        for name in (FILE_NAME, f"{FILE_NAME}-journal"):
            (folder / name).unlink(missing_ok=True)


def _parameters(entries: Ids) -> list[tuple[int]]:
    return [(entry,) for entry in entries.tolist()]
