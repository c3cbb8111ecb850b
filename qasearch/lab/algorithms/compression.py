"""Vectors in fewer bytes, and an encoder in fewer operations.

Product quantisation: Jégou, Douze and Schmid 2011, Product Quantization for Nearest Neighbor
Search. The static student learns the encoder's vectors by ridge regression (Hoerl and Kennard
1970), which has a closed form; learning from the outputs of a teacher alone is Hinton, Vinyals and
Dean 2015, Distilling the Knowledge in a Neural Network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.lab.algorithms.k_means import lloyd, nearest_centres
from qasearch.lab.algorithms.norms import unit
from qasearch.lab.arrays import Floats, Vectors

CENTROIDS = 256
"""As many codes as fit into one byte."""

TRAINING = 4_096
"""Vectors, chosen at random, from which the centroids are learned: 16 for each centroid."""

ROUNDS = 8
"""Rounds of k-means for each group of dimensions."""

MAX_WORDS = 4_096
"""Size of the student's vocabulary; the words that occur in most texts are taken."""

PENALTY = 0.3
"""Weight of the squared length of the word vectors against the squared error of unit vectors."""

_WORD = re.compile(r"\w+")


def to_int8(vectors: Vectors) -> tuple[npt.NDArray[np.int8], Vectors]:
    """(m, d) whole numbers from -127 to 127 and (d,) scales; their product is near the vectors.

    The scale of a dimension is its largest magnitude divided by 127, so each number is off by half
    a scale at most. A dimension that is 0 everywhere stays 0.
    """
    scale = np.abs(vectors).max(axis=0) / 127
    scale[scale == 0] = 1
    return np.rint(vectors / scale).astype(np.int8), scale.astype(np.float32)


@dataclass(frozen=True, slots=True)
class ProductQuantiser:
    """Centroids for each group of neighbouring dimensions.

    A vector is stored as one number for each group: that of the nearest centroid.

    Attributes:
        codebooks: (c, d / groups) centroids of each group, c at most 256.
    """

    codebooks: tuple[Floats, ...]

    @classmethod
    def fit(cls, vectors: Vectors, groups: int) -> ProductQuantiser:
        """The quantiser learned from (m, d) vectors; `groups` divides d.

        Each group starts k-means from some of the vectors themselves. Fewer than 256 vectors give
        as many centroids.
        """
        random = np.random.default_rng(0)
        sample = vectors[random.permutation(len(vectors))[:TRAINING]]
        k = min(CENTROIDS, len(sample))
        codebooks = []
        for part in np.split(sample, groups, axis=1):
            start = part[random.choice(len(part), k, replace=False)]
            codebooks.append(lloyd(part, start, ROUNDS)[1])
        return cls(tuple(codebooks))

    def encode(self, vectors: Vectors) -> npt.NDArray[np.uint8]:
        """(m, groups) codes of (m, d) vectors."""
        parts = np.split(vectors, len(self.codebooks), axis=1)
        codes = [
            nearest_centres(part, book) for part, book in zip(parts, self.codebooks, strict=True)
        ]
        return np.stack(codes, axis=1).astype(np.uint8)

    def distances(self, queries: Vectors, codes: npt.NDArray[np.uint8]) -> Vectors:
        """(q, m) squared distances of (q, d) exact queries from the vectors that codes stand for.

        The distances of the groups of a query to all centroids are computed once; after that, each
        code is one look-up. The differences are computed directly: |p|^2 - 2 p.c + |c|^2 would
        lose digits of small distances.
        """
        total = np.zeros((len(queries), len(codes)), np.float32)
        for part, book, column in zip(
            np.split(queries, len(self.codebooks), axis=1), self.codebooks, codes.T, strict=True
        ):
            table = ((part[:, None] - book[None]) ** 2).sum(axis=-1)
            total += table[:, column]
        return total


def vocabulary(texts: Sequence[str]) -> dict[str, int]:
    """The words of the texts, numbered: words of most texts first, then in alphabetical order."""
    counts = Counter(word for text in texts for word in set(_words(text)))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(ordered[:MAX_WORDS])}


def bags(texts: Sequence[str], words: Mapping[str, int]) -> Floats:
    """(m, w) how often each word occurs in each text, rows of unit norm.

    A text without any of the words has a zero row.
    """
    counts = np.zeros((len(texts), len(words)))
    for row, text in zip(counts, texts, strict=True):
        for word in _words(text):
            if word in words:
                row[words[word]] += 1
    return unit(counts)


def ridge(x: Floats, y: Floats, penalty: float) -> Floats:
    """(w, d) the W with the smallest |x W - y|^2 + penalty |W|^2, for (m, w) x and (m, d) y.

    The closed form (X'X + pI)^-1 X'Y solves a system of w equations. The kernel form
    X'(XX' + pI)^-1 Y gives the same W with m equations, fewer if there are more words than texts.
    """
    m, w = x.shape
    if w <= m:
        return np.asarray(np.linalg.solve(x.T @ x + penalty * np.eye(w), x.T @ y))
    return np.asarray(x.T @ np.linalg.solve(x @ x.T + penalty * np.eye(m), y))


def sums_of_words(texts: Sequence[str], words: Mapping[str, int], weights: Floats) -> Floats:
    """(m, d) the sum of the (w, d) word vectors of each text, rows of unit norm.

    A text without any of the words has a zero row.
    """
    numbers = [[words[word] for word in _words(text) if word in words] for text in texts]
    return unit(np.stack([weights[np.array(row, np.int64)].sum(axis=0) for row in numbers]))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
