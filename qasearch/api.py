"""The public Python API: `build`, `open` and `read`, with the same settings as the command line.

This module ties the write path and the read path together, and so keeps an open index up to date.
What only asking or reading needs is imported where it is used, because a build with nothing to do
takes less time than these imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qasearch import logs
from qasearch.building import BuildOptions, Changes, Progress, TooManyTexts, find_changes
from qasearch.building import build as _build
from qasearch.datatypes.entry import Entry, Problem
from qasearch.datatypes.index import BuildReport, Calibrated, IndexState, IndexStatus, Runtime
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import OwnQuestion, Reply
from qasearch.datatypes.rules import CorpusRules
from qasearch.errors import CorpusUnreadable, IndexIncompatible, IndexMissing, IndexNotWritable
from qasearch.phrases import counted
from qasearch.settings import DEFAULT_MODEL, Settings, Source, bundled_corpus, load_settings

if TYPE_CHECKING:
    from qasearch.encoding import Encoder, PairScorer
    from qasearch.lab.space import LabelledQuestions, Space
    from qasearch.searching.calibrating import FittedCurve
    from qasearch.searching.searcher import Searcher

PathLike = str | os.PathLike[str]

Loader = Callable[[str, Settings, str | None], "Encoder"]
"""From the name of a model, the settings and the fingerprint of its weights to the model."""

QUICK_BYTES, QUICK_TEXTS = 2**20, 64
"""An open index brings itself up to date before it answers if no more Markdown than this has
changed, in bytes, and no more texts have to be embedded: about a second of work."""


RECORD_BYTES = 2**16
"""An open index records new time stamps of files with the old content if these have more bytes."""


def build(
    corpus: PathLike | None = None,
    index: PathLike | None = None,
    model: str | None = None,
    *,
    full: bool = False,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Bring an index up to date with a folder of Markdown.

    Args:
        corpus: the folder to read.
        index: the folder of the index; made if it is missing.
        model: the embedding model; by default the one that the index was built with.
        full: whether everything is read and embedded again, also over a damaged index.
        offline: whether network calls are forbidden.
        progress: called with what is done, how much of it is done, and how much there is.

    Arguments that are None come from the environment, `qasearch.toml` or the defaults.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
        IndexNotWritable: the index cannot be written; it stays as it was.
        IndexDamaged: the index is damaged, and this is no full build.
        ModelUnavailable: the model cannot be loaded.
    """
    settings = load_settings(corpus=corpus, index=index, model=model, offline=offline)
    return build_with(settings, full=full, progress=progress)


def open_with(settings: Settings, *, progress: Progress | None = None) -> Index:
    """`open` with settings that are already loaded.

    The bundled corpus gets its index first if it has none.
    """
    try:
        return Index(settings)
    except IndexMissing:
        if settings.corpus != bundled_corpus() or settings.named("index"):
            raise
        build_with(settings, progress=progress)
        return Index(settings)


def build_with(
    settings: Settings, *, full: bool = False, progress: Progress | None = None
) -> BuildReport:
    """`build` with settings that are already loaded."""
    with logs.step(f"building {settings.index}"):
        return _build(
            settings.corpus,
            settings.index,
            lambda name: _load_encoder(name, settings),
            model=settings.model,
            default_model=DEFAULT_MODEL,
            options=BuildOptions(full=full, rules=settings.rules),
            progress=progress,
        )


def _load_encoder(name: str, settings: Settings, fingerprint: str | None = None) -> Encoder:
    from qasearch.encoding import load_encoder

    with logs.step(f"loading the model {name}"):
        return load_encoder(name, offline=settings.offline, fingerprint=fingerprint)


def open(  # noqa: A001 - qasearch.open reads as it should
    corpus: PathLike | None = None,
    index: PathLike | None = None,
    model: str | None = None,
    *,
    offline: bool | None = None,
) -> Index:
    """The index, open for asking; use it in a `with`, or close it.

    The corpus that comes with qasearch gets its index on first use; any other must have been built.

    Raises:
        IndexMissing, IndexDamaged, IndexIncompatible: see `qasearch.errors`.
    """
    return open_with(load_settings(corpus=corpus, index=index, model=model, offline=offline))


def read(corpus: PathLike | None = None) -> tuple[list[Entry], list[Problem]]:
    """Every entry of a corpus in the order of path and line, and what could not be read.

    Needs no index and no model.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
    """
    from qasearch.reading.corpus import read_corpus

    settings = load_settings(corpus=corpus)
    return read_corpus(settings.corpus, settings.rules)


def _build_command(settings: Settings) -> str:
    """The command that builds the index of these settings."""
    flags = [
        f"--{name} {getattr(settings, name)}"
        for name in ("corpus", "index")
        if settings.sources[name] is Source.FLAG
    ]
    return " ".join(["qasearch build", *flags])


class Index:
    """An index open for asking. It follows rebuilds, and small changes of its corpus, by itself."""

    def __init__(self, settings: Settings, load: Loader | None = None) -> None:
        """Open the index that the settings name; `load` gives its model when a question needs it,
        else it is loaded.

        Raises:
            IndexMissing, IndexDamaged, IndexIncompatible: see `qasearch.errors`.
        """
        from qasearch.storage.generations import OpenIndex

        self.settings = settings
        try:
            self._open = OpenIndex(settings.index)
        except IndexMissing as error:
            raise IndexMissing(error.message, f"Build it: {_build_command(settings)}") from error
        self._load_encoder = load or _load_encoder
        self._encoder: Encoder | None = None
        self._searcher: Searcher | None = None
        self._scorer: PairScorer | None = None
        metadata = self._open.metadata
        if not settings.index_decides_corpus and metadata.corpus != settings.corpus:
            self.close()
            raise IndexIncompatible(
                f"The index in {settings.index} is of the corpus {metadata.corpus}, "
                f"not of {settings.corpus}.",
                f"Build it: qasearch build --corpus {settings.corpus} --index {settings.index}",
            )
        if settings.model is not None and metadata.model != settings.model:
            self.close()
            raise IndexIncompatible(
                f"The index in {settings.index} was built with the model '{metadata.model}', "
                f"not with '{settings.model}'.",
                f"Ask without naming a model ({settings.sources['model']}), "
                f"or build again: qasearch build --model {settings.model}",
            )

    @property
    def corpus(self) -> Path:
        """The folder that the index was built from."""
        return self._open.metadata.corpus

    @property
    def rules(self) -> CorpusRules:
        """Which files of the corpus are read, and as what."""
        return self.settings.rules.for_asking(self._open.metadata.rules)

    @property
    def model(self) -> str:
        """The name of the model that the index was built with."""
        return self._open.metadata.model

    @property
    def generation(self) -> int:
        """The number of the build that the last answer came from."""
        return self._open.metadata.generation

    def ask(self, question: str, options: AskOptions = AskOptions()) -> Reply:
        """The reply to one question: the best entries, and whether the first of them is an answer.

        If files changed since the build, the index is first brought up to date if that is quick;
        otherwise the reply says which files changed.

        Raises:
            BadRequest: the question is empty, or no entry passes the filters.
            ModelUnavailable: the index's model or the cross-encoder cannot be loaded or used.
            IndexDamaged: the index cannot be read.
        """
        return self.ask_many([question], options)[0]

    def ask_many(
        self,
        questions: Sequence[str],
        options: AskOptions = AskOptions(),
    ) -> list[Reply]:
        """The replies to several questions, in their order; see `ask`."""
        options = self._with_trust(options)
        scorer = None if options.rerank is None else self._load_scorer(options.rerank)
        stale = self._refresh()
        searcher = self._searcher_now()
        with logs.step(f"answering {counted(len(questions), 'question')}"):
            replies = searcher.ask(questions, options, scorer, self.settings.cwd, stale.gone)
        return [
            replace(
                reply,
                index=replace(
                    reply.index,
                    stale=bool(stale.changed or stale.remarks),
                    changed_files=tuple(stale.changed),
                ),
                notes=(*reply.notes, *stale.remarks, *stale.kept),
            )
            for reply in replies
        ]

    def ask_own_questions(self, options: AskOptions) -> list[OwnQuestion]:
        """The replies to questions of the corpus itself, with and without the right entry.

        Up to 600 other wordings of questions are asked, each as if its entry did not have it. If
        the corpus has few of them, its questions are asked against the answers alone.
        """
        self._refresh()
        options = self._with_trust(options)
        return self._searcher_now().ask_own_questions(options)

    def calibrate(
        self, questions: Sequence[tuple[str, frozenset[str]]], file: str
    ) -> dict[Mode, FittedCurve]:
        """Fit the confidence to questions whose answers are known, and record it in the index.

        A curve is recorded only if it is better than the shipped one on questions that were held
        out.

        Args:
            questions: at least 10, each with the ids of the entries that answer it; none if nothing
                does.
            file: where they come from, as `qasearch status` shows it.

        Raises:
            BadRequest: there are too few questions, or one is empty or too long.
            IndexNotWritable: the index cannot be written; it stays as it was.
        """
        from datetime import UTC, datetime

        from qasearch.building.calibrating import record

        self._refresh()
        fitted = self._searcher_now().fit_curves(questions)
        calibrated = None
        if any(curve.is_better for curve in fitted.values()):
            calibrated = Calibrated(
                {mode: new.curve for mode, new in fitted.items()},
                file,
                len(questions),
                datetime.now(UTC).isoformat(timespec="seconds"),
            )
        record(self._open.folder, calibrated)
        return fitted

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this id; None where there is none."""
        from qasearch.searching.searcher import with_existence

        with self._open.snapshot():
            rowid = self._open.database.rowid_of(entry_id)
            if rowid is None:
                return None
            entry = self._open.database.entries([rowid])[rowid]
            return with_existence(entry, self.corpus, self._open)

    def entries(self) -> list[Entry]:
        """Every entry, in the order of path and line."""
        with self._open.snapshot():
            return list(self._open.database.entries().values())

    def state(self) -> IndexState:
        """Counts, model and staleness of the index."""
        from qasearch.searching.searcher import index_state

        with self._open.snapshot():
            state = index_state(self._open)
        changes = self._changes_if_readable()
        return _with_changes(state, changes)

    def _changes_if_readable(self) -> Changes | None:
        """How the files differ from the index; None if the corpus cannot be read."""
        try:
            return self.changes()
        except CorpusUnreadable:
            return None

    def changes(self) -> Changes:
        """How the files of the corpus differ from the index.

        Raises:
            CorpusUnreadable: the folder is gone.
        """
        return find_changes(self.corpus, self._open.database, self.rules)

    def status(self) -> IndexStatus:
        """What the index holds, how it is searched, and whether it is up to date."""
        from qasearch.encoding import runtime_of
        from qasearch.searching.searcher import index_state

        changes = self._changes_if_readable()
        with self._open.snapshot():
            state = index_state(self._open)
            problems = self._open.database.all_problems()
        now = changes.problems if changes else ()
        return IndexStatus(
            state=_with_changes(state, changes),
            corpus=str(self.corpus),
            unanswered=self._open.database.counts().unanswered,
            runtime=Runtime(*runtime_of(self._open.metadata.fingerprint)),
            search=self._open.metadata.vectors.approximate,
            calibrated=self._open.metadata.calibrated,
            bytes={
                file.name: file.stat().st_size for file in sorted(self._open.folder.glob("*.[df]*"))
            },
            problems=tuple(dict.fromkeys([*problems, *now])),
            rules=self.rules,
            flavours=changes.flavours if changes else (),
        )

    def space(self) -> Space:
        """The entries and passages as points, for `qasearch.lab`."""
        from qasearch.lab.space import read_space

        self._refresh()
        return read_space(self._open, lambda: self._load(self.model), self._ask_labelled_questions)

    def _ask_labelled_questions(self) -> LabelledQuestions:
        import numpy as np

        from qasearch.evaluation.off_topic import off_topic_questions, unanswered
        from qasearch.lab.space import LabelledQuestions

        own = [
            (question.entry_id, question.reply.hits[0])
            for question in self.ask_own_questions(AskOptions(top_k=1))
            if question.reply and question.reply.hits
        ]
        off_topic = [
            reply.hits[0].confidence if reply.hits else 0.0
            for reply in unanswered(self.ask_many(off_topic_questions(), AskOptions(top_k=1)))
        ]
        return LabelledQuestions(
            np.array([hit.confidence for _, hit in own] + off_topic, np.float64),
            np.arange(len(own) + len(off_topic)) < len(own),
            np.array(
                [hit.entry.id == entry_id for entry_id, hit in own] + [False] * len(off_topic)
            ),
        )

    def verify(self) -> None:
        """Read all vectors, which asking does not.

        Raises:
            IndexDamaged: their file is missing, truncated or altered.
        """
        with self._open.snapshot():
            self._open.verify()

    def close(self) -> None:
        """Close the files of the index."""
        self._open.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _with_trust(self, options: AskOptions) -> AskOptions:
        """The options, with the trust of the settings where they name none."""
        return replace(options, trust=options.trust or self.settings.trust)

    def _searcher_now(self) -> Searcher:
        if self._searcher is None:
            from qasearch.searching.searcher import Searcher

            self._searcher = Searcher(self._open, self._load(self._open.metadata.model))
        return self._searcher

    def _load(self, model: str) -> Encoder:
        if self._encoder is None or self._encoder.name != model:
            fingerprint = self._open.metadata.fingerprint
            self._encoder = self._load_encoder(model, self.settings, fingerprint)
        return self._encoder

    def _load_scorer(self, name: str) -> PairScorer:
        from qasearch.encoding import load_pair_scorer

        if self._scorer is None or self._scorer.name != name:
            with logs.step(f"loading the cross-encoder {name}"):
                self._scorer = load_pair_scorer(name, offline=self.settings.offline)
        return self._scorer

    def _refresh(self) -> _Stale:
        """Bring the index up to date if that is quick; how it still differs from the corpus."""
        try:
            changes = self.changes()
        except CorpusUnreadable as error:
            return _Stale(remarks=(f"{error.message} The answers are from the last build.",))
        kept = tuple(str(problem) for problem in changes.kept)
        if not changes.paths:
            self._record_stamps(changes)
            return _Stale(kept=kept)
        documents = self._open.database.counts().documents
        if changes.bytes_to_read <= QUICK_BYTES and len(changes.removed) < documents:
            try:
                with logs.step("updating the index"):
                    self._update()
            except (IndexNotWritable, TooManyTexts) as error:
                # Read-only, another build runs, or it takes long: the reply says what is stale.
                logs.info(f"The index was not updated: {error or 'too much has changed'}")
            else:
                return _Stale(kept=kept)
        verb = "is" if len(changes.paths) == 1 else "are"
        files = counted(len(changes.paths), "file")
        remark = f"{files} {verb} newer than the index. Bring it up to date: qasearch build"
        gone = frozenset(row.path for row in changes.removed)
        is_all = len(gone) == documents
        return _Stale(changes.paths, frozenset() if is_all else gone, (remark,), kept)

    def _record_stamps(self, changes: Changes) -> None:
        """Record the stamps of files whose content is the same, if comparing them takes long.

        So the files of an index that was copied with its corpus are read once, not at each
        question.
        """
        if sum(file.size for _, file in changes.touched) < RECORD_BYTES:
            return
        from qasearch.building.recording import record_stamps

        try:
            record_stamps(self._open.folder, changes)
        except IndexNotWritable as error:
            logs.info(f"The time stamps were not recorded: {error}")

    def _update(self) -> None:
        model = self._open.metadata.model
        quick = BuildOptions(
            wait=False, embed_at_most=QUICK_TEXTS, rules=self.rules, are_rules_settled=True
        )
        _build(
            self.corpus,
            self._open.folder,
            self._load,
            model=model,
            default_model=model,
            options=quick,
        )


@dataclass(frozen=True)
class _Stale:
    """How an index that could not be brought up to date differs from its corpus.

    Attributes:
        changed: the paths of the files that differ.
        gone: those of files that are removed or left out: nothing is answered from them.
        remarks: what to tell about this.
        kept: what to tell about files that cannot be read, of which the index keeps what it held.
    """

    changed: Sequence[str] = ()
    gone: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def _with_changes(state: IndexState, changes: Changes | None) -> IndexState:
    """The state with what changed since the build; None: nobody can tell."""
    if changes is None:
        return replace(state, stale=True)
    return replace(state, stale=bool(changes.paths), changed_files=tuple(changes.paths))
