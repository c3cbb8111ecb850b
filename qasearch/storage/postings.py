"""The words of a large index as arrays, because FTS5 would take a tenth of a second for a question.

The table `postings` has a row for each stemmed word: the row ids of the entries that have it,
ascending, and its weight in each of them. The weight is BM25 without idf,

    f (k1 + 1) / (f + k1 (1 - b + b l / m))

for a word that stands f times in an entry of l words, where the mean entry has m words (Robertson
and Zaragoza 2009). So the scores of a question are a sum of few arrays.

The arrays are written together with the vectors file. Words of later entries are in `new_postings`,
one row for each word of an entry; entries that were removed later are in `gone`.
"""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.storage.schema import TOKENIZER
from qasearch.storage.sql import Rows

FROM_ENTRIES = 50_000
"""With so many entries, the words are kept as arrays. FTS5 takes time in proportion to the entries:
120 ms a question for a million."""

_MAX_KNOWN_WORDS = 10_000
"""At most so many words are remembered with their stems and counts; then all are forgotten."""

_K1, _B = 1.2, 0.75
"""The constants of BM25 that FTS5 has, so that both ways give the same scores."""


class Stemmer:
    """Makes of a text the words that FTS5 would make, with a database in memory."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.executescript(
            f"""CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize='{TOKENIZER}');
            CREATE VIRTUAL TABLE stems USING fts5vocab (texts, instance);"""
        )

    def close(self) -> None:
        """Free its memory."""
        self._connection.close()

    def stems(self, texts: Sequence[str]) -> list[dict[str, int]]:
        """For each text its stemmed words, and how often each stands there."""
        counts: list[dict[str, int]] = [{} for _ in texts]
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts)
        )
        for stem, text, count in self._connection.execute(
            "SELECT term, doc, count(*) FROM stems GROUP BY term, doc"
        ):
            counts[text][stem] = count
        self._connection.execute("ROLLBACK")
        return counts


class Postings:
    """Counts and scores the words of an index that has them as arrays."""

    def __init__(self, rows: Rows, stemmer: Stemmer, total: int) -> None:
        """Read with `rows` from an index of `total` entries."""
        self._rows = rows
        self._stemmer = stemmer
        self._total = total
        self._known: dict[str, tuple[str, int]] = {}

    def counts(self, words: Sequence[str]) -> dict[str, int]:
        """How many entries have each word, those in `gone` included.

        If FTS5 splits a word into several, the count is that of the rarest of them.
        """
        return {word: count for word, (_, count) in self._counted(words).items()}

    def best(
        self, words: Sequence[str], limit: int, allowed: Iterable[int] | None
    ) -> dict[int, float]:
        """The BM25 scores of the entries that have any of the words, best first; ties by row id.

        Args:
            words: each counts once.
            limit: how many entries at most, the best ones.
            allowed: row ids of the entries to search; None for all.
        """
        counted = self._counted(words)
        posted = self._posted({stem for stem, _ in counted.values()})
        parts = [
            (*posted[stem], idf(self._total, count))
            for stem, count in counted.values()
            if stem in posted
        ]
        if not parts:
            return {}
        entries = np.concatenate([part[0] for part in parts])
        scores = np.zeros(int(entries.max()) + 1, np.float32)
        for rowids, weights, word_idf in parts:
            scores[rowids] += weights * np.float32(word_idf)
        scores[_below(len(scores), (row[0] for row in self._rows("SELECT entry FROM gone")))] = 0
        if allowed is not None:
            excluded = np.ones(len(scores), np.bool_)
            excluded[_below(len(scores), allowed)] = False
            scores[excluded] = 0
        enough = limit * len(parts)  # an entry stands in the list once for each of its words
        if len(entries) > enough:
            entries = entries[np.argpartition(scores[entries], -enough)[-enough:]]
        entries = np.unique(entries)
        entries = entries[scores[entries] > 0]
        best = entries[np.argsort(-scores[entries], kind="stable")[:limit]]
        return dict(zip(best.tolist(), scores[best].tolist(), strict=True))

    def _counted(self, words: Sequence[str]) -> dict[str, tuple[str, int]]:
        """The stem of each word, and how many entries have it.

        The results are remembered, because most words are asked for again.
        """
        new = [word for word in words if word not in self._known]
        if new:
            stems = self._stemmer.stems(new)
            query = """SELECT value,
                coalesce((SELECT length(entries) / 4 FROM postings WHERE word = value), 0)
                + (SELECT count(*) FROM new_postings WHERE word = value) FROM json_each(?)"""
            listed = json.dumps([stem for of_word in stems for stem in of_word])
            counts = {stem: min(self._total, count) for stem, count in self._rows(query, (listed,))}
            rarest = [
                min(of_word, key=lambda stem: (counts[stem], stem), default="") for of_word in stems
            ]
            self._known |= {
                word: (stem, counts.get(stem, 0)) for word, stem in zip(new, rarest, strict=True)
            }
        counted = {word: self._known[word] for word in words}
        if len(self._known) > _MAX_KNOWN_WORDS:
            self._known = {}
        return counted

    def _posted(
        self, stems: Iterable[str]
    ) -> dict[str, tuple[npt.NDArray[np.uint32], npt.NDArray[np.float16]]]:
        """For each stem the row ids of the entries that have it, and its weight in each of them.

        Stems that no entry has are left out.
        """
        listed = (json.dumps([*stems]),)
        among = "word IN (SELECT value FROM json_each(?))"
        parts: dict[str, list[tuple[npt.NDArray[np.uint32], npt.NDArray[np.float16]]]] = {}
        for stem, entries, weights in self._rows(
            f"SELECT word, entries, weights FROM postings WHERE {among}", listed
        ):
            parts.setdefault(stem, []).append(
                (np.frombuffer(entries, "<u4"), np.frombuffer(weights, "<f2"))
            )
        new = self._rows(
            f"SELECT word, entry, weight FROM new_postings WHERE {among} ORDER BY word", listed
        )
        for stem, rows in itertools.groupby(new, key=lambda row: row[0]):
            _, later, heavy = zip(*rows, strict=True)
            parts.setdefault(stem, []).append(
                (np.array(later, np.uint32), np.array(heavy, np.float16))
            )
        return {
            stem: (
                np.concatenate([entries for entries, _ in arrays]),
                np.concatenate([weights for _, weights in arrays]),
            )
            for stem, arrays in parts.items()
        }


def idf(total: int, count: int) -> float:
    """The inverse document frequency of a word that `count` of `total` entries have.

    As in FTS5, it is nearly 0 for a word that half of the entries have, and never below.
    """
    return max(1e-6, math.log((total - count + 0.5) / (count + 0.5)))


def write_postings(connection: sqlite3.Connection) -> float:
    """Write the arrays of all words that FTS5 has.

    Returns:
        the mean number of words of an entry.
    """
    lengths, mean = _lengths(connection)
    copies = np.zeros(len(lengths), np.bool_)
    copy_rows = connection.execute("SELECT rowid FROM entries WHERE copy_of IS NOT NULL")
    copies[_below(len(copies), (row[0] for row in copy_rows))] = True
    counted = connection.execute("SELECT term, doc, count(*) FROM instances GROUP BY term, doc")
    for word, rows in itertools.groupby(counted, key=lambda row: row[0]):
        entries, counts = np.array([row[1:] for row in rows], np.int64).T
        live = ~copies[entries]
        entries, counts = entries[live], counts[live]
        data = (
            entries.astype("<u4").tobytes(),
            weights_of(counts, lengths[entries], mean).astype("<f2").tobytes(),
        )
        connection.execute("INSERT INTO postings VALUES (?, ?, ?)", (word, *data))
    return mean


def add_postings(
    connection: sqlite3.Connection, stemmer: Stemmer, texts: Mapping[int, str], mean: float
) -> None:
    """Add the words of entries that came after `write_postings`, from their texts by row id."""
    rows = []
    for entry, counts in zip(texts, stemmer.stems([*texts.values()]), strict=True):
        length = sum(counts.values())
        rows += [
            (word, entry, float(weights_of(count, length, mean))) for word, count in counts.items()
        ]
    connection.executemany("INSERT OR REPLACE INTO new_postings VALUES (?, ?, ?)", rows)


def weights_of(counts: Any, lengths: Any, mean: float) -> Any:
    """The weight of a word that stands so many times in entries of so many words."""
    return counts * (_K1 + 1) / (counts + _K1 * (1 - _B + _B * lengths / mean))


def _lengths(connection: sqlite3.Connection) -> tuple[npt.NDArray[np.float32], float]:
    """(n,) float32, how many words each entry has, by its row id; and the mean over all entries.

    FTS5 keeps the number of words of each column in `words_docsize`.
    """
    rows = connection.execute("SELECT id, sz FROM words_docsize ORDER BY id").fetchall()
    lengths = np.zeros(rows[-1][0] + 1 if rows else 1, np.float32)
    for entry, sizes in rows:
        lengths[entry] = _sum_of_varints(sizes)
    return lengths, float(lengths.sum() / max(1, len(rows)))


def _below(limit: int, entries: Iterable[int]) -> npt.NDArray[np.int64]:
    """The row ids that are valid places of an array of this length."""
    listed = np.fromiter(entries, np.int64)
    return listed[listed < limit]


def _sum_of_varints(data: bytes) -> int:
    """The sum of numbers in SQLite's format of variable length.

    A byte has seven bits of the number, the highest first; its eighth bit says that more follow.
    """
    total = value = 0
    for byte in data:
        value = value << 7 | byte & 127
        if byte < 128:
            total, value = total + value, 0
    return total
