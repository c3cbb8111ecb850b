"""The wordings of a corpus as anchors, each with its positive and its hardest negative."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.triplets import nearest_by_class
from qasearch.lab.space import Floats, Ids, Space

SAMPLE, BLOCK = 2000, 256
"""At most so many anchors, and so many at a time."""


class Mined(NamedTuple):
    """Triplets with squared distances.

    Attributes:
        anchors: (a,) questions and other wordings of answered entries, by the number of their
            passage.
        d_ap: (a,) to the nearest piece of their own answer.
        d_an: (a,) to the nearest piece of another answer.
        negatives: (a,) the entry of that answer.
        others: (a, e) to the nearest piece of each of the e other answers.
    """

    anchors: Ids
    d_ap: Floats
    d_an: Floats
    negatives: Ids
    others: Floats


def mine(space: Space) -> Mined:
    """The triplets of the entries that have an answer; of many wordings, a fixed sample.

    Raises:
        BadRequest: fewer than two entries have one.
    """
    is_answer = np.array([passage.kind is PassageKind.ANSWER for passage in space.passages])
    answers = np.flatnonzero(is_answer)
    answers = answers[np.argsort(space.owners[answers], kind="stable")]
    answered = np.unique(space.owners[answers])
    if len(answered) < 2:
        raise BadRequest(
            f"Triplets need two entries with an answer, and the index in {space.place} has {len(answered)}.",
            "Give entries answers, and build again.",
        )
    anchors = np.flatnonzero(~is_answer & np.isin(space.owners, answered))
    anchors = np.sort(
        np.random.default_rng(0).choice(anchors, min(len(anchors), SAMPLE), replace=False)
    )
    vectors, pieces, owners = (
        space.passage_vectors[anchors],
        space.passage_vectors[answers],
        space.owners[answers],
    )
    far = np.concatenate(
        [
            nearest_by_class(vectors[start : start + BLOCK], pieces, owners, len(space.entries))[
                :, answered
            ]
            for start in range(0, len(anchors), BLOCK)
        ]
    )
    rows, own = np.arange(len(anchors)), np.searchsorted(answered, space.owners[anchors])
    d_ap = far[rows, own]
    others = np.delete(far.ravel(), rows * far.shape[1] + own).reshape(len(anchors), -1)
    far[rows, own] = np.inf
    return Mined(anchors, d_ap, far.min(axis=1), answered[far.argmin(axis=1)], others)
