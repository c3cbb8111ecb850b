"""Builds of 100,000 entries: with nothing changed beside `git status`, with one file changed beside
a full build.

The entries are the titles and abstracts of the SciFact corpus, some twenty times, each time with
another number in the question and another abstract's last sentence; 20 entries a file, and one. The
encoder of the builds takes next to no time, so that a full build has no embedding to hide behind:
with a real model it takes many times as long.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.shared import jsonl, need
from benchmarks.speed.pairs import Run, compare, process

ENTRIES = 100_000
FILES_PER_FOLDER = 500
OLD = 1_000_000_000  # so that time stamps are trusted


def measure(runs: int) -> None:
    sections = list(_sections(ENTRIES))
    for entries_per_file in (20, 1):
        with tempfile.TemporaryDirectory() as temporary:
            corpus, index = Path(temporary) / "corpus", Path(temporary) / "index"
            files = _write(corpus, sections, entries_per_file)
            full = _cheap_build(corpus, index)()
            print(
                f"{ENTRIES:,} entries in {len(files):,} files: first build {full[0]:.1f} s, {full[1]:.0f} MB",
                flush=True,
            )
            status = process(["git", "status"], cwd=corpus)
            nothing = process(
                [sys.executable, "-m", "qasearch", "build", "--corpus", corpus, "--index", index]
            )
            compare("build, nothing changed", nothing, "git status", status, runs=runs, target="3")
            edits = [
                _cheap_build(corpus, index, "--edit", str(file))() for file in files[: runs + 1]
            ][1:]
            seconds, memory = (statistics.median(edit[what] for edit in edits) for what in (0, 1))
            print(
                f"build, one file changed: {seconds:.3f} s, {memory:.0f} MB; first build: {full[0]:.1f} s, "
                f"{full[0] / seconds:.0f} times that (target: 200)",
                flush=True,
            )


def _sections(count: int) -> Iterator[str]:
    """Each entry as Markdown, no two alike."""
    rows = jsonl(need("eval/scifact/corpus.jsonl"))
    for number in range(count):
        title, text = (rows[number % len(rows)][name] for name in ("title", "text"))
        other = (
            rows[(number * 7 + number // len(rows)) % len(rows)]["text"]
            .rstrip(". ")
            .rpartition(". ")[2]
        )
        question = f"What does study {number} say of {' '.join(title.rstrip('.').split())}?"
        yield f"# {question}\n\n{' '.join(text.split())}\n\n{other}.\n"


def _write(corpus: Path, sections: list[str], entries_per_file: int) -> list[Path]:
    """A git repository of the sections, all committed; its Markdown files."""
    files = []
    for start in range(0, len(sections), entries_per_file):
        number = start // entries_per_file
        file = corpus / f"part-{number // FILES_PER_FOLDER}" / f"file-{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join(sections[start : start + entries_per_file]), encoding="utf-8")
        os.utime(file, (OLD, OLD))
        files.append(file)
    author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init"], ["add", "--all"], [*author, "commit", "--message", "All"]):
        subprocess.run(["git", *command], cwd=corpus, check=True, capture_output=True)
    return files


def _cheap_build(corpus: Path, index: Path, *flags: str) -> Run:
    return process([sys.executable, "-m", "benchmarks.speed.cheap_build", corpus, index, *flags])
