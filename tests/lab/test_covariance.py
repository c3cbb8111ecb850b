"""Covariance and correlation against NumPy and SciPy, and on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.covariance import (
    correlation_matrix,
    covariance_matrix,
    mean_ranks,
    rank_correlation_matrix,
)
from qasearch.lab.charts import Demonstration, Grid, Points
from qasearch.lab.demonstrations.covariance import (
    demonstrate,
    pair_signals,
    reason_for_gap,
    tell_signals,
)
from qasearch.lab.space import Space
from tests.lab.spaces import made_space, random_units

X = (
    np.random.default_rng(0).normal(size=(40, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
    + 100
)


def test_the_worked_examples_of_the_corpus() -> None:
    """Covariance: products of deviations 4, 0, 0, 0, 2, divided by 4, are 1.5.

    Correlation: y = x^3 keeps the order, but is no line.
    """
    pairs = np.array([[1, 2], [2, 4], [3, 5], [4, 4], [5, 5]], np.float64)
    np.testing.assert_allclose(covariance_matrix(pairs), [[2.5, 1.5], [1.5, 1.5]])
    x = np.arange(1.0, 6.0)
    cubes = np.column_stack([x, x**3])
    assert correlation_matrix(cubes)[0, 1] == pytest.approx(0.943, abs=5e-4)
    assert rank_correlation_matrix(cubes)[0, 1] == pytest.approx(1.0)


def test_both_are_numpys() -> None:
    np.testing.assert_allclose(covariance_matrix(X), np.cov(X, rowvar=False))
    np.testing.assert_allclose(correlation_matrix(X), np.corrcoef(X, rowvar=False))


def test_units_change_covariance_and_leave_correlation() -> None:
    np.testing.assert_allclose(covariance_matrix(100 * X), 1e4 * covariance_matrix(X))
    np.testing.assert_allclose(correlation_matrix(100 * X), correlation_matrix(X))


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    assert mean_ranks(np.array([20.0, 10.0, 20.0, 30.0])).tolist() == [2.5, 1.0, 2.5, 4.0]
    values = np.random.default_rng(2).integers(0, 5, 50).astype(np.float64)
    np.testing.assert_array_equal(mean_ranks(values), rankdata(values))


def test_spearman_with_ties_is_scipys() -> None:
    tied = np.round(X)
    np.testing.assert_allclose(rank_correlation_matrix(tied), spearmanr(tied).statistic)


AXES = {"tea cup": [1.0, 0.0, 0.0], "tea pot": [0.0, 1.0, 0.0], "far": [-1.0, 0.0, 0.0]}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    """The demonstration and its numbers, which JSON can hold."""
    demonstration = demonstrate(space, ())
    numbers = dict(demonstration.numbers)
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    return demonstration, numbers


def random_space(count: int) -> Space:
    rows = random_units(count, 6).tolist()
    return made_space({f"word{i % 7} q{i}": row for i, row in enumerate(rows)})


def test_signals_of_each_pair() -> None:
    """Questions at right angles: 0. Passages (0.6, 0.8) and (0.8, 0.6): the nearest have 0.96.

    Words: 1 of tea, cup, pot is in both. The sums (1.6, 0.8) and (0.8, 1.6) have length root 3.2:
    2.56 / 3.2 = 0.8.
    """
    space = made_space(
        {"tea cup": [1.0, 0.0], "tea pot": [0.0, 1.0]},
        {"tea cup": [("", [0.6, 0.8])], "tea pot": [("", [0.8, 0.6])]},
    )
    values, pairs = pair_signals(space, np.array([0, 1]))
    assert pairs.tolist() == [[0, 1]]
    assert {name: float(column[0]) for name, column in values.items()} == pytest.approx(
        {"question": 0.0, "nearest passages": 0.96, "mean": 0.8, "words": 1 / 3}, abs=1e-6
    )


def test_dimensions_by_hand() -> None:
    """Columns (1, 0, -1), (0, 1, 0) and zeros: variances 1 and 1/3, covariance 0.

    The third column is constant. Signals of the three pairs: cosines 0, -1, 0, common words 1/3, 0,
    0. Deviations (1, -2, 1)/3 and (2, -1, -1)/9: products sum to 1/9, squares to 6/9 and 6/81, so
    the covariance is 1/18 and r = (1/9) / (2/9). Ranks (2.5, 1, 2.5) and (3, 1.5, 1.5) have the
    same deviations except for a factor. With one passage each, the three cosines are the same.
    """
    demonstration, numbers = shown(made_space(AXES))
    assert (numbers["dimensions"], numbers["constant_dimensions"]) == (2, [2])
    assert (numbers["strongest_pair"], numbers["strongest_r"], numbers["off_diagonal"]) == (
        [0, 1],
        0.0,
        0.0,
    )
    assert "1 of the model's 3 dimensions (2) have the same value" in str(demonstration.body[0])
    signals = numbers["covariance_r_rho_of_signals"]
    assert signals["question, nearest passages"] == pytest.approx([1 / 3, 1.0, 1.0], abs=1e-4)
    assert signals["question, words"] == pytest.approx([0.05556, 0.5, 0.5], abs=1e-4)


def test_the_strongest_pair_is_numpys() -> None:
    space = random_space(60)
    demonstration, numbers = shown(space)
    r = np.asarray(np.corrcoef(space.passage_vectors, rowvar=False))
    above = np.abs(r[np.triu_indices(6, 1)])
    assert abs(numbers["strongest_r"]) == pytest.approx(above.max(), abs=1e-4)
    assert numbers["strongest_r"] == pytest.approx(r[tuple(numbers["strongest_pair"])], abs=1e-4)
    assert numbers["mean_abs_r"] == pytest.approx(above.mean(), abs=1e-4)
    s = np.cov(space.passage_vectors, rowvar=False)
    assert numbers["off_diagonal"] == pytest.approx(
        1 - (np.diag(s) ** 2).sum() / (s**2).sum(), abs=1e-4
    )
    assert [type(chart) for chart in demonstration.charts] == [Grid, Points]


def test_a_few_extreme_pairs_make_pearson_and_spearman_differ() -> None:
    """Forty random directions with random words, and three entries alike in both.

    The three make r large, but hardly rho.
    """
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(43, 40))
    vectors[40:] = vectors[40] + 0.01 * rng.normal(size=(3, 40))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        " ".join(f"w{word}" for word in rng.choice(60, 12, replace=False)) + f" {i}"
        for i in range(40)
    ]
    texts += [f"tea pot cup milk sugar leaf spoon kettle steam saucer {i}" for i in range(3)]
    finding = tell_signals(made_space(dict(zip(texts, vectors.tolist(), strict=True))))
    assert "a few extreme pairs made the difference" in str(finding.body[3])


def test_a_curve_is_distinguished_from_outliers() -> None:
    """y = x^9 always rises: rho is 1 with and without the highest values, r is not."""
    x = np.linspace(0, 1, 200)
    bent = np.column_stack([x, x**9])
    assert "the difference comes from the shape of the whole relation" in reason_for_gap(bent, -0.3)
    assert "They are nearly equal" in reason_for_gap(bent, -0.01)
    assert reason_for_gap(bent[:15], -0.3) == "There are too few pairs to say why."


def test_signals_that_do_not_vary_are_not_correlated() -> None:
    """Three directions at right angles without a common word: every signal is 0 for all pairs."""
    space = made_space(dict(zip("abc", np.eye(3).tolist(), strict=True)))
    finding = tell_signals(space)
    assert finding.body == (
        "Fewer than two signals of similarity vary, so there is nothing to correlate.",
    )
    assert shown(space)[1]["covariance_r_rho_of_signals"] == {}


def test_all_in_one_point() -> None:
    space = made_space({name: [0.6, 0.8] for name in "abc"})
    with pytest.raises(
        BadRequest,
        match=r"two dimensions that vary\. 0 of the 2 dimensions of the index in made vary",
    ):
        demonstrate(space, ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="Correlating needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0]}), ())
