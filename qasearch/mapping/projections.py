"""An embedding space laid out in the plane, by one of three methods.

PCA: Hotelling 1933, Analysis of a complex of statistical variables into principal components.
t-SNE: van der Maaten and Hinton 2008, Visualizing data using t-SNE; from scikit-learn. UMAP:
McInnes, Healy and Melville 2018, UMAP: Uniform manifold approximation and projection; from
umap-learn. t-SNE and UMAP start from PCA, which keeps more of the large structure than a random
start (Kobak and Berens 2019, The art of using t-SNE for single-cell transcriptomics).
"""

from __future__ import annotations

import warnings
from enum import StrEnum

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.pca import Plane, principal_plane
from qasearch.lab.arrays import Floats, Matrix, Vectors

PERPLEXITY = 30.0
"""Of t-SNE: roughly the number of neighbours that are kept near; scikit-learn's default."""

UMAP_NEIGHBOURS = 15
"""Neighbours that an entry is joined to; umap-learn's default."""

NO_VARIANCE = 1e-10
"""Variance along the first axis up to which all entries count as one point."""

START_SPREAD = 1e-4
"""Standard deviation of the start of t-SNE along the first axis, as Kobak and Berens advise."""

NOISE = 1e-3
"""Share of noise in a start: t-SNE and UMAP cannot separate points that coincide."""


class Method(StrEnum):
    """A way to lay a space out in the plane; the value is its name on the command line."""

    PCA = "pca"
    TSNE = "tsne"
    UMAP = "umap"

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        return {Method.PCA: "PCA", Method.TSNE: "t-SNE", Method.UMAP: "UMAP"}[self]


def map_plane(vectors: Floats) -> Plane:
    """The plane in which (n, d) vectors vary most.

    Raises:
        BadRequest: there are fewer than three vectors or two dimensions, or all vectors are the
            same.
    """
    n, d = vectors.shape
    if n < 3 or d < 2:
        raise BadRequest(
            f"A map needs 3 entries in 2 dimensions, and there are {n} in {d}.",
            "Add entries to the corpus, then build again: qasearch build",
        )
    plane = principal_plane(vectors)
    if plane.place(vectors)[:, 0].var(ddof=1) <= NO_VARIANCE:
        raise BadRequest(
            "All entries lie at the same point, so a map has nothing to show.",
            "Add different entries to the corpus, then build again: qasearch build",
        )
    return plane


def tsne(vectors: Floats) -> Matrix:
    """(n, 2) places of (n, d) vectors by t-SNE, with cosine distances."""
    from sklearn.manifold import TSNE

    fitted = TSNE(
        init=_start(vectors) * START_SPREAD,
        metric="cosine",
        perplexity=max(1.0, min(PERPLEXITY, (len(vectors) - 1) / 3)),
        random_state=0,
        n_jobs=-1,
    ).fit_transform(vectors)
    return np.asarray(fitted, np.float64)


def umap(vectors: Floats) -> Matrix:
    """(n, 2) places of (n, d) vectors by UMAP, with cosine distances.

    Raises:
        BadRequest: umap-learn is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # about optional parts of umap-learn
            from umap import UMAP
    except ImportError as error:
        raise BadRequest(
            "UMAP needs the package umap-learn, which is not installed.",
            "Install it: pip install 'qasearch[umap]'. Or choose another method: --method tsne",
        ) from error
    fitted = UMAP(
        init=_start(vectors),
        metric="cosine",
        n_neighbors=min(UMAP_NEIGHBOURS, len(vectors) - 1),
        random_state=0,
        n_jobs=1,
    ).fit_transform(vectors)
    return np.asarray(fitted, np.float64)


def _start(vectors: Floats) -> Vectors:
    """(n, 2) places by PCA with standard deviation 1 along the first axis, and a little noise."""
    xy = map_plane(vectors).place(vectors)
    noise = NOISE * np.random.default_rng(0).standard_normal(xy.shape)
    return np.asarray(xy / xy[:, 0].std() + noise, np.float32)
