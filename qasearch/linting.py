"""Finds the faults of a corpus, for its owner to mend: `qasearch lint`.

Works on entries that are already read. Knows no files and no index. Only the search for nearly
equal questions needs an encoder.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from qasearch.datatypes.entry import Entry, Problem, Reference, ReferenceKind
from qasearch.encoding import Encoder
from qasearch.phrases import counted

MAX_WORDS = 1500
"""An answer with more words than this is several answers in one, or a whole document."""

NEAR_DUPLICATE = 0.95
"""From this cosine on, two questions are taken as one question in other words."""

_MIN_ATTRACTED = 4
"""An entry that is nearest to wordings of fewer others may be so by chance."""

_BLOCK_ROWS = 1024
"""Questions that are compared with all others at once, so that memory does not grow with n * n."""


class FindingKind(StrEnum):
    """The kind of a fault."""

    UNREADABLE = "unreadable"
    UNANSWERED = "unanswered"
    DUPLICATE_QUESTION = "duplicate-question"
    NEAR_DUPLICATE_QUESTION = "near-duplicate-question"
    ALIAS_COLLISION = "alias-collision"
    DEAD_LINK = "dead-link"
    DEAD_ANCHOR = "dead-anchor"
    ATTRACTS_OTHERS = "attracts-others"
    MISSING_IMAGE = "missing-image"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A fault of the corpus.

    Attributes:
        path: of the file, relative to the corpus.
        line: 1-based; 0 where the fault has no line.
        kind: the kind of fault.
        message: what is wrong, for the owner of the corpus.
    """

    path: str
    line: int
    kind: FindingKind
    message: str


def lint(
    entries: Sequence[Entry], problems: Sequence[Problem], encoder: Encoder | None
) -> list[Finding]:
    """All faults, without repetitions, ordered by path and line.

    Args:
        entries: all entries of a corpus, with their references resolved.
        problems: the files and parts of files that could not be read.
        encoder: finds nearly equal questions; None leaves that check out.

    Raises:
        ModelUnavailable: the encoder gives no usable vectors.
    """
    findings = {
        Finding(problem.path, problem.line, FindingKind.UNREADABLE, problem.reason)
        for problem in problems
    }
    for entry in entries:
        findings.update(_faults_of_entry(entry))
    findings.update(_equal_wordings(entries))
    if encoder is not None:
        # the headings of plain notes are not meant as questions
        questions = [entry for entry in entries if not entry.rule.is_note]
        findings.update(_near_duplicates(questions, encoder))
        findings.update(_attracting(questions, encoder))
    return sorted(findings)


def _at_question(entry: Entry, kind: FindingKind, message: str) -> Finding:
    return Finding(entry.path, entry.question_line, kind, message)


def _place(entry: Entry) -> str:
    return f"{entry.path}:{entry.question_line}"


def _faults_of_entry(entry: Entry) -> Iterator[Finding]:
    if not entry.answered:
        yield _at_question(entry, FindingKind.UNANSWERED, f"'{entry.question}' has no answer")
    words = len(re.findall(r"\w+", entry.answer))
    if words > MAX_WORDS:
        message = (
            f"the answer to '{entry.question}' has {counted(words, 'word')}, "
            f"more than {MAX_WORDS:,}: split it"
        )
        yield _at_question(entry, FindingKind.TOO_LONG, message)
    for copy in entry.also_at:
        message = f"'{entry.question}' has the same answer in {_place(entry)}"
        yield Finding(copy.path, copy.line, FindingKind.DUPLICATE_QUESTION, message)
    for reference in entry.references:
        if reference.exists is False:  # None: a web address, which is not looked up
            kind, message = _fault_of_reference(reference)
            yield Finding(entry.path, reference.line, kind, message)


def _fault_of_reference(reference: Reference) -> tuple[FindingKind, str]:
    target = reference.target or reference.text
    if reference.kind is ReferenceKind.IMAGE:
        return FindingKind.MISSING_IMAGE, f"there is no image '{target}'"
    if reference.kind is ReferenceKind.FOOTNOTE:
        return FindingKind.DEAD_ANCHOR, f"there is no definition of the footnote '{target}'"
    if "#" in target:
        return FindingKind.DEAD_ANCHOR, f"there is no heading or anchor '{target}'"
    return FindingKind.DEAD_LINK, f"there is no file '{target}'"


def _equal_wordings(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Questions and aliases that an earlier entry has too, but for case and punctuation."""
    uses: dict[tuple[str, str], list[tuple[Entry, str]]] = defaultdict(list)
    for entry in entries:
        for wording in (entry.question, *entry.aliases):
            if words := _words(wording):
                # the same words about another piece of code are another question
                body = entry.question_body if wording == entry.question else ""
                uses[words, body].append((entry, wording))
    for (first, first_wording), *later in uses.values():
        for entry, wording in later:
            if entry is first:
                continue
            if first_wording != first.question or wording != entry.question:
                message = f"'{wording}' is also a question or an alias in {_place(first)}"
                yield _at_question(entry, FindingKind.ALIAS_COLLISION, message)
            elif not _told_apart(first, entry):
                message = f"'{wording}' is also asked in {_place(first)}"
                yield _at_question(entry, FindingKind.DUPLICATE_QUESTION, message)


def _told_apart(first: Entry, second: Entry) -> bool:
    """Whether two entries with the same question stand in one file below different headings."""
    return first.path == second.path and first.breadcrumb != second.breadcrumb


def _near_duplicates(entries: Sequence[Entry], encoder: Encoder) -> Iterator[Finding]:
    """Entries whose nearest earlier entry asks nearly the same in other words."""
    vectors = encoder.encode_documents([entry.question for entry in entries])
    for start in range(0, len(entries), _BLOCK_ROWS):
        cosines = vectors[start : start + _BLOCK_ROWS] @ vectors.T
        cosines = np.tril(cosines, k=start - 1)  # 0 for the question itself and for later ones
        for row, nearest in enumerate(cosines.argmax(axis=1).tolist()):
            if cosines[row, nearest] < NEAR_DUPLICATE:
                continue
            earlier, entry = entries[nearest], entries[start + row]
            if _differ_in_words_only(earlier.question, entry.question):
                message = (
                    f"'{entry.question}' asks nearly the same as "
                    f"'{earlier.question}' in {_place(earlier)}"
                )
                yield _at_question(entry, FindingKind.NEAR_DUPLICATE_QUESTION, message)


def _attracting(entries: Sequence[Entry], encoder: Encoder) -> Iterator[Finding]:
    """Entries that are nearest to wordings of unusually many others.

    Each wording of an entry that has several looks for the nearest other wording. That should be
    one of its own entry. Unusual is a number above the third quartile by more than one and a half
    times the distance between the quartiles (Tukey 1977). Such entries are hubs (Radovanovic,
    Nanopoulos and Ivanovic 2010): people get them instead of what they asked for.
    """
    wordings = [
        (number, text)
        for number, entry in enumerate(entries)
        for text in (entry.question, *entry.aliases)
    ]
    owners = np.array([number for number, _ in wordings], np.int64)
    attracted: dict[int, dict[int, str]] = defaultdict(dict)
    if len(wordings) > len(entries):
        vectors = encoder.encode_documents([text for _, text in wordings])
        counts = np.bincount(owners)
        asked = np.flatnonzero(counts[owners] > 1)
        for rows in np.array_split(asked, range(_BLOCK_ROWS, len(asked), _BLOCK_ROWS)):
            cosines = vectors[rows] @ vectors.T
            cosines[np.arange(len(rows)), rows] = -1
            for row, nearest in zip(rows.tolist(), cosines.argmax(axis=1).tolist(), strict=True):
                if owners[nearest] != owners[row]:
                    others = attracted[int(owners[nearest])]
                    others.setdefault(int(owners[row]), wordings[row][1])
    numbers = np.array([len(attracted[number]) for number in range(len(entries))])
    if not len(numbers):
        return
    lower, upper = np.quantile(numbers, (0.25, 0.75))
    for number in np.flatnonzero(numbers > upper + 1.5 * (upper - lower)).tolist():
        if numbers[number] >= _MIN_ATTRACTED:
            entry, others = entries[number], attracted[number]
            other, wording = next(iter(others.items()))
            message = (
                f"'{entry.question}' is nearest to wordings of {len(others)} other questions, such "
                f"as '{wording}' in {_place(entries[other])}: say what it is about"
            )
            yield _at_question(entry, FindingKind.ATTRACTS_OTHERS, message)


def _differ_in_words_only(first: str, second: str) -> bool:
    """Whether two questions differ in words but not in numbers.

    Embeddings hardly tell numbers apart, so 'rule 7' and 'rule 8' would look like one question.
    """
    numbers_agree = re.findall(r"\d+", first) == re.findall(r"\d+", second)
    return numbers_agree and _words(first) != _words(second)


def _words(text: str) -> str:
    """The words in lower case, one space apart; '' for none.

    `+`, `#`, `&` and `|` count as words, since 'C', 'C++' and 'C#' are different things.
    """
    return " ".join(re.findall(r"\w+|[+#&|]+", text.lower()))
