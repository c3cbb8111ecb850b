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
        Field("path", STRING, "its folder", lambda index: index["path"]),
        Field("generation", INTEGER, "the number of its build", lambda index: index["generation"]),
        Field("model", STRING, "its model", lambda index: index["model"]),
    ),
)

_WORKER = Record[Any](
    "worker",
    "A process that answers.",
    (
        Field("pid", INTEGER, "its process id", lambda worker: worker["pid"]),
        Field(
            "memory_mb",
            nullable(NUMBER),
            "its resident memory; null if the platform does not tell",
            lambda worker: worker["memory_mb"],
        ),
        Field(
            "indexes",
            array(record(_WORKER_INDEX)),
            "the indexes that it holds open",
            lambda worker: worker["indexes"],
        ),
    ),
)


def _known(name: str, kind: Kind, meaning: str) -> Field[dict[str, Any]]:
    """A field that is left out if there is no warm process."""
    return Field(name, kind, meaning, lambda state: state.get(name), optional=True)


WARM = Record[dict[str, Any]](
    "qasearch.warm/1",
    "The warm process. Without one, `pid` is null and all other fields are left out.",
    (
        Field("pid", nullable(INTEGER), "its process id", lambda state: state.get("pid")),
        _known("version", STRING, "the version of qasearch"),
        _known("since", STRING, "when it started: ISO 8601, in UTC"),
        _known("idle_s", NUMBER, "seconds since the last question"),
        _known("answered", INTEGER, "how many questions it answered"),
        _known("log", STRING, "its log file"),
        _known("workers", array(record(_WORKER)), "its workers"),
    ),
    "`qasearch warm status --json`, and the result of the method `status`",
)
