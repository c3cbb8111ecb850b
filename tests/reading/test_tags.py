"""Tags in text and in front matter, and other names of a page."""

from __future__ import annotations

import pytest

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.document.tags import is_row_of_tags, tags_of_line
from qasearch.reading.entries import read_document


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("Green #tea is #drinks/hot.", ("tea", "drinks/hot")),
        ("#tea, #to-do; (#later)", ("tea", "to-do", "later")),
        ("#2024-goals #y2024 #茶", ("2024-goals", "y2024", "茶")),
        ("#[[two words]] here", ("two words",)),
        ("tags:: tea, #hot, [[green tea]]", ("tea", "hot", "green tea")),
        ("- tags:: tea", ("tea",)),
        ("#tea #tea", ("tea",)),
        ("Bug #123 and #1", ()),
        ("Colours #fff, #a1b2c3 and #000000", ()),
        ("C# and F#, x#y", ()),
        ("https://a.example/#part and [x](#part) and [[Note#part]]", ()),
        ("`#tea` and ``#a ` #b``", ()),
        ("#include <stdio.h>", ()),
        ("# tea", ()),
        ("## tea", ()),
        ("&#39; and &#x27;", ()),
        (r"\#tea", ()),
        ("<a href='#tea'>", ()),
    ],
)
def test_tags_of_a_line(line: str, tags: tuple[str, ...]) -> None:
    assert tags_of_line(line) == tags


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#tea #drinks/hot", True),
        ("tags:: tea", True),
        ("alias:: Chai", True),
        ("#ops-help", False),  # the answer to "Which channel?"
        ("See #tea #hot", False),
        ("# Tea", False),
    ],
)
def test_a_row_of_tags_answers_nothing(line: str, expected: bool) -> None:
    assert is_row_of_tags(line) is expected


def tags_by_question(text: str, flavour: Flavour = Flavour.PLAIN) -> dict[str, tuple[str, ...]]:
    return {entry.question: entry.tags for entry in read_document(text, "x.md", flavour).entries}


BOTH = "## Is it hot?\n\nVery #hot.\n\n## Is it cold?\n\nNo.\n"


def test_a_tag_belongs_to_the_entry_that_has_it() -> None:
    assert tags_by_question(BOTH) == {"Is it hot?": ("hot",), "Is it cold?": ()}


@pytest.mark.parametrize(
    "top", ["#tea #food\n\n# Tea\n\n", "# Tea\n\n#tea #food\n\n", "#tea\n#food\n\n"]
)
def test_tags_at_the_top_belong_to_all_entries(top: str) -> None:
    expected = {"Is it hot?": ("tea", "food", "hot"), "Is it cold?": ("tea", "food")}
    assert tags_by_question(top + BOTH) == expected


def test_tags_in_code_and_in_sites_are_text() -> None:
    code = "## Is it hot?\n\n```\n #hot\n```\n"
    assert tags_by_question(code) == {"Is it hot?": ()}
    assert tags_by_question(BOTH, Flavour.MKDOCS) == {"Is it hot?": (), "Is it cold?": ()}


@pytest.mark.parametrize(
    ("field", "flavour", "tags"),
    [
        ("tags: tea, hot, green tea", Flavour.PLAIN, ("tea", "hot", "green tea")),
        ("tags: green tea", Flavour.PLAIN, ("green tea",)),
        ("tags: green tea", Flavour.OBSIDIAN, ("green", "tea")),
        ("categories: green tea", Flavour.JEKYLL, ("green", "tea")),
        ('tags: "#hot"', Flavour.PLAIN, ("hot",)),
        ('tags: "#hot #cold"', Flavour.PLAIN, ("hot", "cold")),
        ('tags: ["#hot", "drinks/tea", "a, b"]', Flavour.PLAIN, ("hot", "drinks/tea", "a, b")),
        ("tags: null", Flavour.PLAIN, ()),
        ("tags:", Flavour.PLAIN, ()),
        ("tags: ~", Flavour.PLAIN, ()),
        ("tags: [2024, tea, null]", Flavour.PLAIN, ("2024", "tea")),
    ],
)
def test_tags_of_the_front_matter(field: str, flavour: Flavour, tags: tuple[str, ...]) -> None:
    text = f"---\ntitle: Is it hot?\n{field}\n---\nYes.\n"
    assert tags_by_question(text, flavour) == {"Is it hot?": tags}


@pytest.mark.parametrize(
    ("field", "flavour", "aliases"),
    [
        ("aliases: [/old/path/, Warm tea]", Flavour.PLAIN, ("Warm tea",)),
        ("aliases: [old-name, Warm tea]", Flavour.HUGO, ()),
        ("aliases: Warm tea, Chai", Flavour.OBSIDIAN, ("Warm tea", "Chai")),
        ('aliases: "Tea, warm"', Flavour.OBSIDIAN, ("Tea, warm",)),
        ("aliases: Is it warm, or hot?", Flavour.PLAIN, ("Is it warm, or hot?",)),
        ("aliases: [TCP/IP, and/or]", Flavour.PLAIN, ("TCP/IP", "and/or")),
        ("aliases: [docs/old/, a/b.html, ../x]", Flavour.PLAIN, ()),
        ("redirect_from: /old/", Flavour.PLAIN, ()),
    ],
)
def test_aliases_are_other_wordings(field: str, flavour: Flavour, aliases: tuple[str, ...]) -> None:
    text = f"---\ntitle: Is it hot?\n{field}\n---\nYes.\n"
    (entry,) = read_document(text, "x.md", flavour).entries
    assert entry.aliases == aliases
