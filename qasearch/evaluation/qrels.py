"""Reads files of relevance judgements (qrels): four columns as in TREC, or three as in BEIR."""

from __future__ import annotations

import re
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.lines import Line, read_lines

Qrels = dict[str, dict[str, int]]
"""Relevance by query id and entry id: 0 or less is not relevant, more than 1 is more relevant."""

_FORM = (
    "'query 0 entry relevance', or query<TAB>entry<TAB>relevance, with a whole number as relevance"
)
"""What a correct line looks like, for error messages."""

_INTEGER = re.compile(r"[+-]?[0-9]+")
"""A relevance. int() also takes other forms, such as `1_000`."""

_WIDTHS = (3, 4)
"""Numbers of columns: those of BEIR and of TREC."""

_QUERY_COLUMN_NAMES = {"query-id", "query_id", "qid", "query"}
"""Names of the first column, in lower case, by which a header line is recognised."""


def read_qrels(path: Path) -> Qrels:
    """The judgements of a file, in the order of the file.

    The second column of TREC's `query iteration entry relevance` is ignored. Tabs separate columns
    if that gives three or four columns and the last one is a whole number, so that entry ids may
    contain spaces. Otherwise white space separates columns. A header line is skipped. The same
    judgement may stand in several lines.

    Raises:
        BadRequest: a line is malformed, or two lines give the same entry a different relevance for
            the same query.
    """
    lines = read_lines(path)
    qrels: Qrels = {}
    for line in lines[1:] if _is_header(lines[0]) else lines:
        cells = _cells(line.text)
        if len(cells) not in _WIDTHS or not _INTEGER.fullmatch(cells[-1]) or not all(cells):
            raise line.error("not a judgement", _FORM)
        query, entry, relevance = cells[0], cells[-2], int(cells[-1])
        earlier = qrels.setdefault(query, {}).setdefault(entry, relevance)
        if earlier != relevance:
            raise line.error(
                f"an earlier line gives the relevance {earlier}",
                "one relevance for each query and entry",
            )
    if not qrels:
        raise BadRequest(f"{path} has a header, but no judgements.")
    return qrels


def _is_header(line: Line) -> bool:
    cells = _cells(line.text)
    return (
        len(cells) in _WIDTHS
        and cells[0].lower() in _QUERY_COLUMN_NAMES
        and not _INTEGER.fullmatch(cells[-1])
    )


def _cells(text: str) -> list[str]:
    tab_cells = [cell.strip() for cell in text.split("\t")]
    if len(tab_cells) in _WIDTHS and _INTEGER.fullmatch(tab_cells[-1]):
        return tab_cells
    return text.split()
