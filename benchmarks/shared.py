"""What several benchmarks use: the evaluation data, the command line and the clock.

The evaluation data lies beside the checkout, not in it. A benchmark without its data says so and
stops.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

QASEARCH = (sys.executable, "-m", "qasearch")
"""The command line, run by the Python that runs the benchmark."""

QUESTION = "What is a latent space?"
"""The bundled corpus answers it."""

OLD_TIME = 1_000_000_000
"""A time stamp of 2001. A build trusts the time stamp of a file that was not written just now."""

Result = TypeVar("Result")


def argument_parser(description: str | None, program: str | None = None) -> argparse.ArgumentParser:
    """A parser whose help shows the docstring of a module as it is written."""
    return argparse.ArgumentParser(
        prog=program,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """The seconds of wall time that the work takes, and its result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def seconds(work: Callable[[], object]) -> float:
    """The seconds of wall time that the work takes."""
    return timed(work)[0]


def need(relative: str) -> Path:
    """The path of a file or folder of the evaluation data; the benchmark ends without it."""
    path = SHARED / relative
    if not path.exists():
        sys.exit(f"skipped: {path} does not exist (the project does not ship the evaluation data)")
    return path


def jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream if line.strip()]


def write_corpus(folder: Path, corpus: Path, *, examples: bool = True) -> None:
    """Write each row of a set's corpus as one Markdown file with the id of the set.

    Args:
        folder: where to write; it must exist.
        corpus: a JSON Lines file with `id`, `question` or `title`, `answer` or `text`, `examples`.
        examples: whether the examples of a row become aliases of its entry.
    """
    for row in jsonl(corpus):
        question = row.get("question") or row.get("title") or row["id"]
        answer = row.get("answer") or row.get("text") or ""
        lines = ["---", f"id: {quoted(row['id'])}", f"question: {quoted(question)}"]
        if examples and row.get("examples"):
            lines += ["aliases:", *(f"- {quoted(example)}" for example in row["examples"])]
        lines += ["---", "", answer, ""]
        name = "".join(char if char.isalnum() else "-" for char in str(row["id"]))
        (folder / f"{name}.md").write_text("\n".join(lines), encoding="utf-8")


def quoted(text: str) -> str:
    """The text on one line, as a quoted YAML string."""
    return "'" + " ".join(str(text).split()).replace("'", "''") + "'"
