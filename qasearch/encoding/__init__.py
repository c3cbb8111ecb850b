"""Texts to unit vectors, and pairs of texts to scores. Knows no entry, no index and no Markdown.

`Encoder` and `PairScorer` are what the other rooms rely on; `load_encoder` and `load_pair_scorer` choose how a model is
loaded, and are the only ways in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32]


class Encoder(Protocol):
    """A sentence embedding model.

    `name` is what the user calls it, `fingerprint` changes whenever its weights do, `dimension` is the length
    of a vector, and `max_tokens` what it reads of a text, its special tokens included.
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
        """The number of tokens of each text, without the model's special tokens and without truncation."""
        ...


class PairScorer(Protocol):
    """A model that reads a question and a text together. `name` is what the user calls it."""

    name: str

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """(n,) float32, finite, higher for a better answer, in the order of the texts; (0,) for none.

        Raises:
            ModelUnavailable: the model gives no such scores.
        """
        ...


def load_encoder(name: str, *, offline: bool) -> Encoder:
    """The model called `name`: the built-in one, a folder, or a model of the Hugging Face hub.

    Only a hub model that is not in the local cache makes a network call, and not if `offline`.

    Raises:
        ModelUnavailable: it cannot be found, verified or loaded.
    """
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder(name, offline=offline)


def load_pair_scorer(name: str, *, offline: bool) -> PairScorer:
    """The cross-encoder called `name`: a folder, or a model of the Hugging Face hub.

    Only a hub model that is not in the local cache makes a network call, and not if `offline`.

    Raises:
        ModelUnavailable: it cannot be found or loaded, or does not give one score for a pair.
    """
    from qasearch.encoding.cross_encoder import CrossEncoderScorer

    return CrossEncoderScorer(name, offline=offline)
