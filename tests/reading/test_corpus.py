"""A whole folder to its entries: order, ids across files, references that were looked up, problems."""

from __future__ import annotations

import pytest

from qasearch.datatypes import Problem
from qasearch.errors import CorpusUnreadable
from qasearch.reading.corpus import read_corpus
from tests.conftest import Corpus


def test_entries_come_in_the_order_of_path_and_line(corpus: Corpus) -> None:
    folder = corpus(
        {
            "b.md": "# What is milk?\n\nB.\n",
            "a/z.md": "# Is it?\n\nA.\n\n# Was it?\n\nB.\n",
            "a.md": "# What is tea?\n\nA.\n",
        }
    )
    entries, problems = read_corpus(folder)
    assert [entry.id for entry in entries] == ["a#what-is-tea", "a/z#is-it", "a/z#was-it", "b#what-is-milk"]
    assert problems == []


def test_references_were_looked_up_across_files(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "# What is tea?\n\n[b](b/c.md#milk) [c](b/c.md#tea) [d](d.png) [e](https://e.example)\n",
            "b/c.md": "# Milk\n\nB.\n",
        }
    )
    entries, _ = read_corpus(folder)
    assert [(each.text, each.exists) for each in entries[0].references] == [
        ("b", True),
        ("c", False),
        ("d", False),
        ("e", None),
    ]


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": b"# Tea\n\nCaf\xe9\n",
            "b.md": "---\ntags: [a\n---\n\n# What is milk?\n\nB.\n",
        }
    )
    entries, problems = read_corpus(folder)
    assert [entry.question for entry in entries] == ["What is milk?"]
    assert [(problem.path, problem.line) for problem in problems] == [("a.md", 0), ("b.md", 3)]
    assert "byte 0xe9 in line 3" in problems[0].reason


def test_a_declared_id_replaces_the_derived_one_and_is_taken_once(corpus: Corpus) -> None:
    text = "---\nquestion: What is {}?\nid: drink\n---\n\nA drink.\n"
    entries, problems = read_corpus(corpus({"a.md": text.format("tea"), "b.md": text.format("milk")}))
    assert [entry.id for entry in entries] == ["drink", "b"]
    assert problems == [Problem("b.md", 2, "the id 'drink' is already taken by a.md:2; give another")]


@pytest.mark.parametrize(
    "files",
    [
        {"a.md": "# What is tea?\n\nA drink.\n", "a.mdx": "# What is tea?\n\nA plant.\n"},
        {"a.md": "---\nquestion: Tea?\nid: b\n---\nA.\n", "b.md": "---\nquestion: Milk?\n---\nB.\n"},
    ],
    ids=["same name, other suffix", "declared id is the name of another file"],
)
def test_ids_are_unique_in_a_corpus(corpus: Corpus, files: dict[str, str | bytes]) -> None:
    entries, _ = read_corpus(corpus(files))
    assert len({entry.id for entry in entries}) == 2


def test_a_folder_without_markdown(corpus: Corpus) -> None:
    with pytest.raises(CorpusUnreadable, match=r"corpus holds no Markdown file\. Name another with --corpus\."):
        read_corpus(corpus({"a.txt": "# What is tea?"}))
