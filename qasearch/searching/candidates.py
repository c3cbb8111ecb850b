"""Which entries come into question: those with the nearest passages, and those with the question's words."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes import Filters
from qasearch.encoding import Vectors
from qasearch.errors import BadRequest
from qasearch.reading.document import slugify
from qasearch.storage.database import Database
from qasearch.storage.vectors import Ids, VectorIndex

DEPTH = 200
"""How many passages, and how many entries by words, are looked at for each question."""

SUPPORT = 3
"""How many of an entry's passages speak for it."""

_MAX_WORDS = 64
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may answer, with its signals.

    `dense` is the cosine of its best `passage` to the question, `support` the mean cosine of its three best (of all, if
    it has fewer), `lexical` BM25 divided by the most that any entry could reach for this question, 0 to 1.
    """

    entry: int
    passage: int
    dense: float
    support: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The entries and passages that the filters let through."""

    entries: frozenset[int]
    passages: Ids


def select(database: Database, filters: Filters) -> Selection | None:
    """What the filters let through; None where there are no filters.

    Raises:
        BadRequest: nothing passes a filter; the message names what would.
    """
    if not filters:
        return None
    places = database.places()
    kept = {rowid for rowid, *_ in places}
    if filters.section is not None:
        wanted = slugify(filters.section)
        names = {rowid: (*path.split("/")[:-1], *crumb) for rowid, path, crumb, _ in places}
        kept = _keep(
            kept,
            {r for r in names if wanted in map(slugify, names[r])},
            "section",
            filters.section,
            names.values(),
        )
    if filters.path is not None:
        pattern = filters.path
        paths = {rowid: path for rowid, path, *_ in places}
        passing = {rowid for rowid, path in paths.items() if fnmatch.fnmatchcase(path, pattern)}
        kept = _keep(kept, passing, "path", pattern, [[path] for path in paths.values()])
    if filters.tag is not None:
        tag = filters.tag.casefold()
        passing = {rowid for rowid, _, _, tags in places if tag in map(str.casefold, tags)}
        kept = _keep(kept, passing, "tag", filters.tag, [tags for *_, tags in places])
    return Selection(frozenset(kept), database.owners(entries=kept)[0])


def _keep(kept: set[int], passing: set[int], name: str, value: str, known: Iterable[Iterable[str]]) -> set[int]:
    if not kept & passing:
        values = sorted({each for group in known for each in group})
        listed = ", ".join(values[:20]) + (f" and {len(values) - 20} more" if len(values) > 20 else "")
        alone = "" if not passing else " together with the other filters"
        raise BadRequest(f"No entry passes --{name} {value!r}{alone}.", f"There are: {listed or 'none'}.")
    return kept & passing


def find_candidates(
    database: Database, index: VectorIndex, question: str, vector: Vectors, selection: Selection | None
) -> list[Candidate]:
    """The candidates for one question, in no particular order.

    Args:
        database: the index's tables.
        index: the vectors of its passages.
        question: the text, for its words.
        vector: (d,) float32, its embedding, of unit norm.
        selection: what the filters let through.
    """
    nearest, _ = index.search(vector[None], DEPTH, None if selection is None else selection.passages)
    lexical = _lexical(database, question, selection)
    _, near = database.owners(passages=nearest[0].tolist())
    passages, entries = database.owners(entries={*near.tolist(), *lexical})
    cosines = index.vectors_of(passages) @ vector
    order = np.lexsort((-cosines, entries))
    candidates = []
    for group in np.split(order, np.flatnonzero(np.diff(entries[order])) + 1) if len(order) else []:
        entry, best = int(entries[group[0]]), group[0]
        support = float(cosines[group[:SUPPORT]].mean())
        found = lexical.get(entry, 0.0)
        candidates.append(Candidate(entry, int(passages[best]), float(cosines[best]), support, found))
    return candidates


def _lexical(database: Database, question: str, selection: Selection | None) -> dict[int, float]:
    """BM25 as a share of the most that any entry could reach.

    That bound is the sum of (k1 + 1) idf over the question's words, words of no entry included at the highest
    idf, so that a question whose words are hardly there gets little say from words (after the theoretical
    minimum and maximum of Bruch et al. 2023, arXiv:2210.11934).
    """
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(question)))[:_MAX_WORDS]
    found = database.match_words(words, DEPTH, None if selection is None else selection.entries)
    if not found:
        return {}
    total = database.counts()["entries"]
    reachable = sum(2.2 * _idf(total, database.count_matches(word)) for word in words)
    return {entry: min(1.0, score / reachable) for entry, score in found.items()} if reachable > 0 else {}


def _idf(total: int, count: int) -> float:
    return max(1e-6, math.log((total - count + 0.5) / (count + 0.5)))
