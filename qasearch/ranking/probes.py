"""The corpus asked its own questions, with what gives them away hidden: what it answers and misses,
without a label.

A held-out wording is asked while its own passage is hidden; where there are too few other wordings,
the question itself is asked against the answers alone. With the whole entry taken away, the same
questions show what a near miss looks like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import Entry, PassageKind
from qasearch.ranking.candidates import Candidates, candidates_of, find_candidates, passages_of
from qasearch.ranking.lexical import lexical_scores, words_of
from qasearch.storage.database import PASSAGES_PER_ENTRY, Database
from qasearch.storage.vectors import Floats, Ids, VectorIndex, cosines

PROBES = 200
"""How many questions of its own a corpus is asked."""

_ENOUGH_WORDINGS = 30
_QUESTION_SHARE = 0.25
"""How much of a passage's vector is owed to the question in front of it, so that what remains is
the answer's: of all shares, this brings it nearest to the answer embedded alone (`python -m
benchmarks.retrieval --answers-alone`)."""


@dataclass(frozen=True, slots=True)
class ProbeQuestion:
    """A question of the corpus to be asked: its text, the entry that it belongs to, and the passage
    that it is.
    """

    text: str
    entry: int
    passage: int
    kind: PassageKind


@dataclass(frozen=True, slots=True)
class Probe:
    """What a held-out question found.

    Attributes:
        vector: (d,) float32, its embedding.
        own: its own entry alone, with what was hidden left out of its signals; none where that was
            all of it.
        others: the other entries, seen in the same way.
        missing: the other entries as any question sees them: what is found if the right entry is
            not there.
    """

    vector: Floats
    own: Candidates
    others: Candidates
    missing: Candidates

    def held_out(self) -> Candidates:
        """All entries, with what was hidden left out."""
        return self.own.joined(self.others)


def choose_questions(database: Database) -> list[ProbeQuestion]:
    """Up to 200 questions for the corpus: other wordings of its questions, or else the questions
    themselves.
    """
    found = [
        ProbeQuestion(text, entry, passage, PassageKind.ALIAS)
        for passage, entry, text in database.sample_passages(PassageKind.ALIAS, PROBES)
    ]
    if len(found) < _ENOUGH_WORDINGS:
        found += [
            ProbeQuestion(text, entry, passage, PassageKind.QUESTION)
            for passage, entry, text in database.sample_passages(PassageKind.QUESTION, PROBES)
            if passage % PASSAGES_PER_ENTRY == 0
        ]
    return found[:PROBES]


def ask_own_questions(
    database: Database, index: VectorIndex, questions: Sequence[ProbeQuestion], vectors: Floats
) -> list[Probe]:
    """A probe for each of the questions.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        questions: as `choose_questions` gives them.
        vectors: (n, d) float32, their embeddings.
    """
    entries = database.entries({each.entry for each in questions})
    probes = []
    for question, vector in zip(questions, vectors, strict=True):
        found = find_candidates(database, index, question.text, vector)
        missing = found.only(found.entries != question.entry)
        nearby = np.union1d(found.entries, [question.entry])
        if question.kind is PassageKind.ALIAS:
            held_out = _without_passage(database, index, question, entries[question.entry], vector)
            others = missing
        else:
            held_out = _answers_only(database, index, question, nearby, vector)
            others = held_out.only(held_out.entries != question.entry)
        own = held_out.only(held_out.entries == question.entry)
        probes.append(Probe(vector, own, others, missing))
    return probes


def _without_passage(
    database: Database, index: VectorIndex, question: ProbeQuestion, entry: Entry, vector: Floats
) -> Candidates:
    """The question's own entry, as if it did not have this wording."""
    ids, vectors = passages_of(index, np.array([question.entry]))
    kept = ids != question.passage
    others = (alias for alias in entry.aliases if alias != question.text)
    rest = " ".join(
        [*entry.breadcrumb, entry.question, entry.question_body, entry.answer, *others]
    ).lower()
    known = [word for word in words_of(question.text) if word in rest]
    lexical = lexical_scores(database, question.text, 1, [question.entry], matching=known)
    return candidates_of(ids[kept], vectors[kept], cosines(vectors[kept], vector), lexical)


def _answers_only(
    database: Database, index: VectorIndex, question: ProbeQuestion, entries: Ids, vector: Floats
) -> Candidates:
    """Entries as if they were answers without questions."""
    ids, vectors = passages_of(index, entries)
    is_question = ids % PASSAGES_PER_ENTRY == 0
    places = np.cumsum(is_question) - 1  # the question is the first passage of each entry
    answers = vectors - _QUESTION_SHARE * vectors[is_question][places]
    answers /= np.maximum(np.linalg.norm(answers, axis=1, keepdims=True), 1e-6)
    ids, answers = ids[~is_question], answers[~is_question]
    lexical = lexical_scores(
        database, question.text, len(entries), entries.tolist(), in_answer=True
    )
    return candidates_of(ids, answers, cosines(answers, vector), lexical)
