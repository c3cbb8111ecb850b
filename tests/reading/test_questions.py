"""Each way of marking a question, by the cases in `fixtures/`: one file for each way, one paragraph for each case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qasearch.datatypes import Entry
from qasearch.reading.document import read_document

FIXTURES = Path(__file__).parent / "fixtures"
WAYS = [
    "front_matter",
    "headings",
    "headings_in_list_items",
    "list_items",
    "pointers",
    "topics",
    "sections",
    "not_questions",
]
KNOWN_BUGS: dict[str, str] = {}
"""The title of a case that fails, and why."""


@dataclass(frozen=True)
class Case:
    """A title line, then between lines that hold a single dot: Markdown, and one line for each expected entry."""

    name: str
    title: str
    markdown: str
    expected: list[str]


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
        yield Case(f"{way}.md:{line}", title, markdown, expected.splitlines())


def shown(entry: Entry) -> str:
    lines = f"{entry.line_start}-{entry.line_end}" if entry.answered else "unanswered"
    return f"{entry.rule} | {entry.question_line} | {lines} | {entry.question}"


ALL = [case for way in WAYS for case in cases(way)]


def marked(case: Case) -> object:
    reason = KNOWN_BUGS.get(case.title)
    marks = [pytest.mark.xfail(strict=True, reason=reason)] if reason else []
    return pytest.param(case, marks=marks, id=f"{case.name} {case.title}")


@pytest.mark.parametrize("case", [marked(case) for case in ALL])
def test_entries(case: Case) -> None:
    document = read_document(case.markdown, "folder/some-notes.md")
    assert [shown(entry) for entry in document.entries] == case.expected
