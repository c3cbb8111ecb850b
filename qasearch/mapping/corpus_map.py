"""The map of a corpus: its entries in the plane, questions among them, and what the map keeps and
loses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.reply import Reply, Verdict
from qasearch.lab.charts import Points
from qasearch.lab.space import Space
from qasearch.mapping.preservation import Preservation, preservation
from qasearch.mapping.projections import Floats, principal_plane, tsne, umap

METHODS: Mapping[str, str] = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP"}
"""The ways to lay a space out, by what they are called on the command line."""

_OTHERS: Mapping[str, Callable[[Floats], Floats]] = {"tsne": tsne, "umap": umap}
_NAMES, _ASKED, _NONE = 16, "question", "question: no answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on the map: its verdict, the confidence of its first hit, where it is, and its
    hits that are there.

    `hits` are pairs of an entry's number in the space and a confidence, best first.
    """

    question: str
    verdict: Verdict
    confidence: float
    xy: tuple[float, float]
    hits: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class CorpusMap:
    """The entries of a space in the plane.

    Attributes:
        method: one of `METHODS`.
        xy: (n, 2) float64, where each entry is.
        share: of the variance in these two dimensions; None but for PCA.
        preserved: how far neighbours on the map are neighbours in the space.
    """

    space: Space
    method: str
    xy: Floats
    share: float | None
    preserved: Preservation
    asked: tuple[Asked, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """How to read the map: what its method keeps and loses, measured; then how the questions
        were placed.
        """
        n, total = len(self.space.entries), self.space.total
        sample = (
            f" They are a sample of the {total:,} of the corpus, the same each time."
            if total > n
            else ""
        )
        questions = (_PLACED if self.method == "pca" else _AMONG,) if self.asked else ()
        return (
            f"{n:,} entries, {_READ[self.method].format(share=_percent(self.share or 0))}{sample}",
            self._kept(),
            *questions,
        )

    def _kept(self) -> str:
        kept = self.preserved
        advice = (
            "So most neighbours here are real ones."
            if kept.share > 0.5
            else "So look at an entry's nearest in the space before taking what is beside it here as alike."
        )
        d, share, chance = (
            self.space.vectors.shape[1],
            _percent(kept.share),
            _percent(kept.by_chance),
        )
        among = f", over {kept.sampled:,} entries" if kept.sampled < len(self.space.entries) else ""
        found = (
            f"Of the {kept.k} nearest entries in all {d} dimensions, {share} are also nearest on the map{among}"
            if kept.k > 1
            else f"The nearest entry in all {d} dimensions is also the nearest on the map for {share} of the entries"
        )
        return f"{found} (by chance: {chance}); trustworthiness {kept.trustworthiness:.2f} of 1. {advice}"

    @property
    def chart(self) -> Points:
        """The map, with lines to the hits of questions that have an answer; a name beside some
        points.
        """
        n, asked = len(self.space.entries), self.asked
        names = {n + place: each.question for place, each in enumerate(asked)}
        best = [each.hits[0][0] for each in asked if each.hits and each.verdict is not Verdict.NONE]
        names |= {
            number: self.space.entries[number].question
            for number in best or _spread(self.xy, _NAMES)
        }
        return Points(
            f"{METHODS[self.method]} of {n:,} entries",
            np.concatenate([self.xy, np.array([each.xy for each in asked]).reshape(-1, 2)]),
            self.space.sections
            + tuple(_NONE if each.verdict is Verdict.NONE else _ASKED for each in asked),
            names,
            tuple(
                (n + place, number)
                for place, each in enumerate(asked)
                for number, _ in each.hits
                if each.verdict is not Verdict.NONE
            ),
            (_ASKED, _NONE),
        )


_READ = {
    "pca": "laid out by PCA: the plane in which their vectors vary most, with {share} of the variance. What is far "
    "apart here is far apart in the space; what is close here may still be apart in a dimension that was left out.",
    "tsne": "laid out by t-SNE: near neighbours are kept near. Groups can be read; how far apart, how large and how "
    "dense they are cannot.",
    "umap": "laid out by UMAP: each is joined to its nearest neighbours, and that graph is spread out. Groups can be "
    "read; how far apart and how dense they are cannot.",
}
_PLACED = "A question is where the same projection puts its vector; lines lead to the entries that it found."
_AMONG = "A question has no place of its own in such a map: it is at the mean of its hits, weighted by confidence."


def make_map(space: Space, method: str, replies: Sequence[Reply] = ()) -> CorpusMap:
    """The map of a space by one of `METHODS`, with the questions that were asked.

    Raises:
        BadRequest: there are fewer than three entries, all are alike, or the method is not
            installed.
    """
    space.need(3, "A map")
    plane = principal_plane(space.vectors)
    xy = plane.place(space.vectors) if method == "pca" else _OTHERS[method](space.vectors)
    numbers = {entry.id: number for number, entry in enumerate(space.entries)}
    vectors = space.encode([reply.query for reply in replies]) if replies else space.vectors[:0]
    asked = []
    for vector, reply in zip(vectors, replies, strict=True):
        hits = [
            (numbers[hit.entry.id], hit.confidence) for hit in reply.hits if hit.entry.id in numbers
        ]
        near = hits or [
            (int(number), 1.0) for number in np.argsort(-space.nearness(vector), kind="stable")[:5]
        ]
        weights = np.array([max(confidence, 1e-6) for _, confidence in near])
        mean = np.average(xy[[number for number, _ in near]], axis=0, weights=weights)
        x, y = plane.place(vector[None])[0] if method == "pca" else mean
        first = reply.hits[0].confidence if reply.hits else 0.0
        asked.append(Asked(reply.query, reply.verdict, first, (float(x), float(y)), tuple(hits)))
    share = plane.share if method == "pca" else None
    return CorpusMap(space, method, xy, share, preservation(space.vectors, xy), tuple(asked))


def _spread(xy: Floats, count: int) -> list[int]:
    """Points far from each other: the one nearest to the middle, then always the one farthest from
    those taken.
    """
    chosen = [int(((xy - xy.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    apart = ((xy - xy[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count and apart.max() > 0:
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, ((xy - xy[chosen[-1]]) ** 2).sum(axis=1))
    return chosen


def _percent(share: float) -> str:
    return f"{share * 100:.2f}\u00a0%" if share < 0.01 else f"{share * 100:.0f}\u00a0%"
