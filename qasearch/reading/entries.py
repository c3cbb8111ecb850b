"""The text of one Markdown file to its entries. Pure: the same text at the same path gives the same
entries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from qasearch.datatypes.entry import Document, Entry, Problem
from qasearch.datatypes.flavour import Flavour
from qasearch.identity import derive_ids, pair_digest
from qasearch.reading.document.front_matter import (
    FrontMatter,
    InvalidFrontMatter,
    read_front_matter,
)
from qasearch.reading.document.outline import Outline
from qasearch.reading.extraction import make_entry
from qasearch.reading.finders.registry import find_questions
from qasearch.reading.markdown.anchors import anchors
from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.links import find_references
from qasearch.reading.markdown.parsing import parse
from qasearch.reading.whole_file import (
    answers_its_title,
    asks_one_question,
    listed_questions,
    whole_file,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A document, and what was learned about it on the way.

    Attributes:
        document: the document.
        outline: its outline.
        repeats: the numbers of the sections that only repeat its questions.
    """

    document: Document
    outline: Outline
    repeats: frozenset[int]


def read_document(
    text: str,
    path: str,
    flavour: Flavour = Flavour.PLAIN,
    private_headings: tuple[str, ...] = (),
) -> Document:
    """The entries of a Markdown text in the order of their lines, for a file at `path` of a corpus.

    Never raises. Front matter that is not valid is reported in `problems`, and the text below it is
    read without it. The sections below `private_headings` are not read.
    """
    return read(text, path, flavour, private_headings).document


def read(
    text: str,
    path: str,
    flavour: Flavour = Flavour.PLAIN,
    private_headings: tuple[str, ...] = (),  # noqa: ARG001
) -> Reading:
    """`read_document`, with what was learned about the document on the way."""
    lines, blocks = parse(text)
    head = blocks[0] if blocks and blocks[0].kind is BlockKind.FRONT_MATTER else None
    fields, problems = _fields(head, path, flavour)
    references = find_references(blocks)
    outline = Outline(lines, blocks, fields.title or _name(path))
    listed = [
        make_entry(span, outline, references, path) for span in listed_questions(fields, outline)
    ]
    findings = None if asks_one_question(fields) else find_questions(outline)
    if findings is None or answers_its_title(fields, outline, findings.spans()):
        entries = [whole_file(fields, outline, references, path)]
    else:
        entries = [make_entry(span, outline, references, path) for span in findings.spans()]
    entries = sorted([*listed, *entries], key=lambda entry: entry.question_line)
    entries = _with_ids(entries, fields, path)
    document = Document(
        path,
        tuple(entries),
        anchors(blocks, lines, flavour),
        tuple(problems),
        _declared_ids(entries, fields),
        {entry.id: pair_digest(entry) for entry in entries if entry.answered},
    )
    return Reading(document, outline, findings.repeats if findings else frozenset())


def _fields(head: Block | None, path: str, flavour: Flavour) -> tuple[FrontMatter, list[Problem]]:
    """What the front matter says, and what is wrong with it."""
    if head is None:
        return FrontMatter(), []
    try:
        return read_front_matter(head, flavour), []
    except InvalidFrontMatter as error:
        return FrontMatter(), [Problem(path, error.line, error.reason)]


def _name(path: str) -> str:
    """The name of a file in words."""
    return re.sub(r"[-_]+", " ", PurePosixPath(path).stem).strip() or path


def _with_ids(entries: Sequence[Entry], fields: FrontMatter, path: str) -> list[Entry]:
    return [
        replace(entry, id=entry_id, tags=fields.tags)
        for entry, entry_id in zip(entries, derive_ids(path, entries), strict=True)
    ]


def _declared_ids(entries: Sequence[Entry], fields: FrontMatter) -> dict[str, str]:
    """The id that the front matter declares; none in a file of several entries, or if it is the
    derived id anyway.
    """
    if len(entries) != 1 or fields.id in ("", entries[0].id):
        return {}
    return {entries[0].id: fields.id}
