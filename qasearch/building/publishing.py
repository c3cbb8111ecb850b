"""One build with something to do: the changed files read, embedded and published as a new
generation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from qasearch.building.changes import Changes, find_changes
from qasearch.building.hooks import BuildOptions, Loader, Progress, TooMuch
from qasearch.datatypes.entry import Document, Passage
from qasearch.encoding import Encoder
from qasearch.errors import IndexDamaged, IndexIncompatible, IndexNotWritable
from qasearch.ranking.candidates import DEPTH
from qasearch.ranking.confidence import off_topic_questions
from qasearch.ranking.learning import META, Learned, learn
from qasearch.ranking.probes import choose_questions
from qasearch.reading.entries import read_document
from qasearch.reading.files import SourceFile
from qasearch.reading.passages import make_passages
from qasearch.storage import approximate, segments
from qasearch.storage.connecting import not_writable
from qasearch.storage.generations import current_vectors, open_approximate, open_base
from qasearch.storage.segments import Segment
from qasearch.storage.vectors import VectorIndex
from qasearch.storage.writing import Writer, start_over

_CHUNK = 512
_RACY_NS = 2_000_000_000
_LOCK = "build.lock"
_DELTA_AT_LEAST, _DELTA_SHARE = 1024, 0.02
"""The vectors file is written anew once more vectors than this, and than this share of its own,
differ from it. What differs is read by each process that asks, so it stays small; and for each that
differs, no more than 50 are written."""
_OF_BASE = ("base", "base_sha256", "approximate")
"""What is recorded of the vectors file, and of what is written together with it."""
_LEARN_AGAIN = 0.1
"""What is learned about ranking is kept until this share of the entries has changed since."""


class Publishing:
    """One build, from the changed files to the published generation."""

    def __init__(
        self,
        database: Writer,
        corpus: Path,
        load: Loader,
        options: BuildOptions,
        progress: Progress,
    ) -> None:
        self._database = database
        self._corpus = corpus
        self._load = load
        self._options = options
        self._progress = progress
        self._meta = database.meta()

    def run(self, model: str, seen: tuple[str, Changes] | None) -> tuple[Changes, int]:
        """What changed, and how many texts were embedded for it; `seen` is what changed since a
        generation.
        """
        same_model = self._meta.get("model") == model
        if seen and same_model and self._meta.get("generation") == seen[0]:
            changes = seen[1]
        else:
            everything = self._options.full or not same_model
            changes = find_changes(self._corpus, self._database, everything=everything)
        embedded = 0
        if changes.paths or not same_model:
            encoder = self._load(model)
            if same_model and self._meta["fingerprint"] != encoder.fingerprint:
                changes = find_changes(self._corpus, self._database, everything=True)
            embedded = self._publish(changes, encoder)
        elif changes.touched or self._meta["corpus"] != str(self._corpus):
            with self._database.transaction():
                self._touch(changes)
                self._database.publish({"corpus": str(self._corpus)})
        return changes, embedded

    def _publish(self, changes: Changes, encoder: Encoder) -> int:
        read = list(self._read(changes, encoder))
        texts = {
            digest: passage.embedded
            for each in read
            for named in each.passages
            for digest, passage in named
        }
        gone = [*changes.removed, *(row for row, _ in changes.changed)]
        entries_gone = self._database.count_entries(row.id for row in gone)
        entries_new = sum(len(each.document.entries) for each in read)
        changed = int(self._meta.get("changed", "0")) + max(entries_gone, entries_new)
        still_holds = self._still_holds(changed, encoder)
        embedded = self._embed(texts, encoder)
        if not still_holds:
            self._embed(_off_topic(encoder), encoder, queries=True)
        database, folder = self._database, self._database.folder
        generation = int(self._meta.get("generation", "0")) + 1
        with database.transaction():
            for row in gone:
                database.remove_document(row.id)
            if self._afresh(encoder):
                database.restart_row_ids()
            self._touch(changes)
            for each in read:
                self._add(each)
            database.settle()
            base = self._settle_vectors(generation, encoder)
            learned = {META: self._meta[META]} if still_holds else {}
            if not still_holds:
                self._progress("Learning", 0, 1)
                index = current_vectors(
                    database, open_base(folder, base), open_approximate(folder, base)
                )
                learned = _learn(database, index, encoder).save(database)
                changed = 0
            database.publish(
                {
                    "corpus": str(self._corpus),
                    "model": encoder.name,
                    "fingerprint": encoder.fingerprint,
                    "dimension": str(encoder.dimension),
                    "generation": str(generation),
                    "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "changed": str(changed),
                    **base,
                    **learned,
                }
            )
        with not_writable(folder):
            segments.remove_others(folder, int(base["base"]))
        return embedded

    def _add(self, read: _Read) -> None:
        mtime_ns = read.file.mtime_ns if time.time_ns() - read.file.mtime_ns > _RACY_NS else 0
        rowids = self._database.add_document(read.document, read.file.size, mtime_ns, read.sha256)
        for rowid, passages in zip(rowids, read.passages, strict=True):
            self._database.add_passages(rowid, passages)

    def _settle_vectors(self, generation: int, encoder: Encoder) -> dict[str, str]:
        """Note what the vectors file lacks, or write it anew if that is much; what names it in the
        index.
        """
        database = self._database
        if not self._afresh(encoder):
            with suppress(IndexDamaged):
                base = open_base(database.folder, self._meta)
                if database.update_delta(base) <= max(_DELTA_AT_LEAST, _DELTA_SHARE * len(base)):
                    return {name: self._meta[name] for name in _OF_BASE}
        database.clear_delta(keep=_off_topic(encoder))
        parts = database.passage_vectors(encoder.dimension)
        digest = segments.write(database.folder, generation, encoder.dimension, parts)
        database.write_postings()
        named = {"base": str(generation), "base_sha256": digest}
        return {
            **named,
            "approximate": self._choose_search(
                open_base(database.folder, named), generation, encoder
            ),
        }

    def _choose_search(self, base: Segment, generation: int, encoder: Encoder) -> str:
        """What is recorded of the approximate search of the vectors file; "" where it is searched
        exactly.
        """
        if len(base) < approximate.FROM_PASSAGES:
            return ""
        self._progress("Indexing", 0, 1)
        own = choose_questions(self._database)
        questions = encoder.encode_queries([each.text for each in own])
        passages = np.array([each.passage for each in own], np.int64)
        search = approximate.build(
            self._database.folder, generation, base, questions, passages, top_k=DEPTH
        )
        return approximate.recorded(search)

    def _afresh(self, encoder: Encoder) -> bool:
        """Whether nothing that was made before is taken over."""
        return self._options.full or self._meta.get("fingerprint") != encoder.fingerprint

    def _still_holds(self, changed: int, encoder: Encoder) -> bool:
        """Whether what was learned about ranking is kept after so many changed entries; a quick
        build is content.
        """
        if self._afresh(encoder) or META not in self._meta:
            return False
        quick = self._options.embed_at_most is not None
        return quick or changed <= _LEARN_AGAIN * self._database.entry_count()

    def _read(self, changes: Changes, encoder: Encoder) -> Iterator[_Read]:
        files = changes.new_texts
        for number, file in enumerate(files, start=1):
            text, sha256 = changes.texts.pop(file.path)
            document = read_document(text, file.path)
            passages = [
                [(_digest(encoder, passage.embedded), passage) for passage in made]
                for made in (
                    make_passages(entry, encoder.count_tokens, encoder.max_tokens)
                    for entry in document.entries
                )
            ]
            self._progress("Reading", number, len(files))
            yield _Read(file, sha256, document, passages)

    def _embed(self, texts: dict[str, str], encoder: Encoder, *, queries: bool = False) -> int:
        """Embed the texts that have no vector yet and keep the vectors; how many these were."""
        known = set() if self._options.full else self._database.known_embeddings(texts)
        missing = sorted(
            (digest for digest in texts if digest not in known),
            key=lambda digest: len(texts[digest]),
        )
        limit = self._options.embed_at_most
        if limit is not None and len(missing) > limit:
            raise TooMuch
        encode = encoder.encode_queries if queries else encoder.encode_documents
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            matrix = encode([texts[digest] for digest in chunk])
            with self._database.transaction():
                self._database.add_embeddings(chunk, matrix)
            self._progress("Embedding", start + len(chunk), len(missing))
        return len(missing)

    def _touch(self, changes: Changes) -> None:
        for row, file in changes.touched:
            if time.time_ns() - file.mtime_ns > _RACY_NS:
                self._database.touch_document(row.id, file.size, file.mtime_ns)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was read: its document, and for each of its entries the passages by the names of
    their vectors.
    """

    file: SourceFile
    sha256: str
    document: Document
    passages: Sequence[Sequence[tuple[str, Passage]]]


def _digest(encoder: Encoder, text: str, *, query: bool = False) -> str:
    """The name of a text's vector: the same text of the same model and role has the same."""
    content = f"{encoder.fingerprint}\0{'query' if query else 'document'}\0{text}".encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _off_topic(encoder: Encoder) -> dict[str, str]:
    """The questions on other subjects by the names of their vectors."""
    return {_digest(encoder, text, query=True): text for text in off_topic_questions()}


def _learn(database: Writer, index: VectorIndex, encoder: Encoder) -> Learned:
    """What the entries in `database` teach about ranking them."""
    off_topic = _off_topic(encoder)
    own = choose_questions(database)
    kept = database.embeddings(off_topic)
    return learn(
        database,
        index,
        own=(own, encoder.encode_queries([each.text for each in own])),
        off_topic=(list(off_topic.values()), np.stack([kept[digest] for digest in off_topic])),
    )


@contextmanager
def locked(index: Path, *, wait: bool) -> Iterator[None]:
    """Keep other builds of the index out.

    Raises:
        IndexNotWritable: another build is under way, and `wait` is false; or the folder cannot be
            made or written.
    """
    with not_writable(index):
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / _LOCK, timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexNotWritable(
                f"Another build is writing {index}.", "Wait for it to end."
            ) from error
    try:
        yield
    finally:
        lock.release()


def open_for_writing(index: Path, *, full: bool) -> Writer:
    """The index, or a new one where another version wrote it, or where it is damaged and the build
    is `full`.
    """
    try:
        return Writer.open(index)
    except IndexIncompatible:  # everything in it can be made again
        start_over(index)
    except IndexDamaged:
        if not full:
            raise
        start_over(index)
    return Writer.open(index)
