"""Ids and copies: who has an id that several entries claim, and which entries are copies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.entry import Entry, Problem, Rule
from qasearch.identity import (
    Record,
    SettledId,
    derive_ids,
    find_copies,
    pair_digest,
    settle_ids,
    slugify,
)


def record(
    key: int, path: str, declared: str = "", *, line: int = 1, derived: str = "", pair: str = ""
) -> Record[int]:
    derived = derived or path.removesuffix(".md")
    return Record(key, path, line, Rule.FRONT_MATTER, derived, declared, pair)


def entry(question: str, answer: str = "", body: str = "", breadcrumb: str = "") -> Entry:
    return Entry(
        id="",
        question=question,
        aliases=(),
        answer=answer,
        answered=bool(answer),
        breadcrumb=(breadcrumb,),
        tags=(),
        references=(),
        path="a.md",
        line_start=1,
        line_end=1,
        question_line=1,
        rule=Rule.HEADING,
        column_start=1,
        column_end=1,
        question_line_end=1,
        question_body=body,
    )


def test_an_entry_has_the_id_that_it_declares_else_the_derived_one() -> None:
    assert settle_ids([record(1, "a.md", "tea"), record(2, "b.md")]) == {
        1: SettledId("tea", None),
        2: SettledId("b", None),
    }


def test_the_first_of_two_entries_that_declare_an_id_has_it() -> None:
    settled = settle_ids([record(2, "b.md", "tea", line=7), record(1, "a.md", "tea", line=2)])
    reason = "the id 'tea' is already taken by a.md:2; give another"
    assert settled == {2: SettledId("b", Problem("b.md", 7, reason)), 1: SettledId("tea", None)}


@pytest.mark.parametrize("declared_there", ["", "milk"], ids=["derived", "declares another id"])
def test_an_id_that_follows_from_a_path_is_never_given_to_another_file(declared_there: str) -> None:
    settled = settle_ids([record(1, "a.md", "b"), record(2, "b.md", declared_there)])
    reason = "the id 'b' is already taken by b.md:1; give another"
    assert settled[1] == SettledId("a", Problem("a.md", 1, reason))
    assert settled[2] == SettledId(declared_there or "b", None)


NAMES = ["a", "b", "c", "tea"]
records = st.lists(
    st.tuples(st.sampled_from(["a.md", "b.md", "c.md"]), st.sampled_from(["", *NAMES])),
    unique_by=lambda drawn: drawn[0],
    max_size=3,
).map(
    lambda drawn: [
        record(number, path, declared if declared != path.removesuffix(".md") else "")
        for number, (path, declared) in enumerate(drawn)
    ]
)


@given(records)
@settings(deadline=None)
def test_ids_are_unique_and_are_declared_or_derived(entries: list[Record[int]]) -> None:
    settled = settle_ids(entries)
    assert len({one.id for one in settled.values()}) == len(entries)
    for one in entries:
        lost = settled[one.key].problem is not None
        assert settled[one.key].id == (one.derived_id if lost else one.claimed_id)
        assert not lost or any(
            one.declared_id in (other.derived_id, other.declared_id)
            for other in entries
            if other is not one
        )


@given(records, st.sets(st.sampled_from(NAMES)))
@settings(deadline=None)
def test_the_records_that_have_an_id_are_enough_to_settle_it(
    entries: list[Record[int]], only: set[str]
) -> None:
    """An index settles the ids that an edit touches, from the rows that have them."""
    some = [one for one in entries if {one.derived_id, one.declared_id} & only]
    everything = settle_ids(entries)
    assert settle_ids(some, only) == {
        one.key: everything[one.key] for one in entries if one.claimed_id in only
    }


def test_copies_name_the_first_by_path_and_line() -> None:
    entries = [
        Record(1, "b.md", 1, Rule.HEADING, "b", "", "same"),
        Record(2, "a.md", 9, Rule.HEADING, "a#2", "", "same"),
        Record(3, "a.md", 5, Rule.HEADING, "a#1", "", "same"),
        Record(4, "a.md", 1, Rule.HEADING, "a#0", "", "other"),
    ]
    assert find_copies(entries) == {1: 3, 2: 3}


def test_an_entry_of_front_matter_is_the_original() -> None:
    entries = [
        Record(1, "a.md", 1, Rule.HEADING, "a", "", "same"),
        Record(2, "z.md", 1, Rule.FRONT_MATTER, "z", "", "same"),
    ]
    assert find_copies(entries) == {1: 2}


def test_entries_without_an_answer_are_no_copies() -> None:
    assert find_copies([record(1, "a.md"), record(2, "b.md")]) == {}


def test_the_order_of_the_records_decides_where_path_and_line_are_the_same() -> None:
    entries = [record(key, "a.md", pair="same", derived=f"a#{key}") for key in (5, 3)]
    assert find_copies(entries) == {3: 5}


def test_a_pair_is_the_same_in_other_case_and_white_space() -> None:
    assert pair_digest(entry("What is tea?", "A  drink.")) == pair_digest(
        entry("what is TEA?", "A\ndrink.")
    )
    assert pair_digest(entry("What is tea?", "A drink.")) != pair_digest(
        entry("What is tea?", "A drink.", body="`tea`")
    )
    assert pair_digest(entry("What is tea?")) == ""


def test_derived_ids_differ_by_code_by_heading_and_by_answer() -> None:
    entries = [
        entry("What is tea?", "A drink."),
        entry("Output?", "1", body="print(1)"),
        entry("Output?", "2", body="print(2)"),
        entry("Why?", "So.", breadcrumb="Tea"),
        entry("Why?", "So.", breadcrumb="Milk"),
        entry("Why?", "So.", breadcrumb="Milk"),
    ]
    ids = derive_ids("folder/a.md", entries)
    assert ids[0] == "folder/a#what-is-tea"
    assert len(set(ids)) == len(ids)
    assert ids[5] == f"{ids[4]}.2"
    assert derive_ids("folder/a.md", entries[:1]) == ids[:1]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("What is Tea?", "what-is-tea"),
        ("C++ & C#: what's new?", "c-c-what-s-new"),
        ("什么是茶？", "什么是茶"),
        ("snake_case", "snake-case"),
        ("???", ""),
    ],
)
def test_slugs(text: str, slug: str) -> None:
    assert slugify(text) == slug
