"""Reads files of queries: JSON lines as in BEIR, topics as TSV as in TREC, or TSV that also names
the expected entries.

Knows the file formats, not how queries are used; `judgements` combines queries with qrels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.lines import Line, read_lines
from qasearch.phrases import counted

_COLUMN_NAMES = {
    "id": {"id", "qid", "query-id"},
    "text": {"text", "question", "query"},
    "expected": {"ids", "expected", "expected-ids", "entry", "entries", "entry-id", "entry-ids"},
    "kind": {"kind"},
}
"""The names that a header may give each column. Letter case does not matter; words may be separated
by `-`, `_` or spaces."""

_NO_ENTRIES = {"", "-", "none"}
"""Contents of the column of expected entries, in lower case, that mark an unanswerable query."""

_JSON_FORM = 'an object with "_id" (or "id") and "text"'
"""What a correct line of JSON looks like, for error messages."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question to ask.

    Attributes:
        id: the id in the file, or else `name:line`.
        text: the question.
        place: the `path:line` of the query.
        kind: the content of the column `kind`; "" if there is none.
        expected_ids: the ids of the entries that answer the query; () if it is unanswerable, None
            if the file has no such column.
    """

    id: str
    text: str
    place: str
    kind: str = ""
    expected_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """Which columns a TSV file has.

    Attributes:
        columns: the number of each column, 0-based, by its role: a key of `_COLUMN_NAMES`.
        width: how many columns each line must have.
        form: what a correct line looks like, for error messages.
        has_header: whether the first line is a header.
    """

    columns: Mapping[str, int]
    width: int
    form: str
    has_header: bool = False


def read_queries(path: Path, *, labelled: bool) -> list[Query]:
    """The queries of a file, in the order of the file.

    A file whose first line begins with `{` is JSON lines; any other file is TSV. The header line
    of a TSV file says which columns it has. Without a header, there are two columns: if `labelled`,
    or if the second column says `none` in all lines, they are the query and the expected entries;
    otherwise, an id and the query. Commas separate expected entries; `NONE`, `-` or an empty cell
    mark an unanswerable query.

    Args:
        path: a UTF-8 file; blank lines are skipped.
        labelled: whether the file must name the expected entries.

    Raises:
        BadRequest: a line is malformed, a query is empty, two queries have the same id, or the
            expected entries are missing. The message has the path and the line.
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
        raise line.error(f"invalid JSON ({error.msg})", _JSON_FORM) from error
    if not isinstance(row, dict):
        raise line.error("not a JSON object", _JSON_FORM)
    query_id, text = row.get("_id", row.get("id")), row.get("text")
    # bool is a subclass of int
    is_id = isinstance(query_id, str | int) and not isinstance(query_id, bool)
    if not is_id or not isinstance(text, str):
        raise line.error("the id or the text is missing", _JSON_FORM)
    return _query(line, str(query_id), text)


def _from_tsv(lines: Sequence[Line], *, labelled: bool) -> Iterator[Query]:
    table = _table(lines, labelled=labelled)
    for line in lines[1:] if table.has_header else lines:
        cells = line.text.split("\t")
        if len(cells) != table.width:
            raise line.error(counted(len(cells), "column"), table.form)
        row = {role: cells[column].strip() for role, column in table.columns.items()}
        yield _query(
            line,
            row.get("id", f"{line.path.name}:{line.number}"),
            row["text"],
            row.get("kind", ""),
            _entry_ids(row["expected"]) if "expected" in row else None,
        )


def _table(lines: Sequence[Line], *, labelled: bool) -> _Table:
    """The columns that the header names, or else those of a file without a header."""
    first = lines[0]
    header = _header(first)
    if header:
        if labelled and "expected" not in header:
            raise first.error(
                "no column of expected entries",
                "a column named 'ids' or 'expected', or --qrels FILE",
            )
        width = len(first.text.split("\t"))
        return _Table(header, width, f"{width} columns, as in the header", has_header=True)
    if labelled or all(_is_unanswerable(line.text) for line in lines):
        form = "question<TAB>entry ids, or a header line"
        return _Table({"text": 0, "expected": 1}, 2, form)
    return _Table({"id": 0, "text": 1}, 2, "id<TAB>question, or a header line")


def _header(line: Line) -> dict[str, int] | None:
    """The number of each column by its role; None if the line is not a header.

    A header names the text and also the id or the expected entries.
    """
    names = ["-".join(cell.replace("_", " ").lower().split()) for cell in line.text.split("\t")]
    columns: dict[str, int] = {}
    for column, name in enumerate(names):
        for role, role_names in _COLUMN_NAMES.items():
            if name in role_names:
                columns.setdefault(role, column)
    return columns if "text" in columns and columns.keys() & {"id", "expected"} else None


def _is_unanswerable(text: str) -> bool:
    """Whether a line without a header is a query marked as unanswerable, not an id and a query."""
    _, tab, second_cell = text.partition("\t")
    return bool(tab) and second_cell.strip().lower() in _NO_ENTRIES


def _entry_ids(cell: str) -> tuple[str, ...]:
    """The ids of a cell in their order, without repetition."""
    if cell.lower() in _NO_ENTRIES:
        return ()
    ids = [part.strip() for part in cell.split(",")]
    return tuple(dict.fromkeys(entry_id for entry_id in ids if entry_id))


def _query(
    line: Line,
    query_id: str,
    text: str,
    kind: str = "",
    expected_ids: tuple[str, ...] | None = None,
) -> Query:
    if not query_id.strip():
        raise line.error("the id is empty", "an id for each query")
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise line.error("the query is empty", "a question")
    return Query(query_id.strip(), text, line.place, kind, expected_ids)


def _unique(queries: Iterable[Query], path: Path) -> list[Query]:
    """The queries; an error if two have the same id or there are none."""
    queries_by_id: dict[str, Query] = {}
    for query in queries:
        earlier = queries_by_id.setdefault(query.id, query)
        if earlier is not query:
            raise BadRequest(
                f"{query.place}: the query in {earlier.place} has the same id, '{query.id}'.",
                "Give each query its own id.",
            )
    if not queries_by_id:
        raise BadRequest(f"{path} has a header, but no queries.")
    return list(queries_by_id.values())
