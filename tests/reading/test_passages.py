"""Laws of cutting an answer: slices, lines, nothing lost, within the budget; and Markdown as plain
words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.entry import Entry, Passage, PassageKind, Rule
from qasearch.reading.entries import read_document
from qasearch.reading.markdown.inline import visible_text
from qasearch.reading.passages import make_passages

QUESTION = "What is tea?"
FIRST_LINE = 5


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len(text) for text in texts]


def entry(answer: str, question: str = QUESTION, aliases: tuple[str, ...] = ()) -> Entry:
    return Entry(
        id="a#tea",
        question=question,
        aliases=aliases,
        answer=answer,
        answered=bool(answer),
        breadcrumb=(),
        tags=(),
        references=(),
        path="a.md",
        line_start=FIRST_LINE,
        line_end=FIRST_LINE + answer.count("\n"),
        question_line=3,
        rule=Rule.HEADING,
        column_start=1,
        column_end=len(answer.rpartition("\n")[2]),
        question_line_end=3,
    )


def pieces(answer: str, max_tokens: int) -> list[Passage]:
    return [
        passage
        for passage in make_passages(entry(answer), words, max_tokens)
        if passage.kind is PassageKind.ANSWER
    ]


WORD = st.sampled_from(
    "tea milk cup brew leaf hot e.g. 3.5 don't x_y C++ (green) 茶 crème a/b key=value".split()
)
sentence = st.lists(WORD, min_size=1, max_size=9).map(" ".join)
prose = st.lists(
    st.builds(str.__add__, sentence, st.sampled_from([".", "?", "!", ",", "", "。"])),
    min_size=1,
    max_size=5,
)
inline = st.sampled_from(
    [
        "[a long link](https://a.example/b?c=d)",
        "**strong words**",
        "`code span`",
        "![a cup](c.png)",
        "<b>tag</b>",
        "_it_",
    ]
)
block = (
    prose.map(" ".join)
    | prose.map("\n".join)
    | st.tuples(sentence, inline, sentence).map(" ".join)
    | st.lists(sentence, min_size=1, max_size=4).map(
        lambda items: "\n".join(f"* {item}" for item in items)
    )
    | st.lists(sentence, min_size=1, max_size=4).map(
        lambda items: "\n".join(f"1. {item}" for item in items)
    )
    | st.lists(sentence, min_size=1, max_size=4).map(
        lambda items: "\n".join(["```py", *items, "", "end", "```"])
    )
    | st.lists(sentence, min_size=1, max_size=3).map(
        lambda rows: "\n".join(["| a |", "|---|", *(f"| {r} |" for r in rows)])
    )
    | sentence.map(lambda text: f"> {text}")
    | sentence.map(lambda text: f"### {text}")
    | sentence.map(lambda text: f"~~~\nnever closed {text}")
)
answers = st.lists(block, min_size=1, max_size=6).flatmap(
    lambda blocks: st.sampled_from(["\n\n", "\n", "\n \n\n"]).map(lambda gap: gap.join(blocks))
)
budgets = st.integers(4, 80)


@given(answers, budgets)
@settings(max_examples=300, deadline=None)
def test_a_passage_is_a_slice_of_the_answer_on_the_lines_that_it_names(
    answer: str, max_tokens: int
) -> None:
    lines = answer.split("\n")
    for passage in pieces(answer, max_tokens):
        assert FIRST_LINE <= passage.line_start <= passage.line_end < FIRST_LINE + len(lines)
        there = lines[passage.line_start - FIRST_LINE : passage.line_end - FIRST_LINE + 1]
        text = passage.text.rstrip("\n")
        assert text in "\n".join(there)
        assert text.count("\n") == len(there) - 1


@given(answers, budgets)
@settings(max_examples=300, deadline=None)
def test_passages_stand_one_after_the_other_and_leave_out_only_what_has_no_words(
    answer: str, max_tokens: int
) -> None:
    position = 0
    for passage in pieces(answer, max_tokens):
        at = answer.index(passage.text, position)
        assert not visible_text(answer[position:at])
        position = at + len(passage.text)
    assert not visible_text(answer[position:])


@given(answers, budgets)
@settings(max_examples=300, deadline=None)
def test_no_word_of_the_answer_is_lost(answer: str, max_tokens: int) -> None:
    embedded = " ".join(
        passage.embedded.removeprefix(QUESTION + "\n") for passage in pieces(answer, max_tokens)
    )
    position = 0
    for word in visible_text(answer).split():
        if re.search(r"\w", word):
            position = embedded.index(word, position) + len(word)


@given(answers, budgets)
@settings(max_examples=300, deadline=None)
def test_what_is_embedded_stays_within_the_budget(answer: str, max_tokens: int) -> None:
    for passage in pieces(answer, max_tokens):
        assert len(passage.embedded.split()) + 2 <= max_tokens


@given(answers, budgets)
@settings(max_examples=200, deadline=None)
def test_the_question_stands_in_front_where_32_tokens_are_left(
    answer: str, max_tokens: int
) -> None:
    context = QUESTION + "\n" if max_tokens - 2 - 3 >= 32 else ""
    for passage in pieces(answer, max_tokens):
        assert passage.embedded.startswith(context or passage.embedded[:1])
        assert context or not passage.embedded.startswith(QUESTION)


@given(st.lists(prose.map(" ".join), min_size=1, max_size=6).map("\n\n".join), budgets)
@settings(max_examples=200, deadline=None)
def test_neighbours_that_fit_together_are_one_passage(answer: str, max_tokens: int) -> None:
    budget = max_tokens - 2 - (3 if max_tokens >= 37 else 0)
    counts = words([visible_text(passage.text) for passage in pieces(answer, max_tokens)])
    assert all(first + second > budget for first, second in pairwise(counts))


def test_an_answer_that_fits_is_one_passage() -> None:
    answer = "A *drink*.\n\n```\nbrew\n```\n\nOf leaves."
    assert make_passages(entry(answer), words, 64) == [
        Passage(PassageKind.QUESTION, QUESTION, QUESTION, 3, 3),
        Passage(PassageKind.ANSWER, answer, "What is tea?\nA drink. brew Of leaves.", 5, 11),
    ]


def test_aliases_come_between_the_question_and_the_answer() -> None:
    passages = make_passages(entry("A drink.", aliases=("Tea?", "Tea, what is it?")), words, 64)
    assert [(passage.kind, passage.text, passage.line_start) for passage in passages] == [
        (PassageKind.QUESTION, QUESTION, 3),
        (PassageKind.ALIAS, "Tea?", 3),
        (PassageKind.ALIAS, "Tea, what is it?", 3),
        (PassageKind.ANSWER, "A drink.", 5),
    ]


def test_no_answer_no_passage_of_it() -> None:
    assert [passage.kind for passage in make_passages(entry(""), words, 64)] == [
        PassageKind.QUESTION
    ]


def test_links_in_the_question_are_no_passage() -> None:
    (entry_of_links,) = read_document("## What is tea? [Ans](https://a.example)\n", "a.md").entries
    assert entry_of_links.answered
    assert [passage.kind for passage in make_passages(entry_of_links, words, 64)] == [
        PassageKind.QUESTION
    ]


def test_text_without_a_heading_has_its_passages() -> None:
    (note,) = read_document("Rinse the rice.\n\nBoil it.\n", "rice.md").entries
    assert [(passage.kind, passage.embedded) for passage in make_passages(note, words, 64)] == [
        (PassageKind.QUESTION, "rice"),
        (PassageKind.ANSWER, "rice\nRinse the rice. Boil it."),
    ]


def texts(answer: str, max_tokens: int) -> list[str]:
    return [passage.text.strip("\n") for passage in pieces(answer, max_tokens)]


def test_cuts_at_blocks_first() -> None:
    assert texts("one two three\n\nfour five six\n\nseven", 8) == [
        "one two three\n\nfour five six",
        "seven",
    ]


def test_cuts_at_lines_then_at_sentences_then_at_spaces() -> None:
    assert texts("one two\nthree four\nfive six", 6) == ["one two\nthree four", "five six"]
    assert texts("One two. Three four! Five six?", 6) == ["One two. Three four! ", "Five six?"]
    assert texts("one two three four five six", 6) == ["one two three four ", "five six"]


@given(
    st.lists(sentence | st.just(""), min_size=1, max_size=6),
    st.lists(sentence, max_size=4),
    st.data(),
)
@settings(deadline=None)
def test_code_that_fits_stays_whole(
    code: list[str], paragraphs: list[str], data: st.DataObject
) -> None:
    fence = "\n".join(["```py", *code, "```"])
    at = data.draw(st.integers(0, len(paragraphs)))
    answer = "\n\n".join([*paragraphs[:at], fence, *paragraphs[at:]])
    needed = len(" ".join(code).split())
    max_tokens = max(
        4,
        needed + 2 + (3 if needed >= 32 else 0),
        *(len(text.split()) + 2 for text in paragraphs),
        4,
    )
    if needed:
        assert any(fence in text for text in texts(answer, max_tokens))


def test_a_table_that_fits_stays_whole() -> None:
    table = "| cup | size |\n|-----|------|\n| big | 300 |"
    assert texts(f"one two three\n\n{table}\n\nfour five", 6) == [
        "one two three",
        table,
        "four five",
    ]


def test_code_too_long_is_cut_at_lines() -> None:
    assert texts("```\na b c\n\nd e f\ng h i\n```", 9) == ["```\na b c\n\nd e f", "g h i\n```"]


@pytest.mark.parametrize(
    ("answer", "count"),
    [("茶是一种饮料" * 100, 5), ("茶是一种饮料。" * 100, 6), ("x" * 700, 6)],
    ids=["run", "text", "x"],
)
def test_text_without_spaces_is_cut_and_survives(answer: str, count: int) -> None:
    passages = make_passages(entry(answer, "茶？"), characters, 132)[1:]
    assert "".join(passage.text for passage in passages) == answer
    assert all(len(passage.embedded) <= 132 for passage in passages)
    assert len(passages) == count


def test_chinese_is_cut_at_the_ends_of_its_sentences() -> None:
    passages = make_passages(entry("茶是一种饮料。" * 20, "茶？"), characters, 60)
    assert [len(passage.text) for passage in passages[1:]] == [56, 56, 28]
    assert all(passage.text.endswith("。") for passage in passages[1:])


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("", ""),
        (" a \n\n b\tc ", "a b c"),
        ('See [the *page*](https://p.example "x").', "See the page."),
        ("[a](b_(c).md) [d][e] [f][]", "a d f"),
        ("![a cup](cup.png) of tea", "a cup of tea"),
        ("**bold** _it_ ***both*** __strong__ *a b*", "bold it both strong a b"),
        ("snake_case_name, 2 * 3 * 4, a*b", "snake_case_name, 2 * 3 * 4, a*b"),
        ("`code` and ``more code``", "code and more code"),
        ("# One\n###### Six\n#hash", "One Six #hash"),
        ("> quoted\n> > twice\n>tight", "quoted twice tight"),
        ("* a\n- b\n+ c\n  * d\n- [ ] e\n- [x] f", "a b c d e f"),
        ("| a | b |\n|:--|--:|\n| 1 | 2 |", "a b 1 2"),
        ("```python\nx = 1\n```\n~~~\ny\n~~~", "x = 1 y"),
        ("a<br>b <b>c</b><!-- d\ne --> f", "a b c f"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("---\n***\na", "a"),
        ("茶是**饮料**。", "茶是饮料。"),
    ],
)
def test_visible_text(markdown: str, plain: str) -> None:
    assert visible_text(markdown) == plain


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("`Vec<String>` of `__init__`", "Vec<String> of __init__"),
        ("```c\n#include <stdio.h>\n```", "#include <stdio.h>"),
        ("```python\nf(*args)\n# twice\n```", "f(*args) # twice"),
        ("[![a cup](cup.png)](page.md)", "a cup"),
        ("[page](p.md 'Title')", "page"),
        ("[page](<a b.md>)", "page"),
        (r"2 \* 3 \_ \<b>", "2 * 3 _ <b>"),
        ("tea &amp; milk", "tea & milk"),
        ("<https://a.example>", "https://a.example"),
        ("~~gone~~", "gone"),
        ("Title\n=====", "Title"),
    ],
)
def test_plain_text_of_rarer_markdown(markdown: str, plain: str) -> None:
    assert visible_text(markdown) == plain


def test_three_backticks_within_a_line_lose_no_word() -> None:
    passages = pieces("one two ```four``` five six.", 4)
    assert " ".join(passage.embedded for passage in passages) == "one two four five six."


def test_dashes_between_sentences_count() -> None:
    passages = pieces("a b. - c. - d. - e. - f. - g.", 8)
    assert [len(passage.embedded.split()) + 2 <= 8 for passage in passages] == [True, True]


def test_what_belongs_to_the_question_is_embedded_with_it() -> None:
    quiz = replace(
        entry("A drink."), question_body="```\ntea\n```\n\n- A: a drink", question_line_end=9
    )
    passages = make_passages(quiz, words, 100)
    assert [
        (passage.kind, passage.embedded, passage.line_start, passage.line_end)
        for passage in passages
    ] == [
        (PassageKind.QUESTION, passages[0].text, 3, 3),
        (PassageKind.QUESTION, f"{passages[0].text}\ntea A: a drink", 5, 9),
        (PassageKind.ANSWER, f"{passages[0].text}\nA drink.", FIRST_LINE, FIRST_LINE),
    ]
    assert passages[1].text == quiz.question_body


def test_the_headings_above_are_context_for_the_encoder_only() -> None:
    below = replace(entry("It is hot."), breadcrumb=("Drinks", "Tea"))
    passages = make_passages(below, words, 100)
    assert [passage.embedded for passage in passages] == [
        below.question,
        f"Drinks › Tea › {below.question}\nIt is hot.",
    ]
    assert passages[1].text == "It is hot."
    note = replace(below, rule=Rule.SECTION)
    assert make_passages(note, words, 100)[1].embedded == f"{below.question}\nIt is hot."
    long = replace(below, breadcrumb=("word " * 80,))
    assert make_passages(long, words, 100)[1].embedded == f"{below.question}\nIt is hot."


def test_the_indentation_of_a_list_item_makes_no_code() -> None:
    (answer,) = pieces("    It is **hot**:\n\n    * [green](g.md)", 100)
    assert answer.embedded.endswith("It is hot: green")
