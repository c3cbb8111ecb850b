"""What JSON says is described once, and the files made from the description are up to date."""

from __future__ import annotations

import importlib.util
import json
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from qasearch.datatypes.options import ASK_OPTIONS
from qasearch.presenting.schemas import SCHEMAS, load, published
from qasearch.presenting.schemas.fields import (
    INTEGER,
    STRING,
    Field,
    Record,
    array,
    dumps,
    mapping,
    nullable,
    record,
)
from tests.conftest import ROOT, Command


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("json_reference", ROOT / "docs/json_reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_schema_is_valid_and_published(name: str, reference: ModuleType) -> None:
    schema = load(name).json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert published(name) == reference.schema_files()[f"{name}.json"], "run make docs"
    assert json.loads(published(name)) == schema


def test_the_page_is_up_to_date(reference: ModuleType) -> None:
    page = (ROOT / "docs/json.md").read_text(encoding="utf-8")
    assert page == reference.json_page(), "run make docs"


def test_no_file_is_published_that_nothing_describes(reference: ModuleType) -> None:
    files = {file.name for file in reference.PUBLISHED.glob("*.json")}
    assert files == set(reference.schema_files())


INNER = Record[dict[str, Any]]("inner", "Inner.", (Field("n", INTEGER, "n", lambda d: d["n"]),))
OUTER = Record[dict[str, Any]](
    "test.outer/1",
    "Outer.",
    (
        Field("names", array(STRING), "names", lambda d: d["names"]),
        Field("inner", nullable(record(INNER)), "inner", lambda d: d["inner"]),
        Field("by_name", mapping(record(INNER)), "by name", lambda d: d["by_name"]),
        Field("note", STRING, "note", lambda d: d.get("note"), optional=True),
    ),
)


def test_a_record_renders_what_its_schema_says() -> None:
    source = {"names": ("a", "b"), "inner": None, "by_name": {"x": {"n": 1}}}
    rendered = OUTER.render(source)
    assert rendered == {
        "schema": "test.outer/1",
        "names": ["a", "b"],
        "inner": None,
        "by_name": {"x": {"n": 1}},
    }
    schema = OUTER.json_schema(closed=True)
    jsonschema.validate(rendered, schema)
    jsonschema.validate(OUTER.render({**source, "inner": {"n": 2}, "note": "n"}), schema)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": [1]}, "1 is not of type 'string'"),
        ({"inner": {"n": "1"}}, "'1' is not of type 'integer'"),
        ({"by_name": {"x": {}}}, "'n' is a required property"),
        ({"schema": "test.outer/2"}, "'test.outer/1' was expected"),
        ({"other": 1}, "Additional properties are not allowed"),
    ],
)
def test_a_closed_schema_refuses_anything_else(change: dict[str, Any], message: str) -> None:
    rendered = OUTER.render({"names": [], "inner": None, "by_name": {}})
    with pytest.raises(jsonschema.ValidationError, match=message):
        jsonschema.validate({**rendered, **change}, OUTER.json_schema(closed=True))


def test_an_open_schema_allows_new_fields_and_a_missing_field_is_an_error() -> None:
    rendered = OUTER.render({"names": [], "inner": None, "by_name": {}})
    jsonschema.validate({**rendered, "new": 1}, OUTER.json_schema())
    del rendered["inner"]
    with pytest.raises(jsonschema.ValidationError, match="'inner' is a required property"):
        jsonschema.validate(rendered, OUTER.json_schema())


def test_json_escapes_what_a_terminal_would_obey() -> None:
    assert dumps({"a": "\u202e\x9b\x7f\ud800é"}) == '{"a": "\\u202e\\u009b\\u007f\\ud800é"}'


def test_the_parameters_of_ask_are_its_options_and_settings() -> None:
    properties = load("ask-params").json_schema()["properties"]
    assert set(properties) == {"question", *ASK_OPTIONS, "corpus", "index", "offline", "cwd"}
    assert properties["top_k"]["maximum"] == 1000
    assert properties["mode"]["enum"] == ["hybrid", "dense", "lexical"]


def test_the_command_lists_and_prints_schemas(qasearch: Command) -> None:
    listed = qasearch("schema").out.splitlines()
    assert [line.split()[0] for line in listed] == list(SCHEMAS)
    assert json.loads(qasearch("schema", "ask").out)["title"] == "qasearch.ask/1"
    unknown = qasearch("schema", "eva")
    assert (unknown.code, unknown.err) == (
        2,
        "qasearch: There is no schema 'eva'.\nDid you mean eval?\n",
    )
