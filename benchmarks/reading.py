"""How well questions and answers are found in Markdown that nobody here wrote, and how fast it is
read.

    python -m benchmarks.reading [--show COLLECTION]

Asks `qasearch list --jsonl` for every collection in ../shared/markdown and compares with its
EXPECTED.jsonl, which regular expressions made: silver, not gold. An expected question is found
where an entry of the same file (or of the same pair in another file) stands on its line or asks the
same words. An entry that no expectation names is extra; `ask` counts those of them that ask by
their wording, which the expressions overlooked. The sections of plain notes, which are marked as no
question, are counted apart. Answers agree where both begin with the same words, markup and labels
aside. Then all files are read in this process, beside markdown-it-py alone.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from markdown_it import MarkdownIt

from benchmarks.shared import jsonl, need
from qasearch.reading.document.wording import looks_like_question
from qasearch.reading.entries import read_document
from qasearch.reading.files import list_files, read_text

NOTES = {"section", "section_overview"}
WORDS_COMPARED = 6
ROUNDS = 9

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_NUMBER = re.compile(
    r"^(?:(?:q(?:uestion)?|第)\s*)?\d+(?:\.\d+)*\s*(?:题|[.:)、])*\s+|^q\s*[.:]\s*", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:a|ans|answer)\b\s*\d*\s*[:.)-]*\s*", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """What was found in one collection. `agree` counts the answers among the found that begin as
    expected.
    """

    name: str
    expected: int
    found: int
    extra: list[dict[str, Any]]
    missed: list[dict[str, Any]]
    answers: int
    agree: int
    differ: list[tuple[str, str]]
    notes: int
    seconds: float

    @property
    def asking(self) -> int:
        """How many of the extra ones ask by their wording, so that the expectations rather lack
        them.
        """
        return sum(looks_like_question(entry["question"]) for entry in self.extra)


def words(markdown: str) -> list[str]:
    """The words that a reader sees, in lower case."""
    text = html.unescape(_FENCE.sub(" ", markdown))
    text = _LINK.sub(r"\1", _LINK.sub(r"\1", text))
    return re.findall(r"\w+", _TAG.sub(" ", text).lower())


def question_words(text: str) -> list[str]:
    return words(_NUMBER.sub("", re.sub(r"^[\W_]+", "", text)))


def answer_words(text: str) -> list[str]:
    return words(_LABEL.sub("", re.sub(r"^[\W_]+", "", _TAG.sub(" ", text)), count=1))


def same_question(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two questions are the same, or one is the other cut short."""
    short = min(len(one), len(other))
    return one == other or (short >= 5 and one[:short] == other[:short])


def compare(name: str, files: Path, expected: list[dict[str, Any]]) -> Row:
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "qasearch", "list", "--jsonl", "--corpus", str(files)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    seconds = time.perf_counter() - started
    if run.returncode not in (0, 1):
        sys.exit(run.stdout + run.stderr)
    by_path: dict[str, list[dict[str, Any]]] = defaultdict(list)
    entries = [json.loads(line) for line in run.stdout.splitlines()]
    for entry in entries:
        entry["words"] = question_words(entry["question"])
        by_path[entry["path"]].append(entry)
        for place in entry.get("also_at", []):
            by_path[place["path"]].append(
                {**entry, "question_line": place["line"], "copy_of": entry["id"]}
            )
    used: set[tuple[str, int]] = set()
    missed, differ, found, agree, answers = [], [], 0, 0, 0
    for each in expected:
        asked = question_words(each["question"])
        here = [
            entry
            for entry in by_path[each["path"]]
            if (entry["id"], entry["question_line"]) not in used
        ]
        match = next(
            (e for e in here if e["question_line"] == each["line"] and e["rule"] not in NOTES), None
        )
        match = match or next((e for e in here if same_question(asked, e["words"])), None)
        match = match or next((e for e in here if e["question_line"] == each["line"]), None)
        if match is None:
            missed.append(each)
            continue
        used.add((match["id"], match["question_line"]))
        found += 1
        if wanted := answer_words(each["answer_start"])[:WORDS_COMPARED]:
            answers += 1
            got = answer_words(match["answer"])[: len(wanted)]
            if got == wanted:
                agree += 1
            else:
                differ.append(
                    (
                        f"{match['path']}:{each['line']} {each['answer_start']}",
                        match["answer"][:100],
                    )
                )
    matched = {entry_id for entry_id, _ in used}
    rest = [entry for entry in entries if entry["id"] not in matched]
    extra = [entry for entry in rest if entry["rule"] not in NOTES]
    return Row(
        name,
        len(expected),
        found,
        extra,
        missed,
        answers,
        agree,
        differ,
        len(rest) - len(extra),
        seconds,
    )


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_speed(folder: Path) -> None:
    """How fast the collections are read, in pairs with markdown-it-py alone on the same texts."""
    texts = [
        (read_text(file)[0], file.path)
        for source in folder.iterdir()
        for file in list_files(source / "files").files
    ]
    megabytes = sum(len(text.encode()) for text, _ in texts) / 1e6
    alone = MarkdownIt("commonmark").enable("table")
    rounds = [
        (
            seconds(lambda: [read_document(text, path) for text, path in texts]),
            seconds(lambda: [alone.parse(text) for text, _ in texts]),
        )
        for _ in range(ROUNDS)
    ]
    read, parsed = (median(times) for times in zip(*rounds, strict=True))
    ratio = median(ours / theirs for ours, theirs in rounds)
    print(
        f"{len(texts)} files, {megabytes:.2f} MB: read at {megabytes / read:.1f} MB/s, parsed by markdown-it-py alone "
        f"at {megabytes / parsed:.1f} MB/s; ratio of the times {ratio:.2f} (medians of {ROUNDS} rounds)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--show",
        metavar="COLLECTION",
        help="list what differs in the collections with this in their name",
    )
    show = parser.parse_args().show
    folder = need("markdown")
    rows = []
    print(
        f"{'collection':48} {'expected':>8} {'found':>6} {'missed':>6} {'extra':>5} {'ask':>5} "
        f"{'notes':>5} {'agree':>6} {'s':>6}"
    )
    for source in sorted(folder.iterdir()):
        row = compare(source.name, source / "files", jsonl(source / "EXPECTED.jsonl"))
        rows.append(row)
        agree = f"{row.agree / row.answers:6.1%}" if row.answers else f"{'-':>6}"
        print(
            f"{row.name[:48]:48} {row.expected:8} {row.found / row.expected:6.1%} {len(row.missed):6} "
            f"{len(row.extra):5} {row.asking:5} {row.notes:5} {agree} {row.seconds:6.2f}",
            flush=True,
        )
        if show is not None and show.lower() in row.name.lower():
            for each in row.missed:
                print(f"  missed  {each['path']}:{each['line']} {each['question']}")
            for each in row.extra:
                print(
                    f"  extra   {each['path']}:{each['question_line']} [{each['rule']}] {each['question']}"
                )
            for wanted, got in row.differ:
                print(f"  differ  {wanted!r}\n          {got!r}")
    found = fmean(row.found / row.expected for row in rows)
    extra = sum(len(row.extra) for row in rows) / sum(row.expected for row in rows)
    quiet = sum(len(row.extra) - row.asking for row in rows) / sum(row.expected for row in rows)
    share = fmean(row.agree / row.answers for row in rows if row.answers)
    print(
        f"found {found:.1%} on average, {min(row.found / row.expected for row in rows):.1%} at least; "
        f"extra {extra:.1%} of the expected ({quiet:.1%} do not ask by their wording); "
        f"answers agree {share:.1%} on average"
    )
    print_speed(folder)


if __name__ == "__main__":
    main()
