from __future__ import annotations

import pytest

from qasearch.phrases import MAX_REASON_LENGTH, counted, near_names, reason, suggestion


@pytest.mark.parametrize(
    ("number", "words", "expected"),
    [
        (0, ("file",), "0 files"),
        (1, ("file",), "1 file"),
        (12_000, ("entry", "entries"), "12,000 entries"),
        (1, ("entry", "entries"), "1 entry"),
    ],
)
def test_counted(number: int, words: tuple[str, ...], expected: str) -> None:
    assert counted(number, *words) == expected


def test_suggestions_are_names_that_contain_the_name_or_are_like_it() -> None:
    known = ["k-means", "k-fold", "pca", "KL-divergence"]
    assert suggestion("means", known) == "Did you mean k-means?"
    assert suggestion("k-", known) == "Did you mean k-means or k-fold?"
    assert suggestion("pcs", known) == "Did you mean pca?"
    assert suggestion("kl-divergense", known) == "Did you mean KL-divergence?"
    assert suggestion("zebra", known) == ""
    assert suggestion("zebra", known, "List them.") == "List them."
    assert suggestion("", known) == ""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("no such file\nand much more"), "no such file"),
        (ValueError(""), "ValueError"),
        (OSError("x" * 500), "x" * MAX_REASON_LENGTH),
    ],
)
def test_the_reason_of_an_error_is_one_short_line(error: Exception, expected: str) -> None:
    assert reason(error) == expected


def test_near_names_are_at_most_three_and_the_nearest_comes_first() -> None:
    assert near_names("pca", ["umap", "pcb", "PCA"]) == ["PCA"]
    assert near_names("a", ["a1", "a2", "a3", "a4"]) == ["a1", "a2", "a3"]
    assert near_names("zebra", ["pca"]) == []
