"""What a corpus lacks to answer a question, looked up in its words.

A vector is near to something in any case. Words are there or are not: so what a reply says about a
gap is true, whatever the model takes for similar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qasearch.datatypes.entry import Rule
from qasearch.datatypes.reply import Gap, GapKind, Hit, Verdict
from qasearch.phrases import counted
from qasearch.searching.wording import (
    Term,
    asks_only_for,
    defined_term,
    has_initials,
    is_countable,
    is_negated,
    named,
    phrases_of,
    same_words,
    says_no,
    terms_of,
)
from qasearch.storage.full_text import FullText
from qasearch.storage.generations import OpenIndex

_COUNTED = 1000
"""Entries that have a term are counted up to this number: so many say no more about a subject."""

_MANY = 8
"""In a question with more terms, an id that no entry has may be beside the point."""

_NAMED = 3
"""At most so many terms are named in a sentence, and looked for together: the rarest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for, and how many entries have it.

    Attributes:
        question: the text, with its spelling corrected.
        counts: the number of entries, up to `_COUNTED`, that have each term, in the order of the
            question; only of terms that can be counted.
        is_empty: whether the question names nothing.
        defined: the one word that it wants defined; None if it is no such question.
        is_negated: whether it says `not`.
        words: the words of the index.
    """

    question: str
    counts: Mapping[Term, int]
    is_empty: bool
    defined: Term | None
    is_negated: bool
    words: FullText

    @classmethod
    def of(cls, question: str, words: FullText) -> Asked:
        """What this question asks for."""
        terms = terms_of(question)
        counts = {
            term: len(words.having([term.spellings], _COUNTED))
            for term in terms
            if is_countable(term)
        }
        return cls(question, counts, not terms, defined_term(question), is_negated(question), words)

    @property
    def missing(self) -> list[Term]:
        """The terms that no entry has, in the order of the question."""
        return [term for term, count in self.counts.items() if not count]

    @property
    def rarest(self) -> list[Term]:
        """The terms that the fewest entries have but some do, rarest first."""
        present = [term for term, count in self.counts.items() if count]
        return sorted(present, key=lambda term: self.counts[term])[:_NAMED]

    def subject(self) -> list[Term]:
        """The rarest terms, with a phrase of the question in front if an entry has it."""
        phrases = [
            phrase
            for phrase in phrases_of(self.question)
            if self.words.having([phrase.spellings], 1)
        ]
        return [*phrases[:1], *self.rarest]

    def doubt(self, hit: Hit, rowid: int) -> str:
        """Why the wording speaks against a hit; "" if it does not.

        Embeddings hardly see a negation, an id or a date. They find something for a question
        without content, for a subject that the corpus lacks, and for a word in passing.

        Args:
            hit: what was found.
            rowid: its row id.
        """
        wordings = (hit.entry.question, *hit.entry.aliases)
        if any(same_words(self.question, wording) for wording in wordings):
            return ""
        return next(self._doubts(hit, rowid), "")

    def _doubts(self, hit: Hit, rowid: int) -> Iterator[str]:
        if self.is_empty:
            yield "the question names nothing to look for"
        codes = [term.text for term in self.missing if term.is_code]
        if codes and len(self.counts) <= _MANY:
            yield f"no entry contains {named(codes, 'or')}"
        if self._lacks_subject(hit):
            yield "no entry contains a word that the question asks for"
        if hit.entry.rule is Rule.LINKS and not self._names_all(rowid):
            yield "it is a list of links that does not name all that the question asks for"
        if self._only_mentions(hit, rowid):
            yield "its question is about something else"
        if self.is_negated and not any(map(says_no, (hit.entry.question, hit.passage.text))):
            yield "the question says 'not', and what was found does not"

    def stands_in_question(self, term: Term, rowid: int) -> bool:
        """Whether the question of an entry, or a heading above it, has the term."""
        return bool(self.words.having([term.spellings], 1, [rowid], column="question"))

    def _names_all(self, rowid: int) -> bool:
        """Whether the answer of an entry has all that the question asks for."""
        groups = [term.spellings for term in self.counts]
        return bool(groups) and bool(self.words.having(groups, 1, [rowid], column="answer"))

    def _lacks_subject(self, hit: Hit) -> bool:
        """Whether no entry has any term, nor the hit the words that an acronym stands for."""
        missing = self.missing
        if not missing or len(missing) < len(self.counts):
            return False
        text = " . ".join((hit.entry.question, *hit.entry.aliases, hit.passage.text))
        return not any(has_initials(term.text, text) for term in missing)

    def _only_mentions(self, hit: Hit, rowid: int) -> bool:
        """Whether a word is to be defined that neither the question of the hit contains nor any of
        its other wordings asks for.
        """
        if self.defined is None:
            return False
        question = hit.entry.question
        return not (
            self.stands_in_question(self.defined, rowid)
            or has_initials(self.defined.text, question)
            or any(asks_only_for(self.defined, alias) for alias in hit.entry.aliases)
        )


def find_gap(
    asked: Asked, verdict: Verdict, hits: Sequence[Hit], doubt: str, index: OpenIndex
) -> Gap:
    """What is missing for a question that has no sure answer.

    Args:
        asked: the question.
        verdict: `weak` or `none`.
        hits: best first.
        doubt: why the wording speaks against the first hit; "" if it does not.
        index: the index that was asked.
    """
    missing = tuple(term.text for term in asked.missing)
    subject = [] if missing else asked.subject()
    mention = None
    first = index.database.rowid_of(hits[0].entry.id) if hits else None
    can_be_mentioned = subject and asked.rarest  # not in a script without spaces between words
    if (
        can_be_mentioned
        and first is not None
        and not asked.stands_in_question(asked.rarest[0], first)
    ):
        is_whole = len(asked.counts) <= len(subject)
        if verdict is Verdict.WEAK or is_whole:
            from qasearch.searching.mentions import find_mention

            mention = find_mention(subject, hits, index, whole=verdict is Verdict.NONE)
    if verdict is Verdict.NONE:
        kind = GapKind.NOTHING
    else:
        kind = GapKind.MENTION if mention else GapKind.RELATED
    return Gap(kind, missing, _sentence(asked, subject, doubt), mention)


def _sentence(asked: Asked, subject: Sequence[Term], doubt: str) -> str:
    """What is missing, or why nothing can be said.

    Args:
        asked: the question.
        subject: its most telling terms; not needed where some are missing.
        doubt: why the wording speaks against the first hit; "" if it does not.
    """
    if asked.is_empty:
        return "The question names nothing to look for."
    if texts := [term.text for term in asked.missing]:
        more = f" or {counted(len(texts) - _NAMED, 'other word')}" if texts[_NAMED:] else ""
        return f"No entry contains {named(texts[:_NAMED], 'or')}{more}."
    if asked.is_negated and doubt:
        return f"{doubt[0].upper()}{doubt[1:]}."
    rarest, words = asked.rarest, asked.words
    groups = [term.spellings for term in rarest]
    if 1 < len(asked.counts) <= _NAMED and not words.having(groups, 1):
        return f"No entry contains {named([term.text for term in rarest])} together."
    for term in subject:
        if not words.having([term.spellings], 1, column="question"):
            count = len(words.having([term.spellings], _COUNTED))
            entries = counted(count, "entry", "entries") if count < _COUNTED else "many entries"
            mentions = f"{entries} mention{'s' * (count == 1)} it"
            return f"No question or heading has '{term.text}'; {mentions}."
    return "Its words are here, but no entry is near enough to be sure."
