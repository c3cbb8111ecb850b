"""Answers questions from a folder of Markdown, with no language model.

`build` brings an index up to date with a folder, `open` opens it for asking, `read` gives the entries without an index.
Importing this package loads nothing heavy: these functions import what they need when they are called.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes longer than a question to the warm process
if TYPE_CHECKING:
    from typing import Any

    from qasearch import errors
    from qasearch.api import Index, build, open, read  # noqa: A004
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
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    home = {"Index": "api", "build": "api", "open": "api", "read": "api", "errors": "errors", "QasearchError": "errors"}
    module = importlib.import_module(f"qasearch.{home.get(name, 'datatypes')}")
    return module if name == "errors" else getattr(module, name)
