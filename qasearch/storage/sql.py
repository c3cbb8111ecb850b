"""Pieces of SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, SupportsInt

Rows = Callable[..., Iterator[tuple[Any, ...]]]
"""Runs a query with its values and gives the rows."""


def among(name: str, values: Iterable[str | SupportsInt] | None) -> tuple[str, tuple[str, ...]]:
    """A condition that `name` is one of `values`, any number of them, and its parameters.

    With None, the condition is always true and has no parameters.
    """
    if values is None:
        return "1", ()
    listed = [value if isinstance(value, str) else int(value) for value in values]
    return f"{name} IN (SELECT value FROM json_each(?))", (json.dumps(listed),)


def placeholders(count: int) -> str:
    """Question marks for this many values."""
    return ", ".join("?" * count)


def quoted(word: str) -> str:
    """The word as a string in a query of FTS5."""
    return '"' + word.replace('"', '""') + '"'
