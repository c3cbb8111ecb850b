"""Which id an entry has, and which entries are copies of the same question and answer.

Owns both decisions, so that a corpus that is read at once and an index that is brought up to date
file by file come to the same result. Works on plain records. Knows no Markdown, no file system and
no index.

Ids come from the path and the question, never from positions, so an edit elsewhere in a file leaves
them alone. There are two kinds:

- A *derived id* follows from the path and the question: `README#what-is-jsx`.
- A *declared id* stands in the front matter of a file that is one entry: `id: jsx`.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Container, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from qasearch.datatypes.entry import Entry, Problem, Rule

Key = TypeVar("Key", bound=Hashable)

_MAX_SLUG = 80
"""Characters of a question in an id: enough to read it, and short enough to type."""

_SHORT_DIGEST = 6
"""Hexadecimal digits that tell apart the few entries of one file that have the same question."""

_PAIR_DIGEST = 24
"""Hexadecimal digits (96 bits) that tell apart all pairs of question and answer of a corpus."""


class Record(NamedTuple, Generic[Key]):
    """What decides the id of an entry, and whether the entry is a copy.

    Attributes:
        key: what the caller names the entry by, such as a row id; unique.
        path: the file of the entry.
        line: the first line of its question.
        rule: the way in which its question is marked.
        derived_id: the id that follows from path and question.
        declared_id: the id in the front matter; "" if there is none.
        pair: the digest of question and answer (`pair_digest`); "" if there is no answer.
    """

    key: Key
    path: str
    line: int
    rule: Rule
    derived_id: str
    declared_id: str
    pair: str

    @property
    def claimed_id(self) -> str:
        """The id that the entry has if no other entry has it."""
        return self.declared_id or self.derived_id


class SettledId(NamedTuple):
    """The id of an entry, and the problem if it is not the id that the entry declares."""

    id: str
    problem: Problem | None


def settle_ids(
    records: Iterable[Record[Key]], only: Container[str] | None = None
) -> dict[Key, SettledId]:
    """The id of each entry, by key, in the order of the records.

    A derived id belongs to the entry that it is derived from, whatever another entry declares.
    An id that several entries declare belongs to the first of them by path and line. An entry that
    cannot have its declared id has its derived id, and a problem. So no two entries have the same
    id, provided that no two have the same derived id.

    Args:
        records: the entries of a corpus. For entries of the same path and line, the order of the
            records decides.
        only: settle only these ids. Then the records that have one of them as derived or as
            declared id are enough, and only entries that claim one of them are in the result.
    """
    records = list(records)
    by_place = sorted(records, key=_place)
    owners: dict[str, Record[Key]] = {}
    for record in by_place:
        owners.setdefault(record.derived_id, record)
    for record in by_place:
        owners.setdefault(record.claimed_id, record)
    return {
        record.key: _settled(record, owners[record.claimed_id])
        for record in records
        if only is None or record.claimed_id in only
    }


def _settled(record: Record[Key], owner: Record[Key]) -> SettledId:
    if not record.declared_id or owner.key == record.key:
        return SettledId(record.claimed_id, None)
    reason = (
        f"the id '{record.declared_id}' is already taken by {owner.path}:{owner.line}; give another"
    )
    return SettledId(record.derived_id, Problem(record.path, record.line, reason))


def find_copies(records: Iterable[Record[Key]]) -> dict[Key, Key]:
    """The key of the original of each copy, by the key of the copy.

    Entries with the same pair are one original and its copies. The original is an entry from front
    matter if there is one, because that has the other wordings of the question; else it is the
    first by path and line. Entries without an answer are no copies.

    Args:
        records: all entries that have one of some pairs. For entries of the same path and line, the
            order of the records decides.
    """
    by_pair: dict[str, list[Record[Key]]] = defaultdict(list)
    for record in records:
        if record.pair:
            by_pair[record.pair].append(record)
    copies: dict[Key, Key] = {}
    for same in by_pair.values():
        original = min(same, key=_precedence)
        copies.update({record.key: original.key for record in same if record is not original})
    return copies


def _place(record: Record[Key]) -> tuple[str, int]:
    return record.path, record.line


def _precedence(record: Record[Key]) -> tuple[bool, str, int]:
    return record.rule is not Rule.FRONT_MATTER, *_place(record)


def derive_ids(path: str, entries: Sequence[Entry]) -> list[str]:
    """The derived ids of the entries of the file at `path`, in their order; all are different.

    A file that is one question has its path without `.md` as its id, any other entry
    `path#question`. A question with code or choices has a digest of them in its id, because many
    ask 'What is the output?'. If several ids of a file are the same even so, each has a digest of
    its headings and its answer, and further equal ones are counted.
    """
    base = path.removesuffix(".md")
    if len(entries) == 1 and entries[0].rule is Rule.FRONT_MATTER:
        return [base]
    names = [_name(entry) for entry in entries]
    frequency = Counter(names)
    used: Counter[str] = Counter()
    ids = []
    for entry, plain_name in zip(entries, names, strict=True):
        name = plain_name
        if frequency[name] > 1:
            name = f"{name}.{_digest(_SHORT_DIGEST, ' '.join(entry.breadcrumb), entry.answer)}"
        used[name] += 1
        if used[name] > 1:
            name = f"{name}.{used[name]}"
        ids.append(f"{base}#{name}")
    return ids


def _name(entry: Entry) -> str:
    slug = slugify(entry.question)[:_MAX_SLUG].strip("-") or "entry"
    if not entry.question_body:
        return slug
    return f"{slug}.{_digest(_SHORT_DIGEST, entry.question_body)}"


def pair_digest(entry: Entry) -> str:
    """The digest of question and answer; "" if there is no answer.

    The title of the page, the first of the breadcrumb, tells apart what 'Removal' removes.
    Entries that differ only in upper and lower case and in white space have the same digest.
    """
    if not entry.answered:
        return ""
    page = "".join(entry.breadcrumb[:1])
    texts = (page, entry.question, entry.question_body, entry.answer)
    return _digest(_PAIR_DIGEST, *(" ".join(text.lower().split()) for text in texts))


def slugify(text: str) -> str:
    """Text as part of an id: letters and digits of any script in lower case, joined by hyphens."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def _digest(size: int, *texts: str) -> str:
    joined = "\n".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:size]
