"""Answers questions from a folder of Markdown, with no language model.

`build` brings an index up to date with a folder, `open` opens it for asking, `read` gives the entries without an index.
Importing this package loads nothing heavy: these functions import what they need when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qasearch import errors
from qasearch.datatypes import (
    BuildReport,
    Entry,
    Filters,
    Hit,
    IndexState,
    Mode,
    Passage,
    PassageKind,
    Place,
    Problem,
    Reference,
    ReferenceKind,
    Reply,
    Timing,
    Verdict,
)
from qasearch.errors import QasearchError

if TYPE_CHECKING:
    from qasearch.api import Index, build, open, read  # noqa: A004

__version__ = "0.1.0"
__all__ = [
    "BuildReport",
    "Entry",
    "Filters",
    "Hit",
    "Index",
    "IndexState",
    "Mode",
    "Passage",
    "PassageKind",
    "Place",
    "Problem",
    "QasearchError",
    "Reference",
    "ReferenceKind",
    "Reply",
    "Timing",
    "Verdict",
    "build",
    "errors",
    "open",
    "read",
]


def __getattr__(name: str) -> Any:
    if name in ("Index", "build", "open", "read"):
        from qasearch import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
