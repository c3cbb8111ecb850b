"""Laws of reading that hold for any text, and fields of entries that no fixture shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.entry import Document, Problem, Reference, ReferenceKind
from qasearch.reading.entries import read_document
from qasearch.reading.line_uses import Use, explain
from qasearch.reading.markdown.parsing import parse
from tests.conftest import SHARED

LONG = "A long text " + "of many words " * 20 + "ends here."
FRAGMENTS = [
    *(
        "# Tea",
        "## What is tea?",
        "## What is tea?",
        "### Why is it hot?",
        "#### Note",
        "#",
        "####### Seven",
        "#tag",
    ),
    *(
        "1. What is soup?",
        "2. Explain soup",
        "2) Salt",
        "12. ### What is React?",
        "* Sigmoid",
        "+ ReLU",
        "- Tanh",
    ),
    *(
        "- [ ] What is rice?",
        "- Q: What is milk?",
        "  A: A drink.",
        "Ans: [here](https://a.example)",
        "A: Yes.",
    ),
    *(
        "   indented by three",
        "    indented by four",
        "\tindented by a tab",
        "          1. * > deep",
        "    - deeper",
    ),
    *(
        "",
        "",
        "",
        " ",
        "A drink.",
        "Title",
        "=====",
        "-----",
        "---",
        "***",
        "- - -",
        "TODO",
        "Answer here",
    ),
    *(
        "```python",
        "```",
        "# a comment",
        "~~~",
        "~~~~ text",
        "````",
        "`code",
        "span` after",
        "    # indented code",
    ),
    *(
        "> quoted",
        "> ## What is quoted?",
        ">> 1. twice",
        ">",
        "* 1. - nested",
        "* * * * * *",
        "-",
        "1.",
    ),
    *(
        "| a | b |",
        "|---|---|",
        "| [x](#x) | [y](#y) |",
        "* [x](#x)",
        "* [y](#y)",
        "* [z](#z)",
        "|",
        "a | b",
    ),
    *(
        "[a](https://a.example)",
        "[a][r]",
        "[r]: https://r.example 'R'",
        "<https://auto.example>",
        "![i](i.png)",
    ),
    *(
        "[^1]",
        "[^1]: A note.",
        "[^2]:",
        "    of the note",
        "[x](y",
        "[](#)",
        "[[a](b)](c)",
        "](",
        "![",
        "[^",
    ),
    *(
        "<details>",
        "<summary>What is rice?</summary>",
        "<summary>Show answer</summary>Yes</details>",
        "<h2>What is salt?</h2>",
    ),
    *(
        "<h3>",
        "</h3>",
        "Why is it so?",
        "</summary>",
        "<details><summary>Why?</summary>x</details>",
        "**What is tea?**",
    ),
    *(
        "**What is tea?** A drink.",
        "**1)** The orders",
        "__Why__",
        "**Answer: B**",
        "Q: What is tea?",
        "A: A drink.",
    ),
    *(
        "**Question**: Tea",
        "    - **Answer**: yes",
        "Q1:- Soup",
        "Ans:- Food",
        "Q: What? A: That.",
        "- [x] Tea",
        "- [ ] Salt",
    ),
    *(
        "| Question | Answer |",
        "| What is tea? | A drink. |",
        "| a | |",
        "Tea",
        ": A drink.",
        ":   Deep",
        "## Question 3",
    ),
    *(
        "> What is quoted?",
        "## Answer",
        "#### Answer: D",
        "### Solution",
        "1. What is tea? A drink.",
        "2. Who? (Goethe)",
    ),
    *(
        "* What is tea? [Here](https://t.example)",
        "  * Why?",
        "[[Note]]",
        "https://a.example/b",
        "## FAQ",
        "{:toc}",
    ),
    *[LONG] * 12,
    *(
        "<div>",
        "</div>",
        "<!-- open",
        "-->",
        "<details><summary>Answer</summary>",
        "</details>",
        "<br>",
        "<?php",
        "?>",
    ),
    *(
        '<a name="x"></a>',
        '<a href="u">',
        '<img src="i.png" alt="I">',
        "<script>",
        "<![CDATA[",
        "<a",
        "&nbsp;",
        "&#0;",
    ),
    *(
        "**[⬆ Back to Top](#top)**",
        "[Back to top](#top)",
        "## License",
        "## Table of contents",
        "question: x",
        "a\\",
    ),
    *(
        "什么是茶？",
        "## 什么是茶？",
        "ما هو الشاي؟",
        "🍵",
        "\u2028",
        "\u0085",
        "\x0b\x0c",
        "\u200b",
        "\ufeff",
        "\ud800",
        "\0",
    ),
]
FRONT_MATTER = [
    *(
        "faqs:\n  - question: Why?\n    answer: So.",
        "faqs:\n- q: |\n    Why?\n  a: >-\n    So\n    it is.",
        "answer: 'It is.'",
    ),
    *(
        'title = "What is tea?"',
        "tags = ['a']",
        "question = 1",
        "faqs: [{question: Why?, answer: So}]",
        "answer: |",
        "name: Who?",
    ),
    *(
        "question: What is tea?",
        "title: What is soup?",
        "title: Soup",
        "title: >-\n  folded\n  over lines",
        "title: [a]",
    ),
    *(
        "aliases: [Tea?, tea]",
        "tags: a",
        "tags:\n- b\n- c",
        "id: tea",
        "id: [a]",
        "question:",
        "question: '# x'",
    ),
    *(
        "key: [unclosed",
        "\tkey: tab",
        "a: &a [*a, *a]",
        "<<: *b",
        "? [x]: y",
        "- item",
        "!!python/object:os.system x",
    ),
    *(
        '"\\ud800"',
        "question: \x07",
        "question: |\n  two\n  lines",
        "",
        "# comment",
        "a: b: c",
        "---",
        "...",
    ),
]
anything = st.text(max_size=12)
line = st.sampled_from(FRAGMENTS) | anything
body = st.lists(line, max_size=25).map("\n".join)
head = st.builds(
    lambda keys, fence: "\n".join([fence, *keys, fence, ""]),
    st.lists(st.sampled_from(FRONT_MATTER) | anything, max_size=8),
    st.sampled_from(["---", "---", "+++"]),
)
texts = (body | st.builds(str.__add__, head, body)).map(lambda text: re.sub("\r\n?", "\n", text))
"""Any text as `files.read_text` gives it, which knows one kind of line end."""


def check_laws(text: str) -> None:
    """Answers and question bodies are slices of the text that the author shows, and no line of the
    text is lost."""
    source = text.split("\n")
    visible = parse(text).visible
    lines = visible.lines
    document = read_document(text, "a.md")
    for entry in document.entries:
        assert 1 <= entry.question_line <= entry.question_line_end <= len(lines)
        assert 1 <= entry.line_start <= entry.line_end <= len(lines)
        answer = lines[entry.line_start - 1 : entry.line_end]
        for line, column in (
            (entry.line_start, entry.column_start),
            (entry.line_end, entry.column_end),
        ):
            assert 0 <= column <= len(source[line - 1]) + 1
        start = [visible.column_in_file(entry.line_start, n) for n in range(1, len(answer[0]) + 2)]
        end = [visible.column_in_file(entry.line_end, n) for n in range(len(answer[-1]) + 1)]
        answer[-1] = answer[-1][: end.index(entry.column_end)]
        answer[0] = answer[0][start.index(entry.column_start) :]
        assert entry.answer == ("\n".join(answer) if entry.answered else "")
        assert bool(entry.answer.strip()) == entry.answered
        body = entry.question_body.split("\n")
        if entry.question_body:
            assert body == lines[entry.question_line_end - len(body) : entry.question_line_end]
    explained = explain(text, "a.md")
    assert [line.text for line in explained] == source
    ids = {entry.id for entry in document.entries} | set(document.declared_ids.values())
    for told in explained:
        assert (told.id in ids) == (told.use in (Use.QUESTION, Use.ANSWER))
        assert told.use is not Use.NOWHERE, told.text


@given(texts)
@settings(max_examples=1000, deadline=None)
def test_answers_are_slices_and_no_line_is_lost(text: str) -> None:
    check_laws(text)


EXAMPLES = json.loads(
    (Path(__file__).parent / "commonmark_examples.json").read_text(encoding="utf-8")
)["examples"]


def test_the_laws_hold_for_the_examples_of_commonmark() -> None:
    """Each example of the CommonMark specification, alone and below a question."""
    assert len(EXAMPLES) == 652
    for example in EXAMPLES:
        check_laws(example)
        check_laws(f"## What is this?\n\n{example}\n## And this?\n\n1. What is it?\n{example}")


@pytest.mark.shared
def test_the_laws_hold_for_real_collections() -> None:
    files = sorted((SHARED / "markdown").rglob("*.md"))
    assert len(files) > 300
    for file in files:
        check_laws(file.read_text(encoding="utf-8-sig").replace("\r\n", "\n"))


@given(texts)
@settings(max_examples=300, deadline=None)
def test_every_entry_has_a_question_on_one_line_and_a_path(text: str) -> None:
    for entry in read_document(text, "folder/a.md").entries:
        assert entry.question
        assert entry.question == " ".join(entry.question.split())
        assert entry.path == "folder/a.md"


@given(texts)
@settings(max_examples=300, deadline=None)
def test_entries_stand_in_the_order_of_their_lines_and_an_answer_has_text(text: str) -> None:
    entries = read_document(text, "a.md").entries
    assert [entry.question_line for entry in entries] == sorted(
        entry.question_line for entry in entries
    )
    assert all(entry.answer.strip() for entry in entries if entry.answered)


@given(texts)
@settings(max_examples=300, deadline=None)
def test_ids_are_unique(text: str) -> None:
    ids = [entry.id for entry in read_document(text, "folder/a.md").entries]
    assert len(set(ids)) == len(ids)
    assert all(name.partition("#")[0] == "folder/a" for name in ids)


@given(texts)
@settings(max_examples=200, deadline=None)
def test_reading_twice_gives_the_same(text: str) -> None:
    assert read_document(text, "a.md") == read_document(text, "a.md")


@given(texts)
@settings(max_examples=300, deadline=None)
def test_references_and_problems_stand_on_lines_of_the_text(text: str) -> None:
    document = read_document(text, "a.md")
    last = text.count("\n") + 1
    assert all(
        1 <= reference.line <= last for entry in document.entries for reference in entry.references
    )
    assert all(
        1 <= problem.line <= last and problem.path == "a.md" for problem in document.problems
    )


@pytest.mark.parametrize("text", ["\rTea", "Tea\rand\rsoup"])
def test_carriage_returns_do_no_harm(text: str) -> None:
    assert [entry.answer.strip() for entry in read_document(text, "a.md").entries] == [
        text.strip().replace("\r", "\n")
    ]


WORDS = "tea coffee milk sugar salt rice bread soup pasta apple".split()
question_headings = st.lists(st.sampled_from(WORDS), unique=True, min_size=1, max_size=6)
answers = st.sampled_from(
    ["A drink.", "Of [leaves](l.md).\n\n* green\n* black", "```\n# no heading\n```", "", "TODO"]
)


def faq(questions: list[str], texts: list[str]) -> str:
    pairs = zip(questions, texts, strict=True)
    return "".join(f"## What is {question}?\n\n{text}\n\n" for question, text in pairs)


@given(st.data(), question_headings)
@settings(deadline=None)
def test_ids_survive_edits_elsewhere(data: st.DataObject, questions: list[str]) -> None:
    """All headings ask, and no two ask the same. Then the id depends on the question alone."""
    contents = data.draw(st.lists(answers, min_size=len(questions), max_size=len(questions)))
    before = [entry.id for entry in read_document(faq(questions, contents), "a.md").entries]
    assert before == [f"a#what-is-{question}" for question in questions]
    at = data.draw(st.integers(0, len(questions)))
    more = [*questions[:at], "unrelated", *questions[at:]]
    edited = data.draw(st.lists(answers, min_size=len(more), max_size=len(more)))
    title = data.draw(st.sampled_from(["", "An introduction.\n\n", "# FAQ\n\n"]))
    read = read_document(title + faq(more, edited), "a.md").entries
    after = [
        entry.id for entry in read if entry.rule == "heading"
    ]  # beside few questions, an introduction is a note
    assert after == [*before[:at], "a#what-is-unrelated", *before[at:]]


@given(st.permutations(["A drink.", "A plant.", "A meal."]))
@settings(deadline=None)
def test_ids_of_equal_questions_follow_their_answers(contents: list[str]) -> None:
    entries = read_document(faq(["tea"] * 3, contents), "a.md").entries
    unchanged = read_document(
        "## Why?\n\nOther.\n\n" + faq(["tea"] * 3, sorted(contents)), "a.md"
    ).entries[1:]
    assert {entry.answer: entry.id for entry in entries} == {
        entry.answer: entry.id for entry in unchanged
    }
    assert all(re.fullmatch(r"a#what-is-tea\.[0-9a-f]{6}", entry.id) for entry in entries)


def test_equal_pairs_in_one_file_are_counted() -> None:
    first, second, third = (
        entry.id for entry in read_document(faq(["tea"] * 3, ["A drink."] * 3), "a.md").entries
    )
    assert second == first + ".2"
    assert third == first + ".3"


def test_a_counted_id_is_not_that_of_another_question() -> None:
    text = faq(["tea"] * 2, ["A drink."] * 2)
    counted = read_document(text, "a.md").entries[1].id.removeprefix("a#")
    ids = [entry.id for entry in read_document(f"{text}## {counted}?\n\nAn id.\n", "a.md").entries]
    assert len(set(ids)) == 3


def test_a_question_of_signs_still_has_an_id_and_long_ones_are_cut() -> None:
    text = "## $$$?\n\na\n\n## What is " + "very " * 30 + "long?\n\nb\n"
    assert [entry.id for entry in read_document(text, "a.md").entries] == [
        "a#entry",
        "a#what-is-" + "very-" * 14 + "ve",
    ]


def test_a_file_with_one_question_is_named_by_its_path() -> None:
    document = read_document("---\nquestion: What is tea?\n---\nA drink.\n", "drinks/tea.v2.md")
    assert [entry.id for entry in document.entries] == ["drinks/tea.v2"]
    assert document.declared_ids == {}


FULL = """\
---
id: green-tea
question: What is tea?
aliases:
  - Tea, what is it?
  - What is tea?
alt_titles: [Camellia sinensis]
tags: [drinks, leaves, drinks]
keywords: hot
references:
  - https://t.example
  - title: The book
    url: book.md#tea
sources:
  - A page: https://p.example
---
A drink of [leaves](leaf.md).
"""


def test_fields_of_the_front_matter() -> None:
    document = read_document(FULL, "tea.md")
    (entry,) = document.entries
    assert entry.aliases == ("Tea, what is it?", "Camellia sinensis")
    assert entry.tags == ("drinks", "leaves", "hot")
    assert entry.references == (
        Reference("https://t.example", "https://t.example", ReferenceKind.WEB, 11),
        Reference("The book", "book.md#tea", ReferenceKind.FILE, 12),
        Reference("A page", "https://p.example", ReferenceKind.WEB, 15),
        Reference("leaves", "leaf.md", ReferenceKind.FILE, 17),
    )
    assert (entry.question_line, entry.line_start, entry.line_end) == (3, 17, 17)
    assert entry.answer == "A drink of [leaves](leaf.md)."
    assert document.declared_ids == {"tea": "green-tea"}


def test_an_answer_of_sources_alone_is_the_lines_that_it_names() -> None:
    text = "---\nquestion: What is tea?\nsources:\n  - https://t.example\n---\n"
    (entry,) = read_document(text, "a.md").entries
    assert entry.answered
    assert entry.answer == "\n".join(text.split("\n")[entry.line_start - 1 : entry.line_end])


def test_tags_of_the_front_matter_hold_for_every_entry_and_an_id_for_one() -> None:
    text = "---\ntags: drinks\nid: mine\n---\n\n## What is tea?\n\nA.\n\n## What is milk?\n\nB.\n"
    document = read_document(text, "a.md")
    assert [entry.tags for entry in document.entries] == [("drinks",), ("drinks",)]
    assert document.declared_ids == {}


def test_breadcrumbs_are_the_headings_above() -> None:
    text = (
        "# FAQ\n\n## 1. Drinks\n\n### What is tea?\n\nA.\n\n### What is milk?\n\nB.\n\n"
        "## Food\n\n1. What is rice?\n2. Why?\n"
    )
    assert [
        (entry.question, entry.breadcrumb) for entry in read_document(text, "a.md").entries
    ] == [
        ("What is tea?", ("FAQ", "Drinks")),
        ("What is milk?", ("FAQ", "Drinks")),
        ("What is rice?", ("FAQ", "Food")),
        ("Why?", ("FAQ", "Food")),
    ]


def test_references_of_an_entry_are_those_of_its_question_and_answer() -> None:
    text = (
        "## [What](w.md) is tea?\n\n[a](a.md)\n\n## What is milk?\n\nNone.\n\n"
        "## What is rice?\n\n[r](r.md)\n"
    )
    entries = read_document(text, "a.md").entries
    assert [[reference.target for reference in entry.references] for entry in entries] == [
        ["w.md", "a.md"],
        [],
        ["r.md"],
    ]


BODY = "\n## What is soup?\n\nFood.\n\n## What is salt?\n\nA mineral.\n"


def body_is_read(document: Document, first: int) -> bool:
    answers = [(entry.question, entry.line_start) for entry in document.entries]
    return answers == [("What is soup?", first + 3), ("What is salt?", first + 7)]


@pytest.mark.parametrize(
    ("yaml", "problem_line", "reason"),
    [
        (
            "title: Soup\nkey: [unclosed",
            4,
            "the front matter is not valid YAML: did not find expected ',' or ']'",
        ),
        (
            "title: a: b",
            2,
            "the front matter is not valid YAML: mapping values are not allowed in this context",
        ),
        ("tags: x\na: *b", 3, "the front matter is not valid YAML: found undefined alias"),
    ],
)
def test_broken_front_matter_is_reported_with_its_line_and_the_body_is_read(
    yaml: str, problem_line: int, reason: str
) -> None:
    document = read_document(f"---\n{yaml}\n---\n{BODY}", "a.md")
    assert document.problems == (Problem("a.md", problem_line, reason),)
    assert body_is_read(document, yaml.count("\n") + 4)


def test_front_matter_nested_too_deeply_is_reported() -> None:
    code = """
from qasearch.reading.entries import read_document
head = "---\\na: " + "[" * 100_000 + "\\n---\\n"
document = read_document(head + "\\n## What is soup?\\n\\nFood.\\n", "a.md")
print(*document.problems, document.entries[0].question, sep="\\n")
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0
    assert run.stdout == "a.md:2: the front matter is nested too deeply\nWhat is soup?\n"


def test_aliases_of_yaml_that_grow_without_end_are_not_unfolded() -> None:
    bomb = [
        "a0: &a0 [x, x]",
        *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)),
        "tags: *a59",
    ]
    document = read_document("\n".join(["---", *bomb, "---", BODY]), "a.md")
    assert document.problems == ()
    assert body_is_read(document, len(bomb) + 3)


def test_a_list_of_yaml_that_contains_itself() -> None:
    document = read_document(f"---\ntags: &t [a, *t]\naliases: *t\n---\n{BODY}", "a.md")
    assert [entry.tags for entry in document.entries] == [("a",), ("a",)]


def test_tags_of_yaml_run_nothing() -> None:
    tags = "!!python/object/apply:os.system ['exit 1']"
    text = f"---\nquestion: What is tea?\ntags: {tags}\n---\nA drink.\n"
    document = read_document(text, "a.md")
    assert document.problems == ()
    assert [entry.question for entry in document.entries] == ["What is tea?"]


@pytest.mark.parametrize(
    "opening",
    ["> ", "* ", "1. ", "[", "![", "*", "_", "`", "<", "<div>", "<a ", "(", "|", "[^", "#"],
)
def test_deep_nesting(opening: str) -> None:
    text = f"## What is tea?\n\n{opening * 3000}x\n\n## What is soup?\n\nFood.\n"
    entries = read_document(text, "a.md").entries
    assert entries[0].question == "What is tea?"
    assert entries[0].answer.startswith(opening.strip())


def test_many_open_links_in_html() -> None:
    entries = read_document(
        "## What is tea?\n\n<div>\n" + '<a href="x">' * 3000 + "\n</div>\n", "a.md"
    ).entries
    assert entries[0].references[0].target == "x"


def test_a_line_of_many_stars_does_not_stop_the_reading() -> None:
    code = """
from qasearch.reading.entries import read_document
print(read_document("## What is tea?\\n\\n" + "*" * 190 + "x\\n", "a.md").entries[0].line_start)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False, timeout=5
    )
    assert run.stdout == "3\n"


def test_a_document_of_20_000_lines() -> None:
    text = "".join(f"## What is {n}?\n\nThe [number](n/{n}.md).\n\n" for n in range(5000))
    entries = read_document(text, "a.md").entries
    assert [entry.question for entry in entries] == [f"What is {n}?" for n in range(5000)]
    assert [entry.line_start for entry in entries] == list(range(3, 20_000, 4))
    assert [[reference.target for reference in entry.references] for entry in entries] == [
        [f"n/{n}.md"] for n in range(5000)
    ]


def test_a_list_of_20_000_lines() -> None:
    text = "".join(f"{n}. What is {n}?\n" for n in range(20_000))
    assert [entry.question_line for entry in read_document(text, "a.md").entries] == list(
        range(1, 20_001)
    )
