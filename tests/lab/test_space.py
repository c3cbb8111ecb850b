"""The space of an index, and the list of concepts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import qasearch
from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest, IndexDamaged
from qasearch.lab import CONCEPTS, concept, space
from qasearch.lab.space import sections_of
from tests.conftest import ROOT, Corpus
from tests.lab.spaces import made_entry, made_space

NOTES = {
    "drinks/tea.md": "# What is tea?\n\nA drink of leaves.\n",
    "drinks/coffee.md": "# What is coffee?\n\nA drink of beans.\n",
    "vpn.md": "# How do I restart the vpn?\n\nRun vpn restart.\n",
}


def test_an_entry_is_the_direction_of_the_mean_of_its_passages() -> None:
    # (1, 0) and (0, 1) have the mean (.5, .5), of length sqrt(.5); (.6, .8) alone is itself
    drinks = made_space({"tea": [1, 0], "vpn": [0.6, 0.8]}, {"tea": [("leaves", [0, 1])]})
    assert drinks.vectors == pytest.approx(np.array([[0.5**0.5, 0.5**0.5], [0.6, 0.8]]))
    assert drinks.owners.tolist() == [0, 0, 1]


def test_opposite_passages_have_no_direction() -> None:
    assert made_space({"tea": [1, 0]}, {"tea": [("leaves", [-1, 0])]}).vectors.tolist() == [[0, 0]]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_with_undefined_numbers(value: float) -> None:
    with pytest.raises(
        IndexDamaged,
        match=r"1 vector of the index in made contain infinite .* first one at notes\.md:1",
    ):
        made_space({"tea": [1, 0], "vpn": [value, 0]})


@pytest.mark.parametrize(
    ("ways", "sections"),
    [
        (["a/x.md", "a/y.md", "b/x.md", "b/y.md"], ["a", "a", "b", "b"]),
        (["faq/a/x.md", "faq/a/y.md", "faq/b/x.md", "faq/b/y.md"], ["a", "a", "b", "b"]),
        (["x.md", "x.md", "y.md", "y.md"], ["x", "x", "y", "y"]),
        (["x.md#Tea"] * 3 + ["x.md#Vpn"] * 2 + ["x.md"], ["Tea"] * 3 + ["Vpn"] * 2 + ["x"]),
        (["a.md", "b.md", "c.md", "d.md"], ["", "", "", ""]),
        (["x.md", "x.md"], ["", ""]),
        ([], []),
    ],
)
def test_sections_are_the_first_level_at_which_entries_differ(
    ways: list[str], sections: list[str]
) -> None:
    entries = []
    for way in ways:
        path, _, heading = way.partition("#")
        entries.append(
            replace(made_entry("?", path=path), breadcrumb=(heading,) if heading else ())
        )
    assert list(sections_of(entries)) == sections


def test_an_entry_is_found_by_id_question_or_meaning() -> None:
    space_of_two = made_space(
        {"What is tea?": [1, 0], "What is coffee?": [0, 1]}, others={"hot leaves": [0.8, 0.6]}
    )
    assert space_of_two.find("What is coffee?") == 1
    assert space_of_two.find("hot leaves") == 0
    renamed = replace(
        space_of_two,
        entries=tuple(
            replace(entry, id=name)
            for entry, name in zip(space_of_two.entries, ("tea", "coffee"), strict=True)
        ),
    )
    assert [renamed.find(text) for text in ("tea", "coffee", "cofee")] == [0, 1, 1]
    with pytest.raises(BadRequest, match="The text that names an entry is empty"):
        space_of_two.find(" ")


def test_nearness_is_that_of_the_nearest_passage() -> None:
    drinks = made_space({"tea": [1, 0], "vpn": [-1, 0]}, {"vpn": [("restart", [0.6, 0.8])]})
    assert drinks.nearness(np.array([1, 0], np.float32)) == pytest.approx([1, 0.6])


def test_too_few_entries_for_a_concept() -> None:
    drinks = made_space({"tea": [1, 0]})
    with pytest.raises(
        BadRequest, match=r"k-means needs at least 3 entries, and the index in made has 1 entry\."
    ):
        drinks.need(3, "k-means")


def test_the_space_of_an_index(
    corpus: Corpus, tmp_path: Path, tiny_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = corpus(NOTES)
    qasearch.build(folder, tmp_path / "index", tiny_model)
    with qasearch.open(folder, tmp_path / "index") as index:
        whole = index.space()
        assert [entry.question for entry in whole.entries] == [
            "What is coffee?",
            "What is tea?",
            "How do I restart the vpn?",
        ]
        assert whole.total == 3
        assert whole.sections == ("drinks", "drinks", "vpn")
        kinds = [PassageKind.QUESTION, PassageKind.ANSWER]
        assert [passage.kind for passage in whole.passages] == kinds * 3
        assert whole.owners.tolist() == [0, 0, 1, 1, 2, 2]
        assert whole.passages[3].text == "A drink of leaves."
        assert whole.encode(["What is tea?"])[0] == pytest.approx(
            whole.passage_vectors[2], abs=1e-4
        )
        labelled = whole.ask_labelled_questions()
        assert len(labelled.confidences) == len(labelled.answerable) == len(labelled.correct)
        assert not labelled.correct[~labelled.answerable].any()
        monkeypatch.setattr(space, "MAX_ENTRIES", 2)
        sample = index.space()
        assert (len(sample.entries), sample.total) == (2, 3)
        assert sample.entries == index.space().entries
        (folder / "tea.md").write_text("# What is milk?\n\nA drink of cows.\n")
        assert index.space().total == 4


def test_an_unknown_concept_gets_the_nearest_names() -> None:
    with pytest.raises(BadRequest, match=r"There is no concept 'kmeans'\. Did you mean k-means\?"):
        concept("kmeans")
    with pytest.raises(BadRequest, match=r"Did you mean metrics\?"):
        concept("f1-scores")
    with pytest.raises(BadRequest, match="qasearch lab"):
        concept("xyzzy")


def test_every_concept_is_named_by_the_entries_that_explain_it() -> None:
    """`See it:` at the end of an answer names the concepts that list the entry, and no others."""
    named: dict[str, list[str]] = {}
    for file in (ROOT / "corpus").rglob("*.md"):
        text = file.read_text(encoding="utf-8")
        if last_line := re.search(r"\n\nSee it: (.*)\n\Z", text):
            identifier = re.search(r"^id: (.*)$", text, re.MULTILINE)
            assert identifier
            named[identifier[1]] = re.findall(r"`qasearch lab ([a-z-]+)`", last_line[1])
    expected: dict[str, list[str]] = {}
    for item in CONCEPTS.values():
        for entry in item.entries:
            expected.setdefault(entry, []).append(item.name)
    assert named == expected


@pytest.mark.parametrize("name", CONCEPTS)
def test_each_concept_has_an_algorithm_and_a_demonstration(name: str) -> None:
    folder, file = ROOT / "qasearch" / "lab", f"{concept(name).file}.py"
    assert (folder / "algorithms" / file).is_file()
    assert (folder / "demonstrations" / file).is_file()
    assert callable(concept(name).demonstrate)
