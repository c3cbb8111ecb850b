"""Projections to the plane and what they keep, beside scikit-learn, FAISS and sums by hand."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.duplicates import nearest
from qasearch.mapping.preservation import preservation
from qasearch.mapping.projections import Floats, principal_plane, tsne, umap

RANDOM = np.random.default_rng(3)


def unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def on_a_circle(*degrees: float) -> Floats:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_the_plane_of_a_cross_by_hand() -> None:
    """Sums of squares: 18 along the second axis, 8 along the third, 2 along the first, which is
    left out."""
    cross = (
        np.array([[0, 3, 0], [0, -3, 0], [0, 0, 2], [0, 0, -2], [1, 0, 0], [-1, 0, 0]], np.float32)
        + 5
    )
    plane = principal_plane(cross)
    np.testing.assert_allclose(plane.mean, [5, 5, 5])
    np.testing.assert_allclose(plane.axes, [[0, 1, 0], [0, 0, 1]], atol=1e-12)
    assert plane.share == pytest.approx(26 / 28)
    np.testing.assert_allclose(plane.place(np.array([[9.0, 6.0, 3.0]])), [[1, -2]])


@pytest.mark.parametrize("shape", [(60, 12), (12, 60), (3, 2)])
def test_the_plane_is_that_of_scikit_learn(shape: tuple[int, int]) -> None:
    from sklearn.decomposition import PCA

    vectors = (RANDOM.standard_normal(shape) * np.linspace(3, 1, shape[1])).astype(np.float32)
    reference = PCA(2, svd_solver="full").fit(vectors.astype(np.float64))
    plane = principal_plane(vectors)
    np.testing.assert_allclose(plane.axes, reference.components_, atol=1e-6)
    np.testing.assert_allclose(plane.place(vectors), reference.transform(vectors), atol=1e-5)
    assert plane.share == pytest.approx(reference.explained_variance_ratio_.sum())


def test_points_on_a_line_have_a_plane() -> None:
    line = np.arange(5, dtype=np.float32)[:, None] * np.array([[3, 4]], np.float32)
    plane = principal_plane(line)
    assert plane.share == pytest.approx(1)
    np.testing.assert_allclose(plane.place(line), [[x, 0] for x in (-10, -5, 0, 5, 10)], atol=1e-5)


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((4, 3), np.float32), "All entries lie at the same point"),
        (np.zeros((4, 3), np.float32), "All entries lie at the same point"),
        (np.eye(2, dtype=np.float32), "A map needs 3 points in 2 dimensions, and there are 2 in 2"),
        (
            np.arange(4, dtype=np.float32)[:, None],
            "A map needs 3 points in 2 dimensions, and there are 4 in 1",
        ),
    ],
)
def test_what_has_no_plane_is_said(vectors: Floats, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        principal_plane(vectors)


def test_preservation_by_hand() -> None:
    """Points a to e at 0, 10, 25, 45 and 75 degrees; on the map, a line, a and e have changed
    places. k is 2.

    Neighbours in the space and on the map: a: bc, dc; b: ac, ec; c: bd, bd; d: ce, ca; e: dc, bc.
    So 6 of 10 are kept. False ones and their ranks in the space: a: d 3rd; b: e 4th; d: a 4th; e: b
    3rd. So the penalty is 1 + 2 + 2 + 1 = 6, of at most 5 * 2 * (2 * 5 - 3 * 2 - 1) / 2 = 15.
    """
    line = np.array([[75, 0], [10, 0], [25, 0], [45, 0], [0, 0]], np.float64)
    kept = preservation(on_a_circle(0, 10, 25, 45, 75), line)
    assert (kept.k, kept.share, kept.by_chance, kept.sampled) == (2, 0.6, 0.5, 5)
    assert kept.trustworthiness == pytest.approx(1 - 6 / 15)


def test_a_map_that_is_the_space_keeps_everything() -> None:
    circle = on_a_circle(0, 10, 25, 45, 75)
    kept = preservation(circle, circle)
    assert (kept.share, kept.trustworthiness) == (1, 1)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness

    vectors, xy = unit(RANDOM.standard_normal((300, 20))), RANDOM.standard_normal((300, 2))
    reference = trustworthiness(vectors, xy, n_neighbors=10, metric="cosine")
    assert preservation(vectors, xy).trustworthiness == pytest.approx(reference)


def test_many_points_are_sampled() -> None:
    vectors = unit(RANDOM.standard_normal((2500, 3)))
    plane = principal_plane(vectors).place(vectors)
    kept = preservation(vectors, plane)
    assert (kept.k, kept.sampled, kept.by_chance) == (10, 2000, 10 / 2499)
    assert kept == preservation(vectors, plane)


def test_the_nearest_are_those_of_faiss() -> None:
    import faiss

    vectors = unit(RANDOM.standard_normal((700, 16))).astype(np.float32)
    index = faiss.IndexFlatIP(16)
    index.add(vectors)
    np.testing.assert_array_equal(nearest(vectors, 6)[0], index.search(vectors, 7)[1][:, 1:])


def test_the_nearest_of_points_that_are_alike_come_in_their_order() -> None:
    vectors = np.array([[1, 0], [0, 1], [1, 0], [1, 0]], np.float32)
    np.testing.assert_array_equal(nearest(vectors, 2)[0], [[2, 3], [0, 2], [0, 3], [0, 2]])


# Importing UMAP takes seconds: numba compiles it.
each_method = pytest.mark.parametrize(
    "method", [tsne, pytest.param(umap, marks=pytest.mark.slow)], ids=["tsne", "umap"]
)


@each_method
def test_two_groups_stay_two_groups_and_the_map_is_the_same_each_time(method: type) -> None:
    """Every entry's nearest on the map is of its own group."""
    centres = np.repeat(np.eye(2, 8), 20, axis=0)
    vectors = unit(centres + 0.05 * RANDOM.standard_normal((40, 8))).astype(np.float32)
    xy = method(vectors)
    apart = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(apart.argmin(axis=1) // 20, np.arange(40) // 20)
    np.testing.assert_array_equal(method(vectors), xy)


@each_method
@pytest.mark.parametrize(
    "vectors",
    [[[1, 0], [1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [0, 0]]],
    ids=["most alike", "one without direction"],
)
def test_few_points_and_points_that_are_alike_get_places(
    method: type, vectors: list[list[float]]
) -> None:
    xy = method(np.array(vectors, np.float32))
    assert xy.shape == (len(vectors), 2)
    assert np.isfinite(xy).all()


def test_umap_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(BadRequest, match=r"not installed.*pip install 'qasearch\[umap\]'"):
        umap(np.eye(3, dtype=np.float32))
