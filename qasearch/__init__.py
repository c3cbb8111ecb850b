"""Answers questions from a folder of Markdown, with no language model.

`build` brings an index up to date with a folder, `open` opens it for asking, `read` gives the
entries without an index. Importing this package loads nothing heavy: these functions import what
they need when they are called.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes longer than a question to the warm process
if TYPE_CHECKING:
    from typing import Any

    from qasearch import errors
    from qasearch.api import Index, build, open, read  # noqa: A004
    from qasearch.datatypes.entry import (
        Entry,
        Passage,
        PassageKind,
        Place,
        Problem,
        Reference,
        ReferenceKind,
    )
    from qasearch.datatypes.index import BuildReport, IndexState
    from qasearch.datatypes.options import AskOptions, Mode
    from qasearch.datatypes.reply import Hit, Reply, Timing, Verdict
    from qasearch.errors import QasearchError

__version__ = "0.1.0"
__all__ = [
    "AskOptions",
    "BuildReport",
    "Entry",
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


_HOMES = {
    "api": ("Index", "build", "open", "read"),
    "datatypes.entry": (
        "Entry",
        "Passage",
        "PassageKind",
        "Place",
        "Problem",
        "Reference",
        "ReferenceKind",
    ),
    "datatypes.index": ("BuildReport", "IndexState"),
    "datatypes.options": ("AskOptions", "Mode"),
    "datatypes.reply": ("Hit", "Reply", "Timing", "Verdict"),
    "errors": ("QasearchError",),
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    import importlib

    if name == "errors":
        return importlib.import_module("qasearch.errors")
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"qasearch.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
