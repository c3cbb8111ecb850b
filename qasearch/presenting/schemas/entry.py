"""Entries and what belongs to them."""

from __future__ import annotations

from qasearch.datatypes.entry import Entry, Place, Reference, ReferenceKind, Rule
from qasearch.presenting.schemas.fields import (
    BOOLEAN,
    INTEGER,
    STRING,
    Field,
    Kind,
    Record,
    array,
    enum,
    nullable,
    part_of,
    record,
)

REFERENCE = Record[Reference](
    "reference",
    "A link, image, footnote or source of an entry.",
    (
        Field("text", STRING, "the words that carry the link"),
        Field("target", STRING, "the address or path"),
        Field("kind", enum(ReferenceKind), "what the target is"),
        Field("line", INTEGER, "the line of the file"),
        Field(
            "exists",
            nullable(BOOLEAN),
            "whether the target exists; null if that cannot be known without the network",
        ),
    ),
)

PLACE = Record[Place](
    "place",
    "Another place of the corpus where the same question has the same answer.",
    (
        Field("path", STRING, "the file, relative to the corpus"),
        Field("line", INTEGER, "the line of the question"),
        Field("id", STRING, "the id of the entry there"),
    ),
)

COMMON: tuple[Field[Entry], ...] = (
    Field("id", STRING, "for `qasearch show`; edits elsewhere do not change it"),
    Field("question", STRING, "the wording of the question"),
    Field(
        "answer",
        STRING,
        "Markdown: exactly the text of the file from `column_start` of `line_start` to `column_end`"
        ' of `line_end`; "" if there is no answer',
    ),
    Field("answered", BOOLEAN, "whether there is an answer"),
    Field("breadcrumb", array(STRING), "the headings above the question"),
    Field("tags", array(STRING), "the tags of the file"),
    Field("path", STRING, "the file, relative to the corpus"),
    Field(
        "line_start",
        INTEGER,
        "the first line of the answer; of the question if there is no answer",
    ),
    Field("line_end", INTEGER, "the last line of the answer, or of the question"),
    Field("question_line", INTEGER, "the first line of the question"),
    Field(
        "question_line_end",
        INTEGER,
        "the last line of the question, with the code or the choices that belong to it",
    ),
    Field("question_body", STRING, 'Markdown: that code or those choices; "" if there are none'),
    Field("column_start", INTEGER, "the first character of the answer in its first line"),
    Field("column_end", INTEGER, "the last character of the answer in its last line"),
    Field("also_at", array(record(PLACE)), "other places with the same question and answer"),
    Field(
        "references", array(record(REFERENCE)), "what the entry links to, in the order of the file"
    ),
)
"""The fields that an entry has wherever it is printed."""

ABS_PATH: tuple[str, Kind, str] = (
    "abs_path",
    STRING,
    "the file as an absolute path of this machine",
)

ENTRY = Record[tuple[Entry, str]](
    "qasearch.entry/1",
    "One entry of the corpus, as it is read from its file.",
    (
        *part_of(lambda pair: pair[0], COMMON),
        Field(*ABS_PATH, lambda pair: pair[1]),
        Field("aliases", array(STRING), "other wordings of it", lambda pair: pair[0].aliases),
        Field(
            "rule", enum(Rule), "how the question is marked in its file", lambda pair: pair[0].rule
        ),
    ),
    "`qasearch show --json`, and each line of `qasearch list --jsonl`",
)
"""An entry with the absolute path of its file."""
