"""The words of a question in the entries: BM25 as a share of the most that could be reached."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from qasearch.storage.database import Database
from qasearch.storage.postings import idf

_MAX_WORDS = 64
_MAX_POSTINGS = 50_000
"""How many entries, counted once for each word that they have, are scored: the commonest words are
left out first."""

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, each once, in their order; the first 64."""
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:_MAX_WORDS]


def lexical_scores(
    database: Database,
    question: str,
    limit: int,
    only: Iterable[int] | None = None,
    *,
    matching: Collection[str] | None = None,
    in_answer: bool = False,
) -> dict[int, float]:
    """The entries with the question's words, and how much of what could be reached they have, 0 to
    1.

    BM25 is divided by the most that any entry could have: the sum of (k1 + 1) idf over the
    question's words, words of no entry included at the highest idf, so that a question whose words
    are hardly there gets little say from words (after the theoretical minimum and maximum of Bruch,
    Gai and Ingber 2023, arXiv:2210.11934).

    Args:
        database: the index's tables.
        question: any text.
        limit: how many entries at most, the best ones.
        only: row ids of entries to look among; None for all.
        matching: those of the question's words that count; None for all. What could be reached
            stays the same.
        in_answer: whether words count only where they stand in the answer.
    """
    entries = database.counts().entries
    counts, reachable = _reachable(database, question, entries)
    asked: list[str] = []
    postings = 0
    for word in sorted((word for word in counts if counts[word]), key=lambda word: counts[word]):
        if matching is not None and word not in matching:
            continue
        postings += counts[word]
        if asked and (postings > _MAX_POSTINGS or counts[word] > entries / 2):
            break  # FTS5 gives next to nothing for a word that is in more than half of the entries
        asked.append(word)
    if not asked:
        return {}
    found = database.match_words(asked, limit, only, in_answer=in_answer)
    return {entry: min(1.0, score / reachable) for entry, score in found.items()}


def word_scores(
    database: Database, question: str, only: Iterable[int]
) -> dict[str, dict[int, float]]:
    """What each word of the question adds to the lexical scores of some entries, for those that
    have it.

    Args:
        database: the index's tables.
        question: any text.
        only: row ids of the entries.
    """
    among = [*only]
    counts, reachable = _reachable(database, question, database.counts().entries)
    return {
        word: {
            entry: min(1.0, score / reachable)
            for entry, score in database.match_words([word], len(among), among).items()
        }
        for word in counts
    }


def _reachable(database: Database, question: str, entries: int) -> tuple[dict[str, int], float]:
    """How many of the entries have each word of the question, and the most that any of them could
    reach.
    """
    counts = database.count_words(words_of(question))
    return counts, 2.2 * sum(idf(entries, count) for count in counts.values())
