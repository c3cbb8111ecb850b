"""Vectors of fewer dimensions: some of those that there are, or of the principal components."""

from __future__ import annotations

from typing import Any

import numpy as np

from qasearch.lab.charts import Chart, Curves, Table
from qasearch.lab.demonstrations.rankings import recall, without_itself
from qasearch.lab.space import Floats, Ids

SIXTEENTHS = (1, 2, 4, 6, 8, 12, 16)
"""Of the dimensions, so many are kept."""


def fewer_dimensions(
    vectors: Floats, queries: Ids
) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """Dimensions left out, of those there are and of the principal components, in words and
    numbers.
    """
    d, asked = vectors.shape[1], vectors[queries]
    exact = without_itself(asked @ vectors.T, queries)
    by_variance = np.argsort(-vectors.var(axis=0), kind="stable")
    axes = np.linalg.eigh(np.cov(vectors.T, dtype=np.float64).reshape(d, d))[1][:, ::-1].astype(
        np.float32
    )
    turned = vectors @ axes
    kept = np.unique(np.maximum(1, np.array(SIXTEENTHS) * d // 16))
    cut: dict[str, list[float]] = {"dimensions of largest variance": [], "principal components": []}
    for k in kept.tolist():
        for name, some in zip(cut, (vectors[:, by_variance[:k]], turned[:, :k]), strict=True):
            cut[name].append(recall(exact, without_itself(some[queries] @ some.T, queries)))
    at = int(np.searchsorted(kept, max(1, d // 4)))
    plain, pca = (values[at] for values in cut.values())
    why = (
        "Turned first, so that few axes carry most of the variance (PCA), the vectors lose less where they are cut: "
        "what the encoder knows is spread over all of its dimensions, and not in some that could be left out."
        if pca > plain
        else "Turning to the principal components first gains nothing here."
    )
    return [
        f"Pruning leaves out whole dimensions. The {kept[at]} of largest variance, of {d}, keep a recall of "
        f"{plain:.0%}; as many principal components keep {pca:.0%}. {why}",
        Curves(
            "Recall@10 by the dimensions kept", "dimensions kept", "recall@10", kept.astype(np.float64),
            {name: np.array(values) for name, values in cut.items()},
        ),
    ], {"dimensions_kept": kept.tolist(), "recall_pruned": np.round(cut["dimensions of largest variance"], 4).tolist(),
        "recall_pca": np.round(cut["principal components"], 4).tolist()}  # fmt: skip
