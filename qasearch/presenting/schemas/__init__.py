"""What JSON says: every object that qasearch prints, described field by field.

`SCHEMAS` lists the objects. Their JSON Schema files in `published/` and docs/json.md are made from
the descriptions (`make docs`). A description is imported only where its object is printed.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from qasearch.presenting.schemas.fields import Record

SCHEMAS: Mapping[str, tuple[str, str]] = {
    "ask": ("ask", "ASK"),
    "result": ("ask", "HIT"),
    "entry": ("entry", "ENTRY"),
    "line": ("lines", "LINE"),
    "file": ("lines", "FILE"),
    "build": ("index", "BUILD"),
    "status": ("index", "STATUS"),
    "lint": ("lint", "LINT"),
    "eval": ("evaluation", "EVALUATION"),
    "lab": ("lab", "LAB"),
    "concepts": ("lab", "CONCEPTS"),
    "map": ("map", "MAP"),
    "warm": ("warm", "WARM"),
    "ask-params": ("rpc", "ASK_PARAMS"),
    "error": ("error", "ERROR"),
}
"""Each object by its name: the module that describes it, and the name of the description there."""


def load(name: str) -> Record[Any]:
    """The description of the object with this name in `SCHEMAS`."""
    module, variable = SCHEMAS[name]
    described: Record[Any] = getattr(
        importlib.import_module(f"qasearch.presenting.schemas.{module}"), variable
    )
    return described


def published(name: str) -> str:
    """The text of the JSON Schema file of an object.

    Raises:
        BadRequest: there is no such object; the message names the nearest ones.
    """
    from importlib.resources import files

    from qasearch.errors import BadRequest
    from qasearch.phrases import suggestion

    if name not in SCHEMAS:
        hint = suggestion(name, SCHEMAS, "List them: qasearch schema")
        raise BadRequest(f"There is no schema '{name}'.", hint)
    folder = files("qasearch.presenting.schemas").joinpath("published")
    return folder.joinpath(f"{name}.json").read_text(encoding="utf-8")
