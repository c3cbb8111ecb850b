"""The lexical signal: the BM25 score of an entry as a share of the largest possible one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from qasearch.storage.database import Database
from qasearch.storage.postings import idf

_MAX_WORDS = 64
"""Words of a question that are searched: a pasted text must not make a question slow."""

_MAX_POSTINGS = 50_000
"""At most so many pairs of a word and an entry that has it are scored. The rarest words are taken
first, so it is the commonest words that are left out."""

_MAX_WORD_SCORE = 2.2
"""The largest BM25 score of one word, in units of its idf: k1 + 1, with the k1 = 1.2 of FTS5."""

_WORD = re.compile(r"\w+")

_LITERAL = re.compile(
    r"""
    `[^`]+` | "[^"]{3,}"                            # quoted
    | (?<!\S)--?[a-z][\w-]+                         # a flag
    | \b\w+\(                                       # a call
    | \b\w+(?:[./]|::)\w[\w./:]*                    # a path, a module, a version
    | \b\w*(?:[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|_\w)\w*  # camelCase, snake_case, letters and digits
    | \b[A-Z]{5,}\b                                # a word in capitals, longer than acronyms are
    """,
    re.VERBOSE,
)
"""What a question quotes as it stands somewhere: code, commands, names and ids."""


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, each once, in their order; the first 64."""
    return list(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:_MAX_WORDS]


def literal_share(database: Database, question: str) -> float:
    """How much of a question is literal, 0 to 1: the share of the idf of its words that stand in
    code, commands, names and ids.

    Only words count that an entry has. In a question that is all in capitals, nothing is literal.
    """
    literal: set[str] = set()
    if not question.isupper():
        for match in _LITERAL.finditer(question):
            literal.update(words_of(match[0]))
    if not literal:
        return 0.0
    entries = database.counts().entries
    counts = database.words.counts(words_of(question))
    weights = {word: idf(entries, count) for word, count in counts.items() if count}
    total = sum(weights.values())
    return sum(weights.get(word, 0.0) for word in literal) / total if total else 0.0


def lexical_scores(
    database: Database,
    question: str,
    limit: int,
    allowed: Iterable[int] | None = None,
    *,
    matching: Collection[str] | None = None,
    in_answer: bool = False,
) -> dict[int, float]:
    """The lexical signal, 0 to 1, of the entries that have words of the question, by row id.

    The BM25 score is divided by the largest one that any entry could have: the sum of (k1 + 1) idf
    over the question's words. Words that no entry has are included with the highest idf. So the
    signal is small for a question whose words are mostly not in the corpus (after the theoretical
    minimum and maximum of Bruch, Gai and Ingber 2023, arXiv:2210.11934).

    Args:
        database: the index's tables.
        question: any text.
        limit: how many entries at most, the best ones.
        allowed: row ids of the entries to search; None for all.
        matching: the words of the question that may match; None for all. The largest possible score
            stays the same.
        in_answer: whether words match in the answer only.
    """
    entries = database.counts().entries
    counts, largest = _counts_and_largest_score(database, question, entries)
    searched: list[str] = []
    postings = 0
    for word in sorted((word for word in counts if counts[word]), key=lambda word: counts[word]):
        if matching is not None and word not in matching:
            continue
        postings += counts[word]
        # a word that more than half of the entries have gets next to no idf in FTS5
        if searched and (postings > _MAX_POSTINGS or counts[word] > entries / 2):
            break
        searched.append(word)
    if not searched:
        return {}
    matches = database.words.match(searched, limit, allowed, in_answer=in_answer)
    return {entry: min(1.0, score / largest) for entry, score in matches.items()}


def word_scores(
    database: Database, question: str, entries: Iterable[int]
) -> dict[str, dict[int, float]]:
    """For each word of the question, what it adds to the lexical signal of the entries that have
    it.

    Args:
        database: the index's tables.
        question: any text.
        entries: row ids of the entries to look at.
    """
    allowed = [*entries]
    total = database.counts().entries
    counts, largest = _counts_and_largest_score(database, question, total)
    return {
        word: {
            entry: min(1.0, score / largest)
            for entry, score in database.words.match([word], len(allowed), allowed).items()
        }
        for word in counts
    }


def _counts_and_largest_score(
    database: Database, question: str, entries: int
) -> tuple[dict[str, int], float]:
    """How many of the entries have each word of the question, and the largest score that an entry
    could have.
    """
    counts = database.words.counts(words_of(question))
    return counts, _MAX_WORD_SCORE * sum(idf(entries, count) for count in counts.values())
