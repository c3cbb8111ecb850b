"""Triplets: the questions that lie nearer to another entry's answer than to their own, and what to
do about it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.lab.algorithms.triplets import MARGIN, batch_losses, kinds, triplet_loss
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.demonstrations.duplicates import place
from qasearch.lab.demonstrations.negatives import mine
from qasearch.lab.demonstrations.wording import quoted
from qasearch.lab.space import Space

SHOWN = 8
EDGES = np.linspace(-1, 2, 61)


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The hardest negative of every wording, the pairs of entries that are told apart worst, and
    batch-hard mining.
    """
    del arguments
    anchors, d_ap, d_an, negatives, others = mine(space)
    owners = space.owners[anchors]
    easy, semi, hard = kinds(d_ap, d_an)
    easy_all, semi_all, hard_all = kinds(d_ap[:, None], others)
    losses = triplet_loss(d_ap, d_an)
    total = easy_all + semi_all + hard_all
    asked = np.array([space.passages[at].kind is PassageKind.QUESTION for at in anchors])
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in np.flatnonzero(d_an <= d_ap):
        pairs[int(owners[at]), int(negatives[at])].append(int(at))
    worst = sorted(pairs, key=lambda pair: (-float(losses[pairs[pair]].sum()), pair))[:SHOWN]
    mutual = sum((b, a) in pairs for a, b in pairs) // 2
    table = Table(
        ("loss", "wordings", "of this entry, nearer to the answer of the next; the worst", "at"),
        tuple(row for (a, b), ats in ((pair, pairs[pair]) for pair in worst) for row in (
            (float(losses[ats].sum()), len(ats), space.entries[a].question, place(space.entries[a])),
            ("", "", space.entries[b].question, place(space.entries[b])),
            ("", "", quoted(space.passages[anchors[max(ats, key=lambda at: losses[at])]].text), ""))),
    )  # fmt: skip
    zones = {"all other entries": (others - d_ap[:, None]).ravel(), "hardest negative": d_an - d_ap}
    shares = {
        name: np.histogram(np.clip(gaps, *EDGES[[0, -1]]), EDGES)[0] / gaps.size
        for name, gaps in zones.items()
    }
    hardest, every = batch_losses(space.passage_vectors, space.owners)
    body = (
        f"A triplet is an anchor, here each of {len(anchors)} questions and other wordings; a positive, the piece of "
        "its own answer that is nearest; and a negative, the nearest piece of another entry's answer. The triplet loss "
        f"asks that the negative be farther by a margin of {MARGIN} in squared distance. Search also has the wordings "
        "themselves to compare with; a hard triplet is what somebody meets who asks in words that nobody wrote down.",
        f"Of all {total:,} triplets {easy_all / total:.1%} are easy: they would teach an encoder nothing. With the "
        f"hardest negative of each anchor, {easy} are easy, {semi} semi-hard (farther than the positive, but not by "
        f"the margin) and {hard} hard (nearer than the positive); the mean loss is {losses.mean():.3f}. Of the "
        f"{asked.sum()} questions themselves, {np.sum(asked & (d_an <= d_ap))} are hard.",
        Curves("How much farther the negative is than the positive", "d(a, n) − d(a, p)", "share of the triplets",
               (EDGES[1:] + EDGES[:-1]) / 2, shares, {"hard below": 0.0, "easy from": MARGIN}),
        *([table, "Where a wording is nearer to another answer, let its own answer say it in those words, or move the "
           "wording if the other entry is the one that answers it. Pairs mistaken for each other both ways "
           f"({mutual} here) should be merged, or say in both entries how they differ."] if worst else
          ["No wording is nearer to another entry's answer."]),
        f"Training mines within batches. In {len(hardest)} batches of {hardest.shape[1] // 4} entries with 4 passages "
        f"each, {np.mean(every > 0):.0%} of the {every.shape[1]:,} triplets of a batch have a loss, {every.mean():.3f} "
        f"in the mean. Batch-hard keeps {hardest.shape[1]}: for each passage the farthest of its own entry and the "
        f"nearest of another. Their mean loss is {hardest.mean():.3f} in plain distances (a collapsed encoder would "
        f"have the margin, {MARGIN}), and for {np.mean(hardest > MARGIN):.0%} the stranger is the nearer one."
        if len(hardest) else "Batch-hard mining needs two entries with 4 passages, which this index does not have.",
    )  # fmt: skip
    numbers = {
        "anchors": len(anchors), "triplets": total, "easy_share": round(easy_all / total, 4),
        "hardest": {"easy": easy, "semi_hard": semi, "hard": hard}, "mean_loss": round(float(losses.mean()), 4),
        "questions": int(asked.sum()), "hard_questions": int(np.sum(asked & (d_an <= d_ap))), "mutual_pairs": mutual,
        "worst_pairs": [[space.entries[a].id, space.entries[b].id] for a, b in worst],
    }  # fmt: skip
    if len(hardest):
        numbers |= {
            "batch_hard_loss": round(float(hardest.mean()), 4),
            "batch_all_loss": round(float(every.mean()), 4),
        }
    return Demonstration("Triplets and their hardest negatives", body, numbers)
