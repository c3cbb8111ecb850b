"""Files of relevance judgements (qrels): TREC's four columns, or BEIR's three as TSV."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from qasearch.errors import BadRequest
from qasearch.evaluation.lines import Line, read_lines

Qrels = dict[str, dict[str, int]]
"""Relevance by query id and entry id: 0 and below is judged and not relevant, more than 1 is
graded."""

_FORM = (
    "'query 0 entry relevance', or query<TAB>entry<TAB>relevance, with a whole number as relevance"
)
_INTEGER = re.compile(r"[+-]?[0-9]+")
_QUERY_NAMES = {"query-id", "query_id", "qid", "query"}


def read_qrels(path: Path) -> Qrels:
    """The judgements of a file, in its order.

    Of TREC's `query iteration entry relevance` the iteration is not read. Columns are separated by
    tabs if there are two or three and the last one is a number, so that an entry id may have
    spaces; else by white space. A first line that names its columns is passed over. The same
    judgement twice counts once.

    Raises:
        BadRequest: a line is malformed, or an entry is judged twice for one query and differently;
            with path and line.
    """
    lines = read_lines(path)
    qrels: Qrels = {}
    for line in lines[1:] if _is_header(lines[0]) else lines:
        cells = _cells(line.text)
        if len(cells) not in (3, 4) or not _INTEGER.fullmatch(cells[-1]) or not all(cells):
            raise line.bad("no judgement", _FORM)
        query, entry, relevance = cells[0], cells[-2], int(cells[-1])
        before = qrels.setdefault(query, {}).setdefault(entry, relevance)
        if before != relevance:
            raise line.bad(
                f"judged as {before} further up", "one relevance for a query and an entry"
            )
    if not qrels:
        raise BadRequest(f"{path} holds a header, but no judgements.")
    return qrels


def _is_header(line: Line) -> bool:
    cells = _cells(line.text)
    return (
        len(cells) in (3, 4)
        and cells[0].lower() in _QUERY_NAMES
        and not _INTEGER.fullmatch(cells[-1])
    )


def _cells(text: str) -> Sequence[str]:
    tabbed = [cell.strip() for cell in text.split("\t")]
    return tabbed if len(tabbed) in (3, 4) and _INTEGER.fullmatch(tabbed[-1]) else text.split()
