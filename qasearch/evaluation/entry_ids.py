"""Which entries of an index the judgements mean: an id may be that of a copy, or of nothing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qasearch.datatypes.entry import Entry
from qasearch.errors import BadRequest
from qasearch.evaluation.judgements import JudgedQuery, Judgements

_NAMED = 3
_NEAR = 0.4


@dataclass(frozen=True, slots=True)
class EntryIds:
    """The ids of an index: `questions` of the entries that can be found, and for every id the one
    it is found by.

    `unanswered` are those of the entries that have no answer.
    """

    questions: Mapping[str, str]
    found_by: Mapping[str, str]
    unanswered: frozenset[str]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> EntryIds:
        """The ids of these entries, and those of the other places where the same question has the
        same answer.
        """
        questions = {entry.id: entry.question for entry in entries}
        copies = {place.id: entry.id for entry in entries for place in entry.also_at}
        unanswered = frozenset(entry.id for entry in entries if not entry.answered)
        return cls(questions, copies | {name: name for name in questions}, unanswered)

    def resolve(self, judged: JudgedQuery) -> JudgedQuery:
        """The query with its judgements by the ids that a ranking has; of several copies, the
        highest counts.

        Ids that the index does not have stay as they are, and are never found.
        """
        relevance: dict[str, int] = {}
        for name, value in judged.relevance.items():
            found_by = self.found_by.get(name, name)
            relevance[found_by] = max(value, relevance.get(found_by, value))
        return JudgedQuery(judged.query, relevance)

    def notes(self, judgements: Judgements, place: str) -> list[str]:
        """Remarks on the relevant entries that the index, which is at `place`, does not have or has
        no answer to.

        Raises:
            BadRequest: it has none of them.
        """
        relevant = {
            name
            for each in judgements.queries
            for name, value in each.relevance.items()
            if value > 0
        }
        missing = sorted(relevant - self.found_by.keys())
        unanswered = len(relevant & self.unanswered)
        named = self._named(missing)
        if len(missing) == len(relevant):
            raise BadRequest(
                f"The index in {place} has none of the entries that {judgements.source} expects: {named}.",
                "List the ids that there are: qasearch list",
            )
        notes = []
        if missing:
            not_there = f"{len(missing)} of {len(relevant)} relevant entries are not in the index"
            notes += [f"{not_there} and count as not found: {named}"]
        if unanswered:
            no_answer = (
                f"{unanswered} of {len(relevant)} relevant entries have no answer in the corpus"
            )
            notes += [f"{no_answer}; a query that finds one has the verdict 'none'"]
        return notes

    def _named(self, ids: Sequence[str]) -> str:
        """The first few of the ids, each with the nearest one that there is."""
        named = []
        for name in ids[:_NAMED]:
            near = difflib.get_close_matches(name, self.found_by, n=1, cutoff=_NEAR)
            named.append(f"'{name}' (nearest: '{near[0]}')" if near else f"'{name}'")
        return "; ".join(named) + (f"; and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")
