"""The words of a large index as arrays, where FTS5 would take a tenth of a second to count and to
score them.

For each stemmed word, the row ids of the entries that have it, ascending, and what it weighs in
each: BM25 without idf,

    f (k1 + 1) / (f + k1 (1 - b + b l / m))

for a word that is there f times, l words in the entry, and m in the mean entry (Robertson and
Zaragoza 2009), with the k1 and b of FTS5. So a question is some additions of arrays. `postings` is
written together with the vectors file; what came later is in `new_postings`, a row for each word of
an entry, and what went, in `gone`.
"""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.storage.schema import TOKENIZER

FROM_ENTRIES = 50_000
"""From how many entries on the words are kept as arrays."""

_KNOWN_AT_MOST = 10_000
_K1, _B = 1.2, 0.75

Rows = Callable[..., Iterator[tuple[Any, ...]]]
"""Runs a query with its values."""


class Stemmer:
    """The words that FTS5 makes of a text."""

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
        """For each text its stemmed words, and how often each is there."""
        found: list[dict[str, int]] = [{} for _ in texts]
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)", enumerate(texts)
        )
        for stem, text, count in self._connection.execute(
            "SELECT term, doc, count(*) FROM stems GROUP BY term, doc"
        ):
            found[text][stem] = count
        self._connection.execute("ROLLBACK")
        return found


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

        What FTS5 takes for several words has the count of the rarest of them.
        """
        return {word: count for word, (_, count) in self._counted(words).items()}

    def best(
        self, words: Sequence[str], limit: int, only: Iterable[int] | None
    ) -> dict[int, float]:
        """BM25 of the `limit` best of the entries with any of the words, best first; ties by row
        id.

        Args:
            words: each counts once.
            limit: how many at most.
            only: row ids to look among; None for all.
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
        for having, weights, weight in parts:
            scores[having] += weights * np.float32(weight)
        scores[_below(len(scores), (row[0] for row in self._rows("SELECT entry FROM gone")))] = 0
        if only is not None:
            others = np.ones(len(scores), np.bool_)
            others[_below(len(scores), only)] = False
            scores[others] = 0
        enough = limit * len(parts)  # an entry is there as often as it has words
        if len(entries) > enough:
            entries = entries[np.argpartition(scores[entries], -enough)[-enough:]]
        entries = np.unique(entries)
        entries = entries[scores[entries] > 0]
        best = entries[np.argsort(-scores[entries], kind="stable")[:limit]]
        return dict(zip(best.tolist(), scores[best].tolist(), strict=True))

    def _counted(self, words: Sequence[str]) -> dict[str, tuple[str, int]]:
        """The stem of each word, and how many entries have it; kept, as most words are asked for
        again.
        """
        new = [word for word in words if word not in self._known]
        if new:
            stems = self._stemmer.stems(new)
            query = """SELECT value, coalesce((SELECT length(entries) / 4 FROM postings WHERE word = value), 0)
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
        if len(self._known) > _KNOWN_AT_MOST:
            self._known = {}
        return counted

    def _posted(
        self, stems: Iterable[str]
    ) -> dict[str, tuple[npt.NDArray[np.uint32], npt.NDArray[np.float16]]]:
        """The row ids of the entries with each stem, and what it weighs in each; only those that
        are anywhere.
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
                np.concatenate([part[0] for part in each]),
                np.concatenate([part[1] for part in each]),
            )
            for stem, each in parts.items()
        }


def idf(total: int, count: int) -> float:
    """What a word in `count` of `total` entries tells, as FTS5 has it; next to nothing if it is in
    half of them.
    """
    return max(1e-6, math.log((total - count + 0.5) / (count + 0.5)))


def write_postings(connection: sqlite3.Connection) -> float:
    """Write the arrays of all words that FTS5 has, and give the mean number of words of an
    entry.
    """
    lengths, mean = _lengths(connection)
    copies = np.zeros(len(lengths), np.bool_)
    found = connection.execute("SELECT rowid FROM entries WHERE copy_of IS NOT NULL")
    copies[_below(len(copies), (row[0] for row in found))] = True
    found = connection.execute("SELECT term, doc, count(*) FROM instances GROUP BY term, doc")
    for word, rows in itertools.groupby(found, key=lambda row: row[0]):
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
    """What a word weighs that is there so often in entries of so many words."""
    return counts * (_K1 + 1) / (counts + _K1 * (1 - _B + _B * lengths / mean))


def _lengths(connection: sqlite3.Connection) -> tuple[npt.NDArray[np.float32], float]:
    """(n,) float32, how many words each entry has, by its row id; and the mean of those that there
    are.
    """
    rows = connection.execute("SELECT id, sz FROM words_docsize ORDER BY id").fetchall()
    lengths = np.zeros(rows[-1][0] + 1 if rows else 1, np.float32)
    for entry, sizes in rows:
        lengths[entry] = _sum_of_varints(sizes)
    return lengths, float(lengths.sum() / max(1, len(rows)))


def _below(limit: int, entries: Iterable[int]) -> npt.NDArray[np.int64]:
    listed = np.fromiter(entries, np.int64)
    return listed[listed < limit]


def _sum_of_varints(data: bytes) -> int:
    """The sum of numbers in SQLite's format of variable length: seven bits a byte, the highest
    first.
    """
    total = value = 0
    for byte in data:
        value = value << 7 | byte & 127
        if byte < 128:
            total, value = total + value, 0
    return total
