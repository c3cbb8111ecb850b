"""SVD shown on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD

from qasearch.errors import BadRequest
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.demonstrations.samples import hold_out
from qasearch.lab.demonstrations.svd import demonstrate, errors_in
from qasearch.lab.space import Space
from tests.lab.spaces import made_space


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    found = demonstrate(space, ())
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    return found, dict(found.numbers)


def random_space(count: int, dimension: int, shift: float = 0.0) -> Space:
    vectors = np.random.default_rng(0).normal(size=(count, dimension))
    vectors[:, 0] += shift
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return made_space({f"q{i}": row for i, row in enumerate(vectors.tolist())})


def searched(space: Space) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return space.passage_vectors[hold_out(space, 100)[1]].astype(np.float64)


def test_errors_in_nested_spans() -> None:
    """Rows (3, 0) and (0, 4), |A| = 5: without the second axis 4/5 is lost, without the first 3/5,
    without none 0."""
    a = np.array([[3.0, 0.0], [0.0, 4.0]])
    np.testing.assert_allclose(errors_in(a, np.eye(2)), [0.8, 0.0])
    np.testing.assert_allclose(errors_in(a, np.eye(2)[:, ::-1]), [0.6, 0.0])


def test_by_hand() -> None:
    """`south` is asked (the seed), A has the rows east, east, north: values root 2 and 1, |A| =
    root 3.

    Rank 1 loses root (1/3) and takes 1 * (3 + 2 + 1) = 6 numbers, as many as A: from rank 1 on
    nothing is saved. The mean (2/3, 1/3) has cosine 2 / root 5 with the first right vector, (1, 0).
    """
    space = made_space(
        {"east": [1.0, 0.0], "east again": [1.0, 0.0], "north": [0.0, 1.0], "south": [0.0, -1.0]}
    )
    assert hold_out(space, 100)[0].tolist() == [3]
    found, numbers = shown(space)
    assert numbers["singular_values"] == [1.4142, 1.0]
    assert (numbers["rank"], numbers["ranks"], numbers["storage"]) == (2, [1, 2], [1.0, 2.0])
    assert numbers["bound"] == numbers["errors"]["best copy"] == [0.57735, 0.0]
    assert (numbers["no_storage_saved"], numbers["first_vector_mean_cosine"]) == (1, 0.8944)
    text = "\n".join(part for part in found.body if isinstance(part, str))
    assert "2 of them are more than rounding: the vectors lie in 2 of 2 dimensions." in text
    assert "spends its first direction on the mean" not in text


def test_the_best_copy_is_scikit_learns_and_no_other_is_better() -> None:
    space = random_space(80, 12)
    found, numbers = shown(space)
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
    table = next(part for part in found.body if isinstance(part, Table))
    assert table.rows[0][:2] == ("1", f"{numbers['storage'][0]:.1%}")
    assert [type(chart) for chart in found.charts] == [Curves, Curves]


def test_the_first_direction_is_the_mean_of_a_cloud_to_one_side() -> None:
    found, numbers = shown(random_space(80, 12, shift=8.0))
    assert numbers["first_vector_mean_cosine"] > 0.99
    assert "SVD spends its first direction on the mean." in str(found.body[-1])


def test_fewer_passages_than_dimensions() -> None:
    found, numbers = shown(random_space(10, 30))
    assert (numbers["passages"], numbers["rank"], numbers["no_storage_saved"]) == (8, 8, 7)
    assert "as there are 8 passages, there cannot be more than 8." in str(found.body[0])


def test_of_many_dimensions_few_passages_are_taken() -> None:
    found, numbers = shown(random_space(500, 513))
    assert "300 passages (a sample of 500)" in str(found.body[0])
    assert (numbers["passages"], numbers["rank"]) == (300, 300)


def test_one_point_has_rank_one_and_a_copy_without_error() -> None:
    _, numbers = shown(made_space({name: [0.6, 0.8] for name in "abcd"}))
    assert (numbers["rank"], numbers["ranks"], numbers["recall"]) == (1, [1], [1.0])
    assert numbers["errors"]["best copy"] == [0.0]


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="SVD needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
