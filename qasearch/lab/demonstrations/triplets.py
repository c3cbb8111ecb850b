"""Triplets: questions that are nearer to the answer of another entry than to their own.

An anchor is a wording (a question or an alias), its positive the nearest piece of its own answer,
a negative the nearest piece of the answer of another entry.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.triplets import (
    EXAMPLES_OF_CLASS,
    MARGIN,
    Kinds,
    batch_losses,
    kinds,
    nearest_by_class,
    triplet_loss,
)
from qasearch.lab.arrays import Flags, Floats, Ids
from qasearch.lab.charts import Curves, Demonstration, Finding, Part, Table
from qasearch.lab.demonstrations.wording import location, quoted
from qasearch.lab.sampling import fixed_sample
from qasearch.lab.space import Space
from qasearch.phrases import counted

MAX_ANCHORS = 2000
"""Wordings that are anchors; of more, a sample that is always the same."""

BLOCK = 256
"""Anchors compared with all answers at a time, to bound the memory."""

MAX_ROWS = 8
"""Pairs of entries in the table."""

EDGES = np.linspace(-1, 2, 61)
"""Edges of the histogram; values beyond them count in the outermost bins."""


@dataclass(frozen=True, slots=True)
class Mined:
    """Triplets, with squared distances.

    Attributes:
        anchors: (a,) numbers of the passages that are anchors.
        owners: (a,) the entry of each anchor.
        are_questions: (a,) True for questions, False for aliases.
        d_ap: (a,) distance to the nearest piece of the own answer.
        d_an: (a,) distance to the nearest piece of another answer: the hardest negative.
        negatives: (a,) the entry of that answer.
        d_others: (a, e) distances to the nearest piece of each other answer.
    """

    anchors: Ids
    owners: Ids
    are_questions: Flags
    d_ap: Floats
    d_an: Floats
    negatives: Ids
    d_others: Floats

    @property
    def hardest(self) -> Kinds:
        """The kinds of the triplets with the hardest negatives."""
        return kinds(self.d_ap, self.d_an)

    @property
    def every(self) -> Kinds:
        """The kinds of all triplets."""
        return kinds(self.d_ap[:, None], self.d_others)

    @property
    def losses(self) -> Floats:
        """(a,) losses with the hardest negatives."""
        return triplet_loss(self.d_ap, self.d_an)

    @property
    def hard_questions(self) -> int:
        """The number of questions, without aliases, that are nearer to another answer."""
        return int(np.sum(self.are_questions & (self.d_an <= self.d_ap)))

    @property
    def confused(self) -> Mapping[tuple[int, int], list[int]]:
        """By entry and nearer other entry, the places of the anchors that are nearer to it."""
        pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
        for place in np.flatnonzero(self.d_an <= self.d_ap).tolist():
            pairs[int(self.owners[place]), int(self.negatives[place])].append(place)
        return pairs


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The hardest negative of every wording, the entries confused most, and batch-hard mining.

    Raises:
        BadRequest: fewer than two entries have an answer.
    """
    mined = mine(space)
    return Demonstration.of(
        "Triplets and their hardest negatives",
        [tell_kinds(mined), tell_confused(mined, space), tell_batches(space)],
        opening=(
            f"A triplet has an anchor, here each of {len(mined.anchors)} questions and aliases; a "
            "positive, the nearest piece of its own answer; and a negative, the nearest piece of "
            "the answer of another entry. The triplet loss asks that the negative is farther than "
            f"the positive by a margin of {MARGIN} in squared distance. Search also compares a "
            "query with the questions and aliases themselves. So a hard triplet matters for people "
            "who ask in words that are not written down."
        ),
    )


def mine(space: Space) -> Mined:
    """The triplets of the entries that have an answer.

    Raises:
        BadRequest: fewer than two entries have one.
    """
    is_answer = np.array([passage.kind is PassageKind.ANSWER for passage in space.passages])
    answers = np.flatnonzero(is_answer)
    answers = answers[np.argsort(space.owners[answers], kind="stable")]
    answered = np.unique(space.owners[answers])
    if len(answered) < 2:
        raise BadRequest(
            "Triplets need two entries with an answer, and the index in "
            f"{space.place} has {len(answered)}.",
            "Give entries an answer, then build again: qasearch build",
        )
    anchors = np.flatnonzero(~is_answer & np.isin(space.owners, answered))
    anchors = anchors[fixed_sample(len(anchors), MAX_ANCHORS)]
    vectors, pieces = space.passage_vectors[anchors], space.passage_vectors[answers]
    distances = np.concatenate(
        [
            nearest_by_class(
                vectors[start : start + BLOCK], pieces, space.owners[answers], len(space.entries)
            )[:, answered]
            for start in range(0, len(anchors), BLOCK)
        ]
    )
    rows, own = np.arange(len(anchors)), np.searchsorted(answered, space.owners[anchors])
    d_ap = distances[rows, own]
    d_others = np.delete(distances.ravel(), rows * distances.shape[1] + own)
    distances[rows, own] = np.inf
    return Mined(
        anchors=anchors,
        owners=space.owners[anchors],
        are_questions=np.array(
            [space.passages[number].kind is PassageKind.QUESTION for number in anchors]
        ),
        d_ap=d_ap,
        d_an=distances.min(axis=1),
        negatives=answered[distances.argmin(axis=1)],
        d_others=d_others.reshape(len(anchors), -1),
    )


def tell_kinds(mined: Mined) -> Finding:
    """How many triplets are easy, semi-hard and hard."""
    hardest, every, losses = mined.hardest, mined.every, mined.losses
    total, questions = sum(every), int(mined.are_questions.sum())
    gaps = {
        "all other entries": (mined.d_others - mined.d_ap[:, None]).ravel(),
        "hardest negative": mined.d_an - mined.d_ap,
    }
    shares = {
        name: np.histogram(np.clip(values, EDGES[0], EDGES[-1]), EDGES)[0] / values.size
        for name, values in gaps.items()
    }
    body = (
        f"Of all {total:,} triplets, {every.easy / total:.1%} are easy: their loss is 0, so they "
        "would teach an encoder nothing. With the hardest negative of each anchor, "
        f"{hardest.easy} triplets are easy, {hardest.semi_hard} semi-hard (the negative is "
        f"farther than the positive, but not by the margin) and {hardest.hard} hard (it is "
        f"nearer). Their mean loss is {losses.mean():.3f}. Of the {questions} questions without "
        f"their aliases, {counted(mined.hard_questions, 'is hard', 'are hard')}.",
        Curves(
            "How much farther the negative is than the positive",
            "d(a, n) - d(a, p)",
            "share of the triplets",
            (EDGES[1:] + EDGES[:-1]) / 2,
            shares,
            {"hard below": 0.0, "easy from": MARGIN},
        ),
    )
    return Finding(
        body,
        {
            "anchors": len(mined.anchors),
            "triplets": total,
            "easy_share": round(every.easy / total, 4),
            "hardest": hardest._asdict(),
            "mean_loss": round(float(losses.mean()), 4),
            "questions": questions,
            "hard_questions": mined.hard_questions,
        },
    )


def tell_confused(mined: Mined, space: Space) -> Finding:
    """The pairs of entries that are confused most, and what to do about them."""
    losses, pairs = mined.losses, mined.confused
    worst = sorted(pairs, key=lambda pair: (-float(losses[pairs[pair]].sum()), pair))[:MAX_ROWS]
    mutual = sum((b, a) in pairs for a, b in pairs) // 2
    rows: list[tuple[str | float, ...]] = []
    for a, b in worst:
        places = pairs[a, b]
        hardest = mined.anchors[max(places, key=lambda place: losses[place])]
        own, other = space.entries[a], space.entries[b]
        rows.append((float(losses[places].sum()), len(places), own.question, location(own)))
        rows.append(("", "", other.question, location(other)))
        rows.append(("", "", quoted(space.passages[hardest].text), ""))
    remedy = (
        f" {counted(mutual, 'pair is', 'pairs are')} confused in both directions: merge the two "
        "entries, or write into both how they differ."
        if mutual
        else ""
    )
    body: tuple[Part, ...] = (
        (
            Table(("loss", "wordings", "entry; nearer entry; hardest wording", "at"), tuple(rows)),
            "If a wording is nearer to another answer, there are two remedies. Let its own answer "
            "use these words. Or, if the other entry answers it better, move the wording there."
            f"{remedy}",
        )
        if worst
        else ("No wording is nearer to the answer of another entry.",)
    )
    return Finding(
        body,
        {
            "mutual_pairs": mutual,
            "worst_pairs": [[space.entries[a].id, space.entries[b].id] for a, b in worst],
        },
    )


def tell_batches(space: Space) -> Finding:
    """What mining within random batches would find."""
    hard, every = batch_losses(space.passage_vectors, space.owners)
    if not len(hard):
        return Finding(
            (
                f"Batch-hard mining needs two entries with {EXAMPLES_OF_CLASS} passages. This "
                "index does not have them.",
            ),
            {},
        )
    batches, size = hard.shape
    text = (
        f"Training mines within batches. {batches} random batches have "
        f"{size // EXAMPLES_OF_CLASS} entries with {EXAMPLES_OF_CLASS} passages each. "
        f"{np.mean(every > 0):.0%} of the {every.shape[1]:,} triplets of a batch have a loss above "
        f"0; the mean loss is {every.mean():.3f}. Batch-hard mining keeps {size} triplets: for "
        "each passage the farthest one of its own entry, and the nearest one of another entry. "
        f"Their mean loss is {hard.mean():.3f}, in distances that are not squared. An encoder that "
        f"maps every text to one point would have the margin, {MARGIN}. For "
        f"{np.mean(hard > MARGIN):.0%} of the passages, another entry has a passage nearer than "
        "the farthest of its own."
    )
    return Finding(
        (text,),
        {
            "batch_hard_loss": round(float(hard.mean()), 4),
            "batch_all_loss": round(float(every.mean()), 4),
        },
    )
