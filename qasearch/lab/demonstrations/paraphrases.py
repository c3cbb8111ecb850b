"""Passages that say nearly the same in other words: what an embedding finds, and a search for words
cannot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.lab.space import Floats, Ids, Space

MOST_PASSAGES = 4_000
"""Of more, a sample of this size is compared, each with each."""

_STOP_WORDS = frozenset(
    "a about after all also an and any are as at be been but by can could did do does each for from get had has have "
    "how if in into is it its just like may me more most must my no not of on one only or other our out over should "
    "so some such than that the their them then there these they this those to too use used using vs was way we were "
    "what when where which while who why will with without would you your".split()
)
_WORD = re.compile(r"[^\W\d_]{3,}")

Pairs = list[tuple[float, int, int]]


def content_words(text: str) -> frozenset[str]:
    """Its words without stop words, cut to four letters: a crude stem, under which rather too many
    are alike.
    """
    return frozenset(word[:4] for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS)


def nearest_without_a_word(vectors: Floats, words: Sequence[frozenset[str]], owners: Ids) -> Pairs:
    """The nearest passages of two entries that share no word, as (cosine, i, j) with i < j, nearest
    first.

    Each passage is paired with the nearest one that it may be paired with, and each pair of entries
    is named once.

    Args:
        vectors: (m, d), rows of unit norm.
        words: of each passage; one with fewer than two, such as a formula, is in no pair.
        owners: (m,) the entry of each.
    """
    cosines = vectors @ vectors.T
    pairs: dict[frozenset[int], tuple[float, int, int]] = {}
    for i, row in enumerate(cosines):
        if len(words[i]) > 1:
            for j in np.argsort(-row, kind="stable").tolist():
                if owners[i] != owners[j] and len(words[j]) > 1 and words[i].isdisjoint(words[j]):
                    found, both = (
                        (float(row[j]), min(i, j), max(i, j)),
                        frozenset({int(owners[i]), int(owners[j])}),
                    )
                    pairs[both] = max(pairs.get(both, found), found)
                    break
    return sorted(pairs.values(), key=lambda pair: (-pair[0], pair[1:]))


def paraphrases(space: Space) -> Pairs:
    """The same of a space, by the numbers of its passages; a piece of an answer is read with its
    question in front.
    """
    chosen = np.arange(len(space.passages))
    if len(chosen) > MOST_PASSAGES:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MOST_PASSAGES, replace=False))
    words = []
    for passage, owner in (
        (space.passages[number], space.owners[number]) for number in chosen.tolist()
    ):
        question = space.entries[owner].question if passage.kind is PassageKind.ANSWER else ""
        words.append(content_words(f"{question} {passage.text}"))
    pairs = nearest_without_a_word(space.passage_vectors[chosen], words, space.owners[chosen])
    return [(cosine, int(chosen[i]), int(chosen[j])) for cosine, i, j in pairs]
