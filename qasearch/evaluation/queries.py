"""Files of queries: BEIR's JSON lines, TREC's topics as TSV, and TSV that names the expected
entries itself.

Knows the forms, not what the queries are for; `judgements` puts them together with qrels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.lines import Line, read_lines

_COLUMNS = {
    "id": {"id", "qid", "query-id"},
    "text": {"text", "question", "query"},
    "expected": {"ids", "expected", "expected-ids", "entry", "entries", "entry-id", "entry-ids"},
    "kind": {"kind"},
}
"""What a header line may call each column, letter case aside, with `-`, `_` or a space between
words."""

_NOTHING = {"", "-", "none"}
_JSON_FORM = 'an object with "_id" (or "id") and "text"'


@dataclass(frozen=True, slots=True)
class Query:
    """A question to ask. `place` is the `path:line` that it comes from; its id is `name:line` if
    the file gives none.

    `expected` are the ids of the entries that answer it, () if none does, None if the file does not
    say.
    """

    id: str
    text: str
    place: str
    kind: str = ""
    expected: tuple[str, ...] | None = None


def read_queries(path: Path, *, labelled: bool) -> list[Query]:
    """The queries of a file, in its order.

    A file whose first line begins with `{` is JSON lines. Anything else is TSV: by the names in its
    header line if it has one, and otherwise of two columns, the query and the expected entries if
    `labelled` or if the second column only says that nothing is expected, else an id and the query.
    Expected entries are separated by commas; `NONE`, `-` or an empty cell say that nothing answers
    the query.

    Args:
        path: a UTF-8 file; blank lines are passed over.
        labelled: whether the file has to name the expected entries.

    Raises:
        BadRequest: a line is malformed, a query is empty, an id stands twice, or the expected
            entries are not named; with path and line.
    """
    lines = read_lines(path)
    if not lines[0].text.lstrip().startswith("{"):
        return _unique(_from_tsv(lines, labelled=labelled), path)
    if labelled:
        raise BadRequest(
            f"{path} does not name the expected entries.", "Give the judgements: --qrels FILE"
        )
    return _unique(map(_from_json, lines), path)


def _from_json(line: Line) -> Query:
    try:
        row = json.loads(line.text)
    except json.JSONDecodeError as error:
        raise line.bad(f"no JSON ({error.msg})", _JSON_FORM) from error
    if not isinstance(row, dict):
        raise line.bad("no object", _JSON_FORM)
    name, text = row.get("_id", row.get("id")), row.get("text")
    if isinstance(name, bool) or not isinstance(name, str | int) or not isinstance(text, str):
        raise line.bad("no id or no text", _JSON_FORM)
    return _query(line, str(name), text)


def _from_tsv(lines: Sequence[Line], *, labelled: bool) -> Iterator[Query]:
    first = lines[0]
    header = _header(first)
    if labelled and header and "expected" not in header:
        raise first.bad(
            "no column of expected entries", "a column named 'ids' or 'expected', or --qrels FILE"
        )
    if header:
        columns, width = header, len(first.text.split("\t"))
        form = f"{width} columns, as in the header"
    elif labelled or all(_says_nothing(line.text) for line in lines):
        columns, width, form = (
            {"text": 0, "expected": 1},
            2,
            "question<TAB>entry ids, or a header line",
        )
    else:
        columns, width, form = {"id": 0, "text": 1}, 2, "id<TAB>question, or a header line"
    for line in lines[1:] if header else lines:
        cells = line.text.split("\t")
        if len(cells) != width:
            raise line.bad("1 column" if len(cells) == 1 else f"{len(cells)} columns", form)
        row = {role: cells[at].strip() for role, at in columns.items()}
        expected = _entry_ids(row["expected"]) if "expected" in row else None
        yield _query(
            line,
            row.get("id", f"{line.path.name}:{line.number}"),
            row["text"],
            row.get("kind", ""),
            expected,
        )


def _header(line: Line) -> dict[str, int] | None:
    """The column of each role if the line is a header: if it names the text and an id or the
    expected entries.
    """
    names = ["-".join(cell.replace("_", " ").lower().split()) for cell in line.text.split("\t")]
    columns = {
        role: at
        for role, known in _COLUMNS.items()
        for at, name in reversed([*enumerate(names)])
        if name in known
    }
    return columns if "text" in columns and columns.keys() & {"id", "expected"} else None


def _says_nothing(text: str) -> bool:
    """Whether a line is a query and that nothing answers it, rather than an id and a query."""
    _, tab, second = text.partition("\t")
    return bool(tab) and second.strip().lower() in _NOTHING


def _entry_ids(cell: str) -> tuple[str, ...]:
    if cell.lower() in _NOTHING:
        return ()
    return tuple(dict.fromkeys(name for each in cell.split(",") if (name := each.strip())))


def _query(
    line: Line, name: str, text: str, kind: str = "", expected: tuple[str, ...] | None = None
) -> Query:
    if not name.strip():
        raise line.bad("an empty id", "an id for each query")
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise line.bad("an empty query", "a question")
    return Query(name.strip(), text, line.place, kind, expected)


def _unique(queries: Iterable[Query], path: Path) -> list[Query]:
    places: dict[str, Query] = {}
    for query in queries:
        if (other := places.setdefault(query.id, query)) is not query:
            raise BadRequest(
                f"{query.place}: the id '{query.id}' is already taken by {other.place}.",
                "Give another.",
            )
    if not places:
        raise BadRequest(f"{path} holds a header, but no queries.")
    return list(places.values())
