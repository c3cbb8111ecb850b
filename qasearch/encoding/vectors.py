"""What every encoder promises of its vectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qasearch.errors import ModelUnavailable

Vectors = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32]


def unit_rows(vectors: Vectors, model: str) -> Vectors:
    """(n, d) float32, the rows divided by their norms.

    Raises:
        ModelUnavailable: a row is not finite or is zero.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(norms).all() and norms.all()):
        raise ModelUnavailable(
            f"The model '{model}' gives vectors that are not finite or are zero.",
            "Use another model.",
        )
    return np.asarray(vectors / norms, np.float32)
