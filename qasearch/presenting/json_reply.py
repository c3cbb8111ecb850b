"""Replies, entries and reports as JSON. The schemas only grow: a field that is there keeps its name
and meaning.

`qasearch.ask/1`: a reply. `qasearch.entry/1`: one entry of `list` and `show`. `qasearch.line/1`:
what became of a line. `qasearch.build/1`: a build's report. `qasearch.status/1`: see
`qasearch.cli.status`. `qasearch.error/1`: anything that went wrong. docs/json.md describes every
field.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from qasearch.datatypes.entry import Entry, Problem, Reference
from qasearch.datatypes.index import BuildReport, IndexState
from qasearch.datatypes.reply import Hit, Reply
from qasearch.presenting.text.explanation import explanation_fields

Fields = dict[str, Any]


def dumps(fields: Fields, *, indent: int | None = None) -> str:
    """JSON as UTF-8 text in which no character is one that a terminal would obey."""
    text = json.dumps(fields, ensure_ascii=False, indent=indent)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def reply_fields(reply: Reply) -> Fields:
    """A reply as `qasearch.ask/1`."""
    return {
        "schema": "qasearch.ask/1",
        "query": reply.query,
        "verdict": reply.verdict.value,
        "index": index_fields(reply.index),
        "timing_ms": {
            "encode": reply.timing_ms.encode,
            "search": reply.timing_ms.search,
            "total": reply.timing_ms.total,
        },
        "results": [hit_fields(hit) for hit in reply.hits],
        "notes": list(reply.notes),
    }


def hit_fields(hit: Hit) -> Fields:
    """One result of a reply."""
    entry = hit.entry
    return {
        "rank": hit.rank,
        "id": entry.id,
        "question": entry.question,
        "answer": entry.answer,
        "answered": entry.answered,
        "breadcrumb": list(entry.breadcrumb),
        "tags": list(entry.tags),
        "path": entry.path,
        "abs_path": hit.abs_path,
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "question_line": entry.question_line,
        "question_line_end": entry.question_line_end,
        "question_body": entry.question_body,
        "column_start": entry.column_start,
        "column_end": entry.column_end,
        "also_at": [
            {"path": place.path, "line": place.line, "id": place.id} for place in entry.also_at
        ],
        "score": round(hit.score, 6),
        "confidence": round(hit.confidence, 6),
        "matched_on": hit.matched_on.value,
        "passage": {
            "text": hit.passage.text,
            "line_start": hit.passage.line_start,
            "line_end": hit.passage.line_end,
        },
        "signals": {name: round(value, 6) for name, value in hit.signals.items()},
        "references": [reference_fields(reference) for reference in entry.references],
        **({"explanation": explanation_fields(hit.explanation)} if hit.explanation else {}),
    }


def entry_fields(entry: Entry, corpus: Path) -> Fields:
    """An entry as `qasearch.entry/1`."""
    return {
        "schema": "qasearch.entry/1",
        "id": entry.id,
        "question": entry.question,
        "aliases": list(entry.aliases),
        "answer": entry.answer,
        "answered": entry.answered,
        "breadcrumb": list(entry.breadcrumb),
        "tags": list(entry.tags),
        "path": entry.path,
        "abs_path": str(corpus / entry.path),
        "line_start": entry.line_start,
        "line_end": entry.line_end,
        "question_line": entry.question_line,
        "question_line_end": entry.question_line_end,
        "question_body": entry.question_body,
        "column_start": entry.column_start,
        "column_end": entry.column_end,
        "also_at": [
            {"path": place.path, "line": place.line, "id": place.id} for place in entry.also_at
        ],
        "rule": entry.rule,
        "references": [reference_fields(reference) for reference in entry.references],
    }


def line_fields(path: str, number: int, use: str, entry_id: str, rule: str, text: str) -> Fields:
    """A line of a file with what became of it as `qasearch.line/1`."""
    return {
        "schema": "qasearch.line/1",
        "path": path,
        "line": number,
        "use": use,
        "id": entry_id,
        "rule": rule,
        "text": text,
    }


def reference_fields(reference: Reference) -> Fields:
    """A reference of an entry."""
    return {
        "text": reference.text,
        "target": reference.target,
        "kind": reference.kind.value,
        "line": reference.line,
        "exists": reference.exists,
    }


def index_fields(state: IndexState) -> Fields:
    """What a reply says about its index."""
    return {
        "path": state.path,
        "built_at": state.built_at,
        "documents": state.documents,
        "entries": state.entries,
        "passages": state.passages,
        "model": state.model,
        "stale": state.stale,
        "changed_files": list(state.changed_files),
    }


def build_fields(report: BuildReport) -> Fields:
    """A build's report as `qasearch.build/1`."""
    return {
        "schema": "qasearch.build/1",
        "corpus": report.corpus,
        "index": report.index,
        "model": report.model,
        "documents": {
            "total": report.documents,
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "unchanged": report.unchanged,
        },
        "entries": report.entries,
        "unanswered": report.unanswered,
        "passages": report.passages,
        "embedded": report.embedded,
        "elapsed_s": round(report.elapsed_s, 3),
        "problems": [problem_fields(problem) for problem in report.problems],
    }


def problem_fields(problem: Problem) -> Fields:
    """Something in the corpus that should be mended."""
    return {"path": problem.path, "line": problem.line, "reason": problem.reason}


def error_fields(kind: str, message: str, hint: str) -> Fields:
    """An error as `qasearch.error/1`."""
    return {"schema": "qasearch.error/1", "error": {"type": kind, "message": message, "hint": hint}}
