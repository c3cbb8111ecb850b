"""One-sided Jacobi rotations against LAPACK, and the SVD on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.svd import errors_in, rounds, singular_values
from qasearch.lab.arrays import Matrix
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.demonstrations.held_out import hold_out
from qasearch.lab.demonstrations.svd import demonstrate
from qasearch.lab.space import Space
from tests.lab.spaces import made_space

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
    """Rows (2, 2), (-2, -2), (1, -1), (-1, 1): A^T A has 16 along (1, 1) and 4 along (1, -1).

    So the values are 4 and 2.
    """
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


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    """The demonstration and its numbers, which JSON can hold."""
    demonstration = demonstrate(space, ())
    numbers = dict(demonstration.numbers)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    return demonstration, numbers


def random_space(count: int, dimension: int, shift: float = 0.0) -> Space:
    vectors = np.random.default_rng(0).normal(size=(count, dimension))
    vectors[:, 0] += shift
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return made_space({f"q{i}": row for i, row in enumerate(vectors.tolist())})


def searched(space: Space) -> Matrix:
    return space.passage_vectors[hold_out(space, 100)[1]].astype(np.float64)


def test_errors_in_nested_spans() -> None:
    """Rows (3, 0) and (0, 4), |A| = 5: the error is 4/5 without the second axis, 3/5 without the
    first, and 0 with both."""
    a = np.array([[3.0, 0.0], [0.0, 4.0]])
    np.testing.assert_allclose(errors_in(a, np.eye(2)), [0.8, 0.0])
    np.testing.assert_allclose(errors_in(a, np.eye(2)[:, ::-1]), [0.6, 0.0])


def test_by_hand() -> None:
    """`south` is held out by the seed; the rows of A are east, east, north.

    The values are root 2 and 1, and |A| = root 3. Rank 1 has the error root (1/3) and takes
    1 * (3 + 2 + 1) = 6 numbers, as many as A, so nothing is saved from rank 1 on. The mean
    (2/3, 1/3) has cosine 2 / root 5 with the first right vector, (1, 0).
    """
    space = made_space(
        {"east": [1.0, 0.0], "east again": [1.0, 0.0], "north": [0.0, 1.0], "south": [0.0, -1.0]}
    )
    assert hold_out(space, 100)[0].tolist() == [3]
    demonstration, numbers = shown(space)
    assert numbers["singular_values"] == [1.4142, 1.0]
    assert (numbers["rank"], numbers["ranks"], numbers["storage"]) == (2, [1, 2], [1.0, 2.0])
    assert numbers["bound"] == numbers["errors"]["best copy"] == [0.57735, 0.0]
    assert (numbers["no_storage_saved"], numbers["first_vector_mean_cosine"]) == (1, 0.8944)
    text = "\n".join(part for part in demonstration.body if isinstance(part, str))
    assert "2 singular values are more than rounding. The vectors lie in 2 of 2 dimensions." in text
    assert "SVD spends its first direction" not in text


def test_the_best_copy_is_scikit_learns_and_no_other_is_better() -> None:
    space = random_space(80, 12)
    demonstration, numbers = shown(space)
    a = searched(space)
    assert numbers["ranks"] == [1, 2, 4, 8, 12]
    for rank, error in zip(numbers["ranks"][:4], numbers["errors"]["best copy"], strict=False):
        model = TruncatedSVD(rank, algorithm="arpack").fit(a)
        rebuilt = model.inverse_transform(model.transform(a))
        assert error == pytest.approx(np.linalg.norm(a - rebuilt) / np.linalg.norm(a), abs=1e-6)
    assert numbers["largest_gap"] < 1e-7
    for others in ("random passages", "random axes"):
        assert np.all(np.array(numbers["errors"][others])[:-1] > np.array(numbers["bound"])[:-1])
    assert numbers["recall"][0] < 0.9
    assert numbers["recall"][-1] == 1.0
    assert numbers["recall"][numbers["ranks"].index(numbers["enough_for_recall"])] >= 0.9
    table = next(part for part in demonstration.body if isinstance(part, Table))
    assert table.rows[0][:2] == ("1", f"{numbers['storage'][0]:.1%}")
    assert [type(chart) for chart in demonstration.charts] == [Curves, Curves]


def test_the_first_direction_is_the_mean_of_a_cloud_to_one_side() -> None:
    demonstration, numbers = shown(random_space(80, 12, shift=8.0))
    assert numbers["first_vector_mean_cosine"] > 0.99
    assert "SVD spends its first direction on the mean." in str(demonstration.body[-1])


def test_fewer_passages_than_dimensions() -> None:
    demonstration, numbers = shown(random_space(10, 30))
    assert (numbers["passages"], numbers["rank"], numbers["no_storage_saved"]) == (8, 8, 7)
    assert "There are 8 passages, so there cannot be more than 8." in str(demonstration.body[0])


def test_of_many_dimensions_few_passages_are_taken() -> None:
    demonstration, numbers = shown(random_space(500, 513))
    assert "300 passages (a sample of 500)" in str(demonstration.body[0])
    assert (numbers["passages"], numbers["rank"]) == (300, 300)


def test_one_point_has_rank_one_and_a_copy_without_error() -> None:
    _, numbers = shown(made_space({name: [0.6, 0.8] for name in "abcd"}))
    assert (numbers["rank"], numbers["ranks"], numbers["recall"]) == (1, [1], [1.0])
    assert numbers["errors"]["best copy"] == [0.0]


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="SVD needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
