"""What a page is about: its title is the first context of its entries and tells copies apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from qasearch.reading.corpus import read_corpus
from qasearch.reading.document.page_title import page_title
from qasearch.reading.entries import read_document
from qasearch.reading.markdown.parsing import parse


@pytest.mark.parametrize(
    ("title", "text", "path", "expected"),
    [
        ("Tea", "# Soup\n", "rice.md", "Tea"),
        ("", "# Soup\n\n## Salt\n", "rice.md", "Soup"),
        ("", "text\n\n# 1. *Soup* 🍲\n", "rice.md", "Soup"),
        ("", "Soup\n====\n", "rice.md", "Soup"),
        ("", "## Salt\n", "food/fried-rice.md", "fried rice"),
        ("", "# Salt\n\n# Pepper\n", "spices.md", "spices"),
        ("", "# Salt\n\n# Pepper\n", "README.md", "Salt"),
        ("", "## Salt\n", "README.md", ""),
        ("", "text", "docs/index.md", ""),
        ("", "text", "2024-05-01.md", ""),
        ("", "text", "20240501 1230.md", ""),
        ("", "text", "2024-05-01-green-tea.md", "green tea"),
        ("", "text", "202405011230 Green tea.md", "Green tea"),
        ("", "text", "01-intro-to-tea.md", "intro to tea"),
        ("", "text", "000123.md", ""),
        ("", "text", "FAQ.md", ""),
        ("", "text", "Tea 0123456789abcdef0123456789abcdef.md", "Tea"),
        ("", "text", "Tea v1.2.md", "Tea v1.2"),
        ("", "text", "茶.md", "茶"),
        ("", "text", "Über_uns.md", "Über uns"),
        ("", "text", "3d-printing.md", "3d printing"),
    ],
)
def test_page_title(title: str, text: str, path: str, expected: str) -> None:
    assert page_title(title, parse(text).blocks, path) == expected


def test_the_title_is_above_all_entries_but_the_one_with_its_words() -> None:
    text = "Intro.\n\n# Tea\n\n## What is it?\n\nA drink.\n\n## Kinds\n\n### Green\n\nYes.\n"
    entries = read_document(text, "a.md").entries
    assert [(entry.question, entry.breadcrumb) for entry in entries] == [
        ("Tea", ()),
        ("What is it?", ("Tea",)),
        ("Tea › Kinds › Green", ("Tea", "Kinds")),
    ]
    (entry,) = read_document("# what is tea\n\nA drink.\n", "what-is-tea.md").entries
    assert entry.breadcrumb == ()


def test_the_title_tells_copies_apart(tmp_path: Path) -> None:
    for animal in ("Zebra", "Quokka"):
        title = f"---\ntitle: Installing {animal}\n---\n\n"
        text = f"{title}## Size\n\n{animal}.\n\n## Removal\n\nDelete it.\n"
        (tmp_path / f"{animal}.md").write_text(text, encoding="utf-8")
    (tmp_path / "copy-of-quokka.md").write_text(text, encoding="utf-8")
    entries, problems = read_corpus(tmp_path)
    assert not problems
    assert [(entry.question, [place.path for place in entry.also_at]) for entry in entries] == [
        ("Installing Quokka › Size", ["copy-of-quokka.md"]),
        ("Installing Quokka › Removal", ["copy-of-quokka.md"]),
        ("Installing Zebra › Size", []),
        ("Installing Zebra › Removal", []),
    ]
