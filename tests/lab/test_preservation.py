"""What a map keeps of neighbourhoods, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.lab.algorithms.pca import principal_plane
from qasearch.lab.arrays import Matrix
from qasearch.mapping.preservation import preservation
from tests.lab.spaces import at_degrees, random_units


def circle(*degrees: float) -> Matrix:
    return np.array([at_degrees(angle) for angle in degrees])


def test_preservation_by_hand() -> None:
    """Points a to e at 0, 10, 25, 45 and 75 degrees; on the map, a line, a and e are swapped.

    k is 2. Neighbours in the space and on the map: a: bc, dc; b: ac, ec; c: bd, bd; d: ce, ca; e:
    dc, bc. So 6 of 10 are the same. The wrong ones and their ranks in the space: a: d 3rd; b: e
    4th; d: a 4th; e: b 3rd. So the penalty is 1 + 2 + 2 + 1 = 6. The largest possible penalty is
    5 * 2 * (2 * 5 - 3 * 2 - 1) / 2 = 15.
    """
    line = np.array([[75, 0], [10, 0], [25, 0], [45, 0], [0, 0]], np.float64)
    measured = preservation(circle(0, 10, 25, 45, 75), line)
    assert (measured.k, measured.sampled) == (2, 5)
    assert (measured.recall, measured.random_recall) == (0.6, 0.5)
    assert measured.trustworthiness == pytest.approx(1 - 6 / 15)


def test_a_map_equal_to_the_space_keeps_everything() -> None:
    points = circle(0, 10, 25, 45, 75)
    measured = preservation(points, points)
    assert (measured.recall, measured.trustworthiness) == (1, 1)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    from sklearn.manifold import trustworthiness

    vectors, xy = random_units(300, 20), np.random.default_rng(3).standard_normal((300, 2))
    reference = trustworthiness(vectors, xy, n_neighbors=10, metric="cosine")
    assert preservation(vectors, xy).trustworthiness == pytest.approx(reference)


def test_many_points_are_sampled() -> None:
    vectors = random_units(2500, 3)
    plane = principal_plane(vectors).place(vectors)
    measured = preservation(vectors, plane)
    assert (measured.k, measured.sampled, measured.random_recall) == (10, 2000, 10 / 2499)
    assert measured == preservation(vectors, plane)
