"""A distance that a corpus teaches: which directions of the embedding space tell its entries apart.

The passages of one entry (its question, other wordings, pieces of its answer) are about the same thing. Directions in
which they differ from each other all the same are noise for this corpus, and count less: within-class covariance
normalisation (Hatch, Kajarekar and Stolcke 2006), here to the power of a half, with the covariance shrunk towards the
identity. Half of the mean vector is taken out first, because what all passages have in common tells none of them apart
(Mu and Viswanath 2018, arXiv:1702.01417). Nobody has to label anything.

Knows vectors and which of them belong together; no text, no entry, no file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_CENTRE = 0.5
_SHRINKAGE = 0.3
_POWER = -0.25
_ENOUGH_ENTRIES = 50
_ENOUGH_PAIRS = 200
"""How much the mean and the covariance count grows with what there is to learn them from, and is half at these."""

_ROWS = 65_536


def cosines(vectors: Floats, vector: Floats) -> Floats:
    """(n,) float32, the inner products of (n, d) unit vectors with one, (d,), in this thread alone.

    NumPy's `@` wakes the threads of its BLAS, which takes longer than the products do.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, vector), np.float32)


@dataclass(frozen=True, slots=True)
class Metric:
    """The linear map after which cosines are measured: x becomes `matrix @ x + offset`, of unit length.

    Attributes:
        matrix: (d, d) float32, symmetric and positive definite.
        offset: (d,) float32.
    """

    matrix: Floats
    offset: Floats

    def map(self, vectors: Floats) -> Floats:
        """(n, d) float32, rows of unit norm, from (n, d) float32 vectors as the encoder gives them."""
        mapped = cosines(self.matrix, vectors[0])[None] if len(vectors) == 1 else vectors @ self.matrix
        mapped = mapped + self.offset
        return np.asarray(mapped / np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-12), np.float32)


def learn_metric(vectors: Floats, owners: Ids) -> Metric:
    """The metric of a corpus. With little to learn from it is nearly the plain cosine, with nothing exactly that.

    Args:
        vectors: (n, d) float32, rows of unit norm.
        owners: (n,) int64, the entry of each.
    """
    dimension = vectors.shape[1]
    if not len(vectors):
        return Metric(np.eye(dimension, dtype=np.float32), np.zeros(dimension, np.float32))
    entries, places, counts = np.unique(owners, return_inverse=True, return_counts=True)
    matrix = _whitening(_scatter(vectors, places, counts), int((counts - 1).sum()))
    centre = _CENTRE * len(entries) / (len(entries) + _ENOUGH_ENTRIES) * vectors.mean(axis=0, dtype=np.float64)
    return Metric(matrix.astype(np.float32), (-matrix @ centre).astype(np.float32))


def _scatter(vectors: Floats, places: Ids, counts: Ids) -> npt.NDArray[np.float64]:
    """(d, d), the scatter of the passages of each entry about their mean, summed over the entries."""
    means = np.zeros((len(counts), vectors.shape[1]))
    np.add.at(means, places, vectors)
    means /= counts[:, None]
    scatter = np.zeros((vectors.shape[1], vectors.shape[1]))
    for start in range(0, len(vectors), _ROWS):
        rows = vectors[start : start + _ROWS] - means[places[start : start + _ROWS]]
        scatter += rows.T @ rows
    return scatter


def _whitening(scatter: npt.NDArray[np.float64], pairs: int) -> npt.NDArray[np.float64]:
    """(d, d), the power of the shrunk covariance, whose mean eigenvalue is one before the power is taken."""
    dimension = len(scatter)
    trace = float(np.trace(scatter))
    if trace <= 0:
        return np.eye(dimension)
    shrinkage = max(_SHRINKAGE, _ENOUGH_PAIRS / (pairs + _ENOUGH_PAIRS))
    covariance = (1 - shrinkage) * scatter * (dimension / trace) + shrinkage * np.eye(dimension)
    values, directions = np.linalg.eigh(covariance)
    return np.asarray(directions * values**_POWER @ directions.T)
