"""A folder of Markdown to its entries: what `list`, `show` and `lint` work on, without an index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from qasearch.datatypes.entry import Document, Entry, Place, Problem
from qasearch.datatypes.note_names import ends_with_path, last_part, note_name
from qasearch.datatypes.rules import NO_RULES, CorpusRules
from qasearch.identity import Record, find_copies, settle_ids
from qasearch.reading.attachments import AllAttachments
from qasearch.reading.entries import read_document
from qasearch.reading.files import check_corpus, list_files, read_text
from qasearch.reading.markdown.targets import Surroundings, resolve


def read_corpus(folder: Path, rules: CorpusRules = NO_RULES) -> tuple[list[Entry], list[Problem]]:
    """The entries of the Markdown in `folder`, by path and line, and what is wrong there.

    As in an index, ids are settled, references are resolved, and a question that has the same
    answer in several places is one entry. Needs no index and no model.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
    """
    check_corpus(folder, rules)
    listing = list_files(folder, rules)
    problems = list(listing.problems)
    documents: dict[str, Document] = {}
    for file in listing.files:
        try:
            documents[file.path] = read_document(
                read_text(file)[0], file.path, file.flavour, file.private_headings
            )
        except (ValueError, OSError) as error:
            problems.append(Problem(file.path, 0, f"cannot read: {error}"))
        else:
            problems.extend(documents[file.path].problems)
    entries = [entry for document in documents.values() for entry in document.entries]
    records = _records(documents.values())
    ids = settle_ids(records)
    problems.extend(settled.problem for settled in ids.values() if settled.problem)
    around = Surroundings(
        folder,
        {path: document.anchors for path, document in documents.items()}.get,
        _Notes(documents).named,
        AllAttachments(folder).exists,
    )
    settled_entries = [
        replace(
            entry,
            id=ids[number].id,
            references=tuple(resolve(link, entry.path, around) for link in entry.references),
        )
        for number, entry in enumerate(entries)
    ]
    return _without_copies(settled_entries, find_copies(records)), problems


def _records(documents: Iterable[Document]) -> list[Record[int]]:
    """A record of each entry; its key is its place among all entries."""
    entries = ((document, entry) for document in documents for entry in document.entries)
    return [
        Record(
            key=number,
            path=entry.path,
            line=entry.question_line,
            rule=entry.rule,
            derived_id=entry.id,
            declared_id=document.declared_ids.get(entry.id, ""),
            pair=document.pairs.get(entry.id, ""),
        )
        for number, (document, entry) in enumerate(entries)
    ]


def _without_copies(entries: Sequence[Entry], copies: Mapping[int, int]) -> list[Entry]:
    """The originals, each with the places of its copies."""
    places: dict[int, list[Place]] = defaultdict(list)
    for number, original in sorted(copies.items()):
        copy = entries[number]
        places[original].append(Place(copy.path, copy.question_line, copy.id))
    return [
        replace(entry, also_at=tuple(places[number])) if number in places else entry
        for number, entry in enumerate(entries)
        if number not in copies
    ]


class _Notes:
    """The documents of a corpus by the names that wiki links use."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in sorted(paths, key=lambda path: (path.count("/"), path)):
            name = note_name(path)
            self._by_name[last_part(name)].append((name, path))

    def named(self, target: str) -> str | None:
        """The document that a wiki link names; the nearest to the top of the corpus."""
        name = note_name(target)
        same = self._by_name.get(last_part(name), ())
        return next((path for note, path in same if ends_with_path(note, name)), None)
