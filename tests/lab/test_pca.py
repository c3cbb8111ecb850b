"""PCA shown on spaces worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.charts import Curves, Demonstration, Points, Table
from qasearch.lab.demonstrations.pca import demonstrate
from qasearch.lab.space import Space
from tests.lab.spaces import made_space

CROSS = {
    "east": [1.0, 0.0, 0.0],
    "west": [-1.0, 0.0, 0.0],
    "north": [0.0, 1.0, 0.0],
    "south": [0.0, -1.0, 0.0],
}


def shown(space: Space) -> tuple[Demonstration, dict[str, Any]]:
    found = demonstrate(space, ())
    assert json.loads(json.dumps(found.numbers, allow_nan=False)) == found.numbers
    return found, dict(found.numbers)


def flat_space(noise: float) -> Space:
    """Forty entries with an answer each, in 3 of 20 dimensions but for the noise; answers lie close
    to questions."""
    rng = np.random.default_rng(0)
    questions = np.pad(rng.normal(size=(40, 3)), ((0, 0), (0, 17))) + noise * rng.normal(
        size=(40, 20)
    )
    answers = questions + 0.001 * np.pad(rng.normal(size=(40, 3)), ((0, 0), (0, 17)))
    questions, answers = (
        x / np.linalg.norm(x, axis=1, keepdims=True) for x in (questions, answers)
    )
    names = [f"q{i}" for i in range(40)]
    return made_space(
        dict(zip(names, questions.tolist(), strict=True)),
        {name: [("a", row)] for name, row in zip(names, answers.tolist(), strict=True)},
        {name: f"part{i % 2}" for i, name in enumerate(names)},
    )


def test_by_hand() -> None:
    """One of four questions, `south` by the seed, is asked among the others: x is (1, -1, 0), y is
    (0, 0, 1).

    Variances 1 and 1/3 without covariance: 75% and 25%, participation ratio (4/3)^2 / (10/9) = 1.6.
    Cosines of the pairs: -1, 0, 0. The mean (0, 1/3, 0) has 1/9 of the squared length.
    """
    found, numbers = shown(made_space(CROSS))
    assert numbers["variance"] == [0.75, 1.0, 1.0]
    assert (numbers["half_of_variance"], numbers["most_of_variance"]) == (1, 2)
    assert (numbers["participation_ratio"], numbers["mean_cosine"], numbers["mean_vector_share"]) == (
        1.6, -0.3333, 0.1111
    )  # fmt: skip
    # no entry has another passage, so that nothing is said of entries found
    assert (numbers["own_entry_first"], numbers["enough_for_own_entry"]) == ([], None)
    assert "What counts in the end" not in "".join(
        part for part in found.body if isinstance(part, str)
    )
    table = found.body[4]
    assert isinstance(table, Table)
    assert table.heads == ("dimensions", "variance", "1 nearest", "1 nearest, random axes")


def test_three_of_twenty_dimensions_are_enough() -> None:
    """Exactly: all the variance and the whole ranking lie in three; 2 of those tried are too few, 4
    are enough."""
    found, numbers = shown(flat_space(0.0))
    tried = numbers["dimensions"]
    assert tried == [1, 2, 4, 8, 16, 20]
    assert numbers["most_of_variance"] <= 3
    assert numbers["variance"][2:] == [1.0] * 4
    assert numbers["recall"][2:] == [1.0] * 4
    assert numbers["recall"][1] < 0.9
    assert numbers["enough_for_recall"] == 4
    assert numbers["own_entry_first"][-1] == 1.0
    # axes at random need nearly all of the twenty
    assert numbers["recall_random_axes"][2] < numbers["recall_random_axes"][4] < 1.0
    assert numbers["recall_random_axes"][-1] == 1.0
    table, curves, points = (
        next(p for p in found.body if isinstance(p, kind)) for kind in (Table, Curves, Points)
    )
    assert isinstance(table, Table)
    assert table.rows[2][:3] == ("4", "100.0%", "100.0%")
    assert isinstance(curves, Curves)
    assert curves.marks == {
        "participation ratio": pytest.approx(numbers["participation_ratio"], abs=0.01)
    }
    assert isinstance(points, Points)
    assert points.xy.shape == (40, 2)
    assert set(points.groups) == {"part0", "part1"}


def test_noise_in_all_dimensions_raises_the_effective_dimension() -> None:
    clean, noisy = (shown(flat_space(noise))[1] for noise in (0.0, 0.5))
    assert clean["participation_ratio"] <= 3 < noisy["participation_ratio"] <= 20
    assert noisy["enough_for_recall"] > clean["enough_for_recall"]


def test_one_dimension_has_everything() -> None:
    found, numbers = shown(made_space({"a": [1.0], "b": [-1.0], "c": [1.0], "d": [-1.0]}))
    assert (numbers["dimensions"], numbers["variance"], numbers["recall"]) == ([1], [1.0], [1.0])
    assert found.charts[1].xy[:, 1].tolist() == [0.0] * 4  # type: ignore[union-attr]


def test_all_in_one_point() -> None:
    with pytest.raises(
        BadRequest, match="The 3 passages searched in the index in made lie in one point"
    ):
        demonstrate(made_space({name: [0.6, 0.8] for name in "abcd"}), ())


def test_too_few_entries() -> None:
    with pytest.raises(BadRequest, match="PCA needs at least 3 entries"):
        demonstrate(made_space({"a": [1.0, 0.0], "b": [0.0, 1.0]}), ())
