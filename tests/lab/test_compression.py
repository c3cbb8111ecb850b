"""Smaller vectors against FAISS, a student against scikit-learn, and small cases by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.compression import (
    ProductQuantiser,
    bags,
    ridge,
    sums_of_words,
    to_int8,
    vocabulary,
)
from qasearch.lab.algorithms.neighbours import recall_at_10
from qasearch.lab.charts import Bars, Curves, Table
from qasearch.lab.demonstrations.compression import (
    MAX_QUERIES,
    demonstrate,
    sampled_vectors,
    tell_fewer_dimensions,
    tell_layout,
)
from qasearch.lab.space import Space
from tests.lab.spaces import made_space


def clustered_units(m: int, d: int, seed: int = 0) -> Any:
    """Rows of unit norm in clusters, as real ones are."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((40, d))[
        random.integers(0, 40, m)
    ] + 0.6 * random.standard_normal((m, d))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_int8_by_hand() -> None:
    # The largest magnitudes are 1.27 and 0, so the scales are 0.01 and 1.
    codes, scale = to_int8(np.array([[1.27, 0], [-0.304, 0], [0.006, 0]], np.float32))
    assert codes.dtype == np.int8
    assert codes.tolist() == [[127, 0], [-30, 0], [1, 0]]
    np.testing.assert_allclose(scale, [0.01, 1])


def test_int8_is_off_by_half_a_scale_at_most_and_ranks_as_faiss_does() -> None:
    import faiss

    vectors, queries = clustered_units(2000, 32), clustered_units(50, 32, seed=1)
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
    assert recall_at_10(exact, ours) == pytest.approx(recall_at_10(exact, theirs), abs=0.02)
    assert recall_at_10(exact, ours) > 0.97


def test_asymmetric_distances_by_hand() -> None:
    # Group 1 has the centroids 0 and 2, group 2 has 1 and 5. Codes (1, 0) stand for (2, 1), codes
    # (0, 1) for (0, 5).
    codebooks = np.array([[[0], [2]], [[1], [5]]], np.float32)
    quantiser = ProductQuantiser(tuple(codebooks))
    codes = quantiser.encode(np.array([[1.8, 0], [0.4, 4]], np.float32))
    assert codes.dtype == np.uint8
    assert codes.tolist() == [[1, 0], [0, 1]]
    # From (3, 1): 1 + 0 and 9 + 16.
    assert quantiser.distances(np.array([[3, 1]], np.float32), codes).tolist() == [[1, 25]]


def test_product_quantisation_is_as_good_as_that_of_faiss() -> None:
    import faiss

    vectors, queries = clustered_units(4000, 32), clustered_units(50, 32, seed=1)
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
    vectors = clustered_units(20, 6)
    quantiser = ProductQuantiser.fit(vectors, 3)
    assert [book.shape for book in quantiser.codebooks] == [(20, 2)] * 3
    np.testing.assert_allclose(
        np.diagonal(quantiser.distances(vectors, quantiser.encode(vectors))), 0, atol=1e-12
    )


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
        sums_of_words(["tea TEA b tea x"], words, weights), expected / np.linalg.norm(expected)
    )
    assert sums_of_words(["x"], words, weights).tolist() == [[0, 0, 0]]


def test_two_components_keep_what_two_dimensions_lose() -> None:
    # All variance is in two random directions of 16 dimensions: two components keep it, two
    # dimensions do not.
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.standard_normal((16, 2)))[0].T
    at = random.uniform(0, 2 * np.pi, 300)
    vectors = (np.stack([np.cos(at), np.sin(at)], axis=1) @ axes).astype(np.float32)
    numbers = tell_fewer_dimensions(vectors, np.arange(50)).numbers
    assert numbers["dimensions_kept"] == [1, 2, 4, 6, 8, 12, 16]
    assert numbers["recall_pca"][1:] == pytest.approx([1] * 6, abs=0.02)
    assert numbers["recall_pruned"][1] < 0.9
    assert numbers["recall_pruned"][-1] == pytest.approx(1, abs=0.01)


def test_the_strides_of_a_matrix() -> None:
    finding = tell_layout(np.zeros((10, 6), np.float32))
    assert finding.numbers["strides"] == [24, 4]
    assert finding.numbers["transposed_strides"] == [4, 24]
    assert "one block of 240 bytes in C order" in str(finding.body[0])
    table = finding.body[1]
    assert isinstance(table, Table)
    assert [row[1:] for row in table.rows] == [
        ("(10, 6)", "(24, 4)", "the same"),
        ("(6, 10)", "(4, 24)", "the same"),
        ("(5, 6)", "(48, 4)", "the same"),
    ]


WORDS = ("tea", "milk", "rice", "salt", "corn", "bean")


def kitchen() -> Space:
    """Six entries, each along an axis, with three pieces of an answer there that have its word."""
    axes = np.eye(6).tolist()
    return made_space(
        {f"what is {word}": axis for word, axis in zip(WORDS, axes, strict=True)},
        {
            f"what is {word}": [(f"{word} {n}", axis) for n in ("one", "two", "three")]
            for word, axis in zip(WORDS, axes, strict=True)
        },
    )


def test_six_axes() -> None:
    demonstration = demonstrate(kitchen(), [])
    numbers = demonstration.numbers
    # 8-bit numbers, signs and 24 centroids can all distinguish six directions.
    assert set(numbers["recall_of_copies"].values()) == {1.0}
    # 4 and 5 do not divide the six dimensions, so product quantisation makes one group of them
    assert list(numbers["bytes_of_copies"].values()) == [24, 12, 6, 1, 1]
    assert numbers["strides"] == [24, 4]
    # the word of an entry is in all of its pieces, and in no other entry
    assert (numbers["teacher_right_first"], numbers["student_right_first"]) == (1.0, 1.0)
    assert numbers["student_cosine"] > 0.7 > numbers["mean_vector_cosine"]
    assert isinstance(demonstration.charts[0], Bars)
    assert isinstance(demonstration.charts[1], Curves)
    assert (
        "the mean over 6 questions of entries and 24 passages. A question does not find itself."
        in str(demonstration.body[0])
    )


@pytest.mark.parametrize("vector", [[0.6, 0.8], [1.0], [0.0, 0.0, 0.0]])
def test_equal_entries_lose_nothing(vector: list[float]) -> None:
    numbers = demonstrate(made_space(dict.fromkeys("abcde", vector)), []).numbers
    assert set(numbers["recall_of_copies"].values()) == {1.0}
    assert set(numbers["recall_pruned"] + numbers["recall_pca"]) == {1.0}
    assert numbers["student_cosine"] == 0.0  # no word of the test passage is known


def test_queries_are_questions_and_stay_so_in_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qasearch.lab.demonstrations.compression.MAX_PASSAGES", 5)
    space = kitchen()
    vectors, queries = sampled_vectors(space)
    assert len(queries) == 6 < MAX_QUERIES
    assert 6 <= len(vectors) <= 11
    assert sorted(vectors[queries].argmax(axis=1).tolist()) == [0, 1, 2, 3, 4, 5]
    assert "(a sample)" in str(demonstrate(space, []).body[0])


def test_four_entries_are_too_few() -> None:
    with pytest.raises(BadRequest, match=r"Compression needs at least 5 entries.* has 4 entries"):
        demonstrate(made_space({name: [1.0, 0.0] for name in "abcd"}), [])
