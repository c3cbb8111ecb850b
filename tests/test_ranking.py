"""What makes one entry a better answer than another: the signals, what is learned from a corpus,
and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import qasearch
from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.index import Calibration
from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import DENSE, Candidates, candidates_from, find_candidates
from qasearch.ranking.confidence import (
    are_unanswered,
    calibrate,
    off_topic_penalty,
    off_topic_questions,
)
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, rank, scores, signal_weights
from qasearch.ranking.learning import LearnedRanking
from qasearch.ranking.lexical import lexical_scores, words_of
from qasearch.ranking.probes import ask_own_questions, choose_questions
from qasearch.searching.spelling import respell
from qasearch.storage.database import Database
from qasearch.storage.generations import OpenIndex
from qasearch.storage.metadata import IndexMetadata
from qasearch.storage.passage_ids import passage_id, question_id
from qasearch.storage.postings import idf
from qasearch.storage.vectors import Floats
from tests.conftest import Corpus


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


# The signals


def test_the_signals_of_an_entry_are_those_of_its_passages() -> None:
    ids = np.array(
        [passage_id(1, n) for n in range(2)] + [passage_id(2, n) for n in range(4)], np.int64
    )
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6], [-1, 0], [0, 1]], np.float32)
    question = np.array([1, 0], np.float32)
    candidates = candidates_from(ids, vectors, vectors @ question, {2: 0.25})
    assert candidates.entries.tolist() == [1, 2]
    assert candidates.passages.tolist() == [passage_id(1, 0), passage_id(2, 1)]
    assert candidates.signals["dense"] == pytest.approx([1, 0.8])
    assert candidates.signals["support"] == pytest.approx([0.5, (0.8 + 0.6 + 0) / 3])
    assert candidates.signals["centroid"] == pytest.approx(
        [1 / np.sqrt(2), 0.4 / np.hypot(0.4, 2.4)]
    )
    assert candidates.signals["lexical"] == pytest.approx([0, 0.25])


def test_no_passages_give_no_candidates() -> None:
    candidates = candidates_from(
        np.empty(0, np.int64), np.empty((0, 2), np.float32), np.empty(0, np.float32), {}
    )
    assert len(candidates.entries) == 0
    assert rank(candidates, Mode.HYBRID, 0.3, 5) == []


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_the_signals_agree_with_a_plain_computation(seed: int) -> None:
    draw = np.random.default_rng(seed)
    owners = np.sort(draw.integers(1, 8, 25))
    ids = question_id(owners) + np.arange(25)
    vectors = unit(draw.standard_normal((25, 6)).astype(np.float32))
    question = unit(draw.standard_normal((1, 6)).astype(np.float32))[0]
    candidates = candidates_from(ids, vectors, vectors @ question, {})
    for row, entry in enumerate(candidates.entries):
        own = vectors[owners == entry]
        near = np.sort(own @ question)[::-1]
        mean = own.mean(axis=0)
        assert candidates.signals["dense"][row] == pytest.approx(near[0], abs=1e-5)
        assert candidates.signals["support"][row] == pytest.approx(near[:3].mean(), abs=1e-5)
        assert candidates.signals["centroid"][row] == pytest.approx(
            question @ mean / np.linalg.norm(mean), abs=1e-5
        )


def with_signals(**signals: list[float]) -> Candidates:
    count = len(next(iter(signals.values())))
    values = {
        name: np.array(signals.get(name, [0.0] * count), np.float32) for name in (*DENSE, "lexical")
    }
    return Candidates(np.arange(1, count + 1), question_id(np.arange(1, count + 1)), values)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_the_weights_add_up_to_one(mode: Mode, share: float) -> None:
    weighing = signal_weights(mode, share)
    assert sum(weighing.values()) == pytest.approx(1)
    assert len({weighing[name] for name in DENSE}) == 1
    assert weighing["lexical"] == {Mode.HYBRID: share, Mode.DENSE: 0, Mode.LEXICAL: 1}[mode]


def test_the_order_is_that_of_the_scores_and_ties_keep_that_of_the_entries() -> None:
    candidates = with_signals(
        dense=[0.3, 0.9, 0.3], support=[0.3, 0.9, 0.3], centroid=[0.3, 0.9, 0.3], lexical=[1, 0, 1]
    )
    assert [ranked.entry for ranked in rank(candidates, Mode.HYBRID, 0.7, 9)] == [1, 3, 2]
    assert [ranked.entry for ranked in rank(candidates, Mode.DENSE, 0.7, 2)] == [2, 1]
    assert [ranked.entry for ranked in rank(candidates, Mode.LEXICAL, 0.7, 9)] == [1, 3]
    assert scores(candidates, signal_weights(Mode.HYBRID, 0.5)) == pytest.approx([0.65, 0.45, 0.65])


# Words


@pytest.fixture
def opened(corpus: Corpus, tmp_path: Path, tiny_model: str) -> OpenIndex:
    folder = corpus(
        {
            "tea.md": "---\nquestion: What is tea?\naliases: [water with leaf, hot drink]\n---\n\n"
            "Leaf in hot water.\n",
            "milk.md": "---\nquestion: What is milk?\naliases: [white drink, cow water]\n---\n\n"
            "It is white.\n",
            "music.md": "# How do I tune a piano?\n\nListen to the piano.\n\n"
            "# How do I tune a guitar?\n\nListen.\n",
        }
    )
    qasearch.build(folder, tmp_path / "index", tiny_model)
    return OpenIndex(tmp_path / "index")


def rowid(index: OpenIndex, entry_id: str) -> int:
    number = index.database.rowid_of(entry_id)
    assert number is not None
    return number


def test_bm25_is_a_share_of_what_could_be_reached(opened: OpenIndex) -> None:
    database = opened.database
    tea, milk = rowid(opened, "tea"), rowid(opened, "milk")
    raw = database.words.match(["leaf"], 10)
    assert set(raw) == {tea}
    reachable = 2.2 * idf(4, 1)
    assert lexical_scores(database, "leaf", 10) == pytest.approx({tea: raw[tea] / reachable})
    unknown = lexical_scores(database, "leaf zzz", 10)
    assert unknown == pytest.approx({tea: raw[tea] / (reachable + 2.2 * idf(4, 0))})
    both = lexical_scores(database, "Leaf WHITE", 10)
    assert set(both) == {tea, milk}
    assert lexical_scores(database, "leaf white", 10, [milk]) == pytest.approx({milk: both[milk]})
    assert lexical_scores(database, "leaf white", 10, matching=["white"]) == pytest.approx(
        {milk: both[milk]}
    )
    assert set(lexical_scores(database, "cow", 10)) == {milk}
    assert lexical_scores(database, "cow", 10, in_answer=True) == {}
    assert lexical_scores(database, "zzz ?!", 10) == lexical_scores(database, "", 10) == {}


def test_the_words_of_a_question() -> None:
    assert words_of("What's the F1 score, the F1?") == ["what", "s", "the", "f1", "score"]
    assert len(words_of(" ".join(map(str, range(100))))) == 64


def test_at_least_so_many_entries_are_found_as_are_needed(
    opened: OpenIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qasearch.ranking.candidates.DEPTH", 1)
    vector = unit(np.ones((1, 128), np.float32))[0]
    counts = [
        len(find_candidates(opened.database, opened.vectors, "", vector, min_entries=n).entries)
        for n in (1, 3, 4, 99)
    ]
    assert counts[0] == 1
    assert counts[1] >= 3
    assert counts[2:] == [4, 4]
    tea = rowid(opened, "tea")
    only = find_candidates(
        opened.database, opened.vectors, "piano", vector, min_entries=9, allowed=frozenset([tea])
    )
    assert only.entries.tolist() == [tea]


# Spelling


def count_pieces(texts: Sequence[str]) -> list[int]:
    return [2] * len(texts)  # no word is in the model's vocabulary


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("How do I tune a pinao?", "How do I tune a piano?"),
        ("guitr", "guitar"),
        ("guitars and pianos", "guitars and pianos"),  # other forms of words that are there
        ("gitra", "gitra"),  # too far
        ("wate", "wate"),  # too short to tell
        ("Listn to the guittar", "listen to the guitar"),
        ("piano2 tune", "piano2 tune"),
        ("", ""),
    ],
)
def test_misspelt_words_are_those_of_the_corpus(
    opened: OpenIndex, typed: str, corrected: str
) -> None:
    assert respell(typed, opened.database, count_pieces) == corrected


def test_words_that_the_model_knows_are_left_alone(opened: OpenIndex) -> None:
    assert respell("pinao", opened.database, lambda _: [1]) == "pinao"


# The corpus asked its own questions


def test_held_out_questions_do_not_see_what_is_hidden(opened: OpenIndex) -> None:
    questions = choose_questions(opened.database)
    chosen = [question for question in questions if question.kind is PassageKind.ALIAS]
    assert sorted(question.text for question in chosen) == [
        "cow water",
        "hot drink",
        "water with leaf",
        "white drink",
    ]
    own = {int(passage): row for row, passage in enumerate(opened.vectors.ids)}
    _, vectors = opened.vectors.all_passages()
    chosen_vectors = np.stack([vectors[own[question.passage]] for question in chosen])
    probes = ask_own_questions(opened.database, opened.vectors, chosen, chosen_vectors)
    for question, probe in zip(chosen, probes, strict=True):
        assert probe.right.entries.tolist() == [question.entry]
        assert probe.right.signals["dense"][0] < 0.999  # the passage itself would be 1
        assert question.entry not in probe.near_misses.entries
        assert question.entry not in probe.wrong.entries
    of = {
        question.text: probe.right.signals["lexical"][0]
        for question, probe in zip(chosen, probes, strict=True)
    }
    assert of["cow water"] == 0  # no other part of the entry on milk has these words
    assert of["water with leaf"] > 0


def test_without_other_wordings_questions_are_asked_against_answers(
    corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    folder = corpus(
        {
            "a.md": "# What is tea?\n\nLeaf in hot water.\n\n# What is salt?\n\n"
            "# What is milk?\n\nWhite.\n"
        }
    )
    qasearch.build(folder, tmp_path / "index", tiny_model)
    index = OpenIndex(tmp_path / "index")
    chosen = choose_questions(index.database)
    assert sorted(question.text for question in chosen) == [
        "What is milk?",
        "What is salt?",
        "What is tea?",
    ]
    vectors = np.stack(
        [
            index.vectors.passages_of(np.array([question.entry]))[1][0]  # its question
            for question in chosen
        ]
    )
    probes = dict(
        zip(
            (question.text for question in chosen),
            ask_own_questions(index.database, index.vectors, chosen, vectors),
            strict=True,
        )
    )
    assert len(probes["What is salt?"].right.entries) == 0
    assert len(probes["What is salt?"].near_misses.entries) == 2
    assert probes["What is tea?"].right.signals["dense"][0] < 0.999
    assert probes["What is tea?"].right.signals["lexical"][0] == 0


# Confidence


def test_the_curve_is_that_of_a_logistic_regression() -> None:
    draw = np.random.default_rng(0)
    answered, missing, off_topic = (
        draw.normal(0.6, 0.1, 400),
        draw.normal(0.35, 0.1, 300),
        draw.normal(0.1, 0.05, 500),
    )
    curve = calibrate(answered, missing, off_topic)
    spread = np.add.outer(answered, (-0.2, 0.0, 0.2)).ravel()
    clipped = np.maximum(off_topic, 0)
    usual = np.median(clipped) + np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    x = np.concatenate([spread, usual, missing, clipped])
    y = np.concatenate([np.ones(len(spread) + 5), np.zeros(800)])
    kinds = [(len(spread), 0.5 * 400 / 410), (5, 0.5 * 10 / 410), (300, 0.05), (500, 0.45)]
    shares = np.concatenate([np.full(count, share / count) for count, share in kinds])
    # scikit-learn's penalty is on the slope alone too, and C weighs the likelihood against half of
    # its square
    other = LogisticRegression(C=1000, tol=1e-10).fit(x[:, None], y, sample_weight=shares)
    slope = float(other.coef_[0, 0])
    assert curve.slope == pytest.approx(slope, rel=1e-3)
    assert curve.centre == pytest.approx(-float(other.intercept_[0]) / slope, abs=1e-3)


@given(
    st.lists(st.floats(-1, 1), max_size=20),
    st.lists(st.floats(-1, 1), max_size=20),
    st.lists(st.floats(-1, 1), max_size=20),
)
@settings(max_examples=200, deadline=None)
def test_more_evidence_is_never_less_sure(
    answered: list[float], missing: list[float], off_topic: list[float]
) -> None:
    curve = calibrate(np.array(answered), np.array(missing), np.array(off_topic))
    values = [curve.confidence(x) for x in np.linspace(-2, 2, 41)]
    assert np.isfinite(values).all()
    assert values == sorted(values)
    assert 0 <= values[0] < 0.5 < values[-1] <= 1


def test_the_confidence_at_the_centre_is_one_half() -> None:
    assert Calibration(0.3, 12.0).confidence(0.3) == pytest.approx(0.5)
    assert Calibration(0.3, 1e9).confidence(-5) == pytest.approx(0, abs=1e-12)


def test_questions_that_the_corpus_answers_are_no_background() -> None:
    usual = np.linspace(0.1, 0.3, 99)
    assert are_unanswered(np.append(usual, 0.9)).tolist() == [True] * 99 + [False]
    assert are_unanswered(np.empty(0)).tolist() == []


def test_what_speaks_against_a_question_is_its_nearness_to_other_subjects() -> None:
    background = unit(
        np.array([[1, 0], [1, 0.1], [0, 1], [-1, 0], [1, -0.1], [1, 0.2]], np.float32)
    )
    question = np.array([1, 0], np.float32)
    assert off_topic_penalty(background, question) == pytest.approx(
        0.3 * np.sort(background @ question)[-5:].mean()
    )
    assert off_topic_penalty(background, question, excluded_row=0) == pytest.approx(
        0.3 * (background[1:] @ question).mean()
    )
    assert off_topic_penalty(background[:0], question) == 0


def test_the_off_topic_questions_are_many_and_different() -> None:
    questions = off_topic_questions()
    assert len(questions) > 1000
    assert len({question.casefold() for question in questions}) == len(questions)


# What a build keeps


def metadata(place: Path) -> IndexMetadata:
    with Database.open_for_reading(place) as database:
        return database.metadata()


def test_what_was_learned_is_kept_until_a_tenth_of_the_entries_has_changed(
    corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    files = {f"{n}.md": f"# What is {n}?\n\nThe number {n}.\n" for n in range(30)}
    folder, place = corpus(files), tmp_path / "index"
    qasearch.build(folder, place, tiny_model)
    first = metadata(place)
    assert first.changed_entries == 0
    for n, changed in ((0, 1), (1, 2), (2, 3), (3, 0)):
        corpus({f"{n}.md": f"# What is {n}?\n\nOne more than {n - 1}.\n"})
        qasearch.build(folder, place)
        assert metadata(place).changed_entries == changed
        assert (metadata(place).ranking == first.ranking) == (changed > 0)
    qasearch.build(folder, place, full=True)
    full = metadata(place)
    qasearch.build(folder, tmp_path / "other", tiny_model)
    assert full.ranking == metadata(tmp_path / "other").ranking


def test_a_corpus_that_says_too_little_has_the_usual_share_of_words(opened: OpenIndex) -> None:
    learned = LearnedRanking.load(opened.database, opened.metadata.ranking)
    assert learned.lexical_weight == DEFAULT_LEXICAL_WEIGHT
    assert set(learned.calibrations) == set(Mode)
    assert learned.off_topic_vectors.shape[1] == 128
