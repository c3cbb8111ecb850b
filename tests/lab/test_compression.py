"""Smaller vectors beside FAISS and scikit-learn, a student beside ridge regression, and small cases
by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.compression import (
    ROUNDS,
    ProductQuantiser,
    k_means,
    nearest_centroids,
    to_int8,
)
from qasearch.lab.algorithms.distillation import bags, ridge, summed, vocabulary
from qasearch.lab.charts import Bars, Curves
from qasearch.lab.demonstrations.compression import MOST_QUERIES, chosen, demonstrate
from qasearch.lab.demonstrations.memory import layout
from qasearch.lab.demonstrations.pruning import fewer_dimensions
from qasearch.lab.demonstrations.rankings import recall, without_itself
from tests.lab.spaces import made_space


def random_units(m: int, d: int, seed: int = 0) -> Any:
    """Rows of unit norm in clusters, as real ones are."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((40, d))[
        random.integers(0, 40, m)
    ] + 0.6 * random.standard_normal((m, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_int8_by_hand() -> None:
    # The largest magnitudes are 1.27 and 0: scales 0.01 and, as nothing is to be told there, 1.
    codes, scale = to_int8(np.array([[1.27, 0], [-0.304, 0], [0.006, 0]], np.float32))
    assert codes.dtype == np.int8
    assert codes.tolist() == [[127, 0], [-30, 0], [1, 0]]
    np.testing.assert_allclose(scale, [0.01, 1])


def test_int8_is_off_by_half_a_scale_at_most_and_ranks_as_faiss_does() -> None:
    import faiss

    vectors, queries = random_units(2000, 32), random_units(50, 32, seed=1)
    codes, scale = to_int8(vectors)
    assert (np.abs(codes * scale - vectors) <= scale / 2 + 1e-7).all()
    index = faiss.IndexScalarQuantizer(
        32, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors)
    index.add(vectors)
    exact, ours = queries @ vectors.T, (queries * scale) @ codes.astype(np.float32).T
    theirs = np.full_like(exact, -np.inf)
    scores, numbers = index.search(queries, 10)
    np.put_along_axis(theirs, numbers, scores, axis=1)
    assert recall(exact, ours) == pytest.approx(recall(exact, theirs), abs=0.02)
    assert recall(exact, ours) > 0.97


def test_k_means_goes_where_scikit_learn_goes() -> None:
    from sklearn.cluster import KMeans

    points = random_units(300, 4)
    ours = k_means(points, 10, np.random.default_rng(0))
    start = points[np.random.default_rng(0).choice(300, 10, replace=False)]
    theirs = KMeans(10, init=start, n_init=1, max_iter=ROUNDS, tol=0, algorithm="lloyd").fit(points)
    owners = nearest_centroids(points, ours)
    within = float(((points - ours[owners]) ** 2).sum())
    assert within == pytest.approx(theirs.inertia_, rel=1e-3)


def test_centroids_that_are_the_same_stay_and_the_first_is_taken() -> None:
    points = np.ones((5, 2), np.float32)
    centroids = k_means(points, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(centroids, np.ones((3, 2)))
    assert nearest_centroids(points, centroids).tolist() == [0] * 5


def test_asymmetric_distances_by_hand() -> None:
    # Group 1 knows (0,) and (2,), group 2 knows (1,) and (5,): codes (1, 0) stand for (2, 1), codes
    # (0, 1) for (0, 5).
    quantiser = ProductQuantiser((np.float32([[0], [2]]), np.float32([[1], [5]])))  # type: ignore[arg-type]
    codes = quantiser.encode(np.array([[1.8, 0], [0.4, 4]], np.float32))
    assert codes.dtype == np.uint8
    assert codes.tolist() == [[1, 0], [0, 1]]
    # From (3, 1): 1 + 0 and 9 + 16.
    assert quantiser.distances(np.array([[3, 1]], np.float32), codes).tolist() == [[1, 25]]


def test_product_quantisation_is_as_good_as_that_of_faiss() -> None:
    import faiss

    vectors, queries = random_units(4000, 32), random_units(50, 32, seed=1)
    quantiser = ProductQuantiser.fit(vectors, 8)
    codes = quantiser.encode(vectors)
    decoded = np.concatenate(
        [book[column] for book, column in zip(quantiser.codebooks, codes.T, strict=True)], axis=1
    )
    np.testing.assert_allclose(
        quantiser.distances(queries, codes),
        ((queries[:, None] - decoded[None]) ** 2).sum(axis=-1),
        atol=1e-5,
    )
    theirs: Any = faiss.ProductQuantizer(32, 8, 8)
    theirs.train(vectors)
    error = ((vectors - theirs.decode(theirs.compute_codes(vectors))) ** 2).sum(axis=1).mean()
    assert ((vectors - decoded) ** 2).sum(axis=1).mean() == pytest.approx(error, rel=0.05)


def test_few_vectors_are_their_own_centroids() -> None:
    vectors = random_units(20, 6)
    quantiser = ProductQuantiser.fit(vectors, 3)
    assert [book.shape for book in quantiser.codebooks] == [(20, 2)] * 3
    np.testing.assert_allclose(
        np.diagonal(quantiser.distances(vectors, quantiser.encode(vectors))), 0, atol=1e-12
    )


def test_recall_counts_what_ties_with_the_tenth() -> None:
    exact = np.array([[9, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1, 0.0]])
    other = exact.copy()
    other[0, [9, 8]] = -1  # two of the ones that tie are put last, so that 0 comes among the ten
    assert recall(exact, exact) == 1
    assert recall(exact, other) == pytest.approx(0.9)
    assert recall(exact, -exact) == pytest.approx(
        0.9
    )  # 0, 1, 1, 1, 2 to 7: all but the 0 are as good as the tenth
    assert recall(exact[:, :4], exact[:, ::-1][:, :4]) == 1


def test_a_query_does_not_find_itself() -> None:
    scores = without_itself(np.ones((2, 3)), np.array([2, 0]))
    assert scores.tolist() == [[1, 1, -np.inf], [-np.inf, 1, 1]]
    assert recall(scores, scores) == 1


@pytest.mark.parametrize("shape", [(50, 7), (7, 50)])
def test_ridge_is_scikit_learn_s_in_both_forms(shape: tuple[int, int]) -> None:
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(0)
    x, y = random.standard_normal(shape), random.standard_normal((shape[0], 3))
    np.testing.assert_allclose(
        ridge(x, y, 0.3), Ridge(alpha=0.3, fit_intercept=False).fit(x, y).coef_.T, atol=1e-9
    )


def test_words_and_bags_by_hand() -> None:
    words = vocabulary(["Tea or tea", "tea, b", "b c"])
    assert list(words) == ["b", "tea", "c", "or"]
    # Once b and thrice tea: (1, 3) by sqrt(10); unknown words are left out.
    bag = bags(["tea TEA b tea x", "x"], words)
    np.testing.assert_allclose(bag, np.array([[1, 3, 0, 0], [0, 0, 0, 0]]) / np.sqrt([[10], [1]]))
    weights = np.random.default_rng(0).standard_normal((4, 3))
    expected = bag[:1] @ weights
    np.testing.assert_allclose(
        summed(["tea TEA b tea x"], words, weights), expected / np.linalg.norm(expected)
    )
    assert summed(["x"], words, weights).tolist() == [[0, 0, 0]]


def test_pruning_keeps_what_varies_and_pca_what_is_turned_away() -> None:
    # All variance is along (1, ..., 1) and one more diagonal of 16: two components keep it, two
    # dimensions do not.
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.standard_normal((16, 2)))[0].T
    at = random.uniform(0, 2 * np.pi, 300)
    vectors = (np.stack([np.cos(at), np.sin(at)], axis=1) @ axes).astype(np.float32)
    _, numbers = fewer_dimensions(vectors, np.arange(50))
    assert numbers["dimensions_kept"] == [1, 2, 4, 6, 8, 12, 16]
    assert numbers["recall_pca"][1:] == pytest.approx([1] * 6, abs=0.02)
    assert numbers["recall_pruned"][1] < 0.9
    assert numbers["recall_pruned"][-1] == pytest.approx(1, abs=0.01)


def test_the_strides_of_a_matrix() -> None:
    body, numbers = layout(np.zeros((10, 6), np.float32))
    assert (numbers["strides"], numbers["transposed_strides"]) == ([24, 4], [4, 24])
    assert "one block of 240 bytes in C order" in str(body[0])
    assert [row[1:] for row in body[1].rows] == [  # type: ignore[union-attr]
        ("(10, 6)", "(24, 4)", "the same"), ("(6, 10)", "(4, 24)", "the same"), ("(5, 6)", "(48, 4)", "the same"),
    ]  # fmt: skip


WORDS = ("tea", "milk", "rice", "salt", "corn", "bean")


def kitchen() -> Any:
    """Six entries, each along an axis, with three aliases there that have its word."""
    axes = np.eye(6).tolist()
    return made_space(
        {f"what is {word}": axis for word, axis in zip(WORDS, axes, strict=True)},
        {
            f"what is {word}": [(f"{word} {n}", axis) for n in ("one", "two", "three")]
            for word, axis in zip(WORDS, axes, strict=True)
        },
    )


def test_what_is_shown_of_six_axes() -> None:
    shown = demonstrate(kitchen(), [])
    numbers = shown.numbers
    # Six directions are told apart by 8-bit numbers, by their signs and by 24 centroids alike.
    assert set(numbers["recall_of_copies"].values()) == {1.0}
    assert list(numbers["bytes_of_copies"].values()) == [
        24,
        12,
        6,
        1,
        1,
    ]  # one group of all six, for 4 and 5 do not divide them
    assert numbers["strides"] == [24, 4]
    # A word that is in all pieces of one entry leads there, and nowhere else.
    assert (numbers["teacher_right_first"], numbers["student_right_first"]) == (1.0, 1.0)
    assert numbers["student_cosine"] > 0.7 > numbers["mean_vector_cosine"]
    assert isinstance(shown.charts[0], Bars)
    assert isinstance(shown.charts[1], Curves)
    assert (
        "The mean over 6 questions of entries and 24 passages; a question does not find itself."
        in str(shown.body[0])
    )


@pytest.mark.parametrize("vector", [[0.6, 0.8], [1.0], [0.0, 0.0, 0.0]])
def test_entries_that_are_all_the_same_lose_nothing(vector: list[float]) -> None:
    numbers = demonstrate(made_space(dict.fromkeys("abcde", vector)), []).numbers
    assert set(numbers["recall_of_copies"].values()) == {1.0}
    assert set(numbers["recall_pruned"] + numbers["recall_pca"]) == {1.0}
    assert numbers["student_cosine"] == 0.0  # none of the words of the unseen one is known


def test_queries_are_questions_and_stay_so_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qasearch.lab.demonstrations.compression.MOST_PASSAGES", 5)
    space = kitchen()
    vectors, queries = chosen(space)
    assert len(queries) == 6 < MOST_QUERIES
    assert 6 <= len(vectors) <= 11
    assert sorted(vectors[queries].argmax(axis=1).tolist()) == [0, 1, 2, 3, 4, 5]
    assert "(a sample)" in str(demonstrate(space, []).body[0])


def test_four_entries_are_too_few() -> None:
    with pytest.raises(BadRequest, match=r"Compression needs at least 5 entries.* has 4 entries"):
        demonstrate(made_space({name: [1.0, 0.0] for name in "abcd"}), [])
