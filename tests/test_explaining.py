"""Why an entry was found: the parts add up to what the reply says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import qasearch
from qasearch.datatypes.entry import Passage, PassageKind
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.presenting.text.explanation import explanations_text
from qasearch.reading.passages import sentences
from qasearch.searching.explaining import _without
from tests.conftest import Command, Corpus

FILES = {
    "tea.md": "# What is tea?\n\nWater is hot. Leaf is in the water.\nSun is white.\n",
    "milk.md": "# What is milk?\n\nIt is white and not black.\n",
    "music.md": "# How do I tune a piano?\n\nListen to the piano.\n",
}


@pytest.fixture
def opened(corpus: Corpus, tmp_path: Path, tiny_model: str) -> qasearch.Index:
    folder = corpus(FILES)
    qasearch.build(folder, tmp_path / "index", tiny_model)
    return qasearch.open(folder, tmp_path / "index")


@pytest.mark.parametrize("mode", Mode)
def test_the_weighted_signals_are_the_score_and_the_words_the_lexical_signal(
    opened: qasearch.Index, mode: Mode
) -> None:
    hits = opened.ask("Is leaf in the water of tea?", AskOptions(mode=mode, explain=True)).hits
    assert hits
    for hit in hits:
        why = hit.explanation
        assert why
        assert sum(
            weight * hit.signals[name] for name, weight in why.weights.items()
        ) == pytest.approx(hit.score)
        assert sum(why.word_scores.values()) == pytest.approx(hit.signals["lexical"], abs=1e-6)
        assert list(why.word_scores) == ["is", "leaf", "in", "the", "water", "of", "tea"]
        assert (hit.score - why.off_topic_penalty > why.half_confidence_score) == (
            hit.confidence > 0.5
        )


def test_without_being_asked_nothing_is_explained(opened: qasearch.Index) -> None:
    assert [hit.explanation for hit in opened.ask("tea").hits] == [None] * 3


def test_the_nearest_sentence_and_the_words_that_matter(opened: qasearch.Index) -> None:
    first = opened.ask("Is the leaf in the water", AskOptions(explain=True)).hits[0]
    why = first.explanation
    assert why
    assert first.entry.question == "What is tea?"
    assert first.matched_on is PassageKind.ANSWER
    assert (why.sentence, why.sentence_line) == ("Leaf is in the water.", 3)
    assert set(why.word_cosines) == set(why.word_scores) == {"is", "the", "leaf", "in", "water"}
    assert why.word_scores["leaf"] > why.word_scores["is"] >= 0


def test_what_a_word_gives_is_what_is_lost_without_it(opened: qasearch.Index) -> None:
    def cosine(question: str, passage: str) -> float:
        searcher = opened._searcher_now()
        one, other = searcher._encoder.encode_queries([question, passage])
        return float(one @ other)

    hit = opened.ask("white milk", AskOptions(explain=True)).hits[0]
    assert hit.explanation
    shown = hit.passage.text
    assert hit.explanation.word_cosines["milk"] == pytest.approx(
        cosine("white milk", shown) - cosine("white", shown), abs=1e-5
    )


def test_a_question_of_one_word_has_no_parts(opened: qasearch.Index) -> None:
    hit = opened.ask("tea", AskOptions(explain=True)).hits[0]
    assert hit.explanation
    assert (hit.explanation.word_cosines, list(hit.explanation.word_scores)) == ({}, ["tea"])


def test_leaving_out_a_word() -> None:
    assert _without("The tea, the Tea and teapots", "tea") == "The , the and teapots"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "One. Two *words*! Three?\nFour",
            [(5, "One."), (5, "Two words!"), (5, "Three?"), (6, "Four")],
        ),
        ("Look.\n\n```\na. b\n```\nEnd.", [(5, "Look."), (8, "a. b"), (10, "End.")]),
        ("- one\n- [two](x.md)", [(5, "one"), (6, "two")]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[tuple[int, str]]) -> None:
    passage = Passage(PassageKind.ANSWER, text, text, 5, 5 + text.count("\n"))
    assert sentences(passage) == expected


def test_as_text(opened: qasearch.Index) -> None:
    hits = opened.ask("white milk zzz", AskOptions(top_k=2, explain=True)).hits
    first, second = explanations_text(hits).split("\n\n")
    lines = first.split("\n")
    assert lines[0] == "  1. What is milk?"
    assert lines[1].startswith(
        f"     score {hits[0].score:.3f} = 0.23 × {hits[0].signals['dense']:.2f} best passage + "
    )
    assert lines[2].startswith("     less ")
    assert "half sure at" in lines[2]
    assert lines[3].startswith("     nearest passage (")
    assert lines[4].endswith("; nothing by white, zzz")  # white is in more than half of the entries
    assert lines[5].startswith("     nearer by: ")
    assert second.startswith("  2. ")
    assert explanations_text(opened.ask("tea").hits) == ""


def test_on_the_command_line(opened: qasearch.Index, qasearch: Command, tmp_path: Path) -> None:
    flags = ["--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "index")]
    plain = qasearch("ask", "--explain", "What is milk?", *flags)
    assert plain.code == 0
    assert "\n\n  1. What is milk?\n     score " in plain.out
    result = json.loads(qasearch("ask", "--explain", "--json", "What is milk?", *flags).out)[
        "results"
    ][0]
    assert set(result["explanation"]) == {
        "weights",
        "off_topic_penalty",
        "half_confidence_score",
        "word_scores",
        "word_cosines",
        "sentence",
    }
    assert [set(each) for each in result["explanation"]["word_scores"][:1]] == [{"word", "lexical"}]
    assert [set(each) for each in result["explanation"]["word_cosines"][:1]] == [{"word", "cosine"}]
    assert set(result["explanation"]["sentence"]) == {"text", "line", "cosine"}
    assert (
        "explanation"
        not in json.loads(qasearch("ask", "--json", "What is milk?", *flags).out)["results"][0]
    )


@pytest.mark.parametrize("mode", ["dense", "lexical", "hybrid"])
def test_modes_on_the_command_line(
    opened: qasearch.Index, qasearch: Command, tmp_path: Path, mode: str
) -> None:
    flags = [
        "--corpus",
        str(tmp_path / "corpus"),
        "--index",
        str(tmp_path / "index"),
        "--mode",
        mode,
    ]
    fields = json.loads(qasearch("ask", "--json", "Listen to the piano", *flags).out)
    found = [result["question"] for result in fields["results"]]
    expected = [
        hit.entry.question
        for hit in opened.ask("Listen to the piano", AskOptions(mode=Mode(mode))).hits
    ]
    assert found == expected
    assert found[0] == "How do I tune a piano?"
