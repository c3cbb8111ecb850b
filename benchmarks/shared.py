"""Where the evaluation data is: beside the checkout, not in it. A benchmark without its data says
so and stops.
"""

from __future__ import annotations

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


def jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def write_corpus(folder: Path, corpus: Path, *, examples: bool = True) -> None:
    """One file an entry, with the set's own ids; its `examples` become aliases, or are left out."""
    for row in jsonl(corpus):
        fields = {"id": row["id"], "question": row.get("question") or row.get("title") or row["id"]}
        lines = [f"{name}: {quoted(value)}" for name, value in fields.items()]
        lines += (
            ["aliases:", *(f"- {quoted(each)}" for each in row["examples"])]
            if examples and row.get("examples")
            else []
        )
        name = "".join(char if char.isalnum() else "-" for char in str(row["id"]))
        answer = row.get("answer") or row.get("text") or ""
        (folder / f"{name}.md").write_text(
            "\n".join(["---", *lines, "---", "", answer, ""]), encoding="utf-8"
        )


def quoted(text: str) -> str:
    return "'" + " ".join(str(text).split()).replace("'", "''") + "'"
