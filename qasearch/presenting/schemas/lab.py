"""The concepts of the lab, and what one shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qasearch.lab import Concept
from qasearch.lab.charts import Demonstration
from qasearch.presenting.schemas.fields import (
    ANYTHING,
    STRING,
    Field,
    Record,
    array,
    mapping,
    record,
)


class LabSource(NamedTuple):
    """A concept, what it shows, and the folder of the index that it was shown on."""

    concept: Concept
    demonstration: Demonstration
    place: str


LAB = Record[LabSource](
    "qasearch.lab/1",
    "A concept shown on the index.",
    (
        Field("concept", STRING, "its name", lambda source: source.concept.name),
        Field("title", STRING, "what is shown", lambda source: source.demonstration.title),
        Field(
            "entries",
            array(STRING),
            "ids of the entries of the bundled corpus that explain it",
            lambda source: source.concept.entries,
        ),
        Field("index", STRING, "the folder of the index", lambda source: source.place),
        Field(
            "text",
            array(STRING),
            "the paragraphs, in their order",
            lambda source: [part for part in source.demonstration.body if isinstance(part, str)],
        ),
        Field(
            "numbers",
            mapping(ANYTHING),
            "the numbers behind the paragraphs, tables and charts, by name; which ones there are"
            " depends on the concept and on the corpus",
            lambda source: source.demonstration.numbers,
        ),
    ),
    "`qasearch lab CONCEPT --json`",
)

_CONCEPT = Record[Concept](
    "concept",
    "A concept of machine learning that can be shown.",
    (
        Field("name", STRING, "its name"),
        Field("summary", STRING, "what it shows"),
        Field("entries", array(STRING), "ids of the bundled entries that explain it"),
        Field("arguments", STRING, "what it can be given, as its usage shows it"),
    ),
)

CONCEPTS = Record[Sequence[Concept]](
    "qasearch.concepts/1",
    "The concepts that can be shown.",
    (Field("concepts", array(record(_CONCEPT)), "each concept", lambda concepts: concepts),),
    "`qasearch lab --json`",
)
