"""How JSON objects are described: the object, its schema and its documentation have one source.

A `Record` lists the fields of an object. Each `Field` says its name, its type, its meaning, and how
its value is taken from a Python object. `Record.render` makes the object, `Record.json_schema` its
JSON Schema (draft 2020-12), and docs/json.md is made from the meanings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from qasearch.presenting.text.printable import OBEYED_FROM_DELETE

T = TypeVar("T")

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DIGITS = 6
"""Places after the decimal point of scores: enough to order them, and the same on any processor."""

_RECORD = "record"
"""Stands in a schema for a record, until `json_schema` puts a reference to its part there."""

_OBEYED = re.compile(f"[{OBEYED_FROM_DELETE}]")
"""The characters that a terminal would obey and that `json` leaves as they are."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of JSON.

    Attributes:
        schema: its JSON Schema.
        words: its name in the documentation.
        render: from a Python value to what JSON can hold.
        record: the record of an object, or of the objects of an array.
    """

    schema: Mapping[str, Any]
    words: str
    render: Callable[[Any], Any]
    record: Record[Any] | None = None


@dataclass(frozen=True)  # with slots, Python cannot make Field[T](...)
class Field(Generic[T]):
    """A field of a record.

    Attributes:
        name: its name in JSON.
        kind: its type.
        meaning: a sentence or a part of one, as Markdown, for the documentation.
        value: gives the value from the source. By default it is the attribute with the same name,
            or the item, if the source is a mapping; None if the mapping has no such item.
        optional: whether the field is left out where its value is None.
    """

    name: str
    kind: Kind
    meaning: str
    value: Callable[[T], Any] | None = None
    optional: bool = False

    def value_of(self, source: T) -> Any:
        """The Python value of this field."""
        if self.value:
            return self.value(source)
        return source.get(self.name) if isinstance(source, Mapping) else getattr(source, self.name)


@dataclass(frozen=True)
class Record(Generic[T]):
    """An object of JSON.

    Attributes:
        name: the name of the schema, such as `qasearch.ask/1`, or of a part of one.
        meaning: what the object is, as Markdown.
        fields: its fields, in their order.
        printed_by: the commands that print it; "" for a part of another object.
    """

    name: str
    meaning: str
    fields: tuple[Field[T], ...]
    printed_by: str = ""

    @property
    def is_versioned(self) -> bool:
        """Whether the object names its schema in a field `schema`."""
        return "/" in self.name

    def render(self, source: T) -> Json:
        """The object for a Python value."""
        rendered: Json = {"schema": self.name} if self.is_versioned else {}
        for field in self.fields:
            value = field.value_of(source)
            if not (field.optional and value is None):
                rendered[field.name] = field.kind.render(value)
        return rendered

    def json_schema(self, *, closed: bool = False) -> Json:
        """The JSON Schema of the object.

        A published schema is open: later versions may add fields. With `closed`, a field that is
        not described is an error; the tests validate with that.
        """
        parts: Json = {}
        root = self.object_schema(parts, closed=closed)
        head: Json = {"$schema": DIALECT, "title": self.name, "description": _plain(self.meaning)}
        return {**head, **root, **({"$defs": parts} if parts else {})}

    def object_schema(self, parts: Json, *, closed: bool) -> Json:
        """The schema of this object alone; those of the records that it holds go to `parts`."""
        properties: Json = {"schema": {"const": self.name}} if self.is_versioned else {}
        for field in self.fields:
            schema = _expanded(field.kind.schema, parts, closed=closed)
            properties[field.name] = {**schema, "description": _plain(field.meaning)}
        required = [*(["schema"] if self.is_versioned else [])]
        required += [field.name for field in self.fields if not field.optional]
        described: Json = {"type": "object", "properties": properties, "required": required}
        return {**described, **({"additionalProperties": False} if closed else {})}


def _same(value: Any) -> Any:
    return value


STRING = Kind({"type": "string"}, "string", str)
INTEGER = Kind({"type": "integer"}, "integer", int)
BOOLEAN = Kind({"type": "boolean"}, "boolean", bool)
NUMBER = Kind({"type": "number"}, "number", _same)
SCORE = Kind({"type": "number"}, "number", lambda value: round(value, DIGITS))
SHARE = Kind({"type": "number", "minimum": 0, "maximum": 1}, "number, 0 to 1", SCORE.render)
ANYTHING = Kind({}, "any value", _same)


def enum(members: type[StrEnum]) -> Kind:
    """A string that is the value of one of the members."""
    values = [member.value for member in members]
    words = ", ".join(f"`{value}`" for value in values)
    return Kind({"type": "string", "enum": values}, f"string: {words}", str)


def nullable(kind: Kind) -> Kind:
    """The type, or null for None."""
    if set(kind.schema) <= {"type"} and kind.schema:
        schema: Mapping[str, Any] = {"type": [kind.schema["type"], "null"]}
    else:
        schema = {"anyOf": [kind.schema, {"type": "null"}]}
    return Kind(
        schema,
        f"{kind.words} or null",
        lambda value: None if value is None else kind.render(value),
        kind.record,
    )


def array(kind: Kind) -> Kind:
    """An array of values of one type, from any iterable."""
    return Kind(
        {"type": "array", "items": kind.schema},
        f"array of {kind.words}",
        lambda values: [kind.render(value) for value in values],
        kind.record,
    )


def mapping(kind: Kind) -> Kind:
    """An object whose values have one type, by names that depend on the data."""
    return Kind(
        {"type": "object", "additionalProperties": kind.schema},
        f"object with values of the type {kind.words}",
        lambda values: {str(name): kind.render(value) for name, value in values.items()},
        kind.record,
    )


def record(described: Record[Any]) -> Kind:
    """An object that a record describes."""
    return Kind({_RECORD: described}, f"object, `{described.name}`", described.render, described)


def _expanded(schema: Any, parts: Json, *, closed: bool) -> Any:
    """The schema with references in the place of records, whose schemas are added to `parts`."""
    if isinstance(schema, list):
        return [_expanded(item, parts, closed=closed) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if _RECORD in schema:
        part: Record[Any] = schema[_RECORD]
        if part.name not in parts:
            parts[part.name] = {}  # first of all: a part may hold itself
            parts[part.name] = part.object_schema(parts, closed=closed)
        return {"$ref": f"#/$defs/{part.name}"}
    return {key: _expanded(value, parts, closed=closed) for key, value in schema.items()}


def part_of(get: Callable[[Any], Any], fields: Iterable[Field[Any]]) -> tuple[Field[Any], ...]:
    """The fields of a part of an object as fields of the whole object; `get` gives the part."""
    return tuple(
        Field(
            field.name,
            field.kind,
            field.meaning,
            lambda source, field=field: field.value_of(get(source)),  # type: ignore[misc]
            field.optional,
        )
        for field in fields
    )


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON as text in which no character is one that a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _plain(markdown: str) -> str:
    return markdown.replace("`", "'")
