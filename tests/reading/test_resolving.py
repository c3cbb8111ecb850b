"""Links between notes, pages of sites and attachments; fragments by the rules of each program."""

from __future__ import annotations

import pytest

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.datatypes.flavour import Flavour
from qasearch.reading.attachments import exists_nearby
from qasearch.reading.corpus import read_corpus
from qasearch.reading.entries import read_document
from qasearch.reading.markdown.links import find_references
from qasearch.reading.markdown.parsing import parse
from tests.conftest import Corpus

FILES: dict[str, str | bytes] = {
    "notes/v1.2 notes.md": "# A\n\n## Tea: hot | cold\n\nText. ^abc\n\n### Water\n\nMore.\n",
    "notes/Dr. No.md": "# B\n\nText.\n",
    "deep/folder/Page-Name.md": "# C\n\nText.\n",
    "pages/namespace___page.md": "# D\n\nText.\n",
    "pages/other%2Fpage.md": "# E\n\nText.\n",
    "notes/Why tea?.md": "# F\n\nText.\n",
    "docs/guide/install.md": "# Install\n\nText.\n",
    "docs/guide/index.md": "# Guide\n\nText.\n",
    "files/cup.png": "",
    "files/sub/Report.pdf": "",
    ".hidden/secret.pdf": "",
    "static/img/logo.png": "",
}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[[v1.2 notes]]", True),
        ("[[V1.2 NOTES.md]]", True),
        ("[[Dr. No]]", True),
        ("[[notes/dr. no|him]]", True),
        ("[[other/Dr. No]]", False),
        ("[[Dr. Yes]]", False),
        ("[[Page Name]]", True),
        ("[[folder/Page-Name]]", True),
        ("[[namespace/page]]", True),
        ("[[other/page]]", True),
        ("[[Why tea?]]", True),
        ("[[v1.2 notes#tea-hot--cold]]", True),
        ("[[v1.2 notes#Tea hot cold]]", True),
        ("[[v1.2 notes#A#Water]]", True),
        ("[[v1.2 notes#A#Milk]]", False),
        ("[[v1.2 notes#^abc]]", True),
        ("[[v1.2 notes#^xyz]]", False),
        ("[[#What is it?]]", True),
        ("[[#Nothing]]", False),
        ("[[#^own]]", True),
        ("[[^own]]", True),
        ("![[v1.2 notes]]", True),
        ("![[cup.png|300]]", True),
        ("![[CUP.png|300x200]]", True),
        ("![[nope.png]]", False),
        ("[[Report.pdf#page=3]]", True),
        ("[[sub/Report.pdf]]", True),
        ("[[secret.pdf]]", False),
        ("![x](cup.png)", False),
        ("[x](notes/v1.2%20notes.md)", True),
        ("[x](<notes/v1.2 notes.md>)", True),
        ("[x](guide/install)", True),
        ("[x](/docs/guide/install/)", True),
        ("[x](/guide/install.html)", True),
        ("[x](docs/guide/)", True),
        ("[x](/base/docs/guide/install#install)", True),
        ("[x](docs/guide/install.html#nope)", False),
        ("[x](/docs/guide/upgrade)", False),
        ("![x](/img/logo.png)", True),
        ("[x](docs/guide/install.md#L3-L5)", True),
    ],
)
def test_a_link_leads_somewhere_or_not(corpus: Corpus, link: str, expected: bool) -> None:
    folder = corpus({**FILES, "a.md": f"## What is it?\n\nSee {link}. Words. ^own\n"})
    (entry,) = (entry for entry in read_corpus(folder)[0] if entry.path == "a.md")
    assert [reference.exists for reference in entry.references] == [expected]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("cup.png", True),
        ("sub/Report.pdf", True),
        ("far.png", None),
        ("Note", False),
        ("Dr. No", False),
    ],
)
def test_a_reply_looks_only_nearby(corpus: Corpus, target: str, expected: bool | None) -> None:
    assert exists_nearby(corpus(FILES), target, "notes/deep/a.md") is expected


@pytest.mark.parametrize(
    ("markdown", "flavour", "text", "target"),
    [
        ("[[the words|Page Name]]", Flavour.GITHUB_WIKI, "the words", "Page Name"),
        ("[[Page Name]]", Flavour.GITHUB_WIKI, "Page Name", "Page Name"),
        ("[[Page Name|the words]]", Flavour.OBSIDIAN, "the words", "Page Name"),
        ("| a |\n|---|\n| [[Page\\|words]] |", Flavour.OBSIDIAN, "words", "Page"),
        ("![[cup.png|300]]", Flavour.OBSIDIAN, "cup.png", "cup.png"),
        ("![[cup.png|A cup|300x200]]", Flavour.OBSIDIAN, "A cup", "cup.png"),
        ("![A cup|300](cup.png)", Flavour.OBSIDIAN, "A cup", "cup.png"),
        ("[[2024|300]]", Flavour.OBSIDIAN, "300", "2024"),
    ],
)
def test_words_and_target(markdown: str, flavour: Flavour, text: str, target: str) -> None:
    (reference,) = find_references(parse(markdown).every_block, flavour)
    assert (reference.text, reference.target) == (text, target)


def test_a_block_of_this_note_is_an_anchor() -> None:
    (reference,) = find_references(parse("See [[^own]].").every_block)
    assert reference == Reference("^own", "#^own", ReferenceKind.ANCHOR, 1)


@pytest.mark.parametrize(
    ("flavour", "heading", "expected"),
    [
        # docs.github.com, "Section links"; github-slugger's fixtures
        (Flavour.PLAIN, "Hello, World!", "hello-world"),
        (Flavour.PLAIN, "Tea & milk", "tea--milk"),
        (Flavour.PLAIN, "⚙️ Tools", "️-tools"),
        (Flavour.PLAIN, "😄 Smile", "-smile"),
        (Flavour.PLAIN, "snake_case `code()`", "snake_case-code"),
        (Flavour.PLAIN, "[A link](x.md) and ![an image](y.png)", "a-link-and-an-image"),
        (Flavour.PLAIN, "हिन्दी", "हिन्दी"),
        (Flavour.DOCUSAURUS, "I ♥ unicode", "i--unicode"),
        # docs.gitlab.com, "Heading IDs and links"
        (
            Flavour.GITLAB,
            "This heading has spaces & signs -- two",
            "this-heading-has-spaces-signs-two",
        ),
        (Flavour.GITLAB, "2024", "anchor-2024"),
        # Python-Markdown, toc.slugify
        (Flavour.MKDOCS, "Häuser & Bäume", "hauser-baume"),
        (Flavour.MKDOCS, "snake_case -- x", "snake_case-x"),
        (Flavour.MKDOCS, "什么", "_1"),
        # @mdit-vue/shared, slugify
        (Flavour.VITEPRESS, "1. What's new?", "_1-what-s-new"),
        (Flavour.VITEPRESS, "Café_au lait (hot)", "cafe-au-lait-hot"),
        # Hugo, autoHeadingIDType
        (Flavour.HUGO, "Über uns: Tea", "über-uns-tea"),
        (Flavour.HUGO, "Über uns: Tea", "uber-uns-tea"),
        (Flavour.HUGO, "A & B", "a-b"),
        # kramdown, "Automatic generation of header IDs"
        (Flavour.JEKYLL, "5.1 Tea (hot)", "tea-hot"),
        (Flavour.JEKYLL, "1234", "section"),
        # docutils.nodes.make_id
        (Flavour.MYST, "1. Tea_time & Café", "tea-time-cafe"),
        # pandoc.org, auto_identifiers
        (Flavour.QUARTO, "3. *Dogs*?--in *my* house?", "dogs--in-my-house"),
        (Flavour.QUARTO, "[HTML], [S5], or [RTF]?", "html-s5-or-rtf"),
        (Flavour.QUARTO, "33", "section"),
    ],
)
def test_slugs(flavour: Flavour, heading: str, expected: str) -> None:
    assert expected in read_document(f"## {heading}\n\nText.\n", "a.md", flavour).anchors


@pytest.mark.parametrize(
    ("flavour", "second"),
    [(Flavour.PLAIN, "tea-1"), (Flavour.MKDOCS, "tea_1"), (Flavour.VITEPRESS, "tea-1")],
)
def test_a_repeated_heading_gets_a_number(flavour: Flavour, second: str) -> None:
    anchors = read_document("# Tea\n\nA.\n\n# Tea\n\nB.\n", "a.md", flavour).anchors
    assert anchors == {"tea", second}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Tea {#own}\n\nText.", "own"),
        ("## Tea {: #own .c }\n\nText.", "own"),
        ("## Tea {/* #own */}\n\nText.", "own"),
        ("(own)=\n## Tea\n\nText.", "own"),
        ("## Tea <a id='own'></a>\n\nText.", "own"),
        ("Text. ^own", "^own"),
        ("- item\n- other ^own", "^own"),
        ("> quote\n\n^own", "^own"),
    ],
)
def test_declared_ids(text: str, expected: str) -> None:
    assert expected in read_document(text + "\n", "a.md").anchors


@pytest.mark.parametrize("text", ["x ^2 and y", "2^own", "```\nx ^own\n```"])
def test_other_carets_are_no_ids(text: str) -> None:
    assert "^own" not in read_document(text + "\n", "a.md").anchors
