"""Every kind of reference with its text, target and line; and which of them lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.reading.entries import read_document
from qasearch.reading.markdown.links import find_references
from qasearch.reading.markdown.parsing import parse
from qasearch.reading.markdown.targets import Surroundings, kind_of, resolve
from tests.conftest import Corpus

WEB, FILE, ANCHOR = ReferenceKind.WEB, ReferenceKind.FILE, ReferenceKind.ANCHOR
IMAGE, FOOTNOTE = ReferenceKind.IMAGE, ReferenceKind.FOOTNOTE


def references_of(markdown: str) -> list[Reference]:
    return find_references(parse(markdown).every_block)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        (
            "See [the page](https://p.example/x).",
            [Reference("the page", "https://p.example/x", WEB, 1)],
        ),
        ("[x](a.md 'A title')", [Reference("x", "a.md", FILE, 1)]),
        ("[x](<a b.md>)", [Reference("x", "a%20b.md", FILE, 1)]),
        ("[**bold** and\n`code`](#top)", [Reference("bold and code", "#top", ANCHOR, 1)]),
        ("[](a.md)", [Reference("a.md", "a.md", FILE, 1)]),
        ("[nowhere]()", []),
        (
            "[the page][p]\n\n[p]: https://p.example",
            [Reference("the page", "https://p.example", WEB, 1)],
        ),
        ("Of [Tea][]\n\n[tea]: t.md 'Title'", [Reference("Tea", "t.md", FILE, 1)]),
        ("Of [tea] and [milk]\n\n[tea]: #tea", [Reference("tea", "#tea", ANCHOR, 1)]),
        (
            "<https://a.example/b>",
            [Reference("https://a.example/b", "https://a.example/b", WEB, 1)],
        ),
        ("<me@a.example>", [Reference("me@a.example", "mailto:me@a.example", WEB, 1)]),
        ("![A cup](img/cup.png)", [Reference("A cup", "img/cup.png", IMAGE, 1)]),
        (
            "![A cup][c]\n\n[c]: https://i.example/c.png",
            [Reference("A cup", "https://i.example/c.png", IMAGE, 1)],
        ),
        (
            "[![A cup](cup.png)](page.md)",
            [Reference("A cup", "cup.png", IMAGE, 1), Reference("A cup", "page.md", FILE, 1)],
        ),
        ("Tea[^1]\n\n[^1]: A *plant*.", [Reference("[^1]", "A plant.", FOOTNOTE, 1)]),
        ("Tea[^x]", []),
        (
            "Tea[^n]\n\n[^n]: A [plant](p.md).\n\n    Green.",
            [
                Reference("[^n]", "A plant. Green.", FOOTNOTE, 1),
                Reference("plant", "p.md", FILE, 3),
            ],
        ),
        ("An <a href='a.md'>apple <b>pie</b></a>.", [Reference("apple pie", "a.md", FILE, 1)]),
        ('An <img alt="icon" src="i.png"/> here', [Reference("icon", "i.png", IMAGE, 1)]),
        ("An <img src=i.png> here", [Reference("", "i.png", IMAGE, 1)]),
        (
            '<div>\n<a class="x" href="#y">Y</a>\n<img src="i.png"\n     alt="I">\n</div>',
            [Reference("Y", "#y", ANCHOR, 2), Reference("I", "i.png", IMAGE, 3)],
        ),
        (
            '<p>\n<a href="https://a.example">\n<img src="i.png"></a>\n</p>',
            [
                Reference("https://a.example", "https://a.example", WEB, 2),
                Reference("", "i.png", IMAGE, 3),
            ],
        ),
        ("`[x](a.md)` and\n\n    [x](a.md)\n\n```\n[x](a.md)\n```", []),
        (r"\[x](a.md)", []),
        (
            "See https://a.example/b_(c), and (www.b.example/x?y=1).",
            [
                Reference("https://a.example/b_(c)", "https://a.example/b_(c)", WEB, 1),
                Reference("www.b.example/x?y=1", "www.b.example/x?y=1", WEB, 1),
            ],
        ),
        (
            "**Link**: https://a.example/b.\n参考：https://c.example/d。",
            [
                Reference("https://a.example/b", "https://a.example/b", WEB, 1),
                Reference("https://c.example/d", "https://c.example/d", WEB, 2),
            ],
        ),
        (
            "[https://a.example](https://b.example)",
            [Reference("https://a.example", "https://b.example", WEB, 1)],
        ),
        ("`https://a.example` and a.https://x", []),
        (
            "Of [[Tea]], [[Tea#Green leaves|green ones]],\n[[#Here]] and ![[cup.png]]",
            [
                Reference("Tea", "Tea", FILE, 1),
                Reference("green ones", "Tea#Green leaves", FILE, 1),
                Reference("#Here", "#Here", ANCHOR, 2),
                Reference("cup.png", "cup.png", IMAGE, 2),
            ],
        ),
        ("`[[x]]` and [[ -f x ]] and [[]]", []),
    ],
)
def test_kinds(markdown: str, expected: list[Reference]) -> None:
    assert references_of(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("a\n[1](1)\nb [2](2)\n[3](3)", [2, 3, 4]),
        ("a  \n[1](1)\\\n[2](2)", [2, 3]),
        ("`a\nb` [1](1)\n[2](2)", [2, 3]),
        ("[1](1 'a\nb')\n[2](2)", [1, 3]),
        ("* [1](1)\n  [2](2)\n\n      code\n* * [3](3)", [1, 2, 5]),
        ("> a\n> [1](1)\nlazy [2](2)", [2, 3]),
        ("| a |\n|---|\n| [1](1) |\n| [2](2) |", [3, 4]),
        ("# [1](1)\n\n[2](2)\n===", [1, 3]),
        ("a <a\nhref='1'>1</a>\n[2](2)", [1, 3]),
        ("[^1]\n\n[^1]: a\n    [2](2)\n\n    [3](3)", [1, 4, 6]),
    ],
)
def test_lines(markdown: str, lines: list[int]) -> None:
    assert [reference.line for reference in references_of(markdown)] == lines


def test_sources_of_the_front_matter_come_first() -> None:
    text = (
        "---\nquestion: Why?\nsources:\n- title: A\n  url: https://a.example\n- b.md#c\n---\n"
        "[D](d.png) ![E](e.png)\n"
    )
    (entry,) = read_document(text, "x.md").entries
    assert entry.references == (
        Reference("A", "https://a.example", WEB, 4),
        Reference("b.md#c", "b.md#c", FILE, 6),
        Reference("D", "d.png", FILE, 8),
        Reference("E", "e.png", IMAGE, 8),
    )


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("https://a.example", WEB),
        ("HTTP://A.EXAMPLE", WEB),
        ("//a.example/x", WEB),
        ("www.a.example", WEB),
        ("mailto:a@b.example", WEB),
        ("#a", ANCHOR),
        ("a.md#b", FILE),
        ("/a.md", FILE),
        ("../a/b:c.md", FILE),
        ("?x=1", FILE),
    ],
)
def test_kind_of_an_address(target: str, kind: ReferenceKind) -> None:
    assert kind_of(target) is kind


def test_anchors_are_the_slugs_of_headings_and_the_ids_in_html() -> None:
    text = """\
# What is *Tea*?
## Tea & milk
## Tea
## Tea
## snake_case `x-y`
## Own name {#own}
## 什么是茶？
Setext
------
<a name="x"></a>

Text <span id='y'>with an id</span> and `<a name="code">`.

<div class="c" id=z>
</div>
"""
    assert read_document(text, "a.md").anchors == {
        *(
            "what-is-tea",
            "tea--milk",
            "tea",
            "tea-1",
            "snake_case-x-y",
            "own-name",
            "own",
            "什么是茶",
            "setext",
        ),
        *("x", "y", "z"),
    }


ANCHORS = {"a.md": {"tea", "什么是茶"}, "b/c.md": {"top"}}
FILES: dict[str, str | bytes] = {
    "a.md": "",
    "b/c.md": "",
    "b/my file.md": "",
    "img/i.png": "",
    "b/why?.md": "",
    "c#.md": "",
}


@pytest.fixture
def folder(corpus: Corpus) -> Path:
    return corpus(FILES)


def exists(
    folder: Path, target: str, path: str = "a.md", kind: ReferenceKind | None = None
) -> bool | None:
    reference = Reference("text", target, kind or kind_of(target), 1)
    resolved = resolve(reference, path, Surroundings(folder, ANCHORS.get, {"c": "b/c.md"}.get))
    assert (resolved.text, resolved.target, resolved.kind, resolved.line) == (
        "text",
        target,
        reference.kind,
        1,
    )
    return resolved.exists


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("a.md", "b/c.md", True),
        ("a.md", "./b/../b/c.md", True),
        ("a.md", "b/missing.md", False),
        ("a.md", "c.md", False),
        ("b/c.md", "c.md", True),
        ("b/c.md", "../a.md", True),
        ("b/c.md", "../img/i.png", True),
        ("b/c.md", "img/i.png", False),
        ("a.md", "img", True),
        ("a.md", "b/my%20file.md", True),
        ("a.md", "img/i.png?raw=true", True),
        ("a.md", "img/o.png?raw=true", False),
        ("b/c.md", "/a.md", True),
        ("b/c.md", "/img/i.png", True),
        ("a.md", "/etc/passwd", False),
        ("a.md", "%00", False),
        ("a.md", "x" * 5000, False),
        ("a.md", "c", True),
        ("a.md", "b/c", True),
        ("a.md", "c#top", True),
        ("a.md", "c#Top", True),
        ("a.md", "c#other", False),
        ("a.md", "d", False),
    ],
)
def test_a_file_exists_or_not(folder: Path, path: str, target: str, expected: bool) -> None:
    assert exists(folder, target, path) is expected


@pytest.mark.parametrize("target", ["b/why%3F.md", "c%23.md"])
def test_encoded_signs_belong_to_the_name_of_a_file(folder: Path, target: str) -> None:
    assert exists(folder, target) is True


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("a.md", "#tea", True),
        ("a.md", "#Tea", True),
        ("a.md", "#milk", False),
        ("a.md", "#", True),
        ("a.md", "#%E4%BB%80%E4%B9%88%E6%98%AF%E8%8C%B6", True),
        ("b/c.md", "#tea", False),
        ("b/c.md", "../a.md#tea", True),
        ("b/c.md", "/a.md#tea", True),
        ("a.md", "b/c.md#top", True),
        ("a.md", "b/c.md#tea", False),
        ("a.md", "b/c.md?plain=1#top", True),
        ("a.md", "b/missing.md#top", False),
        ("a.md", "img/i.png#xywh=0,0,1,1", True),
    ],
)
def test_an_anchor_in_this_or_another_document(
    folder: Path, path: str, target: str, expected: bool
) -> None:
    assert exists(folder, target, path) is expected


def test_the_web_is_not_asked(folder: Path) -> None:
    assert exists(folder, "https://a.example/a.md") is None
    assert exists(folder, "https://a.example/i.png", kind=IMAGE) is None


def test_an_image_exists_or_not(folder: Path) -> None:
    assert exists(folder, "img/i.png", kind=IMAGE) is True
    assert exists(folder, "i.png", kind=IMAGE) is False


def test_a_footnote_exists_where_it_is_defined(folder: Path) -> None:
    assert exists(folder, "A plant.", kind=FOOTNOTE) is True
    assert exists(folder, "", kind=FOOTNOTE) is False


def test_a_footnote_that_begins_like_an_address_exists(folder: Path) -> None:
    assert exists(folder, "Source: a book", kind=FOOTNOTE) is True
