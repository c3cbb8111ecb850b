"""Measures how well and how fast entries are read from Markdown that others wrote.

    python -m benchmarks.reading [--show COLLECTION] [--to-judge]

Runs `qasearch list --jsonl` on every collection in ../shared/markdown and compares the entries with
the EXPECTED.jsonl of the collection. Regular expressions made that file, so it is a silver
standard: it has mistakes of its own.

- An expected question is found if an entry of the same file (or a copy of that entry in another
  file) stands on its line or has the same words.
- Answers agree if both begin with the same words, without markup and labels.
- An entry that is not expected is extra. `ask` counts the extra entries whose wording asks a
  question: the regular expressions probably missed them.
- Sections of plain notes are counted apart, since qasearch itself does not call them questions.

Then it says how much of the text is in no entry (`lost`), and which of the entries that people
judged are made up or end in the wrong place (`judged`). At the end all files are read in this
process, in turn with markdown-it-py alone.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from typing import Any

from markdown_it import MarkdownIt

from benchmarks.reading.judged import print_judged, print_sample
from benchmarks.reading.lost import print_lost
from benchmarks.shared import QASEARCH, argument_parser, jsonl, need, seconds, timed
from qasearch.datatypes.entry import Rule
from qasearch.reading.document.asking import looks_like_question
from qasearch.reading.entries import read_document
from qasearch.reading.files import list_files, read_text

NOTES = {rule.value for rule in Rule if rule.is_note}
"""The rules of plain notes."""

WORDS_COMPARED = 6
"""Words at the beginning of an answer. EXPECTED.jsonl has only the beginning of each."""

LEAST_SHARED_WORDS = 5
"""From this number of words on, a question that was cut short is taken for the whole one."""

ROUNDS = 9

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_NUMBER = re.compile(
    r"^(?:(?:q(?:uestion)?|第)\s*)?\d+(?:\.\d+)*\s*(?:题|[.:)、])*\s+|^q\s*[.:]\s*", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:a|ans|answer)\b\s*\d*\s*[:.)-]*\s*", re.IGNORECASE)
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)

Entry = dict[str, Any]
"""An object of `qasearch list --jsonl`, with its question as `words`."""


@dataclass
class Comparison:
    """The entries of one collection beside the expected ones.

    Attributes:
        name: the name of the collection.
        expected: the number of expected questions.
        seconds: the time that `qasearch list` took.
        found: the number of expected questions that were found.
        missed: the expected questions that were not found.
        extra: the entries that were not expected, without sections of plain notes.
        notes: the number of sections of plain notes that were not expected.
        answers: the number of found questions with an expected answer.
        agreeing: the number of these whose answers begin alike.
        differing: the expected and the actual beginning of the other answers.
    """

    name: str
    expected: int
    seconds: float
    found: int = 0
    missed: list[Entry] = field(default_factory=list)
    extra: list[Entry] = field(default_factory=list)
    notes: int = 0
    answers: int = 0
    agreeing: int = 0
    differing: list[tuple[str, str]] = field(default_factory=list)

    @property
    def asking(self) -> int:
        """The number of extra entries whose wording asks a question."""
        return sum(looks_like_question(entry["question"]) for entry in self.extra)

    @property
    def share_found(self) -> float:
        """The share of the expected questions that were found."""
        return self.found / self.expected


def words(markdown: str) -> list[str]:
    """The words that a reader sees, in lower case."""
    text = html.unescape(_FENCE.sub(" ", markdown))
    text = _LINK.sub(r"\1", _LINK.sub(r"\1", text))
    return re.findall(r"\w+", _TAG.sub(" ", text).lower())


def question_words(text: str) -> list[str]:
    """The words of a question without its number."""
    return words(_NUMBER.sub("", re.sub(r"^[\W_]+", "", text)))


def answer_words(text: str) -> list[str]:
    """The words of an answer without a label such as 'Answer:'."""
    return words(_LABEL.sub("", re.sub(r"^[\W_]+", "", _TAG.sub(" ", text)), count=1))


def same_question(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two questions have the same words, or one is the other one cut short."""
    shorter = min(len(first), len(second))
    return first == second or (
        shorter >= LEAST_SHARED_WORDS and first[:shorter] == second[:shorter]
    )


def list_entries(files: Path) -> list[Entry]:
    """The entries that `qasearch list` finds in a folder; the benchmark ends if it fails."""
    run = subprocess.run(
        [*QASEARCH, "list", "--jsonl", "--corpus", str(files)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode not in (0, 1):
        sys.exit(run.stdout + run.stderr)
    entries = [json.loads(line) for line in run.stdout.splitlines()]
    for entry in entries:
        entry["words"] = question_words(entry["question"])
    return entries


def by_path(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """The entries of each file; a copy of an entry counts for the file where it stands."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry["path"]].append(entry)
        for copy in entry.get("also_at", []):
            groups[copy["path"]].append({**entry, "question_line": copy["line"]})
    return groups


def find(question: Entry, candidates: Sequence[Entry]) -> Entry | None:
    """The entry for an expected question: first by line and rule, then by words, then by line."""
    words_of_question = question_words(question["question"])
    on_line = [entry for entry in candidates if entry["question_line"] == question["line"]]
    marked = [entry for entry in on_line if entry["rule"] not in NOTES]
    alike = [entry for entry in candidates if same_question(words_of_question, entry["words"])]
    return next(iter([*marked, *alike, *on_line]), None)


def compare(name: str, files: Path, expected: Sequence[Entry]) -> Comparison:
    """Compare the entries of a collection with the expected ones."""
    elapsed, entries = timed(lambda: list_entries(files))
    comparison = Comparison(name, len(expected), elapsed)
    of_path = by_path(entries)
    used: set[tuple[str, int]] = set()  # an entry answers one expected question only
    for question in expected:
        candidates = [
            entry
            for entry in of_path[question["path"]]
            if (entry["id"], entry["question_line"]) not in used
        ]
        match = find(question, candidates)
        if match is None:
            comparison.missed.append(question)
            continue
        used.add((match["id"], match["question_line"]))
        comparison.found += 1
        compare_answers(comparison, question, match)
    used_ids = {entry_id for entry_id, _ in used}
    unexpected = [entry for entry in entries if entry["id"] not in used_ids]
    comparison.extra = [entry for entry in unexpected if entry["rule"] not in NOTES]
    comparison.notes = len(unexpected) - len(comparison.extra)
    return comparison


def compare_answers(comparison: Comparison, question: Entry, match: Entry) -> None:
    """Count whether the answer of the match begins as expected."""
    beginning = answer_words(question["answer_start"])[:WORDS_COMPARED]
    if not beginning:
        return
    comparison.answers += 1
    if answer_words(match["answer"])[: len(beginning)] == beginning:
        comparison.agreeing += 1
    else:
        place = f"{match['path']}:{question['line']}"
        comparison.differing.append((f"{place} {question['answer_start']}", match["answer"][:100]))


def print_speed(folder: Path) -> None:
    """Read all collections, in turn with markdown-it-py alone on the same texts."""
    texts = [
        (read_text(file)[0], file.path)
        for collection in folder.iterdir()
        for file in list_files(collection / "files").files
    ]
    megabytes = sum(len(text.encode()) for text, _ in texts) / 1e6
    parser = MarkdownIt("commonmark").enable("table")
    rounds = [
        (
            seconds(lambda: [read_document(text, path) for text, path in texts]),
            seconds(lambda: [parser.parse(text) for text, _ in texts]),
        )
        for _ in range(ROUNDS)
    ]
    reading, parsing = (median(times) for times in zip(*rounds, strict=True))
    ratio = median(reading_s / parsing_s for reading_s, parsing_s in rounds)
    print(
        f"{len(texts)} files, {megabytes:.2f} MB: read at {megabytes / reading:.1f} MB/s, "
        f"parsed by markdown-it-py alone at {megabytes / parsing:.1f} MB/s; "
        f"ratio of the times {ratio:.2f} (medians of {ROUNDS} rounds)"
    )


def print_row(row: Comparison) -> None:
    agreeing = f"{row.agreeing / row.answers:6.1%}" if row.answers else f"{'-':>6}"
    print(
        f"{row.name[:48]:48} {row.expected:8} {row.share_found:6.1%} "
        f"{len(row.missed):6} {len(row.extra):5} {row.asking:5} {row.notes:5} {agreeing} "
        f"{row.seconds:6.2f}",
        flush=True,
    )


def print_differences(row: Comparison) -> None:
    for question in row.missed:
        print(f"  missed  {question['path']}:{question['line']} {question['question']}")
    for entry in row.extra:
        place = f"{entry['path']}:{entry['question_line']}"
        print(f"  extra   {place} [{entry['rule']}] {entry['question']}")
    for expected, actual in row.differing:
        print(f"  differ  {expected!r}\n          {actual!r}")


def print_summary(rows: Sequence[Comparison]) -> None:
    expected = sum(row.expected for row in rows)
    extra = sum(len(row.extra) for row in rows)
    not_asking = extra - sum(row.asking for row in rows)
    agreement = fmean(row.agreeing / row.answers for row in rows if row.answers)
    print(
        f"found {fmean(row.share_found for row in rows):.1%} on average, "
        f"{min(row.share_found for row in rows):.1%} at least; "
        f"extra {extra / expected:.1%} of the expected "
        f"({not_asking / expected:.1%} do not ask by their wording); "
        f"answers agree {agreement:.1%} on average"
    )


def main() -> None:
    parser = argument_parser(__doc__, "python -m benchmarks.reading")
    parser.add_argument(
        "--show",
        metavar="COLLECTION",
        help="list the differences in the collections with this text in their name",
    )
    parser.add_argument(
        "--to-judge", action="store_true", help="print the entries of the sample without judgement"
    )
    arguments = parser.parse_args()
    show = arguments.show
    folder = need("markdown")
    if arguments.to_judge:
        print_sample(folder)
        return
    print(
        f"{'collection':48} {'expected':>8} {'found':>6} {'missed':>6} {'extra':>5} {'ask':>5} "
        f"{'notes':>5} {'agree':>6} {'s':>6}"
    )
    rows = []
    for collection in sorted(folder.iterdir()):
        expected = jsonl(collection / "EXPECTED.jsonl")
        row = compare(collection.name, collection / "files", expected)
        rows.append(row)
        print_row(row)
        if show is not None and show.lower() in row.name.lower():
            print_differences(row)
    print_summary(rows)
    print_lost(folder)
    print_judged(folder)
    print_speed(folder)


if __name__ == "__main__":
    main()
