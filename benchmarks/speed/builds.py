"""Measures builds of 100,000 entries.

A build with nothing changed runs beside `git status`, a build with one file changed beside a full
build. The entries are the titles and abstracts of the SciFact corpus, some twenty times, each time
with another number in the question and with the last sentence of another abstract. They are built
with 20 entries in a file and with one. The encoder takes almost no time, so that embedding does not
hide the rest: with a real model a full build takes many times as long.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.shared import OLD_TIME, QASEARCH, jsonl, need
from benchmarks.speed.pairs import Run, compare, median_cost, process

ENTRIES = 100_000
FILES_PER_FOLDER = 500


def measure(runs: int) -> None:
    sections = list(_sections(ENTRIES))
    for entries_per_file in (20, 1):
        with tempfile.TemporaryDirectory() as temporary:
            _measure_builds(Path(temporary), sections, entries_per_file, runs)


def _measure_builds(folder: Path, sections: list[str], entries_per_file: int, runs: int) -> None:
    corpus, index = folder / "corpus", folder / "index"
    files = _write(corpus, sections, entries_per_file)
    full = _cheap_build(corpus, index)()
    print(
        f"{ENTRIES:,} entries in {len(files):,} files: "
        f"first build {full.seconds:.1f} s, {full.memory_mb:.0f} MB",
        flush=True,
    )
    nothing = process([*QASEARCH, "build", "--corpus", corpus, "--index", index])
    status = process(["git", "status"], cwd=corpus)
    compare("build, nothing changed", nothing, "git status", status, runs=runs, target="3")
    _cheap_build(corpus, index, "--edit", str(files[0]))()  # does not count: it fills the caches
    edits = [_cheap_build(corpus, index, "--edit", str(file))() for file in files[1 : runs + 1]]
    edit = median_cost(edits)
    print(
        f"build, one file changed: {edit.seconds:.3f} s, {edit.memory_mb:.0f} MB; "
        f"first build: {full.seconds:.1f} s, "
        f"{full.seconds / edit.seconds:.0f} times that (target: 200)",
        flush=True,
    )


def _sections(count: int) -> Iterator[str]:
    """Entries as Markdown, no two alike."""
    rows = jsonl(need("eval/scifact/corpus.jsonl"))
    for number in range(count):
        row = rows[number % len(rows)]
        other_row = rows[(number * 7 + number // len(rows)) % len(rows)]
        title = " ".join(row["title"].rstrip(".").split())
        last_sentence = other_row["text"].rstrip(". ").rpartition(". ")[2]
        question = f"What does study {number} say of {title}?"
        yield f"# {question}\n\n{' '.join(row['text'].split())}\n\n{last_sentence}.\n"


def _write(corpus: Path, sections: list[str], entries_per_file: int) -> list[Path]:
    """Make a git repository of the sections and commit it; the result is its Markdown files."""
    files = []
    for start in range(0, len(sections), entries_per_file):
        number = start // entries_per_file
        file = corpus / f"part-{number // FILES_PER_FOLDER}" / f"file-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(sections[start : start + entries_per_file]), encoding="utf-8")
        os.utime(file, (OLD_TIME, OLD_TIME))
        files.append(file)
    author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init"], ["add", "--all"], [*author, "commit", "--message", "All"]):
        subprocess.run(["git", *command], cwd=corpus, check=True, capture_output=True)
    return files


def _cheap_build(corpus: Path, index: Path, *flags: str) -> Run:
    return process([sys.executable, "-m", "benchmarks.speed.cheap_build", corpus, index, *flags])
