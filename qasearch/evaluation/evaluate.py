"""Asks an index every query, in each mode, and puts the report together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import Filters, Mode
from qasearch.datatypes.reply import Reply
from qasearch.errors import BadRequest
from qasearch.evaluation import figures
from qasearch.evaluation.entry_ids import EntryIds
from qasearch.evaluation.judgements import JudgedQuery, Judgements
from qasearch.evaluation.metrics import DEPTH, ranking_metrics
from qasearch.evaluation.queries import Query
from qasearch.evaluation.report import Expected, Found, Outcome, Report

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

_BATCH = 32  # replies that are held at a time, each with `DEPTH` whole entries


class Asked(Protocol):
    """What can be evaluated; `qasearch.api.Index` is one."""

    def ask_many(
        self,
        questions: Sequence[str],
        top_k: int = ...,
        filters: Filters = ...,
        *,
        mode: Mode = ...,
        rerank: str | None = ...,
    ) -> list[Reply]:
        """The replies to the questions, in their order."""
        ...

    def entries(self) -> list[Entry]:
        """Every entry that can be found."""
        ...


class AsksItself(Asked, Protocol):
    """What can be evaluated without labels."""

    def ask_own_questions(self, top_k: int = ..., *, mode: Mode = ...) -> list[tuple[str, Reply]]:
        """Ids of entries, each with the reply to a question of its own while what gives it away is
        hidden.
        """
        ...

    def ask_off_topic_questions(self, *, mode: Mode = ...) -> list[Reply]:
        """The replies to questions that nothing answers."""
        ...


def evaluate(
    index: Asked,
    judgements: Judgements,
    mode: Mode = Mode.HYBRID,
    compare: Sequence[Mode] = (),
    progress: Progress | None = None,
    rerank: str | None = None,
) -> Report:
    """The report on the queries in `mode`, and how the ranking differs in each mode of `compare`.

    With the cross-encoder `rerank`, the others are asked without it, so that `mode` itself can be
    one of them.

    An entry that stands in several places of the corpus counts as found by the id of any of them. A
    relevant entry that the index does not have counts as not found.

    Raises:
        BadRequest: the index has none of the relevant entries.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    first = judgements.queries[0].query.text
    state = index.ask_many([first], 1)[
        0
    ].index  # brings the index up to date, before its ids are compared
    ids = EntryIds.of(index.entries())
    notes = (*judgements.notes, *ids.notes(judgements, state.path), *_stale(state))
    queries = [ids.resolve(each) for each in judgements.queries]
    outcomes = list(_ask(index, queries, ids, mode, progress, rerank))
    others = {
        each: list(_ask(index, queries, ids, each, progress)) for each in dict.fromkeys(compare)
    }
    return _report(state, mode, outcomes, others, notes, rerank)


def evaluate_self(
    index: AsksItself, mode: Mode = Mode.HYBRID, compare: Sequence[Mode] = ()
) -> Report:
    """The report on the corpus's own questions, with what gives them away hidden, and on questions
    on other subjects.

    What it says is how well the corpus tells its own entries apart, not how people ask.

    Raises:
        BadRequest: no question has anything left to be found by, because no entry has an answer or
            another wording.
        ModelUnavailable, IndexDamaged: see `qasearch.errors`.
    """
    outcomes = list(_ask_itself(index, mode))
    if not any(each.answerable for each in outcomes):
        raise BadRequest(
            "The corpus cannot be asked its own questions: no entry has an answer or another wording.",
            "Give questions of your own: qasearch eval --queries FILE",
        )
    others = {each: list(_ask_itself(index, each)) for each in dict.fromkeys(compare)}
    state = index.ask_many([outcomes[0].query.text], 1)[0].index
    notes = (
        "the queries are the corpus's own wordings, held out, and questions on other subjects",
        *_stale(state),
    )
    return _report(state, mode, outcomes, others, notes)


def _ask_itself(index: AsksItself, mode: Mode) -> Iterator[Outcome]:
    ids = EntryIds.of(index.entries())
    for number, (expected, reply) in enumerate(index.ask_own_questions(DEPTH, mode=mode), start=1):
        query = Query(f"own:{number}", reply.query, expected)
        yield outcome(JudgedQuery(query, {expected: 1}), reply, ids)
    for number, reply in enumerate(index.ask_off_topic_questions(mode=mode), start=1):
        yield outcome(
            JudgedQuery(Query(f"off-topic:{number}", reply.query, "off-topic"), {}), reply, ids
        )


def _report(
    state: IndexState,
    mode: Mode,
    outcomes: Sequence[Outcome],
    others: Mapping[Mode, Sequence[Outcome]],
    notes: tuple[str, ...],
    rerank: str | None = None,
) -> Report:
    return Report(
        index=state,
        mode=mode,
        outcomes=tuple(outcomes),
        metrics=figures.figures(outcomes),
        curve=tuple(figures.curve(outcomes)),
        calibration=tuple(figures.calibration(outcomes)),
        comparisons=tuple(
            figures.compare(each, outcomes, theirs) for each, theirs in others.items()
        ),
        notes=notes,
        rerank=rerank,
    )


def _ask(
    index: Asked,
    queries: Sequence[JudgedQuery],
    ids: EntryIds,
    mode: Mode,
    progress: Progress | None,
    rerank: str | None = None,
) -> Iterator[Outcome]:
    for start in range(0, len(queries), _BATCH):
        batch = queries[start : start + _BATCH]
        replies = index.ask_many(
            [each.query.text for each in batch], DEPTH, mode=mode, rerank=rerank
        )
        for judged, reply in zip(batch, replies, strict=True):
            yield outcome(judged, reply, ids)
        if progress is not None:
            progress(f"Asking ({mode.value})", start + len(batch), len(queries))


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
    if not state.stale:
        return []
    count = len(state.changed_files)
    files = "" if not count else " (1 changed file)" if count == 1 else f" ({count} changed files)"
    return [f"the index is older than the corpus{files}; bring it up to date: qasearch build"]
