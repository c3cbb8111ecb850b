"""Combines queries with judgements of which entries answer them. Reads files; knows no index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.qrels import Qrels, read_qrels
from qasearch.evaluation.queries import Query, read_queries
from qasearch.phrases import counted

_MAX_EXAMPLES = 3
"""Ids that an error message quotes as examples: enough to see the form of the ids."""


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with the relevance of its judged entries by id; empty for an unanswerable query."""

    query: Query
    relevance: Mapping[str, int]

    @property
    def answerable(self) -> bool:
        """Whether the query has a relevant entry."""
        return any(value > 0 for value in self.relevance.values())


@dataclass(frozen=True, slots=True)
class Judgements:
    """The queries to ask, with their judgements, and the numbers of what was left out.

    Attributes:
        source: the file that names the relevant entries.
        queries: the queries; at least one is answerable.
        unjudged: number of queries that were left out because they have no judgement.
        without_relevant: number of queries that were left out because no judged entry is relevant.
            Only `--no-answer` or `NONE` make such a query an unanswerable one.
        unknown_queries: number of query ids that have judgements, but no query.
    """

    source: Path
    queries: tuple[JudgedQuery, ...]
    unjudged: int = 0
    without_relevant: int = 0
    unknown_queries: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """A remark for each reason why something was left out."""
        notes = []
        if self.unjudged:
            queries = counted(self.unjudged, "query", "queries")
            notes.append(f"left out: {queries} without a judgement")
        if self.without_relevant:
            queries = counted(self.without_relevant, "query", "queries")
            notes.append(
                f"left out: {queries} without a relevant entry; list unanswerable queries in the "
                "file of --no-answer"
            )
        if self.unknown_queries:
            ids = counted(self.unknown_queries, "query id")
            notes.append(f"left out: judgements for {ids} that only {self.source.name} has")
        return tuple(notes)


def load_judgements(
    queries: Path, qrels: Path | None = None, no_answer: Path | None = None
) -> Judgements:
    """The queries of `queries` in the order of the file, then the other queries of `no_answer`.

    Args:
        queries: a file for `read_queries`; without `qrels`, it must name the expected entries.
        qrels: a file for `read_qrels`. Queries without a relevant entry in it are left out.
        no_answer: a file of queries that the corpus does not answer.

    Raises:
        BadRequest: a file is malformed, two files contradict each other, or no query is
            answerable.
    """
    file_queries = read_queries(queries, labelled=qrels is None)
    if qrels is not None and any(query.expected_ids is not None for query in file_queries):
        raise BadRequest(
            f"Both {queries} and --qrels {qrels} name the expected entries.",
            "Remove --qrels or the column of expected entries.",
        )
    relevance = read_qrels(qrels) if qrels is not None else _expected(file_queries)
    unanswerable = _unanswerable(no_answer, file_queries, relevance)
    for query in file_queries:
        if qrels is None and not query.expected_ids:
            unanswerable.setdefault(query.id, query)
    judgements = _combine(qrels or queries, file_queries, relevance, unanswerable)
    if not any(judged_query.answerable for judged_query in judgements.queries):
        raise BadRequest(
            f"No query of {queries} has a relevant entry in {judgements.source}.",
            f"Compare the query ids: {_examples(query.id for query in file_queries)} in the "
            f"first file, {_examples(relevance)} in the second."
            if qrels
            else "Name the expected entries of at least one query.",
        )
    return judgements


def _combine(
    source: Path, file_queries: list[Query], relevance: Qrels, unanswerable: Mapping[str, Query]
) -> Judgements:
    """The answerable and the unanswerable queries; other queries are left out and counted."""
    judged_queries: list[JudgedQuery] = []
    unjudged = without_relevant = 0
    for query in file_queries:
        judged_query = JudgedQuery(query, relevance.get(query.id, {}))
        if judged_query.answerable or query.id in unanswerable:
            judged_queries.append(judged_query)
        elif query.id in relevance:
            without_relevant += 1
        else:
            unjudged += 1
    ids = {query.id for query in file_queries}
    judged_queries += [
        JudgedQuery(query, relevance.get(query_id, {}))
        for query_id, query in unanswerable.items()
        if query_id not in ids
    ]
    unknown_queries = len(relevance.keys() - ids - unanswerable.keys())
    return Judgements(source, tuple(judged_queries), unjudged, without_relevant, unknown_queries)


def _expected(queries: Iterable[Query]) -> Qrels:
    """The expected entries as judgements, each with the relevance 1."""
    return {query.id: dict.fromkeys(query.expected_ids or (), 1) for query in queries}


def _unanswerable(
    file: Path | None, file_queries: Iterable[Query], relevance: Qrels
) -> dict[str, Query]:
    """The queries of `--no-answer` by id.

    Raises:
        BadRequest: another file has a different query with the same id, or a relevant entry.
    """
    if file is None:
        return {}
    queries_by_id = {query.id: query for query in file_queries}
    unanswerable = {query.id: query for query in read_queries(file, labelled=False)}
    for query in unanswerable.values():
        same_id = queries_by_id.get(query.id)
        if same_id is not None and same_id.text != query.text:
            raise BadRequest(
                f"{query.place}: another query, in {same_id.place}, has the same id, '{query.id}'.",
                "Give each query its own id.",
            )
        relevant_ids = query.expected_ids or [
            entry_id for entry_id, value in relevance.get(query.id, {}).items() if value > 0
        ]
        if relevant_ids:
            raise BadRequest(
                f"{query.place}: the query '{query.id}' is listed as unanswerable, but the entry "
                f"'{relevant_ids[0]}' is judged as relevant for it.",
                "Remove one of the two.",
            )
    return unanswerable


def _examples(ids: Iterable[str]) -> str:
    return ", ".join(f"'{query_id}'" for query_id in list(ids)[:_MAX_EXAMPLES])
