"""Vectors in fewer bytes: a whole number for each dimension, or a code for each group of
dimensions.

Product quantisation is Jégou, Douze and Schmid 2011, Product Quantization for Nearest Neighbor
Search; the k-means in it Lloyd 1982, Least Squares Quantization in PCM.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.unsignedinteger[Any] | np.signedinteger[Any]]

CENTROIDS = 256
"""So many codes fit into a byte."""

TRAINING, ROUNDS = 4_096, 8
"""On so many vectors, chosen at random, the centroids are found, in so many rounds."""


def to_int8(vectors: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """(m, d) whole numbers from -127 to 127, and the (d,) scale of each dimension; their product is
    near the vectors.

    A dimension is off by at most half its scale, which is its largest magnitude by 127; one that is
    0 stays 0.
    """
    scale = np.abs(vectors).max(axis=0) / 127
    scale[scale == 0] = 1
    return np.rint(vectors / scale).astype(np.int8), scale.astype(np.float32)


def nearest_centroids(points: Floats, centroids: Floats) -> npt.NDArray[np.int64]:
    """(m,) for each of (m, d) points the number of the nearest of (c, d) centroids; the first of
    equally near ones.
    """
    # |p - c|^2 = |p|^2 - 2 (p.c - |c|^2 / 2), in which |p|^2 is the same for all centroids
    nearness = points @ centroids.T
    nearness -= (centroids * centroids).sum(axis=1) / 2
    return np.asarray(np.argmax(nearness, axis=1))


def k_means(points: Floats, k: int, random: np.random.Generator) -> Floats:
    """(k, d) centroids of (m, d) points, m at least k: each the mean of those nearest to it (Lloyd
    1982).

    It starts from k of the points; a centroid that loses all of its own stays where it is.
    """
    centroids = points[random.choice(len(points), k, replace=False)].copy()
    for _ in range(ROUNDS):
        owners = nearest_centroids(points, centroids)
        counts = np.bincount(owners, minlength=k)
        sums = np.stack(
            [np.bincount(owners, weights=column, minlength=k) for column in points.T], axis=1
        )
        kept = counts > 0
        centroids[kept] = sums[kept] / counts[kept, None]
    return centroids


@dataclass(frozen=True, slots=True)
class ProductQuantiser:
    """Centroids of each group of neighbouring dimensions: a vector is told by the number of one for
    each group.

    `codebooks` are (c, d / groups) centroids by group, c at most 256.
    """

    codebooks: tuple[Floats, ...]

    @classmethod
    def fit(cls, vectors: Floats, groups: int) -> ProductQuantiser:
        """The one for (m, d) vectors; `groups` divides d. Fewer than 256 vectors give as many
        centroids.
        """
        random = np.random.default_rng(0)
        chosen = vectors[random.permutation(len(vectors))[:TRAINING]]
        k = min(CENTROIDS, len(chosen))
        return cls(tuple(k_means(part, k, random) for part in np.split(chosen, groups, axis=1)))

    def encode(self, vectors: Floats) -> npt.NDArray[np.uint8]:
        """(m, groups) numbers of the centroids nearest to (m, d) vectors."""
        parts = np.split(vectors, len(self.codebooks), axis=1)
        codes = [
            nearest_centroids(part, book) for part, book in zip(parts, self.codebooks, strict=True)
        ]
        return np.stack(codes, axis=1).astype(np.uint8)

    def distances(self, queries: Floats, codes: npt.NDArray[np.uint8]) -> Floats:
        """(q, m) squared distances from (q, d) queries as they are to what (m, groups) codes stand
        for: asymmetric.

        The distances of a query's groups to all centroids are tabulated once; then each code is one
        look-up.
        """
        found = np.zeros((len(queries), len(codes)), np.float32)
        for part, book, column in zip(
            np.split(queries, len(self.codebooks), axis=1), self.codebooks, codes.T, strict=True
        ):
            table = ((part[:, None] - book[None]) ** 2).sum(axis=-1)
            found += table[:, column]
        return found
