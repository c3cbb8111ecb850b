"""The map of a corpus: entries and questions in the plane, and what the map keeps and loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.reply import Reply, Verdict
from qasearch.lab.algorithms.norms import distances
from qasearch.lab.algorithms.pca import Plane
from qasearch.lab.arrays import Floats, Matrix, Vectors
from qasearch.lab.charts import Points
from qasearch.lab.space import Space
from qasearch.mapping.preservation import Preservation, preservation
from qasearch.mapping.projections import Method, map_plane, tsne, umap

NAMED_ENTRIES = 16
"""Entries with a name on a map without questions; more names would overlap."""

NEAREST_IF_NO_HITS = 5
"""A question whose hits are not on the map is put among so many of its nearest entries."""

SMALLEST_WEIGHT = 1e-6
"""Weight of a hit with confidence 0, so that weights never sum to 0."""

MOST_NEIGHBOURS = 0.5
"""Recall above which most neighbours on the map are neighbours in the space."""

QUESTION = "question"
UNANSWERED = "question: no answer"
"""The groups of questions in the chart."""

READING = {
    Method.PCA: (
        "laid out by PCA: the plane in which their vectors vary most, with {share} of the "
        "variance. What is far apart here is far apart in the space. What is close here may be far "
        "apart in a dimension that was left out."
    ),
    Method.TSNE: (
        "laid out by t-SNE, which keeps near neighbours near. Groups mean something. Distances "
        "between groups, and their size and density, mean nothing."
    ),
    Method.UMAP: (
        "laid out by UMAP, which joins each entry to its nearest neighbours and spreads out that "
        "graph. Groups mean something. Distances between groups, and their density, mean nothing."
    ),
}
"""What each method keeps and loses."""

PROJECTED_QUESTIONS = (
    "A question is where the same projection puts its vector. Lines lead to the entries that it "
    "found."
)
AVERAGED_QUESTIONS = (
    "This method has no place for a question. It is put at the mean of its hits, weighted by "
    "confidence. Lines lead to the entries that it found."
)


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """A question on the map.

    Attributes:
        question: its text.
        verdict: whether it has an answer.
        missing: a sentence on what is missing; "" if it is answered.
        confidence: of its first hit, 0 if there is none.
        xy: its place.
        hits: those of its hits that are on the map, best first: the number of the entry in the
            space, and the confidence.
    """

    question: str
    verdict: Verdict
    missing: str
    confidence: float
    xy: tuple[float, float]
    hits: tuple[tuple[int, float], ...]

    @property
    def answered(self) -> bool:
        """Whether the verdict is more than `NONE`."""
        return self.verdict is not Verdict.NONE


@dataclass(frozen=True, slots=True)
class CorpusMap:
    """The entries of a space in the plane, and questions among them.

    Attributes:
        space: the space.
        method: how it was laid out.
        xy: (n, 2) float64, the place of each entry.
        variance_share: share of the variance in the plane; None for methods other than PCA.
        preservation: how far neighbours on the map are neighbours in the space.
        questions: in the order in which they were asked.
    """

    space: Space
    method: Method
    xy: Matrix
    variance_share: float | None
    preservation: Preservation
    questions: tuple[MapQuestion, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """How to read the map: what the method keeps and loses, then how questions are placed."""
        n, total = len(self.space.entries), self.space.total
        reading = READING[self.method].format(share=_percent(self.variance_share or 0))
        sample = (
            f" They are a sample of the {total:,} entries of the corpus, always the same."
            if total > n
            else ""
        )
        placing = PROJECTED_QUESTIONS if self.method is Method.PCA else AVERAGED_QUESTIONS
        return (
            f"{n:,} entries, {reading}{sample}",
            self._preservation_sentence(),
            *((placing,) if self.questions else ()),
        )

    def _preservation_sentence(self) -> str:
        measured, d = self.preservation, self.space.vectors.shape[1]
        recall, chance = _percent(measured.recall), _percent(measured.random_recall)
        sample = (
            f", measured on {measured.sampled:,} entries"
            if measured.sampled < len(self.space.entries)
            else ""
        )
        neighbours = (
            f"Of the {measured.k} nearest entries in all {d} dimensions, {recall} are also among "
            f"the {measured.k} nearest on the map"
            if measured.k > 1
            else f"For {recall} of the entries, the nearest entry in all {d} dimensions is also "
            "the nearest on the map"
        )
        advice = (
            "So most neighbours on the map are real neighbours."
            if measured.recall > MOST_NEIGHBOURS
            else "So entries that are close on the map may have little in common: check the "
            "nearest entries in the space."
        )
        return (
            f"{neighbours}{sample} (by chance: {chance}). The trustworthiness is "
            f"{measured.trustworthiness:.2f} of 1. {advice}"
        )

    @property
    def chart(self) -> Points:
        """The map as points; lines join questions that have an answer to their hits.

        The questions and their best hits have names, or some entries if there are no questions.
        """
        n, questions = len(self.space.entries), self.questions
        best = [item.hits[0][0] for item in questions if item.hits and item.answered]
        named = best or _spread_out(self.xy, NAMED_ENTRIES)
        names = {n + place: item.question for place, item in enumerate(questions)}
        names |= {number: self.space.entries[number].question for number in named}
        places = np.array([item.xy for item in questions]).reshape(-1, 2)
        groups = tuple(QUESTION if item.answered else UNANSWERED for item in questions)
        return Points(
            f"{self.method.label} of {n:,} entries",
            np.concatenate([self.xy, places]),
            self.space.sections + groups,
            names,
            tuple(
                (n + place, number)
                for place, item in enumerate(questions)
                for number, _ in item.hits
                if item.answered
            ),
            (QUESTION, UNANSWERED),
        )


def make_map(space: Space, method: Method, replies: Sequence[Reply] = ()) -> CorpusMap:
    """The map of a space, with the questions of these replies.

    Raises:
        BadRequest: there are fewer than three entries, all are at one point, or the method is not
            installed.
    """
    space.need(3, "A map")
    plane = map_plane(space.vectors)
    if method is Method.TSNE:
        xy = tsne(space.vectors)
    elif method is Method.UMAP:
        xy = umap(space.vectors)
    else:
        xy = plane.place(space.vectors)
    vectors = space.encode([reply.query for reply in replies]) if replies else space.vectors[:0]
    projection = plane if method is Method.PCA else None
    return CorpusMap(
        space=space,
        method=method,
        xy=xy,
        variance_share=projection.share if projection else None,
        preservation=preservation(space.vectors, xy),
        questions=tuple(
            _placed(reply, vector, space, xy, projection)
            for reply, vector in zip(replies, vectors, strict=True)
        ),
    )


def _placed(
    reply: Reply, vector: Vectors, space: Space, xy: Matrix, projection: Plane | None
) -> MapQuestion:
    """The question of a reply on the map.

    Args:
        reply: the question and its hits.
        vector: (d,) of the question.
        space: the space.
        xy: (n, 2) places of the entries.
        projection: the plane that gives the question a place. Without one, its place is the mean
            of its hits, or of its nearest entries if no hit is on the map.
    """
    numbers = {entry.id: number for number, entry in enumerate(space.entries)}
    hits = tuple(
        (numbers[hit.entry.id], hit.confidence) for hit in reply.hits if hit.entry.id in numbers
    )
    if projection:
        x, y = projection.place(vector[None])[0]
    else:
        nearest = np.argsort(-space.nearness(vector), kind="stable")[:NEAREST_IF_NO_HITS]
        weighted = hits or tuple((int(number), 1.0) for number in nearest)
        weights = np.array([max(confidence, SMALLEST_WEIGHT) for _, confidence in weighted])
        x, y = np.average(xy[[number for number, _ in weighted]], axis=0, weights=weights)
    confidence = reply.hits[0].confidence if reply.hits else 0.0
    missing = reply.gap.sentence if reply.gap else ""
    place = float(x), float(y)
    return MapQuestion(reply.query, reply.verdict, missing, confidence, place, hits)


def _spread_out(xy: Floats, count: int) -> list[int]:
    """At most `count` points that are far from each other.

    The first one is the nearest to the middle; each next one is the farthest from all before it.
    """
    chosen = [int(distances(xy.mean(axis=0)[None], xy, 2)[0].argmin())]
    apart = distances(xy[chosen], xy, 2)[0]
    while len(chosen) < count and apart.max() > 0:
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, distances(xy[chosen[-1:]], xy, 2)[0])
    return chosen


def _percent(share: float) -> str:
    """A share in percent, with two decimals if it is below 1 %."""
    return f"{share * 100:.{2 if share < 0.01 else 0}f}\u00a0%"
