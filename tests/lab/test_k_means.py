"""K-means and its measures against scikit-learn, and clusters of small spaces."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.k_means import (
    adjusted_rand_index,
    k_means,
    k_means_plus_plus,
    lloyd,
    nearest_centres,
    silhouettes,
)
from qasearch.lab.algorithms.norms import squared_distances
from qasearch.lab.charts import Points, Table
from qasearch.lab.demonstrations.k_means import demonstrate
from tests.lab.spaces import made_space

LINE = np.array([[1.0], [2], [3], [8], [9], [10]])


def test_lloyd_on_a_line_by_hand() -> None:
    # Centres 1 and 2: 0 + 0 + 1 + 36 + 49 + 64 = 150. Their means are 1 and 6.4: 27.28. Then 2 and
    # 9: 4.
    labels, centres, history = lloyd(LINE, LINE[:2])
    assert labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert centres.ravel().tolist() == [2, 9]
    assert history == pytest.approx([150, 27.28, 4])


def test_lloyd_stays_in_a_bad_local_optimum() -> None:
    box = np.array([[0.0, 0], [0, 1], [4, 0], [4, 1]])
    assert lloyd(box, np.array([[2.0, 0], [2, 1]]))[2][-1] == 16
    assert min(k_means(box, 2)[2]) == 1


def test_a_cluster_without_points_keeps_its_centre() -> None:
    assert lloyd(LINE, np.array([[5.0], [99.0]]))[1].ravel().tolist() == [5.5, 99]


def test_seeds_are_points_and_prefer_the_far_ones() -> None:
    # From 0 the squared distances are 0, 1 and 99: in 99 % of draws the far point is the second.
    x = np.array([[0.0], [1.0], [np.sqrt(99)]])
    seconds = []
    for number in range(2000):
        seeds = k_means_plus_plus(x, 2, np.random.default_rng(number))
        if seeds[0, 0] == 0:
            seconds.append(seeds[1, 0] > 1)
    assert np.mean(seconds) == pytest.approx(0.99, abs=0.01)


def test_seeds_of_equal_points_coincide() -> None:
    assert k_means_plus_plus(np.ones((3, 2)), 2, np.random.default_rng(0)).tolist() == [
        [1, 1],
        [1, 1],
    ]


def test_centres_at_one_point_stay_and_the_first_is_taken() -> None:
    points = np.ones((5, 2), np.float32)
    labels, centres, _ = lloyd(points, points[:3])
    np.testing.assert_array_equal(centres, np.ones((3, 2)))
    assert labels.tolist() == nearest_centres(points, centres).tolist() == [0] * 5


def test_lloyd_goes_where_scikit_learn_goes_and_keeps_float32() -> None:
    points = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    reference = KMeans(10, init=points[:10], n_init=1, max_iter=8, tol=0).fit(points)
    _, centres, _ = lloyd(points, points[:10], rounds=8)
    assert centres.dtype == np.float32
    within = squared_distances(points, centres).min(axis=1).sum()
    assert within == pytest.approx(reference.inertia_, rel=1e-3)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_k_means_is_as_good_as_scikit_learn(k: int) -> None:
    rng = np.random.default_rng(k)
    x = np.concatenate([rng.normal(mean, 0.3, (40, 6)) for mean in range(5)])
    reference = KMeans(k, n_init=20, random_state=0).fit(x)
    labels, centres, objectives = k_means(x, k)
    assert min(objectives) == pytest.approx(reference.inertia_, rel=1e-6)
    assert adjusted_rand_index(labels.tolist(), reference.labels_.tolist()) == 1
    assert min(objectives) == pytest.approx(squared_distances(x, centres).min(axis=1).sum())


def test_silhouettes_by_hand() -> None:
    # For the point 0: a = 1, b = (5 + 6) / 2 = 5.5, so 4.5 / 5.5. The point alone has 0.
    x, labels = np.array([[0.0], [1], [5], [6], [20]]), np.array([0, 0, 1, 1, 2])
    widths = silhouettes(x, labels)
    assert widths[0] == pytest.approx(4.5 / 5.5)
    assert widths[4] == 0


def test_measures_agree_with_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    x, labels, others = rng.normal(size=(80, 4)), rng.integers(0, 4, 80), rng.integers(0, 3, 80)
    assert silhouettes(x, labels) == pytest.approx(silhouette_samples(x, labels))
    near = np.where(rng.random(80) < 0.3, others, labels)
    for a, b in ((labels, others), (labels, near), (labels, labels), (np.zeros(80), np.zeros(80))):
        assert adjusted_rand_index(a.tolist(), b.tolist()) == pytest.approx(
            adjusted_rand_score(a, b)
        )


GROUPS: dict[str, list[float]] = {
    "a1": [1, 0, 0],
    "a2": [0.99, 0.141, 0],
    "b1": [0, 1, 0],
    "b2": [0.141, 0.99, 0],
    "c1": [0, 0, 1],
    "c2": [0, 0.141, 0.99],
}


def test_three_groups_are_found_and_are_the_sections() -> None:
    demonstration = demonstrate(made_space(GROUPS, sections={name: name[0] for name in GROUPS}), ())
    assert demonstration.title == "K-means: 3 clusters"
    assert demonstration.numbers["sizes"] == [2, 2, 2]
    assert demonstration.numbers["adjusted_rand"] == 1
    assert demonstration.numbers["sections_silhouette"] == demonstration.numbers["silhouette"] > 0.8
    assert any(
        "Clusters and sections are nearly the same" in part
        for part in demonstration.body
        if isinstance(part, str)
    )
    (table,) = [part for part in demonstration.body if isinstance(part, Table)]
    assert [row[:3] for row in table.rows] == [(1, 2, "a (2)"), (2, 2, "b (2)"), (3, 2, "c (2)")]
    (points,) = [part for part in demonstration.body if isinstance(part, Points)]
    assert points.groups == ("1", "1", "2", "2", "3", "3")


def test_without_sections_the_clusters_stand_alone() -> None:
    demonstration = demonstrate(made_space(GROUPS), ())
    assert (
        "The corpus has one section only, so there is nothing to compare the clusters with."
        in demonstration.body
    )
    assert "adjusted_rand" not in demonstration.numbers
    assert demonstration.numbers["k"] == 3


def test_a_zero_vector_is_a_point_like_others() -> None:
    demonstration = demonstrate(made_space(GROUPS | {"nothing": [0, 0, 0]}), ())
    assert sum(demonstration.numbers["sizes"]) == 7


def test_too_few_entries_and_too_few_different_points() -> None:
    with pytest.raises(
        BadRequest, match=r"K-means needs at least 4 entries, and the index in made has 3 entries"
    ):
        demonstrate(made_space({"a": [1, 0], "b": [0, 1], "c": [-1, 0]}), ())
    same = {str(number): [1.0, 0.0] for number in range(5)}
    with pytest.raises(
        BadRequest, match=r"three different points\. The entries of the index in made lie at 1\."
    ):
        demonstrate(made_space(same), ())
