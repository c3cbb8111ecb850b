"""Pieces of SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable


def among(name: str, values: Iterable[object] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that `name` is one of `values`, any number of them, and its parameters.

    With None, the condition is always true and has no parameters.
    """
    if values is None:
        return "1", ()
    listed = [int(value) if not isinstance(value, str) else value for value in values]  # type: ignore[call-overload]
    return f"{name} IN (SELECT value FROM json_each(?))", (json.dumps(listed),)


def placeholders(count: int) -> str:
    """Question marks for this many values."""
    return ", ".join("?" * count)


def quoted(word: str) -> str:
    """The word as a string in a query of FTS5."""
    return '"' + word.replace('"', '""') + '"'
