"""The map of a space: the places of questions, the sentences, and the chart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qasearch.datatypes.entry import Passage, PassageKind
from qasearch.datatypes.index import IndexState
from qasearch.datatypes.reply import Hit, Reply, Timing, Verdict
from qasearch.errors import BadRequest
from qasearch.lab.space import Space
from qasearch.mapping.corpus_map import make_map
from qasearch.mapping.projections import Method
from tests.lab.spaces import made_entry, made_space

CROSS = {
    "east?": (1.0, 0.0, 0.0),
    "west?": (-1.0, 0.0, 0.0),
    "north?": (0.0, 0.8, 0.6),
    "south?": (0.0, -0.8, 0.6),
}
"""Sums of squares about the mean: 2 along the first axis, 1.28 along the second, 0.36 along the
third (4 * 0.3 ** 2)."""


def cross() -> Space:
    return made_space(
        CROSS,
        sections={"east?": "x", "west?": "x", "north?": "y", "south?": "y"},
        others={"half east": (0.6, 0, 0.8)},
    )


def reply(question: str, verdict: Verdict, *hits: tuple[str, float]) -> Reply:
    passage = Passage(PassageKind.QUESTION, "", "", 1, 1)
    results = [
        Hit(rank, made_entry(name), "", confidence, confidence, PassageKind.QUESTION, passage, {})
        for rank, (name, confidence) in enumerate(hits, start=1)
    ]
    return Reply(
        question, verdict, IndexState("", "", 1, 4, 4, "m"), Timing(0, 0, 0), tuple(results)
    )


def test_pca_of_a_cross_by_hand() -> None:
    corpus_map = make_map(cross(), Method.PCA)
    np.testing.assert_allclose(
        corpus_map.xy, np.array([[1, 0], [-1, 0], [0, 0.8], [0, -0.8]]), atol=1e-6
    )
    assert corpus_map.variance_share == pytest.approx(3.28 / 3.64)


def test_the_sentences_of_pca() -> None:
    """Of two equally near entries the first counts.

    In the space, by cosine: east and west have north, north and south have east (the other arm is
    at -0.28). On the map, by distance: the same.
    """
    assert make_map(cross(), Method.PCA).sentences == (
        "4 entries, laid out by PCA: the plane in which their vectors vary most, with 90\u00a0% of "
        "the variance. What is far apart here is far apart in the space. What is close here may be "
        "far apart in a dimension that was left out.",
        "For 100\u00a0% of the entries, the nearest entry in all 3 dimensions is also the nearest "
        "on the map (by chance: 33\u00a0%). The trustworthiness is 1.00 of 1. So most neighbours "
        "on the map are real neighbours.",
    )


def test_a_map_that_keeps_little_says_so() -> None:
    """40 orthogonal directions are equally near to each other. A plane cannot show that."""
    space = made_space({f"{i}?": row for i, row in enumerate(np.eye(40).tolist())})
    corpus_map = make_map(space, Method.PCA)
    assert corpus_map.preservation.recall <= 0.5
    assert corpus_map.sentences[1].endswith(
        "So entries that are close on the map may have little in common: check the nearest entries "
        "in the space."
    )


def test_a_sample_says_so() -> None:
    corpus_map = make_map(replace(cross(), total=50_000), Method.PCA)
    assert corpus_map.sentences[0].endswith(
        "They are a sample of the 50,000 entries of the corpus, always the same."
    )


def test_a_question_is_placed_by_the_same_projection() -> None:
    corpus_map = make_map(
        cross(), Method.PCA, [reply("half east", Verdict.ANSWER, ("east?", 0.9), ("north?", 0.2))]
    )
    (question,) = corpus_map.questions
    assert question.xy == pytest.approx((0.6, 0), abs=1e-6)
    assert (question.verdict, question.confidence, question.hits) == (
        Verdict.ANSWER,
        0.9,
        ((0, 0.9), (2, 0.2)),
    )
    assert corpus_map.sentences[2].startswith(
        "A question is where the same projection puts its vector"
    )


def test_other_methods_put_a_question_at_the_weighted_mean_of_its_hits() -> None:
    corpus_map = make_map(
        cross(), Method.TSNE, [reply("half east", Verdict.WEAK, ("east?", 0.6), ("north?", 0.2))]
    )
    expected = (3 * corpus_map.xy[0] + corpus_map.xy[2]) / 4
    assert corpus_map.questions[0].xy == pytest.approx(expected.tolist())
    assert corpus_map.variance_share is None
    assert "at the mean of its hits, weighted by confidence" in corpus_map.sentences[2]


@pytest.mark.parametrize("hits", [(), (("not in the sample?", 0.9),)])
def test_a_question_without_hits_on_the_map_is_among_its_nearest_entries(
    hits: tuple[tuple[str, float], ...],
) -> None:
    """There are four entries and not five, so the place is the middle of all."""
    corpus_map = make_map(cross(), Method.TSNE, [reply("half east", Verdict.NONE, *hits)])
    assert corpus_map.questions[0].xy == pytest.approx(corpus_map.xy.mean(axis=0).tolist())
    assert corpus_map.questions[0].hits == ()


def test_the_chart_joins_questions_that_have_an_answer() -> None:
    replies = [
        reply("half east", Verdict.ANSWER, ("east?", 0.9), ("north?", 0.2)),
        reply("half east", Verdict.NONE, ("west?", 0.1)),
    ]
    chart = make_map(cross(), Method.PCA, replies).chart
    assert chart.title == "PCA of 4 entries"
    assert chart.groups == ("x", "x", "y", "y", "question", "question: no answer")
    assert chart.lines == ((4, 0), (4, 2))
    assert dict(chart.names) == {4: "half east", 5: "half east", 0: "east?"}
    np.testing.assert_allclose(chart.xy[4:], [[0.6, 0], [0.6, 0]], atol=1e-6)


def test_without_questions_entries_far_from_each_other_are_named() -> None:
    """All four: first the one nearest to the middle, and of two equally near ones the first."""
    assert list(make_map(cross(), Method.PCA).chart.names) == [2, 3, 0, 1]


def test_points_at_one_place_are_named_once() -> None:
    space = made_space({"a?": (1, 0), "b?": (1, 0), "c?": (0, 1), "d?": (0, 1)})
    assert sorted(make_map(space, Method.PCA).chart.names) in ([0, 2], [0, 3], [1, 2], [1, 3])


@pytest.mark.parametrize("method", Method)
def test_too_few_entries_and_equal_entries(method: Method) -> None:
    with pytest.raises(
        BadRequest, match="A map needs at least 3 entries, and the index in made has 2 entries"
    ):
        make_map(made_space({"a?": (1, 0), "b?": (0, 1)}), method)
    with pytest.raises(BadRequest, match="All entries lie at the same point"):
        make_map(made_space({"a?": (1, 0), "b?": (1, 0), "c?": (2, 0)}), method)
