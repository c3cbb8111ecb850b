"""Ways through small spaces on a circle, and the algorithms against SciPy and scikit-learn."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.embedding_space import (
    angle,
    angles_between,
    farthest_pair,
    joining_ks,
    pairs_without_common_words,
    shortest_path,
    slerp,
)
from qasearch.lab.charts import Curves, Points, Table
from qasearch.lab.demonstrations.embedding_space import content_words, demonstrate
from tests.lab.spaces import made_space, on_a_circle, random_units


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
        # the first length at which both are in one component
        longest = shortest_path(steps, 0, goal, np.maximum)[1]
        for cut, together in ((longest, True), (np.nextafter(longest, -1), goal == 0)):
            labels = connected_components(steps <= cut, directed=False)[1]
            assert (labels[0] == labels[goal]) == together


def test_no_path_leads_to_another_component() -> None:
    with pytest.raises(ValueError, match="no path leads from 0 to 1"):
        shortest_path(np.full((2, 2), np.inf), 0, 1)


def test_neighbours_are_scikit_learn_s() -> None:
    from sklearn.neighbors import kneighbors_graph

    vectors = random_units(40, 5)
    ks = joining_ks(angles_between(vectors))
    for k in (1, 3, 10):
        graph = kneighbors_graph(vectors, k).toarray()
        np.testing.assert_array_equal(
            (ks <= k) & ~np.eye(40, dtype=np.bool_), np.maximum(graph, graph.T) > 0
        )


def test_the_farthest_pair_is_found_across_blocks() -> None:
    vectors = random_units(1500, 3).astype(np.float32)
    cosines = vectors @ vectors.T
    a, b, lowest = farthest_pair(vectors)
    assert lowest == pytest.approx(cosines.min())
    assert cosines[a, b] == pytest.approx(lowest)


def test_words_are_the_same_by_their_first_four_letters() -> None:
    assert content_words("What are the losses, and which loss is 2x_better?") == {"loss", "bett"}
    assert content_words("the x of y") == frozenset()


def test_pairs_share_no_word_belong_to_two_entries_and_have_words() -> None:
    # Passages 0 and 1 have a common word, 0 and 2 a common entry, and 3 has one word only. So 0 and
    # 1 are paired with 4, and 2 with 1.
    words = [
        frozenset(text.split()) for text in ("tea pot", "tea cup", "hot drink", "x", "blue sky")
    ]
    vectors = np.array([[1, 0], [0.8, 0.6], [1, 0], [1, 0], [0, 1]], np.float32)
    pairs = pairs_without_common_words(vectors, words, np.array([0, 1, 0, 2, 3]))
    assert [(round(cosine, 6), i, j) for cosine, i, j in pairs] == [
        (0.8, 1, 2),
        (0.6, 1, 4),
        (0, 0, 4),
    ]


def test_a_path_takes_three_small_steps_instead_of_a_large_one() -> None:
    # Neighbours are 20 degrees apart. Three steps cost 3 * 20^2 = 1200, one step 60^2 = 3600.
    demonstration = demonstrate(on_a_circle(a=0, b=20, c=40, d=60, far=180), ["path", "a", "d"])
    assert demonstration.numbers["path"] == ["a", "b", "c", "d"]
    assert (demonstration.numbers["k"], demonstration.numbers["direct_degrees"]) == (1, 60)
    assert demonstration.numbers["steps_degrees"] == pytest.approx([20, 20, 20], abs=0.01)
    points = next(part for part in demonstration.body if isinstance(part, Points))
    assert points.lines == ((0, 1), (1, 2), (2, 3))
    assert points.names == {0: "a", 1: "b", 2: "c", 3: "d"}
    assert (
        "The path has 3 steps of 20 to 20 degrees, 60 in all. The direct way has 60 degrees"
        in str(demonstration.body[2])
    )


def test_two_groups_are_joined_by_the_k_of_their_nearest_ends() -> None:
    # Each entry has 2 neighbours in its own group. The third nearest is in the other group, so
    # k = 3 joins the groups.
    demonstration = demonstrate(
        on_a_circle(a1=30, a2=20, a3=10, b1=100, b2=110, b3=120), ["path", "a3", "b3"]
    )
    assert demonstration.numbers["k"] == 3
    assert [entry[0] for entry in demonstration.numbers["path"]] == sorted(
        entry[0] for entry in demonstration.numbers["path"]
    )


def test_neighbours_are_one_step_apart() -> None:
    demonstration = demonstrate(on_a_circle(a=0, b=20, c=90), ["path", "a", "b"])
    assert demonstration.body[2] == (
        "They are neighbours, 20 degrees apart: one of them is the nearest entry of the other. So "
        "the path is one step."
    )


def test_an_entry_half_way_is_passed() -> None:
    demonstration = demonstrate(on_a_circle(a=0, m=42, b=80), ["between", "a", "b"])
    numbers = dict(demonstration.numbers)
    cosines = [numbers.pop(name) for name in ("half_way_cosine", "half_way_entry_cosine")]
    assert cosines == pytest.approx([0.766, 0.9994], abs=1.5e-4)
    assert numbers == {
        "from": "a",
        "to": "b",
        "angle_degrees": 80.0,
        "half_way_entry": "m",
        "passed": ["m"],
    }
    # m is nearer than a from 21 degrees on (t = 0.2625), and nearer than b to 61 (t = 0.7625).
    assert (
        demonstration.body[-1]
        == "Between t = 0.30 and t = 0.75 the way passes 'm': nearer there than both ends."
    )
    table = next(part for part in demonstration.body if isinstance(part, Table))
    assert table.rows[2] == pytest.approx(
        (
            0.5,
            math.cos(math.radians(40)),
            math.cos(math.radians(40)),
            "m",
            math.cos(math.radians(2)),
        )
    )


def test_nothing_is_between_if_all_others_are_far() -> None:
    demonstration = demonstrate(on_a_circle(a=0, far=200, b=80), ["between", "a", "b"])
    assert demonstration.numbers["passed"] == []
    assert str(demonstration.body[-1]).startswith("No other entry is ever nearer than both ends.")


@pytest.mark.parametrize(
    ("at", "where"), [(0.0, "at the same point"), (180.0, "at opposite points")]
)
def test_no_way_is_shown_if_there_is_no_single_one(at: float, where: str) -> None:
    demonstration = demonstrate(on_a_circle(a=0, b=at, c=50), ["between", "a", "b"])
    assert where in str(demonstration.body[0])
    assert not demonstration.charts
    assert demonstration.numbers["angle_degrees"] == at


def test_the_central_entry_is_taken_without_a_question() -> None:
    demonstration = demonstrate(on_a_circle(a=0, m=30, b=90), [])
    numbers = demonstration.numbers
    assert str(demonstration.body[0]).startswith("The most central entry, 'm',")
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
    assert isinstance(demonstration.charts[1], Curves)


def test_a_question_takes_the_place_of_the_central_entry() -> None:
    space = made_space({"a": [1, 0], "b": [0, 1], "c": [-1, 0]}, others={"how near": [0.6, 0.8]})
    demonstration = demonstrate(space, ["how", "near"])
    assert str(demonstration.body[0]).startswith("'how near' is a vector of 2 numbers")
    assert demonstration.numbers["neighbours"] == [["b", 0.8], ["a", 0.6], ["c", -0.6]]


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
def test_equal_entries(vector: list[float]) -> None:
    space = made_space({"a": vector, "b": vector, "c": vector})
    demonstration = demonstrate(space, [])
    assert demonstration.numbers["neighbours"] == [["b", sum(vector)], ["c", sum(vector)]]
    assert demonstration.numbers["mean_cosine"] == sum(vector)
    assert demonstrate(space, ["path", "a", "c"]).numbers["path"][-1] == "c"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["between", "a"], "'between' needs two entries, and 1 were given"),
        (["path"], "'path' needs two entries, and 0 were given"),
        (["path", "a", "a"], "'a' and 'a' are the same entry, a"),
        (["path", "a", " "], "The text that names an entry is empty"),
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
