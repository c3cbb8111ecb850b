"""A whole folder of Markdown to entries: what `list` and `show` print, without an index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from qasearch.datatypes.entry import Document, Entry, Place, Problem
from qasearch.reading.entries import read_document
from qasearch.reading.files import check_corpus, list_files, read_text
from qasearch.reading.finders import front_matter
from qasearch.reading.markdown.targets import Surroundings, resolve


def read_corpus(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """Every entry of the Markdown in `folder`, in the order of path and line, and what could not be
    read.

    Ids and references are settled as in an index. Needs no index and no model.

    Raises:
        CorpusUnreadable: the folder is missing or holds no Markdown.
    """
    check_corpus(folder)
    listing = list_files(folder)
    problems = list(listing.problems)
    documents: dict[str, Document] = {}
    for file in listing.files:
        try:
            documents[file.path] = read_document(read_text(file)[0], file.path)
        except (ValueError, OSError) as error:
            problems.append(Problem(file.path, 0, f"cannot read: {error}"))
        else:
            problems.extend(documents[file.path].problems)
    around = Surroundings(
        folder, {p: d.anchors for p, d in documents.items()}.get, _by_name(documents).get
    )
    owners = _owners(documents.values())
    entries: list[tuple[Entry, str]] = []
    for document in documents.values():
        for entry in document.entries:
            name = declared = document.declared_ids.get(entry.id, "")
            if declared and owners[declared] != _place(entry):
                reason = f"the id '{declared}' is already taken by {owners[declared]}; give another"
                problems.append(Problem(entry.path, entry.question_line, reason))
                name = ""
            references = tuple(resolve(each, entry.path, around) for each in entry.references)
            settled = replace(entry, id=name or entry.id, references=references)
            entries.append((settled, document.pairs.get(entry.id, "")))
    return _once(entries), problems


def _place(entry: Entry) -> str:
    return f"{entry.path}:{entry.question_line}"


def _owners(documents: Iterable[Document]) -> dict[str, str]:
    """Where each id stands: one that comes from a path stays, whoever declares the same; else the
    first has it.
    """
    owners: dict[str, str] = {}
    claims = [
        (each.declared_ids.get(entry.id, ""), entry) for each in documents for entry in each.entries
    ]
    for declared, entry in sorted(claims, key=lambda claim: bool(claim[0])):
        owners.setdefault(declared or entry.id, _place(entry))
    return owners


def _once(entries: Sequence[tuple[Entry, str]]) -> list[Entry]:
    """The entries; where several have one digest of question and answer, one of them, which names
    the other places.

    The one in front matter is kept, which has the other wordings, else the first by path and line.
    """
    pairs: dict[str, list[Entry]] = {}
    for entry, pair in entries:
        if pair:
            pairs.setdefault(pair, []).append(entry)
    also_at: dict[str, tuple[Place, ...]] = {}
    copies: set[str] = set()
    for same in pairs.values():
        kept = min(
            same,
            key=lambda entry: (entry.rule != front_matter.RULE, entry.path, entry.question_line),
        )
        others = [entry for entry in same if entry is not kept]
        also_at[kept.id] = tuple(
            Place(entry.path, entry.question_line, entry.id) for entry in others
        )
        copies.update(entry.id for entry in others)
    return [
        replace(entry, also_at=also_at.get(entry.id, ()))
        for entry, _ in entries
        if entry.id not in copies
    ]


def _by_name(documents: Iterable[str]) -> dict[str, str]:
    """The paths of documents by their names without folder and suffix; the first of two that share
    one.
    """
    names: dict[str, str] = {}
    for path in documents:
        names.setdefault(path.rpartition("/")[2].rpartition(".")[0], path)
    return names
