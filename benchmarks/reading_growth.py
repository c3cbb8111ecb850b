"""Measures how the time of reading grows with the size of a file: it must grow linearly.

    python -m benchmarks.reading_growth [--sizes 100000 400000]

Each family of texts is one piece of Markdown, chosen to be slow, repeated up to a size in
characters. The exponent is the slope of time against size on logarithmic axes: 1 is linear, 2 is
quadratic. The time includes reading and what `list --explain` adds.
"""

from __future__ import annotations

import math
from functools import partial

from benchmarks.shared import argument_parser, seconds
from qasearch.reading.entries import read_document
from qasearch.reading.line_uses import explain

RUNS = 2
"""The shorter time counts: the rest is noise."""

STEEPEST = 5
"""How many of the steepest families the last line names."""

FAMILIES = {
    "headings that ask": "## What is tea?\n\nA drink.\n\n",
    "headings, none asks": "## Tea\n\nA drink.\n\n",
    "same question": (
        "## What is it?\n\n```\n1\n```\n\n<details><summary>Answer</summary>\n\n1\n\n</details>\n\n"
    ),
    "numbered list": "1. What is tea?\n",
    "loose numbered list": "1. What is tea?\n\n   A drink.\n\n",
    "bullets": "* Green\n",
    "links in bullets": "* [What is tea?](#tea)\n",
    "labels": "Q: What is tea?\nA: A drink.\n\n",
    "labels of a dialogue": "## Why?\n\nText.\n\nA: so.\n\n",
    "dialogue in one answer": "A: so.\n\nText.\n\n",
    "labels in one paragraph": "Q: What is tea?\nA: A drink.\n",
    "choices": "### What?\n\n- [ ] a\n- [x] b\n\n",
    "boxes in one list": "- [ ] a\n- [x] b\n",
    "bold": "**What is tea?**\n\nA drink.\n\n",
    "bold in one paragraph": "**What is tea?**\nA drink.\n",
    "folds": "<details><summary>What is tea?</summary>\n\nA drink.\n\n</details>\n\n",
    "folds in one block": "<details><summary>What is tea?</summary>A drink.</details>\n",
    "folds never closed": "<details><summary>What?</summary>\n\n",
    "folds inside folds": "<details>\n",
    "closing tags": "</details>\n",
    "folded answers in one section": (
        "Text.\n\n<details><summary>Answer</summary>\n\nx\n\n</details>\n\n"
    ),
    "HTML headings": "<h2>What is tea?</h2>\n",
    "HTML headings never closed": "<h2>What is tea?\n\n",
    "table": "| What is tea? | A drink. |\n",
    "tables with text between": (
        "| Question | Answer |\n|---|---|\n| What is tea? | A drink. |\n\nText.\n\n"
    ),
    "definitions": "Tea\n: A drink.\n\n",
    "long paragraph": "Some words of text. ",
    "long paragraph of lines": "Some words of text\n",
    "answers in a line": "What is tea? A drink. ",
    "answer titles": "#### Answer: D\n\nText.\n\n",
    "quotes": "> What is tea?\n",
    "nested quotes": "> ",
    "nested bullets": "* ",
    "indentation": " ",
    "tabs": "\t",
    "blank lines": "\n",
    "stars": "*",
    "stars and letters": "*a ",
    "underscores": "_a_",
    "backticks": "`",
    "backticks growing": "`a``b```c",
    "opening brackets": "[",
    "closing brackets": "]",
    "links": "[a](b)",
    "links never closed": "[a](",
    "images never closed": "![",
    "wiki links never closed": "[[a",
    "reference definitions": "[a]: b\n",
    "footnotes": "[^1]: a\n\n",
    "footnote marks": "[^1]",
    "addresses": "https://a.example/b?c=d,",
    "addresses in parentheses": "(www.a",
    "angle brackets": "<",
    "tags": "<a href='x'>",
    "tags never closed": "<a ",
    "comments": "<!-- a -->\n",
    "comments never closed": "<!-- ",
    "comments in text": "a <!-- b ",
    "entities": "&amp;",
    "ampersands": "&",
    "pipes": "|",
    "rows of pipes": "|||||||\n",
    "rules": "---\n",
    "fences": "```\n",
    "fences never closed": "```a\n# b\n",
    "tildes": "~",
    "question marks": "?",
    "parentheses": "(",
    "dashes": "- - - -\n",
    "hashes": "# ",
    "backslashes": "\\",
    "emoji": "👶⭐️",
    "Chinese": "什么是茶？",
    "Chinese answers": "答：",
    "carriage": "a\\\n",
    "front matter": "- a: b\n",
    "containers without an end": ":::tip What is tea?\nA drink.\n",
    "admonitions": '!!! tip "What is tea?"\n    A drink.\n\n',
    "components without an end": '<Faq title="Why?">\n',
    "ends of components": '<A title="Why?">\n</B>\n</A>\n',
    "tags without an end": '<Faq title="Why?\n',
    "comments without an end": "a <!-- b\n\n",
    "comments of all programs": "%% a %% <!-- b --> {/* c */} {# d #} {::comment}e{:/}\n",
    "percent signs": "a %%b\n",
    "code spans without an end": "` `` ``` a <!-- b\n",
    "attributes": "## A {#e}\n\n[a](b){: .c #d}\n\n",
    "exports": "export const a = {\n",
    "drawers without an end": ":LOGBOOK:\nx\n",
    "tight headings": "##What is tea?\n",
    "keys of answers": "1. What is tea?\n2. Why?\n\nAnswers:\n1. A drink. 2. So.\n\n",
    "one answer a heading": "## Question 1\n\nWhy?\n\n## Answer 1\n\nSo.\n\n",
    "labels in turn": "P: por quê?\nR: porque sim\n\n",
    "paragraphs that ask": "Why is it so?\n\nSo.\n\n",
    "boxes": "## Which of these?\n\n- [x] a\n- [ ] b\n\n",
    "lists of links": "- [a](https://a.example) b\n",
    "tags and properties": "#a #b/c tags:: d\n",
    "wiki links": "[[a#b|c]] ![[d.png|3]] ^e\n",
    "a rule first": "---\na\n\n",
}
"""The piece of each family, by its name."""


def text_of(piece: str, size: int) -> str:
    """The piece repeated up to a number of characters."""
    return (piece * (size // len(piece) + 1))[:size]


def read(text: str) -> None:
    read_document(text, "a.md")
    explain(text, "a.md")


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument(
        "--sizes",
        nargs=2,
        type=int,
        default=[50_000, 200_000],
        metavar=("SMALL", "LARGE"),
        help="in characters (50000 200000)",
    )
    small, large = parser.parse_args().sizes
    slopes = []
    print(f"{'family':34} {'s':>8} {'s':>8} exponent")
    for name, piece in FAMILIES.items():
        prefix = "---\n" if name == "front matter" else ""
        small_s, large_s = (
            min(seconds(partial(read, prefix + text_of(piece, size))) for _ in range(RUNS))
            for size in (small, large)
        )
        slope = math.log(large_s / small_s) / math.log(large / small)
        slopes.append((slope, name))
        print(f"{name:34} {small_s:8.3f} {large_s:8.3f} {slope:8.2f}", flush=True)
    steepest = sorted(slopes, reverse=True)[:STEEPEST]
    print(f"steepest: {', '.join(f'{name} {slope:.2f}' for slope, name in steepest)}")


if __name__ == "__main__":
    main()
