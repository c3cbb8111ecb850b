"""One-sided Jacobi against LAPACK."""

from __future__ import annotations

import numpy as np
import pytest

from qasearch.lab.algorithms.svd import rounds, singular_values

RNG = np.random.default_rng(0)
MATRICES = {
    "tall": RNG.normal(size=(30, 7)),
    "wide": RNG.normal(size=(4, 9)),
    "odd and square": RNG.normal(size=(5, 5)),
    "one row": RNG.normal(size=(1, 6)),
    "rank 3": RNG.normal(size=(40, 3)) @ RNG.normal(size=(3, 20)),
    "repeated rows": np.repeat(RNG.normal(size=(3, 8)), 5, axis=0),
    "repeated values": np.linalg.qr(RNG.normal(size=(12, 6)))[0],
    "a dead column": RNG.normal(size=(9, 4)) * [1, 0, 1, 1],
    "graded": RNG.normal(size=(20, 6)) * 10.0 ** -np.arange(6),
}


def test_the_worked_example_of_the_corpus() -> None:
    """Rows (2, 2), (-2, -2), (1, -1), (-1, 1): A^T A has 16 along (1, 1) and 4 along (1, -1), so
    the values are 4 and 2."""
    values, right = singular_values(np.array([[2.0, 2], [-2, -2], [1, -1], [-1, 1]]))
    np.testing.assert_allclose(values, [4, 2])
    np.testing.assert_allclose(np.abs(right), 0.5**0.5)
    assert right[1].sum() == pytest.approx(0)


@pytest.mark.parametrize("name", MATRICES)
def test_values_and_vectors_are_lapacks(name: str) -> None:
    a = MATRICES[name]
    values, right = singular_values(a)
    _, theirs, _ = np.linalg.svd(a, full_matrices=False)
    assert len(values) == np.linalg.matrix_rank(a)
    np.testing.assert_allclose(values, theirs[: len(values)], rtol=1e-9)
    np.testing.assert_allclose(right @ right.T, np.eye(len(values)), atol=1e-9)
    left = a @ right.T / values
    np.testing.assert_allclose(left.T @ left, np.eye(len(values)), atol=1e-8)
    np.testing.assert_allclose(left * values @ right, a, atol=1e-9)


def test_zeros_have_no_singular_values() -> None:
    values, right = singular_values(np.zeros((4, 3)))
    assert values.shape == (0,)
    assert right.shape == (0, 3)


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_each_pair_meets_once_and_none_twice_in_a_round(count: int) -> None:
    met = []
    for i, j in rounds(count):
        assert len({*i.tolist(), *j.tolist()}) == 2 * len(i)
        met += [tuple(sorted(pair)) for pair in zip(i.tolist(), j.tolist(), strict=True)]
    assert sorted(met) == [(a, b) for a in range(count) for b in range(a + 1, count)]
