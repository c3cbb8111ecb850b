"""What every encoder and every cross-encoder can do, whatever library runs the model.

Knows no library but NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from qasearch.errors import ModelUnavailable

Vectors = npt.NDArray[np.float32]
"""(n, d) float32, one row for each text."""

Scores = npt.NDArray[np.float32]
"""(n,) float32, one score for each text."""


class Encoder(Protocol):
    """A sentence embedding model.

    Attributes:
        name: the name that the user gave.
        fingerprint: a text that changes whenever the weights of the model change.
        dimension: the length of a vector.
        max_tokens: how many tokens of a text the model reads, its special tokens included.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit norm, in the order of the texts; (0, d) for none."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """(n, d) float32, rows of unit norm, in the order of the texts; (0, d) for none."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The number of tokens of each text, not truncated, without special tokens."""
        ...


class PairScorer(Protocol):
    """A model that reads a question and a text together (a cross-encoder).

    Attributes:
        name: the name that the user gave.
    """

    name: str

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """(n,) float32, finite, in the order of the texts; (0,) for none.

        A higher score means a better answer. Each model has a scale of its own.

        Raises:
            ModelUnavailable: the model gives no such scores.
        """
        ...


def unit_rows(vectors: Vectors, model: str) -> Vectors:
    """(n, d) float32: each row divided by its Euclidean norm.

    Args:
        vectors: (n, d) float32.
        model: the name of the model, for the error message.

    Raises:
        ModelUnavailable: a row is zero or not finite.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(norms).all() and norms.all()):
        raise ModelUnavailable(
            f"The model '{model}' gives vectors that are zero or not finite.",
            "Use another model.",
        )
    return np.asarray(vectors / norms, np.float32)
