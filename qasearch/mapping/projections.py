"""An embedding space laid out in the plane.

PCA (Hotelling 1933, Analysis of a complex of statistical variables into principal components) is
written out. t-SNE (van der Maaten and Hinton 2008, Visualizing data using t-SNE) is scikit-learn's,
UMAP (McInnes, Healy and Melville 2018, UMAP: Uniform manifold approximation and projection)
umap-learn's; both start from PCA, which keeps more of the large structure than chance does (Kobak
and Berens 2019, The art of using t-SNE for single-cell transcriptomics).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.pca import principal_components

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane in which points vary most: (d,) float64 `mean`, (2, d) `axes`, and the `share` of
    the variance kept.
    """

    mean: Floats
    axes: Floats
    share: float

    def place(self, vectors: Floats) -> Floats:
        """(q, 2) float64: where (q, d) vectors fall on the plane."""
        return (vectors - self.mean) @ self.axes.T


def principal_plane(vectors: Floats) -> Plane:
    """PCA to two dimensions of (n, d) vectors: the two eigenvectors of their covariance with the
    largest eigenvalues.

    An axis and its opposite are equally good: the component that is largest without its sign is
    made positive.

    Raises:
        BadRequest: there are fewer than three vectors or two dimensions, or all vectors are the
            same.
    """
    if len(vectors) < 3 or vectors.shape[1] < 2:
        raise BadRequest(
            f"A map needs 3 points in 2 dimensions, and there are {len(vectors)} in {vectors.shape[1]}."
        )
    components = principal_components(np.asarray(vectors, np.float64))
    if components.variances[0] <= 1e-10:
        raise BadRequest(
            "All entries lie at the same point: a map has nothing to show.",
            "Add others to the corpus.",
        )
    axes = components.axes[:, :2].T
    largest = axes[[0, 1], np.abs(axes).argmax(axis=1)]
    share = components.variances[:2].sum() / components.variances.sum()
    return Plane(components.mean, axes * np.sign(largest)[:, None], float(share))


def tsne(vectors: Floats) -> Floats:
    """(n, 2) float64: t-SNE of (n, d) vectors by cosine, perplexity 30 or a third of what there
    is.
    """
    from sklearn.manifold import TSNE

    perplexity = max(1.0, min(30.0, (len(vectors) - 1) / 3))
    start = _start(vectors) * 1e-4
    fitted = TSNE(
        init=start, metric="cosine", perplexity=perplexity, random_state=0, n_jobs=-1
    ).fit_transform(vectors)
    return np.asarray(fitted, np.float64)


def umap(vectors: Floats) -> Floats:
    """(n, 2) float64: UMAP of (n, d) vectors by cosine, with 15 neighbours or as many as there are.

    Raises:
        BadRequest: umap-learn is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # its optional parts are not needed
            from umap import UMAP
    except ImportError as error:
        hint = "Install it, or take another method: pip install 'qasearch[umap]'"
        raise BadRequest(
            "UMAP needs the package umap-learn, which is not installed.", hint
        ) from error
    neighbours = min(15, len(vectors) - 1)
    fit = UMAP(
        init=_start(vectors), metric="cosine", n_neighbors=neighbours, random_state=0, n_jobs=1
    )
    return np.asarray(fit.fit_transform(vectors), np.float64)


def _start(vectors: Floats) -> npt.NDArray[np.float32]:
    """PCA with a spread of 1; where points coincide, or lie on a line, a little noise takes them
    apart.
    """
    xy = principal_plane(vectors).place(vectors)
    noise = 1e-3 * np.random.default_rng(0).standard_normal(xy.shape)
    return np.asarray(xy / xy[:, 0].std() + noise, np.float32)
