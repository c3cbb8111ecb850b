"""The map of a corpus, for other tools that draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from qasearch.datatypes.index import IndexState
from qasearch.datatypes.reply import Verdict
from qasearch.mapping.corpus_map import CorpusMap
from qasearch.mapping.preservation import Preservation
from qasearch.presenting.schemas.fields import (
    INTEGER,
    SCORE,
    SHARE,
    STRING,
    Field,
    Record,
    array,
    enum,
    nullable,
    record,
)
from qasearch.presenting.schemas.index import INDEX


class MapSource(NamedTuple):
    """A map, and the state of the index that it shows."""

    map: CorpusMap
    state: IndexState


_PRESERVATION = Record[Preservation](
    "preservation",
    "How far the nearest entries on the map are the nearest in the space.",
    (
        Field("neighbours", INTEGER, "how many nearest are compared", lambda value: value.k),
        Field(
            "share", SHARE, "the share of them that are nearest in both", lambda value: value.recall
        ),
        Field("by_chance", SHARE, "that share on a random map", lambda value: value.random_recall),
        Field("trustworthiness", SCORE, "Venna and Kaski 2001; 1 is best"),
        Field("sampled", INTEGER, "over how many entries this was measured"),
    ),
)

_POINT = Record[dict[str, Any]](
    "point",
    "An entry on the map.",
    (
        Field("id", STRING, "the id of the entry"),
        Field("question", STRING, "its question"),
        Field("section", STRING, 'its part of the corpus; "" if the corpus has no parts'),
        Field("x", SCORE, "to the right"),
        Field("y", SCORE, "upwards"),
    ),
)

_MAP_HIT = Record[tuple[str, float]](
    "map_hit",
    "A hit of a question that is on the map.",
    (
        Field("id", STRING, "the id of the entry", lambda pair: pair[0]),
        Field("confidence", SHARE, "its confidence", lambda pair: pair[1]),
    ),
)

_QUESTION = Record[dict[str, Any]](
    "map_question",
    "A question on the map.",
    (
        Field("question", STRING, "the question"),
        Field("verdict", enum(Verdict), "the verdict on its first hit"),
        Field("missing", STRING, 'a sentence on what is missing; "" if it is answered'),
        Field("confidence", SHARE, "of its first hit; 0 without any"),
        Field("x", SCORE, "to the right"),
        Field("y", SCORE, "upwards"),
        Field("hits", array(record(_MAP_HIT)), "its hits that are on the map, best first"),
    ),
)

MAP = Record[MapSource](
    "qasearch.map/1",
    "The entries of a corpus in the plane, with questions among them.",
    (
        Field("index", record(INDEX), "the index", lambda source: source.state),
        Field("method", STRING, "`pca`, `tsne` or `umap`", lambda source: source.map.method.value),
        Field(
            "variance",
            nullable(SHARE),
            "the share of the variance that the plane keeps; null but for `pca`",
            lambda source: source.map.variance_share,
        ),
        Field(
            "preservation",
            record(_PRESERVATION),
            "how far the map can be trusted",
            lambda source: source.map.preservation,
        ),
        Field("text", array(STRING), "how to read the map", lambda source: source.map.sentences),
        Field(
            "points",
            array(record(_POINT)),
            "each entry; a sample of more than 20,000",
            lambda source: _points(source.map),
        ),
        Field(
            "questions",
            array(record(_QUESTION)),
            "each question that was asked",
            lambda source: _questions(source.map),
        ),
    ),
    "`qasearch map --json`",
)


def _points(corpus_map: CorpusMap) -> Iterator[dict[str, Any]]:
    space = corpus_map.space
    for entry, section, (x, y) in zip(
        space.entries, space.sections, corpus_map.xy.tolist(), strict=True
    ):
        yield {"id": entry.id, "question": entry.question, "section": section, "x": x, "y": y}


def _questions(corpus_map: CorpusMap) -> Iterator[dict[str, Any]]:
    for question in corpus_map.questions:
        yield {
            "question": question.question,
            "verdict": question.verdict,
            "missing": question.missing,
            "confidence": question.confidence,
            "x": question.xy[0],
            "y": question.xy[1],
            "hits": [
                (corpus_map.space.entries[number].id, confidence)
                for number, confidence in question.hits
            ],
        }
