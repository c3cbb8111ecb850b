"""Asks an index every query, in each mode, and makes the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import Reply
from qasearch.errors import BadRequest
from qasearch.evaluation import summary
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import JudgedQuery, Judgements
from qasearch.evaluation.metric_table import measure_ranking
from qasearch.evaluation.queries import Query
from qasearch.evaluation.ranking_metrics import DEPTH
from qasearch.evaluation.report import ExpectedEntry, FirstHit, Outcome, Report
from qasearch.phrases import counted

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, the number of queries done, and the number of all queries."""

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

    def ask_own_questions(self, options: AskOptions) -> list[tuple[str, Reply]]:
        """The id of the right entry and the reply, for each question of the corpus itself."""
        ...

    def ask_off_topic_questions(self, mode: Mode) -> list[Reply]:
        """The replies to questions on subjects that the corpus does not have."""
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
    index: SelfAnswerer, mode: Mode = Mode.HYBRID, compare: Sequence[Mode] = ()
) -> Report:
    """The report on the corpus's own questions and on off-topic questions.

    Each question of the corpus is hidden from its entry. The report says how well the corpus tells
    its own entries apart, not how well it answers the questions of people.

    Args:
        index: the index to ask.
        mode: the mode in which the questions are asked; there is no cross-encoder.
        compare: modes whose ranking is compared with that of `mode`.

    Raises:
        BadRequest: no question can find its entry, because no entry has an answer or another
            wording.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    outcomes = list(_ask_own_and_off_topic(index, mode))
    if not any(outcome.answerable for outcome in outcomes):
        raise BadRequest(
            "The corpus cannot be asked its own questions: no entry has an answer or another "
            "wording.",
            "Give questions of your own: qasearch eval --queries FILE",
        )
    outcomes_by_mode = {
        compared_mode: list(_ask_own_and_off_topic(index, compared_mode))
        for compared_mode in dict.fromkeys(compare)
    }
    state = index.ask_many([outcomes[0].query.text], AskOptions(top_k=1))[0].index
    notes = (
        "the queries are questions of the corpus, each hidden from its own entry, and off-topic "
        "questions",
        *_stale_notes(state),
    )
    return _report(state, AskOptions(mode=mode), outcomes, outcomes_by_mode, notes)


def _without_rerank(options: AskOptions, mode: Mode) -> AskOptions:
    return replace(options, mode=mode, rerank=None)


def _ask_own_and_off_topic(index: SelfAnswerer, mode: Mode) -> Iterator[Outcome]:
    ids = EntryIds.of(index.entries())
    own_replies = index.ask_own_questions(AskOptions(top_k=DEPTH, mode=mode))
    for number, (entry_id, reply) in enumerate(own_replies, start=1):
        query = Query(f"own:{number}", reply.query, entry_id)
        yield _outcome(JudgedQuery(query, {entry_id: 1}), reply, ids)
    for number, reply in enumerate(index.ask_off_topic_questions(mode), start=1):
        query = Query(f"off-topic:{number}", reply.query, "off-topic")
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
