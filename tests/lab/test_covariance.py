"""Covariance shown on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.charts import Demonstration, Grid, Points
from qasearch.lab.demonstrations.covariance import demonstrate
from qasearch.lab.demonstrations.signals import _why, pair_signals, show_signals
from qasearch.lab.space import Space
from tests.lab.spaces import made_space

AXES = {"tea cup": [1.0, 0.0, 0.0], "tea pot": [0.0, 1.0, 0.0], "far": [-1.0, 0.0, 0.0]}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    found = demonstrate(space, ())
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    return found, dict(found.numbers)


def random_space(count: int) -> Space:
    vectors = np.random.default_rng(0).normal(size=(count, 6))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return made_space({f"word{i % 7} q{i}": row for i, row in enumerate(vectors.tolist())})


def test_signals_of_each_pair() -> None:
    """Questions at right angles: 0. Passages: (0.6, 0.8) and (0.8, 0.6), nearest 0.96. Words: of
    tea, cup, pot 1 of 3.

    The means are (1.6, 0.8) and (0.8, 1.6), each of length root 3.2: 2.56 / 3.2 = 0.8.
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
    """Columns (1, 0, -1), (0, 1, 0) and zeros: variances 1 and 1/3, covariance 0; the third is left
    out.

    Signals: cosines 0, -1, 0 of the three pairs, shared words 1/3, 0, 0. Deviations (1, -2, 1)/3
    and (2, -1, -1)/9: products add up to 1/9, squares to 6/9 and 6/81; covariance 1/18, r = (1/9) /
    (2/9). Ranks (2.5, 1, 2.5) and (3, 1.5, 1.5) have the same deviations but for scale. With one
    passage each, the three cosines are the same.
    """
    found, numbers = shown(made_space(AXES))
    assert (numbers["dimensions"], numbers["constant_dimensions"]) == (2, [2])
    assert (numbers["strongest_pair"], numbers["strongest_r"], numbers["off_diagonal"]) == (
        [0, 1],
        0.0,
        0.0,
    )
    assert "left out: 1 of the model's 3 dimensions (2)." in found.body[0]  # type: ignore[operator]
    signals = numbers["covariance_r_rho_of_signals"]
    assert signals["question, nearest passages"] == pytest.approx([1 / 3, 1.0, 1.0], abs=1e-4)
    assert signals["question, words"] == pytest.approx([0.05556, 0.5, 0.5], abs=1e-4)


def test_the_strongest_pair_is_numpys() -> None:
    space = random_space(60)
    found, numbers = shown(space)
    r = np.asarray(np.corrcoef(space.passage_vectors, rowvar=False))
    above = np.abs(r[np.triu_indices(6, 1)])
    assert abs(numbers["strongest_r"]) == pytest.approx(above.max(), abs=1e-4)
    assert numbers["strongest_r"] == pytest.approx(r[tuple(numbers["strongest_pair"])], abs=1e-4)
    assert numbers["mean_abs_r"] == pytest.approx(above.mean(), abs=1e-4)
    s = np.cov(space.passage_vectors, rowvar=False)
    assert numbers["off_diagonal"] == pytest.approx(
        1 - (np.diag(s) ** 2).sum() / (s**2).sum(), abs=1e-4
    )
    assert [type(chart) for chart in found.charts] == [Grid, Points]


def test_a_few_extreme_pairs_make_pearson_and_spearman_differ() -> None:
    """Forty directions with random words, and three alike in both: those carry r, hardly rho."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(43, 40))
    vectors[40:] = vectors[40] + 0.01 * rng.normal(size=(3, 40))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        " ".join(f"w{word}" for word in rng.choice(60, 12, replace=False)) + f" {i}"
        for i in range(40)
    ]
    texts += [f"tea pot cup milk sugar leaf spoon kettle steam saucer {i}" for i in range(3)]
    words, _ = show_signals(made_space(dict(zip(texts, vectors.tolist(), strict=True))))
    assert "a few extreme pairs made the difference" in words[3]  # type: ignore[operator]


def test_a_bend_is_told_from_outliers() -> None:
    """y = x^9 rises all the way: rho is 1 with or without the highest values, r is not."""
    x = np.linspace(0, 1, 200)
    bent = np.column_stack([x, x**9])
    assert "but the shape of the whole relation" in _why(bent, -0.3)
    assert "nearly the same" in _why(bent, -0.01)
    assert _why(bent[:15], -0.3) == "There are too few pairs to say why."


def test_signals_that_do_not_vary_are_not_correlated() -> None:
    """Three directions at right angles without a common word: every signal is 0 for all pairs."""
    axes = dict(zip("abc", np.eye(3).tolist(), strict=True))
    assert show_signals(made_space(axes)) == (
        ("Fewer than two signals of likeness vary between the entries, so there is nothing to correlate.",), {}
    )  # fmt: skip
    assert shown(made_space(axes))[1]["covariance_r_rho_of_signals"] == {}


def test_all_in_one_point() -> None:
    space = made_space({name: [0.6, 0.8] for name in "abc"})
    with pytest.raises(
        BadRequest, match="two dimensions that vary, and of 2 in the index in made there are 0"
    ):
        demonstrate(space, ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="Correlating needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0]}), ())
