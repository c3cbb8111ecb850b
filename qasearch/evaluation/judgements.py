"""Queries with what is known of their answers, from the files that say so. Knows no index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.qrels import Qrels, read_qrels
from qasearch.evaluation.queries import Query, read_queries


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the relevance of the entries that were judged for it, by id; of none if nothing
    answers it.
    """

    query: Query
    relevance: Mapping[str, int]

    @property
    def answerable(self) -> bool:
        """Whether any entry is relevant."""
        return any(value > 0 for value in self.relevance.values())


@dataclass(frozen=True, slots=True)
class Judgements:
    """The queries to ask, at least one of them answerable, and how many were left out.

    `source` is the file that names the relevant entries. `unjudged` queries have no judgement at
    all, `without_relevant` ones have only entries that are not relevant, and nobody says that
    nothing answers them; `unknown_queries` are ids that are judged, but that no query has.
    """

    source: Path
    queries: tuple[JudgedQuery, ...]
    unjudged: int = 0
    without_relevant: int = 0
    unknown_queries: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """A remark for each reason for which something was left out."""
        counts = [
            (self.unjudged, "without a judgement"),
            (
                self.without_relevant,
                "without a relevant entry; those that nothing answers are given by --no-answer",
            ),
        ]
        notes = [
            f"left out: {_counted(count, 'query', 'queries')} {why}"
            for count, why in counts
            if count
        ]
        if self.unknown_queries:
            judged = _counted(self.unknown_queries, "judged query", "judged queries")
            notes.append(f"left out: {judged} of {self.source.name} without a text")
        return tuple(notes)


def load_judgements(
    queries: Path, qrels: Path | None = None, no_answer: Path | None = None
) -> Judgements:
    """The queries of `queries`, in the order of the file, then those of `no_answer` that are not
    among them.

    Args:
        queries: any form of `read_queries`; without `qrels`, one that names the expected entries.
        qrels: any form of `read_qrels`. A query without a relevant entry in it is left out.
        no_answer: queries that nothing in the corpus answers.

    Raises:
        BadRequest: a file cannot be read as any of its forms, two files contradict each other, or
            no query is answerable; says where.
    """
    listed = read_queries(queries, labelled=qrels is None)
    if qrels is not None and any(query.expected is not None for query in listed):
        raise BadRequest(
            f"{queries} names the expected entries, and so does --qrels {qrels}.",
            "Leave out --qrels, or the column.",
        )
    judged = read_qrels(qrels) if qrels is not None else _expected(listed)
    unanswerable = _unanswerable(no_answer, listed, judged)
    for query in listed:
        if qrels is None and not query.expected:
            unanswerable.setdefault(query.id, query)
    judgements = _put_together(qrels or queries, listed, judged, unanswerable)
    if not any(each.answerable for each in judgements.queries):
        raise BadRequest(
            f"No query of {queries} has a relevant entry in {judgements.source}.",
            f"Compare the ids, such as {_some(query.id for query in listed)} and {_some(judged)}."
            if qrels
            else "Name the expected entries of at least one.",
        )
    return judgements


def _put_together(
    source: Path, listed: list[Query], judged: Qrels, unanswerable: Mapping[str, Query]
) -> Judgements:
    kept: list[JudgedQuery] = []
    unjudged = without_relevant = 0
    for query in listed:
        candidate = JudgedQuery(query, judged.get(query.id, {}))
        if candidate.answerable or query.id in unanswerable:
            kept.append(candidate)
        elif query.id in judged:
            without_relevant += 1
        else:
            unjudged += 1
    ids = {query.id for query in listed}
    kept += [
        JudgedQuery(query, judged.get(name, {}))
        for name, query in unanswerable.items()
        if name not in ids
    ]
    unknown = len(judged.keys() - ids - unanswerable.keys())
    return Judgements(source, tuple(kept), unjudged, without_relevant, unknown)


def _expected(listed: Iterable[Query]) -> Qrels:
    return {query.id: dict.fromkeys(query.expected or (), 1) for query in listed}


def _unanswerable(file: Path | None, listed: Iterable[Query], judged: Qrels) -> dict[str, Query]:
    """The queries of `file` by id, checked against what the other files say of them."""
    if file is None:
        return {}
    texts = {query.id: query for query in listed}
    found = {query.id: query for query in read_queries(file, labelled=False)}
    for query in found.values():
        other = texts.get(query.id)
        if other is not None and other.text != query.text:
            raise BadRequest(
                f"{query.place}: the id '{query.id}' is already taken by another query, {other.place}.",
                "Give another.",
            )
        relevant = query.expected or [
            name for name, value in judged.get(query.id, {}).items() if value > 0
        ]
        if relevant:
            raise BadRequest(
                f"{query.place}: nothing is said to answer the query '{query.id}', but '{relevant[0]}' is judged to.",
                "Mend one of the two.",
            )
    return found


def _some(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in list(names)[:3])


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {many}"
