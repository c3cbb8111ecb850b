"""Files that are one question, and questions that stand in front matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qasearch.datatypes.entry import Entry, Reference, Rule
from qasearch.reading.document.asking import ends_in_question_mark, looks_like_question
from qasearch.reading.document.extents import Span, spans
from qasearch.reading.document.front_matter import FrontMatter
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.page_title import same_title
from qasearch.reading.extraction import make_entry, with_answer, within_line
from qasearch.reading.markdown.blocks import END_OF_LINE, Position

_MANY_SECTIONS = 6
"""A file with a title and this many sections is no answer to its title, even if the title looks
like a question or has other wordings."""


def asks_one_question(fields: FrontMatter, outline: Outline) -> bool:
    """Whether the front matter says that the file is one question.

    If the title asks, headings in the body may ask further questions.
    """
    if fields.title and fields.answer is not None:
        return True
    if asks_in_title(fields):
        return not any(ends_in_question_mark(section.raw_title) for section in outline.sections)
    return bool(fields.question)


def asks_in_title(fields: FrontMatter) -> bool:
    """Whether the title is a question. Headings in the body may ask further ones."""
    return ends_in_question_mark(fields.title) and fields.question in ("", fields.title)


def answers_its_title(fields: FrontMatter, outline: Outline, found_in_body: Sequence[Span]) -> bool:
    """Whether a file answers its title, by its question mark or by what the body holds."""
    if asks_in_title(fields) or not fields.title:
        return asks_in_title(fields)
    questions = sum(not span.mark.rule.is_note for span in found_in_body)
    is_short = len(found_in_body) < _MANY_SECTIONS
    if looks_like_question(fields.title):
        return questions < 2 and is_short
    if questions or not found_in_body:
        return False
    is_one_note = len(found_in_body) == 1 and len(outline.sections) < 3
    return is_one_note or (bool(fields.aliases) and is_short)


def further_questions(fields: FrontMatter, found_in_body: Sequence[Span]) -> list[Span]:
    """The questions in the headings of a file whose title is the first one, and what is below them.

    None if the body begins with them: then they are parts of the answer to the title.
    """
    if not asks_in_title(fields):
        return []
    headings = [
        number
        for number, span in enumerate(found_in_body)
        if span.mark.rule is Rule.HEADING and ends_in_question_mark(span.mark.question)
    ]
    return [*found_in_body[headings[0] :]] if headings and headings[0] else []


def whole_file(
    fields: FrontMatter,
    outline: Outline,
    references: Sequence[Reference],
    path: str,
    further: Sequence[Span] = (),
) -> Entry:
    """The entry of a file that is one question: its body is the answer, up to further questions.

    If the body says nothing, the answer in the front matter is the answer, else the sources there.
    """
    end = Position(further[0].mark.first_line - 1, END_OF_LINE) if further else None
    question = fields.question or fields.title
    body = Position(outline.first_line, 1)
    above = (fields.title,) if fields.title and not same_title(fields.title, question) else ()
    mark = Mark(Rule.FRONT_MATTER, question, fields.question_line, body, 0, above, end=end)
    entry = make_entry(spans(outline, [mark])[0], outline, references, path)
    if not entry.question_body:
        entry = replace(entry, question_line_end=fields.question_line)
    for extent in (fields.answer, fields.description, fields.sources):
        if not entry.answered and extent:
            entry = with_answer(entry, outline, extent.start, extent.end)
    return replace(
        entry,
        aliases=tuple(alias for alias in fields.aliases if alias != entry.question),
        references=(*fields.references, *entry.references),
    )


def with_page_aliases(
    entries: Sequence[Entry], fields: FrontMatter, outline: Outline
) -> list[Entry]:
    """The entries, of which the first about the page as a whole has the other names of the page."""
    about = (n for n, entry in enumerate(entries) if entry.question == outline.context)
    first = next(about, -1)
    return [
        replace(entry, aliases=fields.aliases) if number == first and not entry.aliases else entry
        for number, entry in enumerate(entries)
    ]


def description(fields: FrontMatter, outline: Outline) -> list[Span]:
    """What the front matter says of a page, as a note: the page answers its title."""
    extent = fields.description
    if extent is None or not outline.context:
        return []
    line, end = extent.start.line, within_line(outline, extent.end)
    mark = Mark(Rule.SECTION, outline.context, line, extent.start, 0, ())
    return [Span(mark, 0, line, extent.start, end)]


def listed_questions(fields: FrontMatter, outline: Outline) -> list[Span]:
    """The questions that the front matter lists with their answers."""
    listed = []
    for pair in fields.pairs:
        start, end = Position(pair.line, 1), Position(pair.line, 0)
        if pair.answer:
            start, end = pair.answer.start, within_line(outline, pair.answer.end)
        mark = Mark(Rule.FRONT_MATTER, pair.question, pair.line, start, 0, ())
        listed.append(Span(mark, 0, pair.line, start, end))
    return listed
