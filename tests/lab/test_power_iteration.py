"""Power iteration against NumPy's symmetric solver, and its rate."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.lab.algorithms.eigen import MOST_STEPS, PRECISION, leading_eigenpairs, power_iteration


def semi_definite(
    size: int, rank: int, seed: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    factor = np.random.default_rng(seed).normal(size=(size, rank))
    return factor @ factor.T


def test_the_worked_example_of_the_corpus() -> None:
    """The matrix with rows (2, 1), (1, 2): 3 along (1, 1), 1 along (1, -1)."""
    first, second = leading_eigenpairs(np.array([[2.0, 1.0], [1.0, 2.0]]), 5)
    assert [first.value, second.value] == pytest.approx([3, 1])
    np.testing.assert_allclose(first.vector, [0.5**0.5, 0.5**0.5])
    np.testing.assert_allclose(np.abs(second.vector), [0.5**0.5, 0.5**0.5])
    assert second.vector @ first.vector == pytest.approx(0, abs=1e-8)


def test_each_step_shrinks_the_rest_by_the_ratio_of_the_values() -> None:
    """From (1, 1), v = (3^t, 1) by its length: |A v - value v| = 2 * 3^t / (9^t + 1), value = (3 *
    9^t + 1) / (9^t + 1)."""
    steps = power_iteration(np.diag([3.0, 1.0]), np.array([1.0, 1.0])).residuals
    powers = 9.0 ** np.arange(len(steps))
    np.testing.assert_allclose(steps, 2 * powers**0.5 / (3 * powers + 1), rtol=1e-6, atol=1e-15)
    assert steps[-1] < PRECISION <= steps[-2]


@pytest.mark.parametrize(("size", "rank", "seed"), [(3, 3, 0), (8, 8, 1), (30, 12, 2)])
def test_values_and_vectors_are_numpys(size: int, rank: int, seed: int) -> None:
    a = semi_definite(size, rank, seed)
    values, vectors = np.linalg.eigh(a)
    pairs = leading_eigenpairs(a, 5)
    assert len(pairs) == min(5, rank)
    np.testing.assert_allclose(
        [pair.value for pair in pairs], values[::-1][: len(pairs)], rtol=1e-9
    )
    for number, pair in enumerate(pairs, start=1):
        assert abs(pair.vector @ vectors[:, -number]) == pytest.approx(1)
        assert pair.vector[np.abs(pair.vector).argmax()] > 0


def test_no_more_than_the_rank_are_found() -> None:
    assert len(leading_eigenpairs(semi_definite(6, 2, 3), 5)) == 2


def test_equal_values_are_found_at_once_and_nearly_equal_ones_never() -> None:
    assert len(power_iteration(np.eye(4), np.ones(4)).residuals) == 1
    slow = power_iteration(np.diag([1.0, 1.0 - 1e-6]), np.array([1.0, 1.0]))
    assert len(slow.residuals) == MOST_STEPS
    assert slow.value == pytest.approx(1, abs=1e-6)
