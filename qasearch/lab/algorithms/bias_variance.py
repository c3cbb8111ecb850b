"""Bias and variance of a nearest-neighbour classifier: which section an entry belongs to, as k
grows.

Domingos (2000), A Unified Bias-Variance Decomposition for Zero-One and Squared Loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


def nearest_neighbours(
    similarities: npt.NDArray[np.floating], labels: Labels, ks: Sequence[int]
) -> Labels:
    """(len(ks), t) for each of t cases the most frequent label among its k most similar examples.

    Args:
        similarities: (t, n) to the examples.
        labels: (n,) of the examples, from 0 on.
        ks: none above n. Of labels as frequent as each other, the one of nearer examples wins.
    """
    order = np.argsort(-similarities, axis=1, kind="stable")[:, : max(ks)]
    weights = (
        1 - np.arange(order.shape[1]) / order.shape[1] ** 2 / 2
    )  # together less than one vote: ties only
    votes = np.cumsum(np.eye(labels.max() + 1)[labels[order]] * weights[:, None], axis=1)
    return np.stack([votes[:, k - 1].argmax(axis=1) for k in ks])


def decompose(predictions: Labels, truth: Labels) -> tuple[float, float, float]:
    """Bias, and the variance where it is 0 and where it is 1: error = bias + first − second, in the
    mean.

    For zero-one loss without noise the bias of a case is whether its main prediction, the most
    frequent one, is wrong. Where it is right, every deviation costs; where it is wrong, deviations
    to the truth pay (Domingos 2000).

    Args:
        predictions: (r, t) labels by r training sets, −1 where the case was trained on.
        truth: (t,) labels; every case has a prediction.
    """
    columns = [column[column >= 0] for column in predictions.T]
    main = np.array([np.bincount(column).argmax() for column in columns])
    wrong = np.array(
        [np.mean(column != label) for column, label in zip(columns, truth, strict=True)]
    )
    biased = main != truth
    return (
        float(biased.mean()),
        float((wrong * ~biased).mean()),
        float(((1 - wrong) * biased).mean()),
    )
