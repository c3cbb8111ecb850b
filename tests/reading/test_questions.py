"""The ways of marking a question, by the cases in `fixtures/`: a file for each way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qasearch.datatypes.entry import Entry, Rule
from qasearch.reading.entries import read_document

FIXTURES = Path(__file__).parent / "fixtures"
COLLECTIONS = {"list_items", "topics", "pointers", "notes"}
"""The fixtures whose documents collect questions, by the names of the files."""

WAYS = sorted(file.stem for file in FIXTURES.iterdir())


@dataclass(frozen=True)
class Case:
    """A case of a fixture: a title, then between lines with a single dot Markdown and entries.

    Each expected entry is one line, as `described` writes it."""

    way: str
    line: int
    title: str
    markdown: str
    expected: list[str]

    @property
    def path(self) -> str:
        """A path that says nothing of the document, or that it collects questions."""
        return f"folder/{'questions' if self.way in COLLECTIONS else 'README'}.md"


def cases(way: str) -> Iterator[Case]:
    text = (FIXTURES / f"{way}.md").read_text(encoding="utf-8")
    parts = re.split(r"^\.\n", text, flags=re.MULTILINE)
    assert len(parts) % 3 == 1, f"{way}.md: every case has three lines with a single dot"
    assert not parts[-1].strip(), f"{way}.md: text after the last case"
    for number in range(0, len(parts) - 1, 3):
        head, markdown, expected = parts[number : number + 3]
        title = head.rstrip("\n").rsplit("\n", 1)[-1]
        line = ".\n".join([*parts[:number], head]).count("\n")
        assert title, f"{way}.md:{line}: a case without a title"
        yield Case(way, line, title, markdown, expected.splitlines())


def described(entry: Entry) -> str:
    lines = f"{entry.line_start}-{entry.line_end}" if entry.answered else "unanswered"
    if entry.answered and (entry.column_start > 1 or "\n" not in entry.answer):
        lines += f" {entry.answer!r}"
    question = f"{entry.question_line}"
    if entry.question_line_end > entry.question_line:
        question += f"-{entry.question_line_end}"
    if entry.question_body:
        question += f" + {entry.question_body.splitlines()[0]!r}"
    return f"{entry.rule} | {question} | {lines} | {entry.question}"


ALL = [case for way in WAYS for case in cases(way)]


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.way}.md:{case.line} {case.title}")
def test_entries(case: Case) -> None:
    document = read_document(case.markdown, case.path)
    assert [described(entry) for entry in document.entries] == case.expected


def test_every_rule_has_a_case() -> None:
    """A new way of marking a question needs a fixture file with its cases."""
    assert {line.partition(" | ")[0] for case in ALL for line in case.expected} == set(Rule)
