"""Questions that the corpus itself asks, what they are searched among, and how alike two rankings of it are."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.datatypes import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.space import Ids, Space

Scores = npt.NDArray[np.floating[Any]]

MOST_PASSAGES = 20_000
"""Of more passages, so many are searched: a sample that is always the same."""

TIE = 1e-6
"""Scores that differ by no more than float32 rounds are the same."""


def hold_out(space: Space, most: int) -> tuple[Ids, Ids]:
    """(q,) and (c,) int64: passages that are asked (questions and aliases), and the others, in which to search.

    At most `most`, and a fifth of the passages, are asked: a fixed random choice. Zero vectors are in neither.

    Raises:
        BadRequest: fewer than three passages have a direction, or none of them is a question or alias.
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
    queries = np.sort(rng.choice(asked, min(most, len(asked), max(1, len(usable) // 5)), replace=False))
    others = np.setdiff1d(usable, queries)
    if len(others) > MOST_PASSAGES:
        others = np.sort(rng.choice(others, MOST_PASSAGES, replace=False))
    return queries, others


def mean_vectors(space: Space) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    """The questions of e entries, and (e, d) the means of their passages, not of unit length; without means of zero."""
    sums, counts = np.zeros((len(space.entries), space.vectors.shape[1])), np.bincount(space.owners)
    np.add.at(sums, space.owners, space.passage_vectors)
    usable = np.flatnonzero(np.linalg.norm(sums, axis=1) > TIE)
    return tuple(brief(space.entries[i].question) for i in usable), sums[usable] / counts[usable, None]


def brief(text: str) -> str:
    """The text on one line, cut at a word where it is longer than a sentence should quote."""
    return textwrap.shorten(text, 72, placeholder=" …")


def counted(space: Space, passages: int) -> str:
    """So many passages, in words that say where they are a sample."""
    if space.total > len(space.entries):
        return f"{passages:,} passages (a sample; of {space.total:,} entries {len(space.entries):,} are looked at)"
    if passages < (m := len(space.passages)) - max(1, m // 5) or m > MOST_PASSAGES:  # more than what is held out
        return f"{passages:,} passages (a sample of {m:,})"
    return f"{passages:,} passages"


def depth(count: int) -> int:
    """How many of `count` candidates are compared: ten, or half of them where that is less, but one at least."""
    return max(1, min(10, count // 2))


def ladder(top: int) -> list[int]:
    """Numbers of dimensions to try, from 1 to `top`: powers of two, from 32 on also the middle between two."""
    steps = [step for power in range(16) for step in (2**power, 3 * 2 ** (power - 1)) if power > 4 or step == 2**power]
    return [step for step in steps if step < top] + [top]


def kept(wanted: Scores, found: Scores, k: int) -> float:
    """The share of the `k` best by `wanted` that are among the `k` best by `found`: recall, the mean over the rows.

    Args:
        wanted: (q, c) scores, higher is better.
        found: (q, c) other scores of the same candidates.
        k: from 1 to c. What ties with the last of the `k` best counts as one of them.
    """
    last = -np.partition(-wanted, k - 1, axis=1)[:, k - 1 : k]
    best = np.argpartition(-found, k - 1, axis=1)[:, :k]
    return float(np.mean(np.take_along_axis(wanted, best, axis=1) >= last - TIE))


def same_order(wanted: Scores, found: Scores) -> float:
    """The share of the rows in which both (q, c) scores put all candidates in the same order, ties aside."""
    order = np.argsort(-found, axis=1, kind="stable")
    return float(np.mean((np.diff(np.take_along_axis(wanted, order, axis=1), axis=1) <= TIE).all(axis=1)))
