"""Makes docs/json.md and the published JSON Schema files from `qasearch.presenting.schemas`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qasearch.presenting.schemas import SCHEMAS, load
from qasearch.presenting.schemas.fields import Record

DOCS = Path(__file__).parent
PUBLISHED = DOCS.parent / "qasearch" / "presenting" / "schemas" / "published"

_HEAD = """\
# What qasearch prints as JSON

<!-- Made by `make docs` from qasearch/presenting/schemas. Do not edit. -->

Every object names its schema, except the lines of `ask --jsonl`. Schemas only grow: a field that
is there keeps its name, its type and its meaning, and new fields may come. Lines are 1-based and
inclusive, a higher `score` is better, paths use `/`. Output is UTF-8; control characters are
escaped.

The same as JSON Schema: `qasearch schema NAME` prints it, and the files are in
`qasearch/presenting/schemas/published` of the installed package.
"""

_RPC = """\
## JSON-RPC: how to talk to the warm process

The warm process speaks [JSON-RPC 2.0](https://www.jsonrpc.org/specification): one object, or one
batch, a line, in UTF-8, up to 4 MiB. On Unix it listens on the only `*.socket` of its program in
`$XDG_RUNTIME_DIR/qasearch` (or `$TMPDIR/qasearch-UID`). Elsewhere, a file `*.port` in
`%LOCALAPPDATA%\\qasearch\\warm` holds a port of 127.0.0.1 and, after a space, the token that must
be the first line. The warm process first sends the notification `patience`: after its `seconds`,
ask without it. A connection without traffic for a minute is closed.

| method | params | result |
|---|---|---|
| `ask` | `ask_params` above | `qasearch.ask/1` |
| `status` | none | `qasearch.warm/1` |
| `stop` | none | `pid`; the process ends after the answers that it is making |
| `command` | for `qasearch ask` itself, of the same version only | `code`, `output` |

Errors have the codes of the specification, and two more. -32000: the question cannot be answered;
`data` is a `qasearch.error/1`. -32001: ask without the warm process, because it starts, ends or is
busy.
"""


def json_page() -> str:
    """The text of docs/json.md."""
    sections = [_HEAD]
    described: set[str] = set()
    for name in SCHEMAS:
        sections += _sections(load(name), described, f" (`qasearch schema {name}`)")
    return "\n".join([*sections, _RPC])


def schema_files() -> dict[str, str]:
    """The text of each published JSON Schema file by its name."""
    return {
        f"{name}.json": json.dumps(load(name).json_schema(), indent=2, ensure_ascii=False) + "\n"
        for name in SCHEMAS
    }


def _sections(record: Record[Any], described: set[str], note: str) -> Iterator[str]:
    """A section for the record, then one for each record that it holds and that is new."""
    if record.name in described:
        return
    described.add(record.name)
    level = "##" if note else "###"
    printed = f"\n\nPrinted by {record.printed_by}{note}." if record.printed_by else ""
    rows = [("`schema`", "string", f"`{record.name}`")] if record.is_versioned else []
    rows += [
        (f"`{field.name}`", field.kind.words, field.meaning + (_OPTIONAL if field.optional else ""))
        for field in record.fields
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    head = "| field | type | meaning |\n|---|---|---|"
    yield f"{level} `{record.name}`\n\n{record.meaning}{printed}\n\n{head}\n{table}\n"
    for field in record.fields:
        if field.kind.record:
            yield from _sections(field.kind.record, described, "")


_OPTIONAL = " (may be missing)"


def write() -> None:
    """Write docs/json.md and the schema files."""
    (DOCS / "json.md").write_text(json_page(), encoding="utf-8")
    PUBLISHED.mkdir(exist_ok=True)
    for old in PUBLISHED.glob("*.json"):
        old.unlink()
    for name, text in schema_files().items():
        (PUBLISHED / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
