"""A whole folder of Markdown to entries: what `list` and `show` print, without an index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qasearch.datatypes import Document, Entry, Problem
from qasearch.reading.document import read_document
from qasearch.reading.files import check_corpus, list_files, read_text
from qasearch.reading.references import resolve


def read_corpus(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """Every entry of the Markdown in `folder`, in the order of path and line, and what could not be read.

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
    anchors = {path: document.anchors for path, document in documents.items()}
    claims: dict[str, str] = {}
    for own in (True, False):  # an id that comes from the path stands, whoever declares the same
        for document in documents.values():
            for entry in document.entries:
                declared = document.declared_ids.get(entry.id, "")
                if bool(declared) is not own:
                    claims.setdefault(declared or entry.id, f"{entry.path}:{entry.question_line}")
    entries: list[Entry] = []
    for document in documents.values():
        for entry in document.entries:
            declared = document.declared_ids.get(entry.id, "")
            owner = claims.get(declared)
            name = declared or entry.id
            if declared and owner != f"{entry.path}:{entry.question_line}":
                reason = f"the id '{declared}' is already taken by {owner}; give another"
                problems.append(Problem(entry.path, entry.question_line, reason))
                name = entry.id
            references = tuple(resolve(each, folder, entry.path, anchors.get) for each in entry.references)
            entries.append(replace(entry, id=name, references=references))
    return entries, problems
