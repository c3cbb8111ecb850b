"""The embedding space of an index: its entries and passages, each with where it lies."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.entry import Entry, Passage
from qasearch.encoding import Encoder
from qasearch.errors import BadRequest, IndexDamaged
from qasearch.storage.generations import OpenIndex
from qasearch.storage.passage_ids import entry_of

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

MOST_ENTRIES = 20_000
"""Of a larger corpus, so many entries are looked at."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the index answers when it is known whether it can.

    Attributes:
        confidences: (c,) float64, of the first hit.
        answerable: (c,) bool, whether the corpus answers the question: its own held-out wordings,
            and off-topic ones.
        right: (c,) bool, whether the first hit is the entry that was asked for.
    """

    confidences: npt.NDArray[np.float64]
    answerable: npt.NDArray[np.bool_]
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Space:
    """Entries (n of them) and their passages (m) as points in d dimensions.

    Attributes:
        entries: in the order of path and line.
        total: how many the corpus has; more than n where the space is a sample.
        sections: (n,) the part of the corpus that each entry stands in; "" everywhere if it has
            none.
        passages: what was embedded of the entries: their questions, aliases and pieces of answers.
        owners: (m,) int64, for each passage the number of its entry.
        passage_vectors: (m, d) float32, rows of unit norm.
        vectors: (n, d) float32, rows of unit norm: for each entry the direction of the mean of its
            passages.
        place: where the index is.
        load_encoder: gives the model that the index was built with.
        ask_what_is_known: asks the index what it is known to answer or not.
    """

    entries: tuple[Entry, ...]
    total: int
    sections: tuple[str, ...]
    passages: tuple[Passage, ...]
    owners: Ids
    passage_vectors: Floats
    vectors: Floats
    place: str
    load_encoder: Callable[[], Encoder]
    ask_what_is_known: Callable[[], Calibration]

    def need(self, entries: int, what: str) -> None:
        """Make sure that there are enough entries.

        Raises:
            BadRequest: there are fewer.
        """
        if len(self.entries) < entries:
            found = "1 entry" if len(self.entries) == 1 else f"{len(self.entries)} entries"
            raise BadRequest(
                f"{what} needs at least {entries} entries, and the index in {self.place} has {found}.",
                "Add some, or show it on another index: --index DIR",
            )

    def encode(self, questions: Sequence[str]) -> Floats:
        """(q, d) float32, rows of unit norm: where questions lie."""
        return self.load_encoder().encode_queries(questions)

    def find(self, text: str) -> int:
        """The number of the entry with this id or question; else of the one nearest to the text as
        a question.

        Raises:
            BadRequest: the text is empty.
        """
        if not text.strip():
            raise BadRequest(
                "An entry is asked for by nothing.", "Give its id (qasearch list) or a question."
            )
        for number, entry in enumerate(self.entries):
            if text in {entry.id, entry.question}:
                return number
        ids = [entry.id for entry in self.entries]
        if " " not in text and (near := difflib.get_close_matches(text, ids, n=1, cutoff=0.8)):
            return ids.index(near[0])
        return int(np.argmax(self.nearness(self.encode([text])[0])))

    def nearness(self, vector: Floats) -> Floats:
        """(n,) float32: for each entry, the cosine of its nearest passage to a (d,) vector of unit
        norm.
        """
        best = np.full(len(self.entries), -np.inf, np.float32)
        np.maximum.at(best, self.owners, self.passage_vectors @ vector)
        return best


def make_space(
    entries: Sequence[Entry],
    passages: Sequence[Passage],
    owners: Ids,
    passage_vectors: Floats,
    **rest: Any,
) -> Space:
    """The space of these entries and passages; `rest` are the other attributes of `Space`.

    Raises:
        IndexDamaged: a vector is not finite.
    """
    broken = np.flatnonzero(~np.isfinite(passage_vectors).all(axis=1))
    if len(broken):
        entry = entries[int(owners[broken[0]])]
        raise IndexDamaged(
            f"{len(broken)} vectors of the index in {rest['place']} are not finite, the first of {entry.path}:"
            f"{entry.question_line}.",
            "Build it again: qasearch build --full",
        )
    sums = np.zeros((len(entries), passage_vectors.shape[1]), np.float32)
    np.add.at(sums, owners, passage_vectors)
    norms: Floats = np.sqrt(np.square(sums).sum(axis=1, keepdims=True))
    return Space(
        entries=tuple(entries),
        sections=sections_of(entries),
        passages=tuple(passages),
        owners=owners,
        passage_vectors=passage_vectors,
        vectors=(sums / np.maximum(norms, 1e-12)).astype(np.float32),
        **rest,
    )


def sections_of(entries: Sequence[Entry]) -> tuple[str, ...]:
    """For each entry the name of its part of the corpus: of the first folder, file or heading that
    tells entries apart.

    "" everywhere where most entries would be in a part of their own.
    """
    ways = [(*entry.path.rpartition(".")[0].split("/"), *entry.breadcrumb) for entry in entries]
    for depth in range(max(map(len, ways), default=0)):
        parts = [way[: depth + 1] for way in ways]
        if len(set(parts)) > 1:
            crowded = len(set(parts)) <= max(2, len(entries) // 2)
            return tuple(part[-1] for part in parts) if crowded else ("",) * len(entries)
    return ("",) * len(entries)


def read_space(
    index: OpenIndex, load_encoder: Callable[[], Encoder], ask: Callable[[], Calibration]
) -> Space:
    """The space of an open index; of more than `MOST_ENTRIES`, a sample that is always the same.

    Raises:
        IndexDamaged: the index cannot be read, or a vector is not finite.
        BadRequest: the index has no entries.
    """
    with index.snapshot():
        rowids = sorted({place.rowid for place in index.database.places()})
        total = len(rowids)
        if not total:
            raise BadRequest(
                f"The index in {index.folder} has no entries.",
                "Give its corpus some, and build again.",
            )
        if total > MOST_ENTRIES:
            rowids = sorted(
                np.random.default_rng(0).choice(rowids, MOST_ENTRIES, replace=False).tolist()
            )
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
        ask_what_is_known=ask,
    )
