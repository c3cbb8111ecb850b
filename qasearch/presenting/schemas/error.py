"""Errors."""

from __future__ import annotations

from typing import NamedTuple

from qasearch.presenting.schemas.fields import STRING, Field, Json, Record, record


class ErrorSource(NamedTuple):
    """An error that is shown: its class, its message, and how to mend it."""

    type: str
    message: str
    hint: str


_ERROR = Record[ErrorSource](
    "error",
    "What went wrong.",
    (
        Field("type", STRING, "the class of the error, as in `qasearch.errors`"),
        Field("message", STRING, "what is wrong, and where"),
        Field("hint", STRING, 'how to mend it; "" if the message says it already'),
    ),
)

ERROR = Record[ErrorSource](
    "qasearch.error/1",
    "An error, in the place of what was asked for, with exit code 2.",
    (Field("error", record(_ERROR), "the error", lambda source: source),),
    "every command with `--json` or `--jsonl`; in a `--batch`, in the place of one reply",
)


def error_fields(kind: str, message: str, hint: str) -> Json:
    """An error as `qasearch.error/1`."""
    return ERROR.render(ErrorSource(kind, message, hint))
