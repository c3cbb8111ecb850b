"""Asks an index every query, in each mode, and puts the report together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import Reply
from qasearch.errors import BadRequest
from qasearch.evaluation import figures
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import JudgedQuery, Judgements
from qasearch.evaluation.metrics import DEPTH, ranking_metrics
from qasearch.evaluation.queries import Query
from qasearch.evaluation.report import Expected, Found, Outcome, Report
from qasearch.phrases import counted

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it is done, and how much there is."""

_BATCH = 32
"""Replies that are in memory at a time, each with `DEPTH` whole entries."""


class Answerer(Protocol):
    """What can be evaluated; `qasearch.api.Index` is one."""

    def ask_many(self, questions: Sequence[str], options: AskOptions = ...) -> list[Reply]:
        """The replies to the questions, in their order."""
        ...

    def entries(self) -> list[Entry]:
        """Every entry that can be found."""
        ...


class SelfAnswerer(Answerer, Protocol):
    """What can be evaluated without labels."""

    def ask_own_questions(self, options: AskOptions) -> list[tuple[str, Reply]]:
        """The replies to questions of the corpus itself, each with the id of the right entry."""
        ...

    def ask_off_topic_questions(self, mode: Mode) -> list[Reply]:
        """The replies to questions that nothing answers."""
        ...


def evaluate(
    index: Answerer,
    judgements: Judgements,
    options: AskOptions = AskOptions(),
    compare: Sequence[Mode] = (),
    progress: Progress | None = None,
) -> Report:
    """The report on the queries, and how the ranking differs in each mode of `compare`.

    The modes of `compare` are asked without the cross-encoder of `options`, so the mode of
    `options` may be one of them.

    An entry that stands in several places of the corpus counts as found by the id of any of them. A
    relevant entry that the index does not have counts as not found.

    Raises:
        BadRequest: the index has none of the relevant entries.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    # Asking brings the index up to date, which must happen before its ids are compared.
    first_query = judgements.queries[0].query.text
    state = index.ask_many([first_query], AskOptions(top_k=1))[0].index
    ids = EntryIds.of(index.entries())
    notes = (*judgements.notes, *ids.notes(judgements, state.path), *_stale(state))
    queries = [ids.resolve(judged) for judged in judgements.queries]
    outcomes = list(_ask(index, queries, ids, options, progress))
    others = {
        mode: list(_ask(index, queries, ids, _without_rerank(options, mode), progress))
        for mode in dict.fromkeys(compare)
    }
    return _report(state, options, outcomes, others, notes)


def evaluate_self(
    index: SelfAnswerer,
    options: AskOptions = AskOptions(),
    compare: Sequence[Mode] = (),
) -> Report:
    """The report on the corpus's own questions and on off-topic questions.

    Each question of the corpus is hidden from its entry. The report says how well the corpus tells
    its own entries apart, not how people ask.

    Raises:
        BadRequest: no question can find its entry, because no entry has an answer or another
            wording.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    outcomes = list(_ask_itself(index, options.mode))
    if not any(outcome.answerable for outcome in outcomes):
        raise BadRequest(
            "The corpus cannot be asked its own questions: no entry has an answer or another "
            "wording.",
            "Give questions of your own: qasearch eval --queries FILE",
        )
    others = {mode: list(_ask_itself(index, mode)) for mode in dict.fromkeys(compare)}
    state = index.ask_many([outcomes[0].query.text], AskOptions(top_k=1))[0].index
    notes = (
        "the queries are the corpus's own wordings, held out, and questions on other subjects",
        *_stale(state),
    )
    return _report(state, options, outcomes, others, notes)


def _without_rerank(options: AskOptions, mode: Mode) -> AskOptions:
    return replace(options, mode=mode, rerank=None)


def _ask_itself(index: SelfAnswerer, mode: Mode) -> Iterator[Outcome]:
    ids = EntryIds.of(index.entries())
    own = index.ask_own_questions(AskOptions(top_k=DEPTH, mode=mode))
    for number, (expected, reply) in enumerate(own, start=1):
        query = Query(f"own:{number}", reply.query, expected)
        yield outcome(JudgedQuery(query, {expected: 1}), reply, ids)
    for number, reply in enumerate(index.ask_off_topic_questions(mode), start=1):
        query = Query(f"off-topic:{number}", reply.query, "off-topic")
        yield outcome(JudgedQuery(query, {}), reply, ids)


def _report(
    state: IndexState,
    options: AskOptions,
    outcomes: Sequence[Outcome],
    others: Mapping[Mode, Sequence[Outcome]],
    notes: tuple[str, ...],
) -> Report:
    return Report(
        index=state,
        mode=options.mode,
        outcomes=tuple(outcomes),
        metrics=figures.figures(outcomes),
        curve=tuple(figures.curve(outcomes)),
        calibration=tuple(figures.calibration(outcomes)),
        comparisons=tuple(
            figures.compare(mode, outcomes, theirs) for mode, theirs in others.items()
        ),
        notes=notes,
        rerank=options.rerank,
    )


def _ask(
    index: Answerer,
    queries: Sequence[JudgedQuery],
    ids: EntryIds,
    options: AskOptions,
    progress: Progress | None,
) -> Iterator[Outcome]:
    deep = replace(options, top_k=DEPTH)
    for start in range(0, len(queries), _BATCH):
        batch = queries[start : start + _BATCH]
        replies = index.ask_many([judged.query.text for judged in batch], deep)
        for judged, reply in zip(batch, replies, strict=True):
            yield outcome(judged, reply, ids)
        if progress is not None:
            progress(f"Asking ({options.mode.value})", start + len(batch), len(queries))


def outcome(judged: JudgedQuery, reply: Reply, ids: EntryIds) -> Outcome:
    """What became of a query whose judgements have the ids that the reply has.

    Of equally relevant entries, the one that is judged first is named first.
    """
    ranks = {hit.entry.id: hit.rank for hit in reply.hits}
    first = reply.hits[0] if reply.hits else None
    relevant = [
        Expected(name, value, ids.questions.get(name), ranks.get(name))
        for name, value in judged.relevance.items()
        if value > 0
    ]
    return Outcome(
        query=judged.query,
        expected=tuple(sorted(relevant, key=lambda each: -each.relevance)),
        found=Found(first.entry.id, first.entry.question, first.confidence) if first else None,
        verdict=reply.verdict,
        metrics=ranking_metrics(list(ranks), judged.relevance) if relevant else {},
    )


def _stale(state: IndexState) -> list[str]:
    """A remark if the index is older than the corpus."""
    if not state.stale:
        return []
    changed = len(state.changed_files)
    files = f" ({counted(changed, 'changed file')})" if changed else ""
    return [f"the index is older than the corpus{files}; bring it up to date: qasearch build"]
