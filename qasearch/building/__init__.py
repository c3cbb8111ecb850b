"""The write path: from a folder of Markdown to a new generation of the index.

A build reads what is new or changed, embeds the texts that have no vector yet, and publishes all of
it at once. Vectors are stored as they are made, so that an interrupted build goes on where it
stopped. A build with nothing to do only reads the index; it imports no parser and no model.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from qasearch.building.changes import Changes, find_changes
from qasearch.building.model_folder import model_files
from qasearch.building.options import BuildOptions, Loader, Progress, TooManyTexts
from qasearch.building.reporting import Outcome, report
from qasearch.datatypes.index import BuildReport
from qasearch.datatypes.rules import CorpusRules
from qasearch.errors import IndexDamaged, IndexIncompatible, IndexMissing
from qasearch.reading.files import check_corpus
from qasearch.storage.database import Database

__all__ = ["BuildOptions", "Changes", "Loader", "Progress", "TooManyTexts", "build", "find_changes"]


def build(
    corpus: Path,
    index: Path,
    load: Loader,
    *,
    model: str | None,
    default_model: str,
    options: BuildOptions = BuildOptions(),  # noqa: B008
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index in folder `index` up to date with the Markdown in `corpus`.

    Args:
        corpus: the folder to read.
        index: the folder to write; made if it is missing.
        load: gives the encoder of a model; called only if something has to be embedded.
        model: the name of the embedding model; None for the model that the index was built with.
        default_model: the model of a new index.
        options: how the build works.
        progress: called as the work goes on.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
        IndexNotWritable: the index cannot be written; it has not changed.
        IndexDamaged: the index is damaged, and this is no full build.
        ModelUnavailable: the model cannot be loaded.
        TooManyTexts: there are more texts to embed than the options allow.
    """
    started = time.perf_counter()
    seen: tuple[int, Changes] | None = None
    rules: CorpusRules | None = None
    if not options.full:
        # without an index that can be read, the build below makes one, or says why it cannot
        with (
            suppress(IndexMissing, IndexIncompatible, IndexDamaged),
            Database.open_for_reading(index) as database,
        ):
            with database.snapshot():
                metadata, counts = database.metadata(), database.counts()
                problems = database.all_problems()
            if model is None or model == metadata.model:
                rules = options.rules_after(metadata.rules)
                changes = find_changes(corpus, database, rules)
                is_recorded = (metadata.corpus, metadata.rules, metadata.model_files) == (
                    corpus,
                    rules,
                    model_files(metadata.model),
                )
                if not changes.paths and not changes.touched and is_recorded:
                    outcome = Outcome(index, metadata, counts, problems, changes, embedded=0)
                    return report(outcome, started)
                seen = metadata.generation, changes
    check_corpus(corpus, rules or options.rules)  # a wrong path must leave no empty index behind
    from qasearch.building.locking import locked
    from qasearch.building.publishing import Publishing, open_for_writing

    with locked(index, wait=options.wait), open_for_writing(index, full=options.full) as database:
        publishing = Publishing(database, corpus, load, options, progress or (lambda *_: None))
        published = database.published()
        changes, embedded = publishing.run(
            model or (published.model if published else default_model), seen
        )
        outcome = Outcome(
            index,
            database.metadata(),
            database.counts(),
            database.all_problems(),
            changes,
            embedded,
        )
        return report(outcome, started)
