"""Where a corpus mentions what a question asks for, although no entry is about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.reply import Hit, Mention
from qasearch.reading.passages import sentences
from qasearch.searching.wording import Term
from qasearch.storage.generations import OpenIndex
from qasearch.storage.postings import Stemmer

_FOUND = 100
"""At most so many entries that have the terms are put in order."""

_LOOKED_AT = 5
"""So many of them are read."""

_LENGTH = 400
"""Characters of a sentence that are shown, around the first word that was asked for."""

_WORD = re.compile(r"\w+")


def find_mention(
    terms: Sequence[Term], hits: Sequence[Hit], index: OpenIndex, *, whole: bool
) -> Mention | None:
    """The sentence that has most of the terms; the first of them in any case, or if no sentence has
    it, the next. None if there is no such sentence.

    Args:
        terms: what is asked for, the most telling first; at least one, each somewhere in the index.
        hits: what was found, best first; at least one.
        index: the index that was asked.
        whole: whether the sentence must have all terms.
    """
    for start in range(1 if whole else len(terms)):
        if mention := _find(terms[start:], hits, index, whole=whole):
            return mention
    return None


def _find(
    terms: Sequence[Term], hits: Sequence[Hit], index: OpenIndex, *, whole: bool
) -> Mention | None:
    words = index.database.words
    groups = [term.spellings for term in terms]
    rowids = words.having(groups, _FOUND) or words.having(groups[:1], _FOUND)
    entries = index.database.entries(rowids)
    ranks = {hit.entry.id: hit.rank for hit in hits}
    rowids.sort(key=lambda rowid: (ranks.get(entries[rowid].id, len(ranks) + 1), rowid))
    stemmer = words.stemmer()
    wanted = [[frozenset(stems) for stems in stemmer.stems(group)] for group in groups]
    best, most = None, len(terms) - 1 if whole else 0
    for rowid in rowids[:_LOOKED_AT]:
        for sentence in _sentences(rowid, wanted, index, stemmer):
            found = [_found(phrases, sentence.stems) for phrases in wanted]
            if found[0] and sum(map(bool, found)) > most:
                most = sum(map(bool, found))
                stems = {stem for phrase in found for stem in phrase}
                entry = entries[rowid]
                words_there = _written(sentence.text, stems, stemmer)
                best = Mention(
                    entry,
                    str(index.metadata.corpus / entry.path),
                    sentence.line,
                    _shortened(sentence.text, words_there[0]),
                    words_there,
                )
    return best


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of an entry, the line where it begins, and its stemmed words."""

    line: int
    text: str
    stems: Mapping[str, int]


def _sentences(
    rowid: int, wanted: Sequence[Sequence[frozenset[str]]], index: OpenIndex, stemmer: Stemmer
) -> Iterator[_Sentence]:
    """The sentences of the passages of an entry that have a wanted phrase, its aliases last."""
    ids, _ = index.vectors.passages_of(np.array([rowid], np.int64))
    passages = [*index.database.passages(ids.tolist()).values()]
    passages.sort(key=lambda passage: passage.kind is PassageKind.ALIAS)
    stems_of_passages = stemmer.stems([passage.text for passage in passages])
    found = [
        sentence
        for passage, stems in zip(passages, stems_of_passages, strict=True)
        if any(_found(phrases, stems) for phrases in wanted)
        for sentence in sentences(passage)
    ]
    stems_of_sentences = stemmer.stems([text for _, text in found])
    for (line, text), of_sentence in zip(found, stems_of_sentences, strict=True):
        yield _Sentence(line, text, of_sentence)


def _found(phrases: Sequence[frozenset[str]], stems: Mapping[str, int]) -> frozenset[str]:
    """The stems of the first phrase whose words are all there; none if no phrase is."""
    return next((phrase for phrase in phrases if phrase <= stems.keys()), frozenset())


def _written(text: str, wanted: set[str], stemmer: Stemmer) -> tuple[str, ...]:
    """The words of the text that have one of these stems, as they are written there."""
    words = [*dict.fromkeys(_WORD.findall(text))]
    return tuple(
        word
        for word, stems in zip(words, stemmer.stems(words), strict=True)
        if stems.keys() & wanted
    )


def _shortened(text: str, word: str) -> str:
    """The text, or what of it is around the word if it is long, with dots for what is left out."""
    if len(text) <= _LENGTH:
        return text
    start = max(0, text.index(word) - _LENGTH // 2)
    end = start + _LENGTH
    middle = text[start:end].strip()
    return f"{'… ' if start else ''}{middle}{' …' if end < len(text) else ''}"
