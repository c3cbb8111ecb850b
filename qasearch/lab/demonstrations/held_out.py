"""Held-out questions, the passages that they search, and the sizes that are tried."""

from __future__ import annotations

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.arrays import Ids
from qasearch.lab.space import Space

MAX_PASSAGES = 20_000
"""Passages searched at most; of more, a sample that is always the same."""

HELD_OUT_SHARE = 5
"""One passage in so many is held out at most, so that enough is left to be found."""

HALF_STEPS_FROM = 32
"""From this size on, the middle between two powers of two is tried as well."""


def hold_out(space: Space, most: int, most_searched: int = MAX_PASSAGES) -> tuple[Ids, Ids]:
    """(q,) and (c,) int64: held-out passages that act as questions, and passages to search in.

    Both are fixed random choices in rising order and have no passage in common. Held-out passages
    are questions and aliases. Passages with a zero vector are in neither.

    Args:
        space: the space.
        most: how many passages are held out at most.
        most_searched: how many are searched at most.

    Raises:
        BadRequest: fewer than three passages have a vector that is not zero, or none of them is a
            question or an alias.
    """
    usable = np.flatnonzero(np.linalg.norm(space.passage_vectors, axis=1) > 0.5)
    questions = [i for i in usable.tolist() if space.passages[i].kind is not PassageKind.ANSWER]
    if len(usable) < 3 or not questions:
        raise BadRequest(
            f"The index in {space.place} has {len(usable)} passages with a vector that is not "
            f"zero, and {len(questions)} of them are questions or aliases. At least three such "
            "passages are needed, one of them a question or an alias.",
            "Add entries to the corpus, or build the index again: qasearch build --full",
        )
    rng = np.random.default_rng(0)
    count = min(most, len(questions), max(1, len(usable) // HELD_OUT_SHARE))
    queries = np.sort(rng.choice(questions, count, replace=False))
    rest = np.setdiff1d(usable, queries)
    return queries, np.sort(rng.permutation(rest)[:most_searched])


def passages_text(space: Space, passages: int) -> str:
    """A number of passages in words, which say whether they are a sample."""
    if space.total > len(space.entries):
        return (
            f"{passages:,} passages (a sample: {len(space.entries):,} of {space.total:,} entries "
            "are used)"
        )
    total = len(space.passages)
    held_out = max(1, total // HELD_OUT_SHARE)
    if passages < total - held_out or total > MAX_PASSAGES:
        return f"{passages:,} passages (a sample of {total:,})"
    return f"{passages:,} passages"


def sizes_up_to(top: int) -> list[int]:
    """Numbers of dimensions or ranks to try, rising, the last one `top`.

    They are the powers of two, and from `HALF_STEPS_FROM` on also the middle of two of them.
    """
    sizes, power = [], 1
    while power < top:
        sizes.append(power)
        middle = power * 3 // 2
        if power >= HALF_STEPS_FROM and middle < top:
            sizes.append(middle)
        power *= 2
    return [*sizes, top]
