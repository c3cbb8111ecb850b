"""Corrects misspelt words of a question by the words of the corpus."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from qasearch.storage.database import Database

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""From texts to the number of tokens that the model makes of each."""

_MIN_LETTERS = 5
"""A shorter word is one edit away from too many others."""

_TWO_EDITS_FROM = 8
"""Words with so many letters may differ by two edits, shorter ones by one."""

_WORD = re.compile(r"\w+")


def respell(question: str, database: Database, count_tokens: CountTokens) -> str:
    """The question with its misspelt words corrected; the same text if there are none.

    A word counts as misspelt if no entry has it in any form, and if the model's vocabulary has it
    only in pieces. It is replaced by the nearest word of the corpus with the same first letter. An
    edit adds, removes or replaces a letter, or swaps two neighbours (optimal string alignment). Of
    equally near words, the one in most entries is taken.
    """
    candidates = [
        word
        for word in dict.fromkeys(_WORD.findall(question))
        if len(word) >= _MIN_LETTERS and word.isalpha()
    ]
    pieces = count_tokens([word.lower() for word in candidates]) if candidates else []
    corrected: dict[str, str] = {}
    for word, count in zip(candidates, pieces, strict=True):
        is_unknown = count > 1 and not database.words.count(word.lower())
        if is_unknown and (nearest := _nearest(word.lower(), database)):
            corrected[word] = nearest
    return _WORD.sub(lambda match: corrected.get(match[0], match[0]), question)


def _nearest(word: str, database: Database) -> str | None:
    """The word of the corpus that is nearest to this one; None if none is near enough."""
    from rapidfuzz.distance import OSA

    max_edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
    entries = database.words.unstemmed(word[0], chr(ord(word[0]) + 1))
    edits = {
        known: OSA.distance(word, known, score_cutoff=max_edits)
        for known in entries
        if abs(len(known) - len(word)) <= max_edits and known.isalpha()
    }
    near = [known for known, count in edits.items() if count <= max_edits]
    return min(near, key=lambda known: (edits[known], -entries[known], known), default=None)
