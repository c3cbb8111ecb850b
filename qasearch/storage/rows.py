"""Entries, references and passages as rows of `index.db`: the one list of their columns.

The tables, the writing and the reading are made from these lists. A new field of `Entry`,
`Reference` or `Passage` is one line here, and a higher `FORMAT_VERSION`. Columns that no field has
(row ids, which document) stand in `qasearch.storage.schema`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qasearch.datatypes.entry import PassageKind, ReferenceKind, Rule


class _Type(NamedTuple):
    """How a field is stored: its type in SQL, and functions to that type and back."""

    sql: str
    to_sql: Callable[[Any], object]
    from_sql: Callable[[Any], object]


def to_json(value: object) -> str:
    """The value as JSON, with letters outside ASCII as they are, so that words can be found."""
    return json.dumps(value, ensure_ascii=False)


_TEXT = _Type("TEXT", str, str)
_NUMBER = _Type("INTEGER", int, int)
_FLAG = _Type("INTEGER", int, bool)
_TEXTS = _Type("TEXT", to_json, lambda text: tuple(json.loads(text)))


class Columns:
    """The columns that hold the fields of a record, each named like its field."""

    def __init__(self, **types: _Type) -> None:
        self._types = types
        self.names = ", ".join(types)
        self.count = len(types)
        self.definitions = ", ".join(f"{name} {kind.sql} NOT NULL" for name, kind in types.items())

    def values(self, record: object) -> tuple[object, ...]:
        """The values to store of a record, in the order of `names`."""
        return tuple(kind.to_sql(getattr(record, name)) for name, kind in self._types.items())

    def fields(self, values: Sequence[Any]) -> dict[str, Any]:
        """The fields of a record, by name, from values in the order of `names`."""
        return {
            name: kind.from_sql(value)
            for (name, kind), value in zip(self._types.items(), values, strict=True)
        }


ENTRY = Columns(
    question=_TEXT,
    aliases=_TEXTS,
    answer=_TEXT,
    answered=_FLAG,
    breadcrumb=_TEXTS,
    tags=_TEXTS,
    line_start=_NUMBER,
    line_end=_NUMBER,
    question_line=_NUMBER,
    rule=_Type("TEXT", str, Rule),
    column_start=_NUMBER,
    column_end=_NUMBER,
    question_line_end=_NUMBER,
    question_body=_TEXT,
)
"""Of an `Entry`, all but `id` (settled), `path` (of its document), `references` (a table of their
own) and `also_at` (its copies)."""

REFERENCE = Columns(
    text=_TEXT,
    target=_TEXT,
    kind=_Type("TEXT", str, ReferenceKind),
    line=_NUMBER,
    by_name=_FLAG,
)
"""Of a `Reference`, all but `exists`, which is looked up when it is shown."""

PASSAGE = Columns(
    kind=_Type("TEXT", str, PassageKind), text=_TEXT, line_start=_NUMBER, line_end=_NUMBER
)
"""Of a `Passage`, all but `embedded`, which only the encoder needs."""
