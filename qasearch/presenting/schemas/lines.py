"""What became of a line of a file."""

from __future__ import annotations

from qasearch.datatypes.flavour import Flavour
from qasearch.presenting.schemas.fields import (
    INTEGER,
    STRING,
    Field,
    Record,
    array,
    enum,
    nullable,
)
from qasearch.reading.file_uses import FileUse
from qasearch.reading.line_uses import Line, Use

LINE = Record[tuple[str, Line]](
    "qasearch.line/1",
    "A line of a file, with the entry that it belongs to, or why it belongs to none.",
    (
        Field("path", STRING, "the file, relative to the corpus", lambda pair: pair[0]),
        Field("line", INTEGER, "the number of the line", lambda pair: pair[1].number),
        Field(
            "use",
            enum(Use),
            "`question` and `answer` belong to an entry; `heading` and `front_matter` go with the "
            "entries below; the others carry no answer: `markup` (rules, bare tags), `navigation` "
            "(back to top), `stub` (answer here, TODO), `label` (a bare `Answer:`), `contents` (a "
            "table of contents), `housekeeping` (licence, contribution), `index` (a document that "
            "only links to others), `definition` (of link targets), `introduction` (a few words "
            "next to questions)",
            lambda pair: pair[1].use,
        ),
        Field("id", STRING, 'the id of the entry; "" if there is none', lambda pair: pair[1].id),
        Field(
            "rule",
            STRING,
            'how the question of that entry is marked; "" if there is none',
            lambda pair: pair[1].rule or "",
        ),
        Field("text", STRING, "the line itself", lambda pair: pair[1].text),
    ),
    "each line of `qasearch list --explain FILE --jsonl`",
)
"""The path of the file, and the line."""

FILE = Record[FileUse](
    "qasearch.file/1",
    "A Markdown file of the corpus, or a folder of which nothing is read.",
    (
        Field("path", STRING, "its path, relative to the corpus; that of a folder ends in `/`"),
        Field("flavour", nullable(enum(Flavour)), "what it is read as; null if it is not read"),
        Field(
            "reason",
            STRING,
            'the marker that told the flavour, or why it is not read; "" if nothing told it',
        ),
        Field("private_headings", array(STRING), "the headings of the sections that are not read"),
    ),
    "each line of `qasearch list --explain FOLDER --jsonl`",
)
