"""Where the evaluation data is: beside the checkout, not in it. A benchmark without its data says so and stops."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def need(relative: str) -> Path:
    """A file or folder of the evaluation data, which is not part of the project."""
    path = SHARED / relative
    if not path.exists():
        sys.exit(f"skipped: {path} is not there (the evaluation data is not part of the project)")
    return path


def dev_queries() -> list[tuple[str, str, str, set[str]]]:
    """Id, kind, text and expected entry ids of each development question; no ids where nothing answers it."""
    with need("eval/dev-queries.tsv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(r["qid"], r["kind"], r["text"], set() if r["ids"] == "NONE" else set(r["ids"].split(","))) for r in rows]


def jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]
