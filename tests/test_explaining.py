"""The explanations of hits: their parts add up to what the reply says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import qasearch
from qasearch.datatypes.entry import Passage, PassageKind
from qasearch.datatypes.index import Curve
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import Evidence, Explanation
from qasearch.presenting.text.explanation import explanations_text
from qasearch.reading.passages import sentences
from qasearch.searching.explaining import _without
from tests.conftest import Command, Corpus
from tests.test_presenting import hit

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
def test_the_weighted_signals_sum_to_the_score_and_the_words_to_the_lexical_signal(
    opened: qasearch.Index, mode: Mode
) -> None:
    hits = opened.ask("Is leaf in the water of tea?", AskOptions(mode=mode, explain=True)).hits
    assert hits
    for result in hits:
        why = result.explanation
        assert why
        score = sum(weight * result.signals[name] for name, weight in why.weights.items())
        assert score == pytest.approx(result.score, abs=1e-4)
        assert sum(why.word_scores.values()) == pytest.approx(result.signals["lexical"], abs=1e-4)
        assert list(why.word_scores) == ["is", "leaf", "in", "the", "water", "of", "tea"]
        assert why.evidence.confidence == pytest.approx(result.confidence, abs=1e-4)
        assert (why.evidence.limit < 1) == bool(why.evidence.doubt)


def test_without_explain_there_is_no_explanation(opened: qasearch.Index) -> None:
    assert [result.explanation for result in opened.ask("tea").hits] == [None] * 3


def test_the_nearest_sentence_and_the_words_that_matter(opened: qasearch.Index) -> None:
    first = opened.ask("Is the leaf in the water", AskOptions(explain=True)).hits[0]
    why = first.explanation
    assert why
    assert first.entry.question == "What is tea?"
    assert first.matched_on is PassageKind.ANSWER
    assert (why.sentence, why.sentence_line) == ("Leaf is in the water.", 3)
    assert set(why.word_cosines) == set(why.word_scores) == {"is", "the", "leaf", "in", "water"}
    assert why.word_scores["leaf"] > why.word_scores["is"] >= 0


def test_a_word_adds_the_cosine_that_is_lost_without_it(opened: qasearch.Index) -> None:
    def cosine(question: str, passage: str) -> float:
        searcher = opened._searcher_now()
        question_vector, passage_vector = searcher._encoder.encode_queries([question, passage])
        return float(question_vector @ passage_vector)

    best = opened.ask("white milk", AskOptions(explain=True)).hits[0]
    assert best.explanation
    passage = best.passage.text
    assert best.explanation.word_cosines["milk"] == pytest.approx(
        cosine("white milk", passage) - cosine("white", passage), abs=1e-4
    )


def test_a_question_of_one_word_has_no_cosine_by_word(opened: qasearch.Index) -> None:
    best = opened.ask("tea", AskOptions(explain=True)).hits[0]
    assert best.explanation
    assert (best.explanation.word_cosines, list(best.explanation.word_scores)) == ({}, ["tea"])


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


def test_explanations_as_text(opened: qasearch.Index) -> None:
    hits = opened.ask("white milk zzz", AskOptions(top_k=2, explain=True)).hits
    first, second = explanations_text(hits).split("\n\n")
    lines = first.split("\n")
    assert lines[0] == "  1. What is milk?"
    assert lines[1].startswith(
        f"     score {hits[0].score:.3f} = 0.23 × {hits[0].signals['dense']:.2f} best passage + "
    )
    assert second.startswith("  2. ")
    assert explanations_text(opened.ask("tea").hits) == ""


def test_every_line_of_an_explanation() -> None:
    why = Explanation(
        weights={"dense": 0.25, "support": 0.0, "lexical": 0.5},
        evidence=Evidence(0.25, 0.125, Curve(2.0, 8.0, -2.0), 0.4, "it says so", 1.0),
        answer_from=0.64,
        word_scores={"hot": 0.0, "milk": 0.125, "cold": 0.25},
        word_cosines={"hot": -0.0625, "milk": 0.5, "cold": 0.001},
        sentence="Milk is *white*.",
        sentence_line=4,
        sentence_cosine=0.75,
    )
    signals = {"dense": 0.5, "support": 0.5, "lexical": 0.375, "rerank": 2.5}
    explained = replace(hit(), signals=signals, explanation=why)
    assert explanations_text([explained, hit()]).split("\n") == [
        "  1. What is tea?",
        "     score 0.312 = 0.25 × 0.50 best passage + 0.50 × 0.38 shared words",
        "     (cross-encoder: 2.500)",
        "     lead over the next nine: 0.125, with a score of 0.250 at the lexical weight",
        "     of the confidence",
        "     2.0 × 0.250 + 8.0 × 0.125 - 2.0 = log odds of -0.50: 37 %",
        "     at most 40 %: it says so",
        "     an answer needs 64 %: with this score, a lead of 0.259",
        "     nearest passage: answer, line 12",
        "     nearest sentence (line 4, cosine 0.75): Milk is *white*.",
        "     shared words: cold 0.25, milk 0.12, hot 0",
        "     cosine by word: milk +0.50, cold 0, hot -0.06",
    ]


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
        "evidence",
        "answer_from",
        "word_scores",
        "word_cosines",
        "sentence",
    }
    assert set(result["explanation"]["word_scores"][0]) == {"word", "lexical"}
    assert set(result["explanation"]["word_cosines"][0]) == {"word", "cosine"}
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
    questions = [result["question"] for result in fields["results"]]
    hits = opened.ask("Listen to the piano", AskOptions(mode=Mode(mode))).hits
    assert questions == [result.entry.question for result in hits]
    assert questions[0] == "How do I tune a piano?"
