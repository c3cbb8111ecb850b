"""The warm process: what it says of itself, and the parameters of its methods."""

from __future__ import annotations

from typing import Any

from qasearch.presenting.schemas.fields import (
    INTEGER,
    NUMBER,
    STRING,
    Field,
    Kind,
    Record,
    array,
    nullable,
    record,
)

_WORKER_INDEX = Record[Any](
    "worker_index",
    "An index that a worker holds open.",
    (
        Field("path", STRING, "its folder"),
        Field("generation", INTEGER, "the number of its build"),
        Field("model", STRING, "its model"),
    ),
)

_WORKER = Record[Any](
    "worker",
    "A process that answers.",
    (
        Field("pid", INTEGER, "its process id"),
        Field(
            "memory_mb",
            nullable(NUMBER),
            "its resident memory; null if the platform does not tell",
        ),
        Field(
            "indexes",
            array(record(_WORKER_INDEX)),
            "the indexes that it holds open",
        ),
    ),
)


def _known(name: str, kind: Kind, meaning: str) -> Field[dict[str, Any]]:
    """A field that is left out if there is no warm process."""
    return Field(name, kind, meaning, optional=True)


WARM = Record[dict[str, Any]](
    "qasearch.warm/1",
    "The warm process. Without one, `pid` is null and all other fields are left out.",
    (
        Field("pid", nullable(INTEGER), "its process id"),
        _known("version", STRING, "the version of qasearch"),
        _known("since", STRING, "when it started: ISO 8601, in UTC"),
        _known("idle_s", NUMBER, "seconds since the last question"),
        _known("answered", INTEGER, "how many questions it answered"),
        _known("log", STRING, "its log file"),
        _known("workers", array(record(_WORKER)), "its workers"),
    ),
    "`qasearch warm status --json`, and the result of the method `status`",
)
