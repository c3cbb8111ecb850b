"""Drift, and its tests of two samples against SciPy, scikit-learn and by hand."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import balanced_accuracy_score
from sklearn.metrics.pairwise import rbf_kernel as reference_kernel
from sklearn.preprocessing import StandardScaler

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.drift import (
    balanced_accuracy,
    gaussian_kl,
    held_out_scores,
    mmd_squared,
    permutation_test,
    rbf_kernel,
    wasserstein_1,
    z_scores,
)
from qasearch.lab.charts import Curves, Table
from qasearch.lab.demonstrations.drift import demonstrate, read_questions
from tests.conftest import Corpus
from tests.lab.spaces import at_degrees, made_space


def test_the_discrepancy_by_hand() -> None:
    # Points 0 and 2: squared distance 4, sigma 2, kernel exp(-4/8) = e^-.5. Weights (1, -1): 1 + 1
    # - 2 e^-.5.
    kernel = rbf_kernel(np.array([[0.0], [2.0]]))
    assert kernel == pytest.approx(np.array([[1, np.exp(-0.5)], [np.exp(-0.5), 1]]))
    assert mmd_squared(kernel, np.array([True, False])) == pytest.approx(2 - 2 * np.exp(-0.5))


@pytest.mark.parametrize("seed", range(3))
def test_kernel_and_discrepancy_against_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, first = rng.normal(size=(30, 4)), np.arange(30) < 12
    squared = np.sum((x[:, None] - x) ** 2, axis=2)
    gamma = 1 / (2 * np.median(squared[~np.eye(30, dtype=bool)]))
    kernel = rbf_kernel(x)
    assert kernel == pytest.approx(reference_kernel(x, gamma=gamma))
    a, b, c = kernel[:12, :12].mean(), kernel[12:, 12:].mean(), kernel[:12, 12:].mean()
    assert mmd_squared(kernel, first) == pytest.approx(a + b - 2 * c)


@pytest.mark.parametrize(("n", "m"), [(20, 20), (7, 31)])
def test_wasserstein_against_scipy(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, 3)), rng.normal(size=(m, 3)) + np.array([0, 1, -2])
    expected = [stats.wasserstein_distance(x[:, at], y[:, at]) for at in range(3)]
    assert wasserstein_1(x, y) == pytest.approx(expected)


def test_divergence_by_hand() -> None:
    # Mean 1, variance 4 (values -1 and 3): (1 + 4 - 1 - ln 4) / 2. Mean 0, variance 1: 0.
    divergences = gaussian_kl(np.array([[-1.0, -1.0], [3.0, 1.0]]))
    assert divergences == pytest.approx([(4 - np.log(4)) / 2, 0])


def test_z_scores_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    x, by = rng.normal(size=(5, 3)), rng.normal(size=(9, 3))
    by[:, 2] = 7  # does not vary
    assert z_scores(x, by) == pytest.approx(StandardScaler().fit(by).transform(x))


def test_accuracy_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    first, scores = np.arange(40) < 10, rng.normal(size=40)
    expected = balanced_accuracy_score(~first, scores > 0)
    assert balanced_accuracy(scores, first) == pytest.approx(expected)
    assert balanced_accuracy(np.zeros(4), np.array([True, True, False, False])) == 0.5


def test_distant_samples_are_classified_and_equal_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    first = np.arange(60) < 30
    x = rng.normal(size=(60, 2))
    assert balanced_accuracy(held_out_scores(x + 20 * ~first[:, None], first), first) == 1
    assert abs(balanced_accuracy(held_out_scores(x, first), first) - 0.5) < 0.2


def test_p_values_are_uniform_without_drift_and_small_with_drift() -> None:
    rng = np.random.default_rng(0)
    first = np.arange(40) < 20
    alike: list[float] = []
    apart: list[float] = []
    for _ in range(40):
        x = rng.normal(size=(40, 3))
        for shift, p_values in ((0.0, alike), (1.5, apart)):
            kernel = rbf_kernel(x + shift * first[:, None])
            p_values.append(permutation_test(partial(mmd_squared, kernel), first, 99).p)
    assert max(apart) == 0.01  # 1 of 100, the observed one
    assert 0.3 < float(np.mean(alike)) < 0.7
    assert stats.kstest(alike, "uniform").pvalue > 0.01


def halves(questions: int = 40, apart: float = 90) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Questions around two directions, each a section."""
    places = {f"q{n}": at_degrees(n % 7 + apart * (n % 2)) for n in range(questions)}
    return places, {name: ("even", "odd")[int(name[1:]) % 2] for name in places}


def test_two_sections_that_are_apart() -> None:
    places, sections = halves(41)
    demonstration = demonstrate(made_space(places, sections=sections), ())
    numbers = demonstration.numbers
    assert numbers["halves"]["p"] > 0.01
    assert numbers["section"]["p"] == 0.002  # 1 of 500
    assert numbers["section"]["accuracy"] == 1
    text = "\n".join(part for part in demonstration.body if isinstance(part, str))
    assert text.count("so the two samples come from different distributions") == 1
    assert text.count("so nothing shows that the two samples differ") == 1
    assert [type(part) for part in demonstration.body if not isinstance(part, str)] == [
        Table,
        Table,
        Curves,
    ]
    (curves,) = demonstration.charts
    assert isinstance(curves, Curves)
    assert {name: float(shares.sum()) for name, shares in curves.series.items()} == pytest.approx(
        {"of other sections": 1, "of the section even": 1}
    )


def test_sections_at_one_place() -> None:
    places, sections = halves(apart=0)
    assert demonstrate(made_space(places, sections=sections), ()).numbers["section"]["p"] > 0.01


def test_questions_of_a_file(tmp_path: Path) -> None:
    places, _ = halves()
    others = {f"new {n}": at_degrees(200 + n) for n in range(10)}
    (tmp_path / "new.txt").write_text("\n\n".join(f"new {n}" for n in range(10)) + "\n")
    (tmp_path / "old.txt").write_text("\n".join(f"q{n}" for n in range(20)) + "\n")
    space = made_space(places, others=others)
    new = demonstrate(space, [str(tmp_path / "new.txt")])
    assert (new.numbers["given"]["questions"], new.numbers["given"]["p"]) == (10, 0.002)
    assert demonstrate(space, [str(tmp_path / "old.txt")]).numbers["given"]["p"] > 0.01


def test_where_no_section_is_large_enough() -> None:
    places, _ = halves()
    demonstration = demonstrate(made_space(places), ())
    assert "No section has 8 questions with 8 others outside of it." in str(demonstration.body)
    assert list(demonstration.numbers) == ["halves"]


def test_questions_that_cannot_be_compared(tmp_path: Path) -> None:
    places, _ = halves()
    with pytest.raises(BadRequest, match="Drift needs at least 16 entries"):
        demonstrate(made_space(dict(list(places.items())[:15])), ())
    with pytest.raises(BadRequest, match="lie at one point"):
        demonstrate(made_space({name: [1.0, 0.0] for name in places}), ())
    with pytest.raises(BadRequest, match="one file or folder, and 2 were given"):
        demonstrate(made_space(places), ["a", "b"])


def test_questions_are_read_from_lines_from_a_file_and_from_a_folder(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "---\nquestion: What is tea?\naliases: [tea, chai]\n---\n\nA drink.\n",
            "b.md": "# What is coffee?\n\nA drink.\n",
            "c.txt": "one\n\n  two  \n",
        }
    )
    assert read_questions(folder, 1) == ["What is tea?", "tea", "chai", "What is coffee?"]
    assert read_questions(folder / "b.md", 1) == ["What is coffee?"]
    assert read_questions(folder / "c.txt", 2) == ["one", "two"]


def test_questions_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "few.txt").write_text("one\n")
    (tmp_path / "latin.txt").write_bytes("é\n".encode("latin-1"))
    (tmp_path / "empty").mkdir()
    for name, reason in {
        "few.txt": r"few\.txt has 1 question, and drift needs at least 2",
        "latin.txt": "cannot be read: not UTF-8",
        "empty": "cannot be read: .*Markdown",
        "none": "There is no file or folder",
    }.items():
        with pytest.raises(BadRequest, match=reason):
            read_questions(tmp_path / name, 2)
