"""The write path: a folder of Markdown to a new generation of the index.

Reads what is new or changed, embeds the texts that have no vector yet, and publishes everything at once.
Vectors are kept as they are made, so that an interrupted build goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from qasearch.datatypes import BuildReport, Document, Passage, Problem
from qasearch.encoding import Encoder
from qasearch.errors import IndexDamaged, IndexIncompatible, IndexNotWritable
from qasearch.ranking.confidence import off_topic_questions
from qasearch.ranking.learning import META, Learned, learn
from qasearch.ranking.probes import choose_questions
from qasearch.reading.document import read_document
from qasearch.reading.files import SourceFile, check_corpus, list_files, read_text
from qasearch.reading.passages import make_passages
from qasearch.storage import vectors
from qasearch.storage.database import FILE_NAME, Database, DocumentRow, not_writable
from qasearch.storage.vectors import VectorIndex

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

Loader = Callable[[str], Encoder]
"""From a model's name to its encoder."""

_CHUNK = 512
_RACY_NS = 2_000_000_000
_LOCK = "build.lock"
_LEARN_AGAIN = 0.1
"""What is learned about ranking is kept until this share of the entries has changed since."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files of a corpus differ from what the index knows.

    `touched` files have a new time stamp and the old content. `texts` holds the new text and digest of
    every added and changed file by path; `problems` why some could not be read (they are in no other list).
    """

    added: list[SourceFile] = field(default_factory=list)
    changed: list[SourceFile] = field(default_factory=list)
    removed: list[DocumentRow] = field(default_factory=list)
    touched: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    unchanged: list[SourceFile] = field(default_factory=list)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Every path whose content is not what the index holds, sorted."""
        return sorted([file.path for file in (*self.added, *self.changed)] + [row.path for row in self.removed])

    @property
    def bytes_to_read(self) -> int:
        """How much Markdown a build would read again."""
        return sum(file.size for file in (*self.added, *self.changed))


def find_changes(corpus: Path, documents: dict[str, DocumentRow], *, everything: bool = False) -> Changes:
    """How the files in `corpus` differ from `documents`; with `everything`, all of them count as changed.

    A file whose size and time stamp are known is taken as unchanged; any other is read and its digest compared.
    A file that cannot be read any more keeps what the index holds of it, with a problem that says so.

    Raises:
        CorpusUnreadable: see `list_files`.
    """
    listing = list_files(corpus)
    changes = Changes(problems=list(listing.problems))
    unreadable = {problem.path for problem in listing.problems}
    for file in listing.files:
        known = documents.get(file.path)
        if known and not everything and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
            changes.unchanged.append(file)
            continue
        try:
            text, sha256 = read_text(file)
        except (ValueError, OSError) as error:
            kept = " The index keeps what it held before." if known else ""
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            changes.problems.append(Problem(file.path, 0, f"cannot read: {reason}{kept}"))
            unreadable.add(file.path)
            continue
        if known and not everything and known.sha256 == sha256:
            changes.touched.append((known, file))
            continue
        changes.texts[file.path] = text, sha256
        (changes.changed if known else changes.added).append(file)
    present = {file.path for file in listing.files} | unreadable
    changes.removed.extend(row for path, row in documents.items() if path not in present)
    return changes


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build goes about it.

    With `full`, everything is read and embedded again, also over a damaged index. Without `wait`, another build of the
    same index makes this one fail. If there are more than `embed_at_most` texts to embed, it changes nothing and raises
    `TooMuch`.
    """

    full: bool = False
    wait: bool = True
    embed_at_most: int | None = None


def build(
    corpus: Path,
    index: Path,
    load: Loader,
    *,
    model: str | None,
    default_model: str,
    options: BuildOptions = BuildOptions(),
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index in folder `index` up to date with the Markdown in `corpus`.

    Args:
        corpus: the folder to read.
        index: the folder to write; made if it is missing.
        load: gives the encoder of a model; called only if something has to be embedded.
        model: the embedding model; None keeps the one that the index was built with.
        default_model: the model of an index that is new.
        options: see `BuildOptions`.
        progress: called as the work goes on.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
        IndexNotWritable: the index cannot be written; it stays as it was.
        IndexDamaged: the index is damaged, and this is no full build.
        ModelUnavailable: the model cannot be loaded.
        TooMuch: see `BuildOptions`.
    """
    started = time.perf_counter()
    check_corpus(corpus)  # before anything is made
    with _locked(index, wait=options.wait), _open(index, full=options.full) as database:
        run = _Build(database, corpus, load, options, progress or (lambda *_: None))
        return run.run(model or database.meta().get("model") or default_model, started)


class TooMuch(Exception):
    """There is more to embed than the caller wants to wait for."""


class _Build:
    """One build, from the changed files to the published generation."""

    def __init__(
        self, database: Database, corpus: Path, load: Loader, options: BuildOptions, progress: Progress
    ) -> None:
        self._database = database
        self._corpus = corpus
        self._load = load
        self._options = options
        self._progress = progress
        self._meta = database.meta()

    def run(self, model: str, started: float) -> BuildReport:
        documents = self._database.documents()
        same_model = self._meta.get("model") == model
        changes = find_changes(
            self._corpus, documents, everything=self._options.full or (bool(documents) and not same_model)
        )
        moved = self._meta.get("corpus") != str(self._corpus)
        embedded = 0
        if changes.paths or not same_model:
            encoder = self._load(model)
            if same_model and self._meta["fingerprint"] != encoder.fingerprint:
                changes = find_changes(self._corpus, documents, everything=True)
            embedded = self._publish(changes, documents, encoder)
        elif changes.touched or moved:
            with self._database.transaction():
                self._touch(changes)
                self._database.publish({**self._meta, "corpus": str(self._corpus)})
        counts = self._database.counts()
        problems = {*changes.problems, *self._database.problems(), *self._database.id_problems()}
        return BuildReport(
            corpus=str(self._corpus),
            index=str(self._database.folder),
            model=model,
            documents=counts["documents"],
            added=len(changes.added),
            changed=len(changes.changed),
            removed=len(changes.removed),
            unchanged=len(changes.unchanged) + len(changes.touched),
            entries=counts["entries"],
            unanswered=counts["unanswered"],
            passages=counts["passages"],
            embedded=embedded,
            elapsed_s=time.perf_counter() - started,
            problems=tuple(sorted(problems, key=lambda problem: (problem.path, problem.line))),
        )

    def _publish(self, changes: Changes, documents: dict[str, DocumentRow], encoder: Encoder) -> int:
        read = list(self._read(changes, encoder))
        texts = {digest: passage.embedded for each in read for named in each.passages for digest, passage in named}
        off_topic = {_digest(encoder, text, query=True): text for text in off_topic_questions()}
        replaced = [documents[file.path].id for file in changes.changed]
        gone = self._database.count_entries([*(row.id for row in changes.removed), *replaced])
        changed = int(self._meta.get("changed", "0")) + max(gone, sum(len(each.document.entries) for each in read))
        still_holds = self._still_holds(changed, encoder)
        embedded = self._embed(texts, encoder)
        if not still_holds:
            self._embed(off_topic, encoder, queries=True)
        database, folder = self._database, self._database.folder
        generation = int(self._meta.get("generation", "0")) + 1
        with database.transaction():
            for row in changes.removed:
                database.remove_document(row.id)
            for file in changes.changed:
                database.remove_document(documents[file.path].id)
            self._touch(changes)
            for each in read:
                mtime_ns = each.file.mtime_ns if time.time_ns() - each.file.mtime_ns > _RACY_NS else 0
                rowids = database.add_document(each.document, each.file.size, mtime_ns, each.sha256)
                for rowid, named in zip(rowids, each.passages, strict=True):
                    database.add_passages(rowid, named)
            database.settle_copies()
            database.settle_ids()
            database.remove_unused_embeddings(keep=off_topic)
            ids, matrix = database.passage_vectors(encoder.dimension)
            index = VectorIndex.make(ids, matrix)
            learned = {META: self._meta[META]} if still_holds else {}
            if not still_holds:
                self._progress("Learning", 0, 1)
                learned = _learn(database, index, off_topic, encoder).save(database)
                changed = 0
            database.publish(
                {
                    "corpus": str(self._corpus),
                    "model": encoder.name,
                    "fingerprint": encoder.fingerprint,
                    "dimension": str(encoder.dimension),
                    "generation": str(generation),
                    "vectors_sha256": index.write(folder, generation),
                    "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "changed": str(changed),
                    **learned,
                }
            )
        with not_writable(folder):
            vectors.remove_others(folder, generation)
        return embedded

    def _still_holds(self, changed: int, encoder: Encoder) -> bool:
        """Whether what was learned about ranking is kept after so many changed entries; a quick build is content."""
        if self._options.full or self._meta.get("fingerprint") != encoder.fingerprint or META not in self._meta:
            return False
        quick = self._options.embed_at_most is not None
        return quick or changed <= _LEARN_AGAIN * self._database.entry_count()

    def _read(self, changes: Changes, encoder: Encoder) -> Iterator[_Read]:
        files = sorted((*changes.added, *changes.changed), key=lambda file: file.path)
        for number, file in enumerate(files, start=1):
            text, sha256 = changes.texts.pop(file.path)
            document = read_document(text, file.path)
            passages = [
                [(_digest(encoder, passage.embedded), passage) for passage in made]
                for made in (
                    make_passages(entry, encoder.count_tokens, encoder.max_tokens) for entry in document.entries
                )
            ]
            self._progress("Reading", number, len(files))
            yield _Read(file, sha256, document, passages)

    def _embed(self, texts: dict[str, str], encoder: Encoder, *, queries: bool = False) -> int:
        """Embed the texts that have no vector yet and keep the vectors; how many these were."""
        known = set() if self._options.full else self._database.known_embeddings(texts)
        missing = sorted((digest for digest in texts if digest not in known), key=lambda digest: len(texts[digest]))
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
    """A file that was read: its document, and for each of its entries the passages by the names of their vectors."""

    file: SourceFile
    sha256: str
    document: Document
    passages: Sequence[Sequence[tuple[str, Passage]]]


def _digest(encoder: Encoder, text: str, *, query: bool = False) -> str:
    """The name of a text's vector: the same text of the same model and role has the same."""
    content = f"{encoder.fingerprint}\0{'query' if query else 'document'}\0{text}".encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _learn(database: Database, index: VectorIndex, off_topic: dict[str, str], encoder: Encoder) -> Learned:
    """What the entries in `database` teach about ranking them."""
    own = choose_questions(database)
    kept = database.embeddings(off_topic)
    return learn(
        database,
        index,
        own=(own, encoder.encode_queries([each.text for each in own])),
        off_topic=(list(off_topic.values()), np.stack([kept[digest] for digest in off_topic])),
    )


@contextmanager
def _locked(index: Path, *, wait: bool) -> Iterator[None]:
    with not_writable(index):
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / _LOCK, timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexNotWritable(f"Another build is writing {index}.", "Wait for it to end.") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _open(index: Path, *, full: bool) -> Iterator[Database]:
    try:
        database = Database.open_for_writing(index)
    except IndexIncompatible:  # another version wrote it; everything in it can be made again
        database = _start_over(index)
    except IndexDamaged:
        if not full:
            raise
        database = _start_over(index)
    with database:
        yield database


def _start_over(index: Path) -> Database:
    with not_writable(index):
        for name in (FILE_NAME, f"{FILE_NAME}-journal"):
            (index / name).unlink(missing_ok=True)
    return Database.open_for_writing(index)
