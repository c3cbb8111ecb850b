"""Finds the judged entries in an index.

A judgement may have the id of a copy of an entry, or an id that the index does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qasearch.datatypes.entry import Entry
from qasearch.errors import BadRequest
from qasearch.evaluation.judgements import JudgedQuery, Judgements
from qasearch.phrases import near_names

_MAX_NAMED = 3
"""Missing ids that a message names."""


@dataclass(frozen=True, slots=True)
class EntryIds:
    """The ids that an index has.

    Attributes:
        questions: the question of each entry, by the id that hits have.
        hit_ids: the id that a hit has, by the ids of the entry and of all its copies.
        unanswered: the ids of the entries without an answer.
    """

    questions: Mapping[str, str]
    hit_ids: Mapping[str, str]
    unanswered: frozenset[str]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> EntryIds:
        """The ids of these entries and of their copies in other places of the corpus."""
        questions = {entry.id: entry.question for entry in entries}
        copies = {place.id: entry.id for entry in entries for place in entry.also_at}
        unanswered = frozenset(entry.id for entry in entries if not entry.answered)
        own_ids = {entry_id: entry_id for entry_id in questions}
        return cls(questions, copies | own_ids, unanswered)

    def resolve(self, judged_query: JudgedQuery) -> JudgedQuery:
        """The query with the ids of its judgements replaced by the ids that hits have.

        If several copies of an entry are judged, the highest relevance counts. Ids that the index
        does not have stay as they are.
        """
        relevance: dict[str, int] = {}
        for entry_id, value in judged_query.relevance.items():
            hit_id = self.hit_ids.get(entry_id, entry_id)
            relevance[hit_id] = max(value, relevance.get(hit_id, value))
        return JudgedQuery(judged_query.query, relevance)

    def notes(self, judgements: Judgements, index_path: str) -> list[str]:
        """Remarks on relevant entries that are missing in the index or have no answer.

        Raises:
            BadRequest: the index has none of the relevant entries.
        """
        relevant = {
            entry_id
            for judged_query in judgements.queries
            for entry_id, value in judged_query.relevance.items()
            if value > 0
        }
        missing = sorted(relevant - self.hit_ids.keys())
        unanswered = len(relevant & self.unanswered)
        if len(missing) == len(relevant):
            raise BadRequest(
                f"The index in {index_path} has none of the entries that {judgements.source} "
                f"expects: {self._named(missing)}.",
                "To list all ids: qasearch list",
            )
        notes = []
        if missing:
            notes.append(
                f"{len(missing)} of {len(relevant)} relevant entries are not in the index and "
                f"count as not found: {self._named(missing)}"
            )
        if unanswered:
            notes.append(
                f"{unanswered} of {len(relevant)} relevant entries have no answer in the corpus; "
                "where the first hit is one of them, the verdict is 'none'"
            )
        return notes

    def _named(self, ids: Sequence[str]) -> str:
        """The first ids, each with the nearest id of the index if there is one."""
        parts = []
        for entry_id in ids[:_MAX_NAMED]:
            near = near_names(entry_id, self.hit_ids)
            parts.append(f"'{entry_id}'" + (f" (nearest: '{near[0]}')" if near else ""))
        if len(ids) > _MAX_NAMED:
            parts.append(f"and {len(ids) - _MAX_NAMED} more")
        return "; ".join(parts)
