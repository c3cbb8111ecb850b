"""Layouts in the plane: what they keep together, and what they refuse."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.norms import unit
from qasearch.lab.arrays import Floats, Matrix
from qasearch.mapping.projections import map_plane, tsne, umap


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((4, 3), np.float32), "All entries lie at the same point"),
        (np.zeros((4, 3), np.float32), "All entries lie at the same point"),
        (
            np.eye(2, dtype=np.float32),
            "A map needs 3 entries in 2 dimensions, and there are 2 in 2",
        ),
        (
            np.arange(4, dtype=np.float32)[:, None],
            "A map needs 3 entries in 2 dimensions, and there are 4 in 1",
        ),
    ],
)
def test_vectors_without_a_plane_are_refused(vectors: Floats, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        map_plane(vectors)


# Importing UMAP takes seconds: numba compiles it.
METHODS = [tsne, pytest.param(umap, marks=pytest.mark.slow)]


@pytest.mark.parametrize("method", METHODS)
def test_two_groups_stay_two_groups_and_the_map_is_the_same_each_time(
    method: Callable[[Floats], Matrix],
) -> None:
    """The nearest entry on the map is always in the same group."""
    noise = 0.05 * np.random.default_rng(3).standard_normal((40, 8))
    vectors = unit(np.repeat(np.eye(2, 8), 20, axis=0) + noise).astype(np.float32)
    xy = method(vectors)
    apart = ((xy[:, None] - xy[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    np.testing.assert_array_equal(apart.argmin(axis=1) // 20, np.arange(40) // 20)
    np.testing.assert_array_equal(method(vectors), xy)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "vectors",
    [[[1, 0], [1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [0, 0]]],
    ids=["most alike", "one without direction"],
)
def test_few_points_and_points_that_are_alike_get_places(
    method: Callable[[Floats], Matrix], vectors: list[list[float]]
) -> None:
    xy = method(np.array(vectors, np.float32))
    assert xy.shape == (len(vectors), 2)
    assert np.isfinite(xy).all()


def test_umap_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(BadRequest, match=r"not installed.*pip install 'qasearch\[umap\]'"):
        umap(np.eye(3, dtype=np.float32))
