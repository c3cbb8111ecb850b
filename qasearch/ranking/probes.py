"""The corpus is asked its own questions, while what would give the answer away is hidden.

So it is known, without any label, which entry is right. A held-out question is another wording of
an entry, and the passage with this wording is hidden. If there are too few other wordings, the
questions themselves are asked, and only the answers are searched. The same questions with the right
entry taken away show what near misses look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import Entry, PassageKind, has_a_word
from qasearch.ranking.candidates import Candidates, candidates_from, find_candidates
from qasearch.ranking.lexical import lexical_scores, words_of
from qasearch.storage.database import Database
from qasearch.storage.passage_ids import are_questions, is_question
from qasearch.storage.vectors import Floats, Ids, VectorIndex, cosines

MAX_PROBES = 600
"""At most so many of its own questions a corpus is asked."""

_MIN_WORDINGS = 30
"""With fewer other wordings, the questions themselves are asked as well."""

_QUESTION_SHARE = 0.25
"""A passage of an answer is embedded with the question in front. If this share of the question's
vector is taken out of the passage's vector, the rest comes nearest to the answer embedded alone
(`python -m benchmarks.retrieval --answers-alone`)."""


@dataclass(frozen=True, slots=True)
class ProbeQuestion:
    """A question of the corpus.

    Attributes:
        text: the question.
        entry: the row id of the entry that it belongs to, the right one.
        passage: the id of the passage that it is.
        kind: the kind of that passage.
    """

    text: str
    entry: int
    passage: int
    kind: PassageKind


@dataclass(frozen=True, slots=True)
class Probe:
    """What a held-out question found.

    Attributes:
        vector: (d,) float32, the embedding of the question.
        right: the right entry alone, with its signals from what is not hidden; no candidate if
            everything is hidden.
        wrong: the other entries, with something hidden in the same way.
        near_misses: the other entries with nothing hidden: what is found if the right entry does
            not exist.
    """

    vector: Floats
    right: Candidates
    wrong: Candidates
    near_misses: Candidates

    @property
    def is_answerable(self) -> bool:
        """Whether anything of the right entry is not hidden."""
        return len(self.right) > 0

    def candidates(self) -> Candidates:
        """The right and the wrong entries."""
        return self.right.merged(self.wrong)


def choose_questions(database: Database) -> list[ProbeQuestion]:
    """Up to 600 questions for the corpus: other wordings of its questions, and the questions
    themselves if there are too few.
    """
    questions = [
        ProbeQuestion(text, entry, passage, PassageKind.ALIAS)
        for passage, entry, text in database.sample_passages(PassageKind.ALIAS, MAX_PROBES)
    ]
    if len(questions) < _MIN_WORDINGS:
        questions += [
            ProbeQuestion(text, entry, passage, PassageKind.QUESTION)
            for passage, entry, text in database.sample_passages(PassageKind.QUESTION, MAX_PROBES)
            if is_question(passage) and has_a_word(text)
        ]
    return questions[:MAX_PROBES]


def ask_own_questions(
    database: Database, index: VectorIndex, questions: Sequence[ProbeQuestion], vectors: Floats
) -> list[Probe]:
    """A probe for each of the questions, in their order.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        questions: from `choose_questions`.
        vectors: (n, d) float32, their embeddings.
    """
    entries = database.entries({question.entry for question in questions})
    probes = []
    for question, vector in zip(questions, vectors, strict=True):
        candidates = find_candidates(database, index, question.text, vector)
        near_misses = candidates.where(candidates.entries != question.entry)
        if question.kind is PassageKind.ALIAS:
            right = _without_passage(database, index, question, entries[question.entry], vector)
            wrong = near_misses
        else:
            compared = np.union1d(candidates.entries, [question.entry])
            answers = _answers_only(database, index, question, compared, vector)
            right = answers.where(answers.entries == question.entry)
            wrong = answers.where(answers.entries != question.entry)
        probes.append(Probe(vector, right, wrong, near_misses))
    return probes


def _without_passage(
    database: Database, index: VectorIndex, question: ProbeQuestion, entry: Entry, vector: Floats
) -> Candidates:
    """The right entry, as if it did not have this wording."""
    ids, vectors = index.passages_of(np.array([question.entry]))
    visible = ids != question.passage
    aliases = (alias for alias in entry.aliases if alias != question.text)
    visible_text = " ".join(
        [*entry.breadcrumb, entry.question, entry.question_body, entry.answer, *aliases]
    ).lower()
    visible_words = [word for word in words_of(question.text) if word in visible_text]
    lexical = lexical_scores(database, question.text, 1, [question.entry], matching=visible_words)
    similarities = cosines(vectors[visible], vector)
    return candidates_from(ids[visible], vectors[visible], similarities, lexical)


def _answers_only(
    database: Database, index: VectorIndex, question: ProbeQuestion, entries: Ids, vector: Floats
) -> Candidates:
    """Entries, as if they were answers without questions."""
    ids, vectors = index.passages_of(entries)
    questions = are_questions(ids)
    # the question is the first passage of each entry, so this is the entry's place among `entries`
    places = np.cumsum(questions) - 1
    answers = vectors - _QUESTION_SHARE * vectors[questions][places]
    answers /= np.maximum(np.linalg.norm(answers, axis=1, keepdims=True), 1e-6)
    ids, answers = ids[~questions], answers[~questions]
    lexical = lexical_scores(
        database, question.text, len(entries), entries.tolist(), in_answer=True
    )
    return candidates_from(ids, answers, cosines(answers, vector), lexical)
