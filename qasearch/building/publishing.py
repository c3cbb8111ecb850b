"""A build with something to do: it reads and embeds the changed files and publishes a new
generation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from qasearch import logs
from qasearch.building.changes import Changes, find_changes
from qasearch.building.embedding import embed_missing, embedding_hash
from qasearch.building.model_folder import model_files
from qasearch.building.options import BuildOptions, Loader, Progress
from qasearch.datatypes.entry import Document, Passage
from qasearch.datatypes.index import ApproximateSearch, Calibrated
from qasearch.encoding import Encoder
from qasearch.errors import IndexDamaged, IndexIncompatible
from qasearch.ranking.candidates import DEPTH
from qasearch.ranking.learning import learn_lexical_weight
from qasearch.ranking.probes import choose_questions
from qasearch.reading.entries import read_document
from qasearch.reading.files import SourceFile
from qasearch.reading.passages import make_passages
from qasearch.storage import approximate, segments
from qasearch.storage.connecting import not_writable
from qasearch.storage.generations import current_vectors, open_approximate, open_vectors_file
from qasearch.storage.metadata import IndexMetadata, VectorsFile
from qasearch.storage.segments import Segment
from qasearch.storage.writing import Writer, start_over

_DELTA_AT_LEAST, _DELTA_SHARE = 1024, 0.02
"""The vectors file is written again as soon as more vectors than this number, and than this share
of the file, differ from it. Each process that asks reads all that differ, so there must be few;
with 2 %, a build writes on average at most 50 vectors for each one that differs."""

_LEARN_AGAIN_SHARE = 0.1
"""What was learned about ranking is kept until this share of the entries has changed."""


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
        self._published = published = database.published()
        self._rules = options.rules_after(published.rules if published else None)

    def run(self, model: str, seen: tuple[int, Changes] | None) -> tuple[Changes, int]:
        """What changed, and how many texts were embedded for it.

        Args:
            model: the name of the embedding model.
            seen: a generation and what changed since then; None if nobody has looked yet.
        """
        published = self._published
        if published and published.model != model:
            published = None
        if seen and published and published.generation == seen[0]:
            changes = seen[1]
        else:
            everything = self._options.full or not published
            changes = self._find_changes(everything=everything)
        files_of_model = model_files(model)
        if published and self._options.embed_at_most is not None:
            files_of_model = published.model_files  # a quick build asks for the recorded weights
        is_model_touched = published is not None and published.model_files != files_of_model
        if changes.paths or is_model_touched or not published:
            encoder = self._load(model)
            if published and published.fingerprint != encoder.fingerprint:
                changes = self._find_changes(everything=True)
            if changes.paths or not published:
                return changes, self._publish(changes, encoder, files_of_model)
        recorded = replace(
            published, corpus=self._corpus, rules=self._rules, model_files=files_of_model
        )
        if changes.touched or recorded != published:
            with self._database.transaction():
                self._record_stats(changes)
                self._database.publish(recorded)
        return changes, 0

    def _find_changes(self, *, everything: bool) -> Changes:
        return find_changes(self._corpus, self._database, self._rules, everything=everything)

    def _publish(self, changes: Changes, encoder: Encoder, files_of_model: str) -> int:
        """Write a new generation; how many texts were embedded for it."""
        database, old = self._database, self._published
        with logs.step("reading the changed files"):
            files = list(self._read(changes, encoder))
        outdated = [*changes.removed, *(row for row, _ in changes.changed)]
        if old and old.fingerprint != encoder.fingerprint:
            outdated.extend(changes.kept_rows)  # what cannot be read has no vectors of this model
        removed_entries = database.count_entries(row.id for row in outdated)
        added_entries = sum(len(file.document.entries) for file in files)
        changed_entries = max(removed_entries, added_entries) + (old.changed_entries if old else 0)
        lexical_weight = self._kept_lexical_weight(changed_entries, encoder)
        with logs.step("embedding"):
            embedded = self._embed(files, encoder)
        generation = old.generation + 1 if old else 1
        with database.transaction():
            for row in outdated:
                database.remove_document(row.id)
            if self._is_fresh(encoder):
                database.restart_row_ids()
            self._record_stats(changes)
            for file in files:
                self._add(file, changes)
            database.settle()
            vectors = self._settle_vectors(generation, encoder)
            if lexical_weight is None:
                with logs.step("learning to rank"):
                    lexical_weight = self._learn_lexical_weight(vectors, encoder)
                    changed_entries = 0
            database.publish(
                IndexMetadata(
                    generation=generation,
                    built_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    corpus=self._corpus,
                    model=encoder.name,
                    fingerprint=encoder.fingerprint,
                    dimension=encoder.dimension,
                    changed_entries=changed_entries,
                    vectors=vectors,
                    lexical_weight=lexical_weight,
                    calibrated=self._kept_calibrated(encoder),
                    rules=self._rules,
                    model_files=files_of_model,
                )
            )
        with not_writable(database.folder):
            segments.remove_others(database.folder, vectors.generation)
        return embedded

    def _read(self, changes: Changes, encoder: Encoder) -> Iterator[_ReadFile]:
        """The added and changed files, read again; each text is dropped once it is read."""
        files = changes.new_texts
        for number, file in enumerate(files, start=1):
            text, sha256 = changes.texts.pop(file.path)
            document = read_document(text, file.path, file.flavour, file.private_headings)
            passages = [
                [
                    (embedding_hash(encoder, passage.embedded), passage)
                    for passage in make_passages(entry, encoder.count_tokens, encoder.max_tokens)
                ]
                for entry in document.entries
            ]
            self._progress("Reading", number, len(files))
            yield _ReadFile(file, sha256, document, passages)

    def _add(self, file: _ReadFile, changes: Changes) -> None:
        stamp = changes.stamp_to_keep(file.source)
        rowids = self._database.add_document(file.document, stamp, file.sha256)
        for rowid, passages in zip(rowids, file.passages, strict=True):
            self._database.add_passages(rowid, passages)

    def _record_stats(self, changes: Changes) -> None:
        """Record the new stamps of files whose content is the same."""
        for row, file in changes.touched:
            if not changes.is_racy(file):
                self._database.touch_document(row.id, file.stamp)

    def _embed(self, files: Sequence[_ReadFile], encoder: Encoder) -> int:
        texts = {
            key: passage.embedded
            for file in files
            for passages in file.passages
            for key, passage in passages
        }
        return embed_missing(self._database, encoder, texts, self._options, self._progress)

    def _is_fresh(self, encoder: Encoder) -> bool:
        """Whether the build takes nothing over from an older generation."""
        old = self._published
        return self._options.full or old is None or old.fingerprint != encoder.fingerprint

    def _settle_vectors(self, generation: int, encoder: Encoder) -> VectorsFile:
        """Record what the vectors file lacks, or write it again if that is much."""
        old = self._published
        if old and not self._is_fresh(encoder):
            try:
                if self._update_delta(old.vectors):
                    return old.vectors
            except IndexDamaged as error:
                logs.info(f"{error.message} It is written again.")
        return self._write_vectors(generation, encoder)

    def _update_delta(self, file: VectorsFile) -> bool:
        """Record how the index differs from its vectors file; whether the file can stay.

        Raises:
            IndexDamaged: the file is missing, truncated or another one.
        """
        base = open_vectors_file(self._database.folder, file)
        differing = self._database.update_delta(base)
        return differing <= max(_DELTA_AT_LEAST, _DELTA_SHARE * len(base))

    def _write_vectors(self, generation: int, encoder: Encoder) -> VectorsFile:
        """Write the vectors file of a generation, and what belongs to it: words and lists."""
        database = self._database
        with logs.step("writing the vectors file"):
            database.clear_delta()
            parts = database.passage_vectors(encoder.dimension)
            sha256 = segments.write(database.folder, generation, encoder.dimension, parts)
            database.write_postings()
        file = VectorsFile(generation, sha256, None)
        base = open_vectors_file(database.folder, file)
        return replace(file, approximate=self._build_approximate(base, generation, encoder))

    def _build_approximate(
        self, base: Segment, generation: int, encoder: Encoder
    ) -> ApproximateSearch | None:
        """The approximate search of the vectors file; None where all vectors are compared."""
        if len(base) < approximate.FROM_PASSAGES:
            return None
        self._progress("Indexing", 0, 1)
        questions = choose_questions(self._database)
        return approximate.build(
            self._database.folder,
            generation,
            base,
            encoder.encode_queries([question.text for question in questions]),
            np.array([question.passage for question in questions], np.int64),
            top_k=DEPTH,
        )

    def _kept_lexical_weight(self, changed_entries: int, encoder: Encoder) -> float | None:
        """What was learned about ranking, if it still holds after so many changed entries.

        A quick build keeps it in any case.
        """
        old = self._published
        if old is None or self._is_fresh(encoder):
            return None
        is_quick = self._options.embed_at_most is not None
        few = _LEARN_AGAIN_SHARE * self._database.counts().entries
        return old.lexical_weight if is_quick or changed_entries <= few else None

    def _kept_calibrated(self, encoder: Encoder) -> Calibrated | None:
        """The curves that the owner's questions gave; they hold for one model."""
        old = self._published
        return old.calibrated if old and old.fingerprint == encoder.fingerprint else None

    def _learn_lexical_weight(self, file: VectorsFile, encoder: Encoder) -> float:
        self._progress("Learning", 0, 1)
        database = self._database
        base = open_vectors_file(database.folder, file)
        vectors = current_vectors(database, base, open_approximate(database.folder, file))
        questions = choose_questions(database)
        texts = [question.text for question in questions]
        return learn_lexical_weight(database, vectors, questions, encoder.encode_queries(texts))


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """A file that was read.

    Attributes:
        source: its path, size and time stamp.
        sha256: of its content.
        document: its entries.
        passages: for each of the entries its passages, each with the key of its vector.
    """

    source: SourceFile
    sha256: str
    document: Document
    passages: Sequence[Sequence[tuple[str, Passage]]]


def open_for_writing(index: Path, *, full: bool) -> Writer:
    """The index; an empty one where another format version wrote it, or where it is damaged and the
    build is `full`.

    Raises:
        IndexDamaged: the index is damaged, and the build is not `full`.
        BadRequest, IndexNotWritable: see `Writer.open`.
    """
    try:
        return Writer.open(index)
    except IndexIncompatible as error:  # an index holds nothing that a build cannot make again
        logs.info(f"{error.message} It is built again.")
        start_over(index)
    except IndexDamaged as error:
        if not full:
            raise
        logs.info(f"{error.message} It is built again.")
        start_over(index)
    return Writer.open(index)
