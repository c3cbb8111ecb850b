"""The words of an index: which entries have them, and how well they match (BM25).

SQLite's FTS5 answers for most indexes, arrays (`qasearch.storage.postings`) for large ones. Words
are stemmed in the same way by both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from qasearch.storage.sql import Rows, among, quoted

if TYPE_CHECKING:
    from qasearch.storage.postings import Postings, Stemmer

_NO_COPY = "rowid NOT IN (SELECT rowid FROM entries WHERE copy_of IS NOT NULL)"


class FullText:
    """The words of the entries of one open `index.db`."""

    def __init__(self, rows: Rows) -> None:
        """Read with `rows`."""
        self._rows = rows
        self._stemmer: Stemmer | None = None
        self._postings: tuple[object, Postings] | None = None

    def close(self) -> None:
        """Free the memory of the stemmer."""
        if self._stemmer:
            self._stemmer.close()

    def match(
        self,
        words: Sequence[str],
        limit: int,
        entries: Iterable[int] | None = None,
        *,
        in_answer: bool = False,
    ) -> dict[int, float]:
        """The BM25 score, higher is better, of the entries that have any of the words, best first.

        Robertson and Zaragoza (2009) with k1 = 1.2 and b = 0.75, the values that FTS5 has.

        Args:
            words: each counts once.
            limit: how many entries at most, the best ones.
            entries: row ids of the entries to search; None for all.
            in_answer: whether to search the answers alone, without questions and aliases.
        """
        if not words:
            return {}
        postings = None if in_answer else self._current_postings()
        if postings:
            return postings.best(words, limit, entries)
        # the plus sign keeps FTS5 from running the match once for each row id
        where, values = among("+rowid", entries)
        query = f"""SELECT rowid, -bm25(words) FROM words
            WHERE words MATCH ? AND {where} AND {_NO_COPY} ORDER BY bm25(words) LIMIT ?"""
        match = f"{'answer : ' if in_answer else ''}({' OR '.join(map(quoted, words))})"
        return dict(self._rows(query, (match, *values, limit)))

    def count(self, word: str) -> int:
        """How many entries have the word."""
        query = f"SELECT count(*) FROM words WHERE words MATCH ? AND {_NO_COPY}"
        return int(next(self._rows(query, (quoted(word),)))[0])

    def counts(self, words: Sequence[str]) -> dict[str, int]:
        """How many entries have each of the words.

        Where words are kept as arrays, entries that were removed since are counted as well.
        """
        postings = self._current_postings()
        return postings.counts(words) if postings else {word: self.count(word) for word in words}

    def having(
        self,
        groups: Sequence[Sequence[str]],
        limit: int,
        entries: Iterable[int] | None = None,
        *,
        column: Literal["", "question", "answer"] = "",
    ) -> list[int]:
        """Row ids of entries that have one phrase of each group, at most `limit`, ascending.

        Args:
            groups: phrases of one or more words that mean the same; at least one group.
            limit: how many entries at most.
            entries: row ids of the entries to search; None for all.
            column: search questions and headings alone, or answers alone; "" for all words.
        """
        where, values = among("+rowid", entries)
        match = " AND ".join(f"({' OR '.join(map(quoted, group))})" for group in groups)
        match = f"{column} : ({match})" if column else match
        query = f"""SELECT rowid FROM words
            WHERE words MATCH ? AND {where} AND {_NO_COPY} ORDER BY rowid LIMIT ?"""
        return [rowid for (rowid,) in self._rows(query, (match, *values, limit))]

    def is_wording(self, phrase: str) -> bool:
        """Whether the phrase stands in a question, a heading or an alias of an entry."""
        match = f"{{question aliases}} : {quoted(phrase)}"
        query = "SELECT 1 FROM words WHERE words MATCH ? LIMIT 1"
        return next(self._rows(query, (match,)), None) is not None

    def unstemmed(self, first: str, last: str) -> dict[str, int]:
        """The words from `first` up to but not including `last` as they are written in the entries.

        Returns:
            for each word, how many entries have it, copies included.
        """
        query = "SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ?"
        return dict(self._rows(query, (first, last)))

    def mean_words(self) -> float | None:
        """The mean number of words of an entry when the words were last written as arrays.

        None where the words are not kept as arrays.
        """
        row = next(self._rows("SELECT mean_words FROM word_arrays"), None)
        return float(row[0]) if row else None

    def stemmer(self) -> Stemmer:
        """Stems words as the index does."""
        if self._stemmer is None:
            from qasearch.storage.postings import Stemmer

            self._stemmer = Stemmer()
        return self._stemmer

    def _current_postings(self) -> Postings | None:
        """The words as arrays; None where they are not kept as arrays.

        What it has read already is used again until a build changes the index.
        """
        if (mean_words := self.mean_words()) is None:
            return None
        (entries,) = next(self._rows("SELECT entries FROM counts"))
        version = (mean_words, entries, [*self._rows("SELECT record FROM metadata")])
        if self._postings is None or self._postings[0] != version:
            from qasearch.storage.postings import Postings

            self._postings = version, Postings(self._rows, self.stemmer(), entries)
        return self._postings[1]
