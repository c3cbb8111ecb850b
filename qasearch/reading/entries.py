"""The text of one Markdown file to its entries. Pure: the same text at the same path gives the same
entries.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qasearch.datatypes.entry import Document, Entry, Problem
from qasearch.datatypes.flavour import Flavour
from qasearch.identity import derive_ids, pair_digest
from qasearch.reading.document.front_matter import (
    FrontMatter,
    InvalidFrontMatter,
    read_front_matter,
)
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.page_title import name_of_file, page_title
from qasearch.reading.document.tags import has_only_tags, inline_tags, tags_of_file
from qasearch.reading.extraction import make_entry
from qasearch.reading.finders.registry import find_questions
from qasearch.reading.markdown.anchors import anchors
from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.links import find_references
from qasearch.reading.markdown.parsing import Parsed, parse
from qasearch.reading.markdown.slugs import slug
from qasearch.reading.whole_file import (
    answers_its_title,
    asks_in_title,
    asks_one_question,
    description,
    further_questions,
    listed_questions,
    whole_file,
    with_page_aliases,
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
    private_headings: Sequence[str] = (),
) -> Document:
    """The entries of a Markdown text in the order of their lines, for a file at `path` of a corpus.

    Never raises. Front matter that is not valid is reported in `problems`, and the text below it is
    read without it. A draft has no entries, and nothing below `private_headings` is read.
    """
    return read(text, path, flavour, private_headings).document


def read(
    text: str,
    path: str,
    flavour: Flavour = Flavour.PLAIN,
    private_headings: Sequence[str] = (),
) -> Reading:
    """`read_document`, with what was learned about the document on the way."""
    parsed = parse(text, flavour, frozenset(map(slug, private_headings)))
    head = parsed.blocks[0] if parsed.blocks else None
    fields, problems = _fields(head, path, flavour)
    is_draft = fields.is_draft or (flavour is Flavour.JEKYLL and "_drafts" in path.split("/"))
    if is_draft:
        fields, parsed = replace(fields, is_draft=True), parsed.only_front_matter()
    title = page_title(fields.title, parsed.blocks, path)
    outline = Outline(parsed, fields.title or name_of_file(path), title)
    entries, repeats = _entries(parsed, fields, outline, path, flavour)
    document = Document(
        path,
        tuple(entries),
        anchors(parsed.every_block, parsed.lines, flavour, parsed.visible.ids),
        tuple(problems),
        _declared_ids(entries, fields),
        {entry.id: pair_digest(entry) for entry in entries if entry.answered},
    )
    return Reading(document, outline, repeats)


def _entries(
    parsed: Parsed, fields: FrontMatter, outline: Outline, path: str, flavour: Flavour
) -> tuple[list[Entry], frozenset[int]]:
    """The entries of a document, and the numbers of the sections that repeat its questions."""
    if fields.is_draft:
        return [], frozenset()
    references = find_references(parsed.every_block, flavour)
    spans = listed_questions(fields, outline)
    findings = None if asks_one_question(fields, outline) else find_questions(outline)
    found = findings.spans() if findings else []
    entries = []
    if findings is None or answers_its_title(fields, outline, found):
        further = further_questions(fields, found)
        entries = [whole_file(fields, outline, references, path, further)]
        spans = [*spans, *further]
    else:
        spans = [*spans, *found]
    if findings and not asks_in_title(fields):
        spans = [*spans, *description(fields, outline)]
    entries += [make_entry(span, outline, references, path) for span in spans]
    if findings:
        entries = with_page_aliases(entries, fields, outline)
    entries.sort(key=lambda entry: entry.question_line)
    repeats = findings.repeats if findings else frozenset()
    tags = inline_tags(outline.lines, parsed.every_block, flavour, outline.first_line)
    return _with_tags(_with_ids(entries, path), fields, outline, tags), repeats


def _fields(head: Block | None, path: str, flavour: Flavour) -> tuple[FrontMatter, list[Problem]]:
    """What the front matter says, and what is wrong with it."""
    if head is None or head.kind is not BlockKind.FRONT_MATTER:
        return FrontMatter(), []
    try:
        return read_front_matter(head, flavour), []
    except InvalidFrontMatter as error:
        return FrontMatter(), [Problem(path, error.line, error.reason)]


def _with_ids(entries: Sequence[Entry], path: str) -> list[Entry]:
    return [
        replace(entry, id=entry_id)
        for entry, entry_id in zip(entries, derive_ids(path, entries), strict=True)
    ]


def _with_tags(
    entries: Sequence[Entry],
    fields: FrontMatter,
    outline: Outline,
    tags: Mapping[int, Sequence[str]],
) -> list[Entry]:
    """The entries with the tags of the file, and with those on their own lines."""
    headings = {section.heading.line_start for section in outline.sections if section.heading}
    shared = (*fields.tags, *tags_of_file(outline.lines, tags, headings, outline.first_line))
    tagged_lines = sorted(tags)
    first_heading = min(headings, default=0)
    entries = [entry for entry in entries if not _only_tags_the_file(entry, first_heading)]
    return [replace(entry, tags=_tags_of(entry, shared, tags, tagged_lines)) for entry in entries]


def _only_tags_the_file(entry: Entry, first_heading: int) -> bool:
    """Whether the text of a note is nothing but tags above the first heading."""
    above = entry.rule.is_note and entry.line_end < first_heading
    return above and all(map(has_only_tags, filter(str.strip, entry.answer.split("\n"))))


def _tags_of(
    entry: Entry,
    shared: Sequence[str],
    tags: Mapping[int, Sequence[str]],
    tagged_lines: Sequence[int],
) -> tuple[str, ...]:
    ranges = [(entry.question_line, entry.question_line_end)]
    if entry.answered:
        ranges.append((entry.line_start, entry.line_end))
    own = (
        tag
        for first, last in ranges
        for number in tagged_lines[
            bisect_left(tagged_lines, first) : bisect_right(tagged_lines, last)
        ]
        for tag in tags[number]
    )
    return tuple(dict.fromkeys((*shared, *own)))


def _declared_ids(entries: Sequence[Entry], fields: FrontMatter) -> dict[str, str]:
    """The id that the front matter declares; none in a file of several entries, or if it is the
    derived id anyway.
    """
    if len(entries) != 1 or fields.id in ("", entries[0].id):
        return {}
    return {entries[0].id: fields.id}
