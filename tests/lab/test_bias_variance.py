from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from qasearch.lab.algorithms.bias_variance import decompose, nearest_neighbours
from qasearch.lab.demonstrations.bias_variance import demonstrate
from tests.lab.spaces import made_space


def test_decomposition_by_hand() -> None:
    # First case: main prediction 0 is right, 1 of 3 deviates. Second: main prediction 1 is wrong, 1
    # of 4 hits the truth.
    predictions = np.array([[0, 1], [0, 1], [1, 0], [-1, 1]])
    assert decompose(predictions, np.array([0, 0])) == pytest.approx((0.5, 1 / 6, 1 / 8))


def test_bias_and_variance_add_up_to_the_error() -> None:
    rng = np.random.default_rng(0)
    predictions, truth = rng.integers(0, 3, (40, 30)), rng.integers(0, 3, 30)
    bias, where_right, where_wrong = decompose(predictions, truth)
    assert bias + where_right - where_wrong == pytest.approx(np.mean(predictions != truth))


@pytest.mark.parametrize("k", [1, 3, 5])
def test_neighbours_vote_as_in_scikit_learn(k: int) -> None:
    rng = np.random.default_rng(k)
    x = rng.normal(size=(90, 5))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    labels = rng.integers(0, 2, 60)
    expected = KNeighborsClassifier(k).fit(x[:60], labels).predict(x[60:])
    assert nearest_neighbours(x[60:] @ x[:60].T, labels, [1, k])[1].tolist() == expected.tolist()


def test_a_tie_goes_to_the_nearer() -> None:
    assert nearest_neighbours(
        np.array([[0.9, 0.8, 0.7, 0.6]]), np.array([1, 0, 0, 1]), [2, 4]
    ).tolist() == [[1], [0]]


def circle(degrees: float) -> list[float]:
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


def test_sections_that_lie_apart_have_no_error_until_votes_reach_across() -> None:
    places = {f"a{i}": circle(i) for i in range(6)} | {f"b{i}": circle(90 + i) for i in range(6)}
    shown = demonstrate(made_space(places, sections={name: name[0] for name in places}), ())
    assert shown.numbers["k"] == [1, 3, 5]
    assert shown.numbers["error"][0] == shown.numbers["bias"][0] == 0
    assert (
        shown.numbers["error"][2] > 0
    )  # a bootstrap sample may hold fewer than three of a section
    assert (
        "The error is least at k = 1: 0%; always naming the largest section would err in 50%."
        in str(shown.body[-1])
    )


def test_sections_too_small_to_learn_are_said() -> None:
    places = {f"a{i}": circle(i) for i in range(6)} | {"b": circle(90)}
    shown = demonstrate(made_space(places, sections={name: name[0] for name in places}), ())
    assert shown.body == (
        "Bias and variance of a section classifier need two sections of 5 entries or more. This corpus has 1.",
    )
    assert shown.numbers == {}


def test_all_entries_at_one_point() -> None:
    places = {f"{name}{i}": [1.0, 0.0] for name in "ab" for i in range(6)}
    shown = demonstrate(made_space(places, sections={name: name[0] for name in places}), ())
    assert 0.3 < shown.numbers["error"][0] <= 1  # nothing but the order of the examples decides
