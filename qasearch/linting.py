"""What is wrong in a corpus as a set of answers: for its owner to mend before a reader meets it.

Works on entries that were read already; knows no files and no index. Near-duplicate questions need
an encoder.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from qasearch.datatypes.entry import Entry, Problem, Reference, ReferenceKind, Rule
from qasearch.encoding import Encoder

MAX_WORDS = 1500
"""An answer with more words than this is several answers, or a document."""

NEAR_DUPLICATE = 0.95
"""The cosine of two questions from which they are taken as the same question in other words."""

_BLOCK = 1024


class FindingKind(StrEnum):
    """What a finding is about."""

    UNREADABLE = "unreadable"
    UNANSWERED = "unanswered"
    DUPLICATE_QUESTION = "duplicate-question"
    NEAR_DUPLICATE_QUESTION = "near-duplicate-question"
    ALIAS_COLLISION = "alias-collision"
    DEAD_LINK = "dead-link"
    DEAD_ANCHOR = "dead-anchor"
    MISSING_IMAGE = "missing-image"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to mend, at a line of a file (0 where no line is to blame)."""

    path: str
    line: int
    kind: FindingKind
    message: str


def lint(
    entries: Sequence[Entry], problems: Sequence[Problem], encoder: Encoder | None
) -> list[Finding]:
    """Everything that is wrong, by path and line.

    Args:
        entries: all entries of a corpus, with their references resolved.
        problems: what could not be read.
        encoder: finds near-duplicate questions; None leaves that check out.
    """
    found = {
        Finding(problem.path, problem.line, FindingKind.UNREADABLE, problem.reason)
        for problem in problems
    }
    for entry in entries:
        found.update(_in_entry(entry))
    found.update(_same_wordings(entries))
    if encoder is not None:
        found.update(
            _near_duplicates([entry for entry in entries if entry.rule is not Rule.SECTION], encoder)
        )
    return sorted(found)


def _at(entry: Entry, kind: FindingKind, message: str) -> Finding:
    return Finding(entry.path, entry.question_line, kind, message)


def _in_entry(entry: Entry) -> Iterator[Finding]:
    if not entry.answered:
        yield _at(entry, FindingKind.UNANSWERED, f"'{entry.question}' has no answer")
    words = len(re.findall(r"\w+", entry.answer))
    if words > MAX_WORDS:
        reason = f"'{entry.question}' is answered in {words} words, more than {MAX_WORDS}; split it"
        yield _at(entry, FindingKind.TOO_LONG, reason)
    for place in entry.also_at:
        reason = f"'{entry.question}' has the same answer in {entry.path}:{entry.question_line}"
        yield Finding(place.path, place.line, FindingKind.DUPLICATE_QUESTION, reason)
    for reference in entry.references:
        if reference.exists is False:
            yield _dead(entry, reference)


def _dead(entry: Entry, reference: Reference) -> Finding:
    target = reference.target or reference.text
    if reference.kind is ReferenceKind.IMAGE:
        return Finding(
            entry.path, reference.line, FindingKind.MISSING_IMAGE, f"there is no image '{target}'"
        )
    if reference.kind is ReferenceKind.FOOTNOTE:
        return Finding(
            entry.path,
            reference.line,
            FindingKind.DEAD_ANCHOR,
            f"the footnote '{target}' is not defined",
        )
    if "#" in target:
        return Finding(
            entry.path,
            reference.line,
            FindingKind.DEAD_ANCHOR,
            f"'{target}' leads to no heading or anchor",
        )
    return Finding(
        entry.path, reference.line, FindingKind.DEAD_LINK, f"there is no file '{target}'"
    )


def _same_wordings(entries: Sequence[Entry]) -> Iterator[Finding]:
    claims: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    for entry in entries:
        for wording in (entry.question, *entry.aliases):
            if normal := _normal(wording):  # questions about different code are different
                body = entry.question_body if wording == entry.question else ""
                claims[f"{normal}\0{body}"].append((entry, wording))
    for (owner, owned), *others in claims.values():
        place = f"{owner.path}:{owner.question_line}"
        for entry, wording in others:
            if entry is owner:
                continue
            if owned == owner.question and wording == entry.question:
                if not _told_apart(owner, entry):
                    yield _at(
                        entry,
                        FindingKind.DUPLICATE_QUESTION,
                        f"'{wording}' is also asked in {place}",
                    )
            else:
                yield _at(entry, FindingKind.ALIAS_COLLISION, f"'{wording}' also leads to {place}")


def _told_apart(one: Entry, other: Entry) -> bool:
    """Whether two entries with the same question stand below different headings of the same
    file.
    """
    return one.path == other.path and one.breadcrumb != other.breadcrumb


def _near_duplicates(entries: Sequence[Entry], encoder: Encoder) -> Iterator[Finding]:
    """For each entry the nearest one before it, where that asks nearly the same in other words."""
    vectors = encoder.encode_documents([entry.question for entry in entries])
    for start in range(0, len(entries), _BLOCK):
        cosines = np.tril(vectors[start : start + _BLOCK] @ vectors.T, k=start - 1)
        for row, column in enumerate(cosines.argmax(axis=1).tolist() if entries else ()):
            owner, entry = entries[column], entries[start + row]
            if cosines[row, column] >= NEAR_DUPLICATE and _differ_in_words_only(
                owner.question, entry.question
            ):
                place = f"'{owner.question}' in {owner.path}:{owner.question_line}"
                message = f"'{entry.question}' asks nearly the same as {place}"
                yield _at(entry, FindingKind.NEAR_DUPLICATE_QUESTION, message)


def _differ_in_words_only(one: str, other: str) -> bool:
    """Whether two questions differ, and not by a number, which no embedding tells apart."""
    return _normal(one) != _normal(other) and re.findall(r"\d+", one) == re.findall(r"\d+", other)


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+|[+#&|]+", text.lower()))
