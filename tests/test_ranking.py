"""What makes one entry a better answer than another: the signals, what is learned from a corpus,
and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import qasearch
from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.index import Curve
from qasearch.datatypes.options import Mode
from qasearch.ranking.candidates import DENSE, Candidates, candidates_from, find_candidates
from qasearch.ranking.confidence import CURVES, Standings, fit, weigh, weights_of_kinds
from qasearch.ranking.fusion import (
    DEFAULT_LEXICAL_WEIGHT,
    Ranked,
    lexical_weight_for,
    rank,
    scores,
    signal_weights,
)
from qasearch.ranking.learning import _nearest_to_default
from qasearch.ranking.lexical import lexical_scores, literal_share, words_of
from qasearch.ranking.probes import ask_own_questions, choose_questions
from qasearch.searching.spelling import respellings
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
        ("wat", "wat"),  # too short to tell
        ("Listn to the guittar", "listen to the guitar"),
        ("piano2 tune", "piano2 tune"),
        ("", ""),
    ],
)
def test_misspelt_words_are_those_of_the_corpus(
    opened: OpenIndex, typed: str, corrected: str
) -> None:
    variants = respellings(typed, opened.database, count_pieces)
    assert [variant.text for variant in variants][:1] == ([] if corrected == typed else [corrected])


def test_a_word_that_the_model_knows_needs_a_neighbour(opened: OpenIndex) -> None:
    assert respellings("pinao", opened.database, lambda _: [1]) == []


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


def drawn(count: int = 600) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Scores and leads, and whether the hit is right, as a curve would draw them."""
    draw = np.random.default_rng(0)
    numbers = draw.uniform([0.1, -0.1], [0.9, 0.6], (count, 2))
    logits = numbers @ np.array([4.0, 9.0]) - 4.0
    return numbers, draw.uniform(size=count) < 1 / (1 + np.exp(-logits))


def test_the_curve_is_that_of_a_logistic_regression() -> None:
    numbers, are_right = drawn()
    weights = np.random.default_rng(1).uniform(0.5, 1.5, len(numbers))
    curve = fit(numbers, are_right, weights)
    # scikit-learn's C weighs the likelihood against half of the penalty; ours is 1e-4 a question
    other = LogisticRegression(C=1 / (1e-4 * weights.sum()), tol=1e-10, max_iter=1000)
    other.fit(numbers, are_right, sample_weight=weights)
    assert [curve.score, curve.lead] == pytest.approx(other.coef_[0], rel=1e-3)
    assert curve.offset == pytest.approx(float(other.intercept_[0]), rel=1e-3)


def test_few_questions_move_a_curve_less_than_many() -> None:
    prior = Curve(2.0, 5.0, -2.0)
    numbers, are_right = drawn()
    leads = [
        fit(numbers[:count], are_right[:count], np.ones(count), prior).lead
        for count in (0, 20, 600)
    ]
    assert leads[0] == pytest.approx(5.0)
    assert abs(leads[1] - 5.0) < abs(leads[2] - 5.0)
    assert leads[2] == pytest.approx(9.0, abs=2.0)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1, 1), st.booleans()), min_size=1, max_size=30)
)
@settings(max_examples=200, deadline=None)
def test_a_better_score_is_never_less_sure(rows: list[tuple[float, float, bool]]) -> None:
    numbers = np.array([row[:2] for row in rows])
    are_right = np.array([row[2] for row in rows])
    for prior in (None, CURVES[Mode.HYBRID]):
        curve = fit(numbers, are_right, np.ones(len(rows)), prior)
        values = [curve.confidence(x, x) for x in np.linspace(-2, 2, 41)]
        assert np.isfinite(values).all()
        assert values == sorted(values)
        assert all(0 <= value <= 1 for value in values)


def test_each_kind_of_question_has_its_share_of_the_weight() -> None:
    kinds = np.array(["right"] * 10 + ["gap"] * 2 + ["wrong"])
    weights = weights_of_kinds(kinds, 13.0)
    assert weights.sum() == pytest.approx(13)
    assert weights[kinds == "gap"].sum() == pytest.approx(13 * 0.4)
    assert np.ptp(weights[kinds == "right"]) == 0


def test_the_confidence_where_the_log_odds_are_0_is_one_half() -> None:
    assert Curve(2.0, 4.0, -2.0).confidence(0.5, 0.25) == pytest.approx(0.5)
    assert Curve(1e9, 1e9, 0.0).confidence(-5, -5) == pytest.approx(0, abs=1e-12)


def ranked(found: Candidates, count: int) -> list[Ranked]:
    return rank(found, Mode.DENSE, 0.3, count)


def test_the_lead_is_over_the_mean_of_the_best_nine_other_entries() -> None:
    values = [0.9, 0.6, *(0.5 - n / 100 for n in range(12))]
    found = with_signals(dense=values, support=values, centroid=values)
    (score, lead), (second_score, second_lead) = Standings(found, Mode.DENSE).of(ranked(found, 2))
    assert score == pytest.approx(0.9)
    assert lead == pytest.approx(0.9 - np.mean(values[1:10]))
    # the second hit is compared as if the first did not exist
    assert second_score == pytest.approx(0.6)
    assert second_lead == pytest.approx(0.6 - np.mean(values[2:11]))


def test_a_corpus_with_few_entries_has_usual_rivals() -> None:
    found = with_signals(dense=[0.7], support=[0.7], centroid=[0.7])
    ((score, lead),) = Standings(found, Mode.DENSE).of(ranked(found, 1))
    assert (score, lead) == pytest.approx((0.7, 0.7 - 0.25))
    two = with_signals(dense=[0.7, 0.1], support=[0.7, 0.1], centroid=[0.7, 0.1])
    (_, lead), _ = Standings(two, Mode.DENSE).of(ranked(two, 2))
    assert lead == pytest.approx(0.7 - (0.1 + 8 * 0.25) / 9)


def test_what_a_filter_leaves_out_is_still_a_rival() -> None:
    values = [0.9, 0.8, *[0.3] * 10]
    found = with_signals(dense=values, support=values, centroid=values)
    only = found.where(found.entries == found.entries[1])
    ((_, lead),) = Standings(found, Mode.DENSE).of(ranked(only, 1))
    assert lead == pytest.approx(0.8 - (0.9 + 8 * 0.3) / 9)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-0.2, 0.8)), max_size=20))
def test_the_confidences_of_a_reply_sum_to_at_most_1(standings: list[tuple[float, float]]) -> None:
    evidence = weigh(standings, CURVES[Mode.HYBRID], [""] * len(standings))
    assert sum(part.confidence for part in evidence) <= 1 + 1e-9
    assert all(part.confidence >= 0 for part in evidence)


def test_what_the_wording_does_not_allow_is_left_to_the_next_hits() -> None:
    standings = [(0.9, 0.6), (0.9, 0.6)]
    free, limited = (
        weigh(standings, CURVES[Mode.HYBRID], [doubt, ""]) for doubt in ("", "so it is")
    )
    assert limited[0].confidence == pytest.approx(0.4)
    assert limited[1].confidence == pytest.approx(0.6 * free[0].confidence)


# The weight of the words


def opinions(*means: float) -> npt.NDArray[np.float64]:
    """Reciprocal ranks of 100 probes with these means, all probes alike but for one."""
    ranks = np.tile(np.array(means), (100, 1))
    ranks[0] = 0.0
    return ranks


def test_a_weight_that_is_clearly_better_is_learned() -> None:
    assert _nearest_to_default(opinions(*np.linspace(0.1, 0.8, 15))) == 14


def test_a_weight_that_is_hardly_better_than_the_default_is_not_learned() -> None:
    draw = np.random.default_rng(0)
    ranks = draw.choice([0.0, 0.5, 1.0], (50, 15))
    assert _nearest_to_default(np.repeat(ranks[:, :1], 15, axis=1)) == 6
    nearly = np.repeat(ranks[:, :1], 15, axis=1)
    nearly[0, 10:] = 1.0  # a single question is better with more words
    assert _nearest_to_default(nearly) == 6


@pytest.mark.parametrize(
    ("question", "is_literal"),
    [
        ("what does tea_leaf do", True),
        ("steepFor does not work", True),
        ("`kettle`", True),
        ("how do I call boil()", True),
        ("--kettle", True),
        ("brew.tea", True),
        ("error E42", True),
        ("what is a tea-cosy", False),
        ("How is Tea made?", False),
        ("WHY IS TEA HOT", False),
    ],
)
def test_code_and_names_are_literal(question: str, is_literal: bool, tmp_path: Path) -> None:
    class Words:
        def counts(self, words: list[str]) -> dict[str, int]:
            return dict.fromkeys(words, 1)

    class Tables:
        words = Words()

        def counts(self) -> SimpleNamespace:
            return SimpleNamespace(entries=100)

    share = literal_share(Tables(), question)  # type: ignore[arg-type]
    assert (share > 0) == is_literal
    assert 0 <= share <= 1


def test_words_that_no_entry_has_are_not_literal(opened: OpenIndex) -> None:
    assert literal_share(opened.database, "what is QX_77") == 0


def test_a_literal_question_gives_the_words_more_weight() -> None:
    assert lexical_weight_for(0.3, 0.0) == 0.3
    assert 0.3 < lexical_weight_for(0.3, 0.2) < lexical_weight_for(0.3, 1.0) == pytest.approx(0.65)
    assert lexical_weight_for(0.7, 1.0) == 0.7


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
        assert (metadata(place).lexical_weight == first.lexical_weight) == (changed > 0)
    qasearch.build(folder, place, full=True)
    full = metadata(place)
    qasearch.build(folder, tmp_path / "other", tiny_model)
    assert full.lexical_weight == metadata(tmp_path / "other").lexical_weight


def test_a_corpus_that_says_too_little_has_the_usual_share_of_words(opened: OpenIndex) -> None:
    assert opened.metadata.lexical_weight == DEFAULT_LEXICAL_WEIGHT
