"""The parameters of the methods of JSON-RPC, made from the options of asking and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from qasearch.datatypes.options import ASK_OPTIONS, Option
from qasearch.presenting.schemas.fields import BOOLEAN, STRING, Field, Kind, Record, enum
from qasearch.settings import SETTINGS

SETTINGS_OF_A_QUESTION = ("corpus", "index", "offline")
"""The settings that a question may name; `model` belongs to the index, `warm` to the command
line."""


def _kind(option: Option) -> Kind:
    if issubclass(option.kind, StrEnum):
        return enum(option.kind)
    if option.maximum:
        schema = {"type": "integer", "minimum": 1, "maximum": option.maximum}
        return Kind(schema, f"integer, 1 to {option.maximum:,}", int)
    return {str: STRING, bool: BOOLEAN}[option.kind]


def _optional(name: str, kind: Kind, meaning: str) -> Field[Mapping[str, Any]]:
    return Field(name, kind, meaning.removesuffix("."), optional=True)


ASK_PARAMS = Record[Mapping[str, Any]](
    "ask_params",
    "The parameters of the method `ask` of JSON-RPC. All but the question may be left out.",
    (
        Field("question", STRING, "the question"),
        *(
            _optional(name, _kind(option), option.meaning)
            for name, (option, _) in ASK_OPTIONS.items()
        ),
        *(
            _optional(name, {str: STRING, bool: BOOLEAN}[setting.kind], setting.meaning)
            for name in SETTINGS_OF_A_QUESTION
            for setting in (SETTINGS[name],)
        ),
        _optional(
            "cwd",
            STRING,
            "The folder from which paths and qasearch.toml are looked up; else the root.",
        ),
    ),
    "nobody: it is sent to the warm process",
)
