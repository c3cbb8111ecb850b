"""The triplet loss and the mining of its hardest examples.

Schroff, Kalenichenko and Philbin (2015), FaceNet: A Unified Embedding for Face Recognition and
Clustering; Hermans, Beyer and Leibe (2017), In Defense of the Triplet Loss for Person
Re-Identification.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ids = npt.NDArray[np.int64]

MARGIN = 0.2


def triplet_loss(d_ap: Floats, d_an: Floats, margin: float = MARGIN) -> Floats:
    """max(0, d_ap − d_an + margin) of distances from anchors to their positives and negatives
    (squared in FaceNet).
    """
    return np.maximum(0, d_ap - d_an + margin)


def kinds(d_ap: Floats, d_an: Floats, margin: float = MARGIN) -> tuple[int, int, int]:
    """How many triplets are easy (the loss is 0), semi-hard (below the margin), and hard (at least
    the margin).
    """
    hard, easy = int(np.sum(d_an <= d_ap)), int(np.sum(d_an >= d_ap + margin))
    return easy, d_an.size - easy - hard, hard


def nearest_by_class(anchors: Floats, examples: Floats, classes: Ids, count: int) -> Floats:
    """(a, count) float32: the squared distance of each anchor to the nearest example of each class.

    Rows of (a, d) anchors and (e, d) examples have unit norm, so it is 2 − 2 cos; `classes`, (e,)
    from 0 to count − 1, are sorted. Infinite where a class has no example.
    """
    present, starts = np.unique(classes, return_index=True)
    distances = np.full((len(anchors), count), np.inf, np.float32)
    distances[:, present] = 2 - 2 * np.maximum.reduceat(anchors @ examples.T, starts, axis=1)
    return np.maximum(distances, 0)


def batch_hard(distances: Floats, classes: Ids, margin: float = MARGIN) -> Floats:
    """(b,) losses of the examples of a batch, each with its farthest positive and nearest negative
    (Hermans et al.).

    Args:
        distances: (b, b), not squared.
        classes: (b,), two or more, with two examples each or more.
        margin: by how much the negative should be farther.
    """
    same = classes[:, None] == classes
    farthest, closest = (
        np.where(same, distances, -np.inf).max(axis=1),
        np.where(same, np.inf, distances).min(axis=1),
    )
    return triplet_loss(farthest, closest, margin)


def batch_all(distances: Floats, classes: Ids, margin: float = MARGIN) -> Floats:
    """The losses of all valid triplets of a batch, in the order of anchor, positive and
    negative.
    """
    same = classes[:, None] == classes
    valid = (same & ~np.eye(len(classes), dtype=bool))[:, :, None] & ~same[:, None, :]
    losses: Floats = triplet_loss(distances[:, :, None], distances[:, None, :], margin)[valid]
    return losses


def batch_losses(
    x: Floats, classes: Ids, p: int = 18, k: int = 4, batches: int = 20
) -> tuple[Floats, Floats]:
    """The batch-hard losses (batches, b) and all losses (batches, t) of batches of k examples of
    each of p classes.

    As many classes as have k of the (m, d) examples, rows of unit norm, where those are fewer than
    p; nothing if fewer than two have.
    """
    rng = np.random.default_rng(0)
    able = np.flatnonzero(np.bincount(classes) >= k)
    hard, every = [], []
    for _ in range(batches if len(able) > 1 else 0):
        chosen = rng.choice(able, min(p, len(able)), replace=False)
        drawn = np.concatenate(
            [rng.choice(np.flatnonzero(classes == each), k, replace=False) for each in chosen]
        )
        distances = np.sqrt(np.maximum(2 - 2 * x[drawn] @ x[drawn].T, 0))
        hard.append(batch_hard(distances, classes[drawn]))
        every.append(batch_all(distances, classes[drawn]))
    return np.array(hard), np.array(every)
