"""What is asked and what is searched: questions of the corpus held out, samples of a large one, and
words for them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Ids, Space

MOST_PASSAGES = 20_000
"""Of more passages, so many are searched: a sample that is always the same."""


def hold_out(space: Space, most: int, among: int = MOST_PASSAGES) -> tuple[Ids, Ids]:
    """(q,) and (c,) int64: passages that are asked (questions and aliases), and others, in which to
    search.

    At most `most`, and a fifth of the passages, are asked: a fixed random choice; at most `among`
    are searched. Zero vectors are in neither.

    Raises:
        BadRequest: fewer than three passages have a direction, or none of them is a question or
            alias.
    """
    usable = np.flatnonzero(np.linalg.norm(space.passage_vectors, axis=1) > 0.5)
    asked = [i for i in usable.tolist() if space.passages[i].kind is not PassageKind.ANSWER]
    if len(usable) < 3 or not asked:
        raise BadRequest(
            f"The index in {space.place} has {len(usable)} passages with a vector that is not zero, and {len(asked)} of"
            " them are questions. At least three are needed, one of them a question.",
            "Add entries to the corpus, or build the index again: qasearch build --full",
        )
    rng = np.random.default_rng(0)
    queries = np.sort(
        rng.choice(asked, min(most, len(asked), max(1, len(usable) // 5)), replace=False)
    )
    others = np.setdiff1d(usable, queries)
    return queries, np.sort(rng.permutation(others)[:among])


def mean_vectors(space: Space, most: int) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """The questions of at most `most` entries, and (e, d) the means of their passages as they are;
    none is zero.

    Raises:
        BadRequest: all are zero.
    """
    sums, counts = np.zeros((len(space.entries), space.vectors.shape[1])), np.bincount(space.owners)
    np.add.at(sums, space.owners, space.passage_vectors)
    usable = np.flatnonzero(np.linalg.norm(sums, axis=1) > 1e-6)
    if not len(usable):
        raise BadRequest(
            f"In the index in {space.place} the passages of every entry cancel out, so that entries have no direction.",
            "Build it again: qasearch build --full",
        )
    usable = np.sort(np.random.default_rng(0).permutation(usable)[:most])
    return tuple(one_line(space.entries[i].question) for i in usable), sums[usable] / counts[
        usable, None
    ]


def counted(space: Space, passages: int) -> str:
    """So many passages, in words that say where they are a sample."""
    if space.total > len(space.entries):
        return f"{passages:,} passages (a sample; of {space.total:,} entries {len(space.entries):,} are looked at)"
    if (
        passages < (m := len(space.passages)) - max(1, m // 5) or m > MOST_PASSAGES
    ):  # more than what is held out
        return f"{passages:,} passages (a sample of {m:,})"
    return f"{passages:,} passages"
