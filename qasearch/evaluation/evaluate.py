"""Asks an index every query, in each mode, and makes the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import OwnQuestion, Reply
from qasearch.errors import BadRequest
from qasearch.evaluation import summary
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import JudgedQuery, Judgements
from qasearch.evaluation.metric_table import measure_ranking
from qasearch.evaluation.off_topic import off_topic_questions, unanswered
from qasearch.evaluation.queries import Query
from qasearch.evaluation.ranking_metrics import DEPTH
from qasearch.evaluation.report import GAP, ExpectedEntry, FirstHit, Outcome, Report
from qasearch.phrases import counted

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, the number of queries done, and the number of all queries."""

OWN, OFF_TOPIC = "own", "off-topic"
"""The kinds of queries that an evaluation without judgements asks, besides `GAP`."""

_BATCH_SIZE = 32
"""Replies in memory at a time; each holds up to `DEPTH` whole entries."""


class Answerer(Protocol):
    """An index that can be evaluated, such as `qasearch.api.Index`."""

    def ask_many(self, questions: Sequence[str], options: AskOptions = ...) -> list[Reply]:
        """The replies to the questions, in their order."""
        ...

    def entries(self) -> list[Entry]:
        """All entries of the index."""
        ...


class SelfAnswerer(Answerer, Protocol):
    """An index that can be evaluated without judgements."""

    def ask_own_questions(self, options: AskOptions) -> Sequence[OwnQuestion]:
        """The replies to questions of the corpus itself."""
        ...


def evaluate(
    index: Answerer,
    judgements: Judgements,
    options: AskOptions = AskOptions(),
    compare: Sequence[Mode] = (),
    progress: Progress | None = None,
) -> Report:
    """The report on judged queries.

    An entry that stands in several places of the corpus is found by the id of any of them. A
    relevant entry that the index does not have counts as not found.

    Args:
        index: the index to ask.
        judgements: the queries and their relevant entries.
        options: how to ask; `top_k` has no effect, because metrics need `DEPTH` hits.
        compare: modes whose ranking is compared with that of `options`. They are asked without the
            cross-encoder of `options`, so the mode of `options` may be one of them.
        progress: called after each batch of queries.

    Raises:
        BadRequest: the index has none of the relevant entries.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    # The first question brings the index up to date. Only then are its ids those of the corpus.
    first_query = judgements.queries[0].query.text
    state = index.ask_many([first_query], AskOptions(top_k=1))[0].index
    ids = EntryIds.of(index.entries())
    notes = (*judgements.notes, *ids.notes(judgements, state.path), *_stale_notes(state))
    queries = [ids.resolve(judged_query) for judged_query in judgements.queries]
    outcomes = list(_ask(index, queries, ids, options, progress))
    # dict.fromkeys: each mode is asked once, even if it is given twice.
    outcomes_by_mode = {
        mode: list(_ask(index, queries, ids, _without_rerank(options, mode), progress))
        for mode in dict.fromkeys(compare)
    }
    return _report(state, options, outcomes, outcomes_by_mode, notes)


def evaluate_self(
    index: SelfAnswerer, options: AskOptions = AskOptions(), compare: Sequence[Mode] = ()
) -> Report:
    """The report on the corpus's own questions, on gaps and on off-topic questions.

    Each question of the corpus is hidden from its entry. Each is asked again as if its entry did
    not exist: then the corpus has a gap there. The report says how well the corpus tells its own
    entries apart, not how well it answers the questions of people.

    Args:
        index: the index to ask.
        options: the mode and the trust with which the questions are asked; there is no
            cross-encoder.
        compare: modes whose ranking is compared with that of `options`.

    Raises:
        BadRequest: no question can find its entry, because no entry has an answer or another
            wording.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    outcomes = list(_ask_own_and_off_topic(index, options))
    if not any(outcome.answerable for outcome in outcomes):
        raise BadRequest(
            "The corpus cannot be asked its own questions: no entry has an answer or another "
            "wording.",
            "Give questions of your own: qasearch eval --queries FILE",
        )
    outcomes_by_mode = {
        mode: list(_ask_own_and_off_topic(index, replace(options, mode=mode)))
        for mode in dict.fromkeys(compare)
    }
    state = index.ask_many([outcomes[0].query.text], AskOptions(top_k=1))[0].index
    notes = (
        "the queries are questions of the corpus, each hidden from its own entry; the same as if "
        "that entry did not exist (gap); and off-topic questions",
        *_stale_notes(state),
    )
    return _report(state, options, outcomes, outcomes_by_mode, notes)


def _without_rerank(options: AskOptions, mode: Mode) -> AskOptions:
    return replace(options, mode=mode, rerank=None)


def _ask_own_and_off_topic(index: SelfAnswerer, options: AskOptions) -> Iterator[Outcome]:
    ids = EntryIds.of(index.entries())
    own = list(enumerate(index.ask_own_questions(replace(options, top_k=DEPTH)), start=1))
    for number, question in own:
        if question.reply is not None:
            query = Query(f"own:{number}", question.reply.query, question.entry_id, OWN)
            yield _outcome(JudgedQuery(query, {question.entry_id: 1}), question.reply, ids)
    for number, question in own:
        query = Query(f"gap:{number}", question.without_entry.query, question.entry_id, GAP)
        yield _outcome(JudgedQuery(query, {}), question.without_entry, ids)
    replies = index.ask_many(off_topic_questions(), replace(options, top_k=1))
    for number, reply in enumerate(unanswered(replies), start=1):
        query = Query(f"{OFF_TOPIC}:{number}", reply.query, OFF_TOPIC, OFF_TOPIC)
        yield _outcome(JudgedQuery(query, {}), reply, ids)


def _report(
    state: IndexState,
    options: AskOptions,
    outcomes: Sequence[Outcome],
    outcomes_by_mode: Mapping[Mode, Sequence[Outcome]],
    notes: tuple[str, ...],
) -> Report:
    comparisons = [
        summary.compare(mode, outcomes, mode_outcomes)
        for mode, mode_outcomes in outcomes_by_mode.items()
    ]
    return Report(
        index=state,
        mode=options.mode,
        outcomes=tuple(outcomes),
        metrics=summary.metric_values(outcomes),
        risk_coverage=tuple(summary.risk_coverage(outcomes)),
        calibration=tuple(summary.calibration(outcomes)),
        comparisons=tuple(comparisons),
        kinds=tuple(summary.kinds(outcomes)),
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
    options = replace(options, top_k=DEPTH)
    for start in range(0, len(queries), _BATCH_SIZE):
        batch = queries[start : start + _BATCH_SIZE]
        replies = index.ask_many([judged_query.query.text for judged_query in batch], options)
        for judged_query, reply in zip(batch, replies, strict=True):
            yield _outcome(judged_query, reply, ids)
        if progress is not None:
            progress(f"Asking ({options.mode.value})", start + len(batch), len(queries))


def _outcome(judged_query: JudgedQuery, reply: Reply, ids: EntryIds) -> Outcome:
    """The outcome for a query whose judgements have the ids that hits have.

    Equally relevant entries stay in the order of the judgements.
    """
    ranks = {hit.entry.id: hit.rank for hit in reply.hits}
    hit = reply.hits[0] if reply.hits else None
    expected = [
        ExpectedEntry(entry_id, value, ids.questions.get(entry_id), ranks.get(entry_id))
        for entry_id, value in judged_query.relevance.items()
        if value > 0
    ]
    return Outcome(
        query=judged_query.query,
        expected=tuple(sorted(expected, key=lambda entry: -entry.relevance)),
        first_hit=FirstHit(hit.entry.id, hit.entry.question, hit.confidence) if hit else None,
        verdict=reply.verdict,
        metrics=measure_ranking(list(ranks), judged_query.relevance) if expected else {},
    )


def _stale_notes(state: IndexState) -> list[str]:
    """A remark if the index is older than the corpus, else none."""
    if not state.stale:
        return []
    changed = len(state.changed_files)
    files = f" ({counted(changed, 'changed file')})" if changed else ""
    return [f"the index is older than the corpus{files}; bring it up to date: qasearch build"]
