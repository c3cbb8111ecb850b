"""Ways through small spaces on a circle, where angles are read off, and the algorithms beside SciPy
and scikit-learn."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.embedding_space import (
    angle,
    angles_between,
    joined_from,
    shortest_path,
    slerp,
)
from qasearch.lab.algorithms.pca import plane
from qasearch.lab.charts import Curves, Points, Table
from qasearch.lab.demonstrations.embedding_space import demonstrate, least_alike
from qasearch.lab.demonstrations.paraphrases import content_words, nearest_without_a_word
from qasearch.lab.space import Space
from tests.lab.spaces import made_space


def on_a_circle(**degrees: float) -> Space:
    return made_space(
        {
            name: [math.cos(math.radians(at)), math.sin(math.radians(at))]
            for name, at in degrees.items()
        }
    )


def random_units(n: int, d: int) -> npt.NDArray[np.float64]:
    vectors = np.random.default_rng(0).standard_normal((n, d))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_a_third_of_a_right_angle_is_thirty_degrees() -> None:
    a, b = np.eye(2)
    assert angle(a, b) == pytest.approx(math.pi / 2)
    third = np.array([math.sqrt(3) / 2, 0.5])
    np.testing.assert_allclose(
        slerp(a, b, np.array([0, 1 / 3, 1])), np.stack([a, third, b]), atol=1e-12
    )


def test_slerp_is_scipy_s() -> None:
    from scipy.spatial import geometric_slerp

    a, b = random_units(2, 7)
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(slerp(a, b, t), geometric_slerp(a, b, t), atol=1e-12)


def test_slerp_stays_where_both_ends_are_one_and_refuses_opposite_ones() -> None:
    a = np.array([0.6, 0.8])
    np.testing.assert_array_equal(slerp(a, a, np.array([0, 0.5])), [a, a])
    with pytest.raises(ValueError, match="more than one great circle"):
        slerp(a, -a, np.array([0.5]))


def test_paths_are_those_of_scipy() -> None:
    from scipy.sparse.csgraph import connected_components, dijkstra

    random = np.random.default_rng(1)
    steps = random.random((30, 30))
    steps = np.where(random.random((30, 30)) < 0.1, np.minimum(steps, steps.T), np.inf)
    steps = np.minimum(steps, steps.T)
    lengths = dijkstra(np.where(np.isinf(steps), 0, steps), indices=0)
    assert np.isfinite(lengths).sum() > 20
    for goal in np.flatnonzero(np.isfinite(lengths)).tolist():
        path, length = shortest_path(steps, 0, goal)
        assert length == pytest.approx(lengths[goal])
        assert sum(steps[pair] for pair in pairwise(path)) == pytest.approx(length)
        longest = shortest_path(steps, 0, goal, np.maximum)[
            1
        ]  # the first length at which both are in one component
        for cut, together in ((longest, True), (np.nextafter(longest, -1), goal == 0)):
            labels = connected_components(steps <= cut, directed=False)[1]
            assert (labels[0] == labels[goal]) == together


def test_no_path_leads_to_another_component() -> None:
    with pytest.raises(ValueError, match="no path leads from 0 to 1"):
        shortest_path(np.full((2, 2), np.inf), 0, 1)


def test_neighbours_are_scikit_learn_s() -> None:
    from sklearn.neighbors import kneighbors_graph

    vectors = random_units(40, 5)
    joined = joined_from(angles_between(vectors))
    for k in (1, 3, 10):
        graph = kneighbors_graph(vectors, k).toarray()
        np.testing.assert_array_equal(
            (joined <= k) & ~np.eye(40, dtype=np.bool_), np.maximum(graph, graph.T) > 0
        )


def test_the_plane_is_that_of_pca() -> None:
    from sklearn.decomposition import PCA

    vectors = random_units(30, 6)
    flat, share = plane(vectors)
    pca = PCA(2).fit(vectors)
    np.testing.assert_allclose(np.abs(flat), np.abs(pca.transform(vectors)), atol=1e-9)
    assert share == pytest.approx(pca.explained_variance_ratio_.sum())
    assert plane(np.ones((3, 1)))[0].tolist() == [[0, 0]] * 3
    assert plane(np.ones((3, 4)))[1] == 0


def test_the_least_alike_are_found_across_blocks() -> None:
    vectors = random_units(1500, 3).astype(np.float32)
    cosines = vectors @ vectors.T
    a, b, lowest, mean = least_alike(vectors)
    assert lowest == pytest.approx(cosines.min())
    assert cosines[a, b] == pytest.approx(lowest)
    assert mean == pytest.approx((cosines.sum() - 1500) / (1500 * 1499), abs=1e-5)


def test_words_are_the_same_by_their_first_four_letters() -> None:
    assert content_words("What are the losses, and which loss is 2x_better?") == {"loss", "bett"}
    assert content_words("the x of y") == frozenset()


def test_pairs_share_no_word_belong_to_two_entries_and_have_words() -> None:
    # Passages 0 and 1 share a word, 0 and 2 an entry, 3 has one word only: 0 is left with 4, as is
    # 1; 2 takes 1.
    words = [
        frozenset(each.split()) for each in ("tea pot", "tea cup", "hot drink", "x", "blue sky")
    ]
    vectors = np.array([[1, 0], [0.8, 0.6], [1, 0], [1, 0], [0, 1]], np.float32)
    pairs = nearest_without_a_word(vectors, words, np.array([0, 1, 0, 2, 3]))
    assert [(round(cosine, 6), i, j) for cosine, i, j in pairs] == [
        (0.8, 1, 2),
        (0.6, 1, 4),
        (0, 0, 4),
    ]


def test_a_path_takes_three_steps_where_the_direct_one_is_large() -> None:
    # Each has its neighbours 20 degrees away; three steps of 20 squared are 1200, one of 60 would
    # be 3600.
    shown = demonstrate(on_a_circle(a=0, b=20, c=40, d=60, far=180), ["path", "a", "d"])
    assert shown.numbers["path"] == ["a", "b", "c", "d"]
    assert (shown.numbers["k"], shown.numbers["direct_degrees"]) == (1, 60)
    assert shown.numbers["steps_degrees"] == pytest.approx([20, 20, 20], abs=0.01)
    points = next(part for part in shown.body if isinstance(part, Points))
    assert points.lines == ((0, 1), (1, 2), (2, 3))
    assert points.names == {0: "a", 1: "b", 2: "c", 3: "d"}
    assert "The path has 3 steps of 20 to 20 degrees, 60 together; directly it would be 60." in str(
        shown.body[2]
    )


def test_two_islands_are_joined_by_the_k_that_the_nearer_shores_need() -> None:
    # Among its own island of three each has 2 neighbours; b3 is the third nearest of a1, so k = 3
    # joins the islands.
    shown = demonstrate(
        on_a_circle(a1=30, a2=20, a3=10, b1=100, b2=110, b3=120), ["path", "a3", "b3"]
    )
    assert shown.numbers["k"] == 3
    assert [entry[0] for entry in shown.numbers["path"]] == sorted(
        entry[0] for entry in shown.numbers["path"]
    )


def test_neighbours_are_one_step_apart() -> None:
    shown = demonstrate(on_a_circle(a=0, b=20, c=90), ["path", "a", "b"])
    assert shown.body[2] == (
        "They are neighbours: one is the nearest of the other, 20 degrees away, so the way is that one step."
    )


def test_what_lies_half_way_is_passed() -> None:
    shown = demonstrate(on_a_circle(a=0, m=42, b=80), ["between", "a", "b"])
    assert shown.numbers == {
        "from": "a", "to": "b", "angle_degrees": 80.0, "half_way_cosine": 0.766, "half_way_entry": "m",
        "half_way_entry_cosine": 0.9994, "passed": ["m"],
    }  # fmt: skip
    # m is nearer than a from 21 degrees on (t = 0.2625), and nearer than b to 61 (t = 0.7625).
    assert (
        shown.body[-1]
        == "Between t = 0.30 and t = 0.75 the way leads past 'm': nearer there than both ends are."
    )
    table = next(part for part in shown.body if isinstance(part, Table))
    assert table.rows[2] == pytest.approx(
        (
            0.5,
            math.cos(math.radians(40)),
            math.cos(math.radians(40)),
            "m",
            math.cos(math.radians(2)),
        )
    )


def test_nothing_lies_between_where_all_else_is_far() -> None:
    shown = demonstrate(on_a_circle(a=0, far=200, b=80), ["between", "a", "b"])
    assert shown.numbers["passed"] == []
    assert str(shown.body[-1]).startswith("No other entry is ever nearer than both ends.")


@pytest.mark.parametrize(("at", "where"), [(0.0, "in the same place"), (180.0, "at opposite ends")])
def test_no_way_is_shown_where_there_is_not_one(at: float, where: str) -> None:
    shown = demonstrate(on_a_circle(a=0, b=at, c=50), ["between", "a", "b"])
    assert where in str(shown.body[0])
    assert not shown.charts
    assert shown.numbers["angle_degrees"] == at


def test_the_survey_begins_with_the_entry_in_the_middle() -> None:
    shown = demonstrate(on_a_circle(a=0, m=30, b=90), [])
    numbers = shown.numbers
    assert str(shown.body[0]).startswith("The entry in the middle of them all, 'm',")
    assert numbers["neighbours"] == [["a", 0.866], ["b", 0.5]]
    assert (numbers["dimensions"], numbers["largest_dimensions"], numbers["largest_share"]) == (
        2,
        [0, 1],
        1.0,
    )
    # cos 30, cos 60 and cos 90: their mean is 0.4553
    assert (numbers["mean_cosine"], numbers["lowest_cosine"]) == (0.4553, 0.0)
    assert numbers["farthest"]["passed"] == ["m"]
    assert numbers["in_other_words"] == []
    assert isinstance(shown.charts[1], Curves)


def test_a_question_is_looked_at_in_place_of_an_entry() -> None:
    space = made_space({"a": [1, 0], "b": [0, 1], "c": [-1, 0]}, how_near=[0.6, 0.8])
    shown = demonstrate(space, ["how", "near"])
    assert str(shown.body[0]).startswith("'how near' is 2 numbers")
    assert shown.numbers["neighbours"] == [["b", 0.8], ["a", 0.6], ["c", -0.6]]


def test_pairs_in_other_words_are_shown() -> None:
    space = made_space(
        {"steep slope": [1, 0, 0], "quick descent": [0.8, 0.6, 0], "blue sky": [0, 0, 1]},
        {
            "blue sky": [("The steep mountain.", [0.96, 0.28, 0])]
        },  # its question stands in front: no pair with 0
    )
    assert demonstrate(space, []).numbers["in_other_words"] == [
        ["quick descent", "The steep mountain.", 0.936],
        ["steep slope", "quick descent", 0.8],
        ["steep slope", "blue sky", 0.0],
    ]


@pytest.mark.parametrize("vector", [[1.0, 0.0], [1.0], [0.0, 0.0]])
def test_entries_that_are_all_the_same_are_shown_as_such(vector: list[float]) -> None:
    space = made_space({"a": vector, "b": vector, "c": vector})
    shown = demonstrate(space, [])
    assert shown.numbers["neighbours"] == [["b", sum(vector)], ["c", sum(vector)]]
    assert shown.numbers["mean_cosine"] == sum(vector)
    assert demonstrate(space, ["path", "a", "c"]).numbers["path"][-1] == "c"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["between", "a"], "'between' needs two entries, and 1 were given"),
        (["path"], "'path' needs two entries, and 0 were given"),
        (["path", "a", "a"], "'a' and 'a' are the same entry, a"),
        (["path", "a", " "], "An entry is asked for by nothing"),
    ],
)
def test_ways_need_two_entries(arguments: list[str], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        demonstrate(on_a_circle(a=0, b=20, c=90), arguments)


def test_two_entries_are_too_few() -> None:
    with pytest.raises(
        BadRequest, match=r"A look at the embedding space needs at least 3 entries.* has 2 entries"
    ):
        demonstrate(on_a_circle(a=0, b=20), [])
