"""Words of a question that the corpus does not have, to the words of it that were probably
meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qasearch.storage.database import Database

CountTokens = Callable[[Sequence[str]], Sequence[int]]

_SHORTEST = 5
_LONG = 8
_WORD = re.compile(r"\w+")


def respell(question: str, database: Database, count_tokens: CountTokens) -> str:
    """The question with its misspelt words put right; the same where there are none.

    A word counts as misspelt if no entry has it in any form and the model's vocabulary has it only
    in pieces. It is replaced by the nearest word of the corpus that begins alike: with one letter
    added, missing, replaced or swapped with its neighbour (optimal string alignment), in words of
    eight letters or more with two of these. Of equally near ones, that of more entries.
    """
    lowered = {word: word.lower() for word in _WORD.findall(question)}
    lowered = {
        word: lower
        for word, lower in lowered.items()
        if len(lower) >= _SHORTEST and lower.isalpha()
    }
    pieces = count_tokens([*lowered.values()]) if lowered else []
    replaced = {}
    for (word, lower), count in zip(lowered.items(), pieces, strict=True):
        if count > 1 and not database.words.count(lower) and (meant := _nearest(lower, database)):
            replaced[word] = meant
    return _WORD.sub(lambda match: replaced.get(match[0], match[0]), question)


def _nearest(word: str, database: Database) -> str | None:
    from rapidfuzz.distance import OSA

    limit = 2 if len(word) >= _LONG else 1
    known = database.words.unstemmed(word[0], chr(ord(word[0]) + 1))
    distances = {
        other: OSA.distance(word, other, score_cutoff=limit)
        for other in known
        if abs(len(other) - len(word)) <= limit and other.isalpha()
    }
    near = [other for other, distance in distances.items() if distance <= limit]
    return min(near, key=lambda other: (distances[other], -known[other], other), default=None)
