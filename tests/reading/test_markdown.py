"""Blocks with their lines, and the short way through text with little markup against the parser's
own."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qasearch.reading.markdown.blocks import Block, BlockKind
from qasearch.reading.markdown.inline import Segment, segments, simple_segments
from qasearch.reading.markdown.parsing import parse

PIECES = st.sampled_from(
    [
        *(
            "[a](#b)",
            "[What is tea?](#what-is-tea)",
            "[x y](https://a.example/b?c=d,e)",
            "[a](JavaScript:x)",
            "[a]()",
        ),
        *(
            "[ a ](b)",
            "[a](b 'c')",
            "[a](b%20c)",
            "[a](é)",
            "[a](b c)",
            "words",
            "1. ",
            "(x)",
            "_x_",
            "&amp;",
        ),
        *(" ", "  ", "\n", "\n ", "\n\t", " \n", "\t", "\u00a0", "\u2028", "é", "茶"),
        *("*", "`", "[", "]", "](", "\\", "<", "!", "~", "-", ".", "?", ":", "#", "|"),
    ]
)


def parsed(text: str) -> list[Segment]:
    """What the parser makes of text, without the short way."""
    block = Block(BlockKind.PARAGRAPH, 1, 1)
    block.set_text(text, {})
    runs = []
    href = None
    for token in block.inline:
        if token.type == "link_open":
            href = str(token.attrs["href"])
        elif token.type == "link_close":
            href = None
        elif token.type in ("softbreak", "hardbreak"):
            runs.append(Segment("\n", href))
        else:
            runs.append(Segment(token.content, href))
    return runs


def joined(runs: list[Segment]) -> list[tuple[str, str | None]]:
    """Neighbouring segments with one address as one, and none without text."""
    result: list[tuple[str, str | None]] = []
    for segment in runs:
        if result and result[-1][1] == segment.href:
            result[-1] = (result[-1][0] + segment.text, segment.href)
        elif segment.text:
            result.append((segment.text, segment.href))
    return result


@given(
    st.lists(PIECES | st.text(st.characters(exclude_characters="\r"), max_size=3), max_size=8).map(
        "".join
    )
)
@settings(max_examples=1500, deadline=None)
@example("a\nb\t\nc \n\td")
def test_the_short_way_finds_what_the_parser_finds(text: str) -> None:
    paragraph = "\n".join(
        line for line in text.strip().split("\n") if line.strip()
    )  # as in a paragraph's source
    simple = simple_segments(paragraph)
    if simple is not None:
        assert joined(simple) == joined(parsed(paragraph))


@pytest.mark.parametrize(
    "text", ["[What is tea?](#what-is-tea)", "plain words", "1 [a](b.md), [c](d)"]
)
def test_the_short_way_is_taken(text: str) -> None:
    assert simple_segments(text) is not None


def test_headings_in_html_are_headings_on_their_lines() -> None:
    text = (
        "<h2>\nWhat is <b>tea</b>?\n</h2>\n<h3>Kinds</h3>\nGreen.\n\n"
        "<h1>\n\nSoup\n\n</h1>\n\n<h2>open\n"
    )
    blocks = parse(text).blocks
    shapes = [(block.kind, block.level, block.line_start, block.line_end) for block in blocks]
    assert shapes == [
        (BlockKind.HEADING, 2, 1, 3),
        (BlockKind.HEADING, 3, 4, 4),
        (BlockKind.HTML, 0, 5, 5),
        (BlockKind.HEADING, 1, 7, 11),
        (BlockKind.HTML, 0, 13, 13),
    ]
    assert "".join(segment.text for segment in segments(blocks[0])) == "What is tea?"


def test_a_long_paragraph_is_parsed_in_parts() -> None:
    line = "Some *words* and a [link](a.md).\n"
    (block,) = parse(line * 3000).blocks
    runs = segments(block)
    assert sum(segment.href == "a.md" for segment in runs) == 3000
    assert sum(segment.text == "\n" for segment in runs) == 2999
