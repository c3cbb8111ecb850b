"""A folder to its entries: their order, ids across files, resolved references, problems."""

from __future__ import annotations

import pytest

from qasearch.datatypes.entry import Place, Problem
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
    assert [entry.id for entry in entries] == [
        "a#what-is-tea",
        "a/z#is-it",
        "a/z#was-it",
        "b#what-is-milk",
    ]
    assert problems == []


def test_references_are_resolved_across_files(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "# What is tea?\n\n"
            "[b](b/c.md#milk) [c](b/c.md#tea) [d](d.png) [e](https://e.example)\n",
            "b/c.md": "# Milk\n\nB.\n",
        }
    )
    entries, _ = read_corpus(folder)
    assert [(reference.text, reference.exists) for reference in entries[0].references] == [
        ("b", True),
        ("c", False),
        ("d", False),
        ("e", None),
    ]


def test_a_file_that_cannot_be_read_is_a_problem_and_the_rest_is_read(corpus: Corpus) -> None:
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


def test_a_declared_id_replaces_the_derived_one_for_the_first_that_declares_it(
    corpus: Corpus,
) -> None:
    text = "---\nquestion: What is {}?\nid: drink\n---\n\nA drink.\n"
    entries, problems = read_corpus(
        corpus({"a.md": text.format("tea"), "b.md": text.format("milk")})
    )
    assert [entry.id for entry in entries] == ["drink", "b"]
    assert problems == [
        Problem("b.md", 2, "the id 'drink' is already taken by a.md:2; give another")
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"a.md": "# What is tea?\n\nA drink.\n", "a.mdx": "# What is tea?\n\nA plant.\n"},
        {
            "a.md": "---\nquestion: Tea?\nid: b\n---\nA.\n",
            "b.md": "---\nquestion: Milk?\n---\nB.\n",
        },
        {
            "a.md": "---\nquestion: Tea?\nid: b\n---\nA.\n",
            "b.md": "---\nquestion: Milk?\nid: b\n---\nB.\n",
        },
    ],
    ids=[
        "same name, other suffix",
        "the declared id is the name of another file",
        "the other file declares it as well",
    ],
)
def test_ids_are_unique_in_a_corpus(corpus: Corpus, files: dict[str, str | bytes]) -> None:
    entries, _ = read_corpus(corpus(files))
    assert len({entry.id for entry in entries}) == 2


def test_the_same_pair_in_two_files_is_one_entry_that_names_both(corpus: Corpus) -> None:
    tea = "What is tea?\n\nA drink  of\nleaves.\n"
    folder = corpus(
        {
            "FAQ.md": f"# {tea}\n# What is milk?\n\nWhite.\n\n# {tea.replace('  ', ' ')}",
            "questions/tea.md": "---\ntitle: What is tea?\nalt_titles: [Tea?]\n---\n\n"
            "A drink of leaves.\n",
            "other.md": "# What is tea?\n\nAnother answer.\n\n# What is milk?\n\n# What is milk?\n",
        }
    )
    entries, _ = read_corpus(folder)
    assert [(entry.path, entry.question, entry.aliases) for entry in entries] == [
        ("FAQ.md", "What is milk?", ()),
        ("other.md", "What is tea?", ()),
        ("other.md", "What is milk?", ()),
        ("other.md", "What is milk?", ()),
        ("questions/tea.md", "What is tea?", ("Tea?",)),
    ]
    first, second = entries[4].also_at
    assert (first, second) == (Place("FAQ.md", 1, first.id), Place("FAQ.md", 10, second.id))
    assert first.id.startswith("FAQ#what-is-tea.")
    assert not any(entry.also_at for entry in entries[:4])


def test_wiki_links_find_their_note_in_any_folder(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "# What is tea?\n\n[[Milk]] [[Milk#Kinds]] [[Milk#No]] [[sub/Milk]] [[Salt]]\n",
            "sub/Milk.md": "## Kinds\n\nWhite.\n",
        }
    )
    entries, _ = read_corpus(folder)
    assert [(reference.text, reference.exists) for reference in entries[0].references] == [
        ("Milk", True),
        ("Milk#Kinds", True),
        ("Milk#No", False),
        ("sub/Milk", True),
        ("Salt", False),
    ]


def test_a_folder_without_markdown(corpus: Corpus) -> None:
    with pytest.raises(
        CorpusUnreadable, match=r"corpus holds no Markdown file\. Name another with --corpus\."
    ):
        read_corpus(corpus({"a.txt": "# What is tea?"}))
