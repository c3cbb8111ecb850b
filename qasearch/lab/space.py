"""The embedding space of an index: its entries and passages, each with its vector.

It knows how to read an index and how to make points of it. It must not know concepts or charts.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import Entry, Passage
from qasearch.encoding import Encoder
from qasearch.errors import BadRequest, IndexDamaged
from qasearch.lab.algorithms.norms import unit
from qasearch.lab.arrays import Flags, Ids, Matrix, Vectors
from qasearch.lab.sampling import fixed_sample
from qasearch.phrases import counted
from qasearch.storage.generations import OpenIndex
from qasearch.storage.passage_ids import entry_of

MAX_ENTRIES = 20_000
"""A larger corpus is represented by a sample of this size: n^2 cosines still take seconds."""

SAME_ID = 0.8
"""difflib ratio from which a text without spaces is taken for a mistyped id."""


@dataclass(frozen=True, slots=True)
class LabelledQuestions:
    """Questions with a known outcome, asked on the index itself.

    Attributes:
        confidences: (c,) float64, the confidence of the first hit.
        answerable: (c,) bool, True for held-out wordings of the corpus, False for questions on
            other subjects.
        correct: (c,) bool, whether the first hit is the entry that the wording belongs to.
    """

    confidences: Matrix
    answerable: Flags
    correct: Flags


@dataclass(frozen=True)
class Space:
    """The n entries and m passages of an index as points in d dimensions.

    Attributes:
        entries: (n,) in the order of path and line.
        total: number of entries in the index; more than n if the space is a sample.
        sections: (n,) the part of the corpus of each entry; all "" if the corpus has no parts.
        passages: (m,) the embedded texts: questions, aliases and pieces of answers.
        owners: (m,) int64, the number of the entry of each passage.
        passage_vectors: (m, d) float32, rows of unit norm.
        vectors: (n, d) float32, rows of unit norm: the direction of the mean of the passages of
            each entry; zero if they cancel out.
        place: the folder of the index, for messages.
        load_encoder: loads the model that the index was built with.
        ask_labelled_questions: asks the index questions with a known outcome.
    """

    entries: tuple[Entry, ...]
    total: int
    sections: tuple[str, ...]
    passages: tuple[Passage, ...]
    owners: Ids
    passage_vectors: Vectors
    vectors: Vectors
    place: str
    load_encoder: Callable[[], Encoder]
    ask_labelled_questions: Callable[[], LabelledQuestions]

    @property
    def central_entry(self) -> int:
        """The number of the entry nearest to the mean of all entries."""
        return int(np.argmax(self.vectors @ self.vectors.sum(axis=0)))

    def need(self, entries: int, what: str) -> None:
        """Check that there are enough entries.

        Args:
            entries: the smallest number that is enough.
            what: what needs them, the first words of the message.

        Raises:
            BadRequest: there are fewer.
        """
        if len(self.entries) < entries:
            raise BadRequest(
                f"{what} needs at least {entries} entries, and the index in {self.place} has "
                f"{counted(len(self.entries), 'entry', 'entries')}.",
                "Add entries to the corpus, or choose another index: --index DIR",
            )

    def encode(self, questions: Sequence[str]) -> Vectors:
        """(q, d) float32 vectors of questions, rows of unit norm."""
        return self.load_encoder().encode_queries(questions)

    def find(self, text: str) -> int:
        """The number of the entry with this id or question, or of the nearest one.

        A text that is neither is taken for a mistyped id if one is very similar, else for a
        question.

        Raises:
            BadRequest: the text is empty.
        """
        if not text.strip():
            raise BadRequest(
                "The text that names an entry is empty.",
                "Give the id of an entry (list them: qasearch list) or a question.",
            )
        for number, entry in enumerate(self.entries):
            if text in {entry.id, entry.question}:
                return number
        ids = [entry.id for entry in self.entries]
        near = difflib.get_close_matches(text, ids, n=1, cutoff=SAME_ID) if " " not in text else []
        if near:
            return ids.index(near[0])
        return int(np.argmax(self.nearness(self.encode([text])[0])))

    def nearness(self, vector: Vectors) -> Vectors:
        """(n,) float32: the cosine of a (d,) unit vector with the nearest passage of each entry."""
        best = np.full(len(self.entries), -np.inf, np.float32)
        np.maximum.at(best, self.owners, self.passage_vectors @ vector)
        return best


def make_space(
    entries: Sequence[Entry],
    passages: Sequence[Passage],
    owners: Ids,
    passage_vectors: Vectors,
    *,
    total: int,
    place: str,
    load_encoder: Callable[[], Encoder],
    ask_labelled_questions: Callable[[], LabelledQuestions],
) -> Space:
    """The space of these entries and passages; the arguments are attributes of `Space`.

    Raises:
        IndexDamaged: a vector has an infinite number or one that is no number.
    """
    broken = np.flatnonzero(~np.isfinite(passage_vectors).all(axis=1))
    if len(broken):
        entry = entries[int(owners[broken[0]])]
        raise IndexDamaged(
            f"{counted(len(broken), 'vector')} of the index in {place} contain infinite or "
            f"undefined numbers, the first one at {entry.path}:{entry.question_line}.",
            "Build the index again: qasearch build --full",
        )
    sums = np.zeros((len(entries), passage_vectors.shape[1]), np.float32)
    np.add.at(sums, owners, passage_vectors)
    return Space(
        entries=tuple(entries),
        total=total,
        sections=sections_of(entries),
        passages=tuple(passages),
        owners=owners,
        passage_vectors=passage_vectors,
        vectors=unit(sums).astype(np.float32),
        place=place,
        load_encoder=load_encoder,
        ask_labelled_questions=ask_labelled_questions,
    )


def sections_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """(n,) the name of the part of the corpus that each entry belongs to.

    Parts are made by the first level (folder, file or heading) at which entries differ. All names
    are "" if nothing differs, or if most parts would have one entry only.
    """
    levels = [(*entry.path.rpartition(".")[0].split("/"), *entry.breadcrumb) for entry in entries]
    for depth in range(max(map(len, levels), default=0)):
        parts = [level[: depth + 1] for level in levels]
        if len(set(parts)) > 1:
            large_enough = len(set(parts)) <= max(2, len(entries) // 2)
            return tuple(part[-1] for part in parts) if large_enough else ("",) * len(entries)
    return ("",) * len(entries)


def read_space(
    index: OpenIndex,
    load_encoder: Callable[[], Encoder],
    ask_labelled_questions: Callable[[], LabelledQuestions],
) -> Space:
    """The space of an open index; above `MAX_ENTRIES`, the space of a sample, always the same.

    Raises:
        IndexDamaged: the index cannot be read, or a vector is damaged.
        BadRequest: the index has no entries.
    """
    with index.snapshot():
        rowids = sorted({place.rowid for place in index.database.places()})
        total = len(rowids)
        if not total:
            raise BadRequest(
                f"The index in {index.folder} has no entries.",
                "Add entries to the corpus, then build again: qasearch build",
            )
        rowids = [rowids[number] for number in fixed_sample(total, MAX_ENTRIES)]
        entries = index.database.entries(rowids)
        ids, vectors = index.vectors.passages_of(np.array(list(entries), np.int64))
        passages = index.database.passages(ids.tolist())
    numbers = {rowid: number for number, rowid in enumerate(entries)}
    return make_space(
        list(entries.values()),
        [passages[number] for number in ids.tolist()],
        np.array([numbers[owner] for owner in entry_of(ids).tolist()], np.int64),
        np.asarray(vectors),
        total=total,
        place=str(index.folder),
        load_encoder=load_encoder,
        ask_labelled_questions=ask_labelled_questions,
    )
