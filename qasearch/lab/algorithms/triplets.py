"""The triplet loss, and the mining of the hardest triplets.

Schroff, Kalenichenko and Philbin (2015), FaceNet: A Unified Embedding for Face Recognition and
Clustering; Hermans, Beyer and Leibe (2017), In Defense of the Triplet Loss for Person
Re-Identification.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qasearch.lab.arrays import Floats, Ids

MARGIN = 0.2
"""By how much the negative should be farther than the positive; the value of the FaceNet paper."""

CLASSES_OF_BATCH, EXAMPLES_OF_CLASS = 18, 4
"""P and K of a batch: P classes of K examples; the values of Hermans et al."""

BATCHES = 20
"""Random batches over which the losses are averaged."""


class Kinds(NamedTuple):
    """Numbers of triplets of each kind.

    Easy: the loss is 0. Semi-hard: the negative is farther than the positive, but by less than the
    margin. Hard: the negative is as near as the positive, or nearer.
    """

    easy: int
    semi_hard: int
    hard: int


def triplet_loss(d_ap: Floats, d_an: Floats, margin: float = MARGIN) -> Floats:
    """max(0, d_ap - d_an + margin) of distances from anchors to their positives and negatives.

    FaceNet takes squared distances.
    """
    return np.maximum(0, d_ap - d_an + margin)


def kinds(d_ap: Floats, d_an: Floats, margin: float = MARGIN) -> Kinds:
    """How many triplets are easy, semi-hard and hard."""
    hard, easy = int(np.sum(d_an <= d_ap)), int(np.sum(d_an >= d_ap + margin))
    return Kinds(easy, d_an.size - easy - hard, hard)


def nearest_by_class(anchors: Floats, examples: Floats, classes: Ids, count: int) -> Floats:
    """(a, count) float32 squared distances of each anchor to the nearest example of each class.

    Infinite for a class without examples. Rows of (a, d) anchors and (e, d) examples have unit
    norm, so a squared distance is 2 - 2 cos.

    Args:
        anchors: (a, d).
        examples: (e, d).
        classes: (e,) class of each example, from 0 to count - 1, sorted.
        count: number of classes.
    """
    present, starts = np.unique(classes, return_index=True)
    distances = np.full((len(anchors), count), np.inf, np.float32)
    distances[:, present] = 2 - 2 * np.maximum.reduceat(anchors @ examples.T, starts, axis=1)
    return np.maximum(distances, 0)


def batch_hard(distances: Floats, classes: Ids, margin: float = MARGIN) -> Floats:
    """(b,) losses of the examples of a batch (Hermans et al.).

    Each example is an anchor once, with its farthest positive and its nearest negative.

    Args:
        distances: (b, b), not squared.
        classes: (b,), at least two classes with at least two examples each.
        margin: by how much the negative should be farther.
    """
    same = classes[:, None] == classes
    farthest = np.where(same, distances, -np.inf).max(axis=1)
    nearest = np.where(same, np.inf, distances).min(axis=1)
    return triplet_loss(farthest, nearest, margin)


def batch_all(distances: Floats, classes: Ids, margin: float = MARGIN) -> Floats:
    """The losses of all valid triplets of a batch, ordered by anchor, positive and negative."""
    same = classes[:, None] == classes
    valid = (same & ~np.eye(len(classes), dtype=bool))[:, :, None] & ~same[:, None, :]
    losses: Floats = triplet_loss(distances[:, :, None], distances[:, None, :], margin)[valid]
    return losses


def batch_losses(x: Floats, classes: Ids) -> tuple[Floats, Floats]:
    """The batch-hard losses (batches, b), and all losses (batches, t), of random batches.

    A batch has `EXAMPLES_OF_CLASS` examples of each of `CLASSES_OF_BATCH` classes. With fewer
    classes that have enough examples, all of these are taken; with fewer than two, there are no
    batches.

    Args:
        x: (m, d) examples, rows of unit norm.
        classes: (m,) class of each example, from 0 on.
    """
    rng, k = np.random.default_rng(0), EXAMPLES_OF_CLASS
    large = np.flatnonzero(np.bincount(classes) >= k)
    hard, every = [], []
    for _ in range(BATCHES if len(large) > 1 else 0):
        chosen = rng.choice(large, min(CLASSES_OF_BATCH, len(large)), replace=False)
        drawn = np.concatenate(
            [rng.choice(np.flatnonzero(classes == label), k, replace=False) for label in chosen]
        )
        distances = np.sqrt(np.maximum(2 - 2 * x[drawn] @ x[drawn].T, 0))
        hard.append(batch_hard(distances, classes[drawn]))
        every.append(batch_all(distances, classes[drawn]))
    return np.array(hard), np.array(every)
