"""PCA: how few dimensions keep the variance of the passages, and how few keep their ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.neighbours import comparison_depth, first_hit_accuracy, recall_at
from qasearch.lab.algorithms.norms import mean_cosine
from qasearch.lab.algorithms.pca import (
    Components,
    effective_dimension,
    nearness_in,
    principal_components,
)
from qasearch.lab.arrays import Ids, Matrix
from qasearch.lab.charts import Chart, Curves, Demonstration, Part, Points, Table
from qasearch.lab.demonstrations.held_out import hold_out, passages_text, sizes_up_to
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Space

MAX_QUESTIONS = 200
"""Held-out questions, each searched once for every number of dimensions."""

NO_VARIANCE = 1e-9
"""Total variance below which all passages count as one point."""

ENOUGH_RECALL = 0.9
"""Share of the nearest passages that a sufficient number of dimensions keeps."""

ENOUGH_ACCURACY = 0.95
"""The same for questions that find their own entry, as a share of those in all dimensions."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The variance along the components.

    Attributes:
        passages: number of passages.
        components: of the passages.
        shares: (d,) share of the variance in the first 1, 2, ..., d components.
        half: number of components with half of the variance.
        most: number of components with 90 % of it.
        effective: the participation ratio.
        error: mean squared error of the passages with `most` components.
        dropped: the same error predicted from the variances that are dropped.
        cosine: mean cosine of two passages.
    """

    passages: int
    components: Components
    shares: Matrix
    half: int
    most: int
    effective: float
    error: float
    dropped: float
    cosine: float

    @property
    def mean_share(self) -> float:
        """The share of the mean vector in the squared length of the passages, which is 1 each."""
        return float(self.components.mean @ self.components.mean)


@dataclass(frozen=True, slots=True)
class Rankings:
    """What held-out questions find in few dimensions.

    Attributes:
        questions: number of held-out questions.
        known: number of those whose entry has a passage among those searched.
        depth: number of nearest passages that are compared.
        tried: numbers of dimensions.
        recall: by number of dimensions, the share of the nearest in all dimensions that is found.
        recall_random: the same with random axes.
        accuracy: the share of the known questions that find their own entry first.
    """

    questions: int
    known: int
    depth: int
    tried: Sequence[int]
    recall: Sequence[float]
    recall_random: Sequence[float]
    accuracy: Sequence[float]

    @property
    def enough_for_recall(self) -> int:
        """The place in `tried` of the first number with `ENOUGH_RECALL`."""
        return next(place for place, share in enumerate(self.recall) if share >= ENOUGH_RECALL)

    @property
    def enough_for_accuracy(self) -> int:
        """The place in `tried` of the first number with `ENOUGH_ACCURACY` of the best accuracy."""
        least = ENOUGH_ACCURACY * self.accuracy[-1]
        return next(place for place, share in enumerate(self.accuracy) if share >= least)


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The principal components of the passages, and what questions find in the first few.

    Raises:
        BadRequest: there are fewer than three entries, or all passages lie at one point.
    """
    space.need(3, "PCA")
    queries, searched = hold_out(space, MAX_QUESTIONS)
    questions, x = (space.passage_vectors[ids].astype(np.float64) for ids in (queries, searched))
    components = principal_components(x)
    if components.variances.sum() < NO_VARIANCE:
        raise BadRequest(
            f"The {len(x)} passages searched in the index in {space.place} lie at one point, so "
            "there is no variance to keep.",
            "Choose an index with several different texts: --index DIR",
        )
    spectrum = variance_spectrum(x, components)
    rankings = rankings_in_few_dimensions(
        components.scores(questions),
        components.scores(x),
        space.owners[queries],
        space.owners[searched],
    )
    body = (
        *tell_spectrum(spectrum, passages_text(space, len(x))),
        *tell_rankings(rankings, spectrum),
        entries_in_the_plane(space, components),
    )
    return Demonstration(
        "PCA: how few dimensions keep the variance, and how few the ranking",
        body,
        numbers(spectrum, rankings),
    )


def variance_spectrum(x: Matrix, components: Components) -> Spectrum:
    """The variance along the components of (n, d) points."""
    n, variances = len(x), components.variances
    shares = np.cumsum(variances) / variances.sum()
    # 1e-9: rounding must not ask for one more component
    half, most = (int(np.searchsorted(shares, share - 1e-9)) + 1 for share in (0.5, 0.9))
    return Spectrum(
        passages=n,
        components=components,
        shares=shares,
        half=half,
        most=most,
        effective=effective_dimension(variances),
        error=float((components.scores(x)[:, most:] ** 2).sum() / n),
        dropped=float(variances[most:].sum() * (n - 1) / n),
        cosine=mean_cosine(x),
    )


def rankings_in_few_dimensions(
    questions: Matrix, points: Matrix, expected: Ids, owners: Ids
) -> Rankings:
    """What questions find in the first few coordinates.

    Args:
        questions: (q, d) coordinates along the components.
        points: (c, d) coordinates of the passages that are searched.
        expected: (q,) the entry of each question.
        owners: (c,) the entry of each passage.
    """
    d, depth = points.shape[1], comparison_depth(len(points))
    tried = sizes_up_to(d)
    rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(d, d)))[0]
    turned = questions @ rotation, points @ rotation
    scores = [nearness_in(dimensions, questions, points) for dimensions in tried]
    known = np.isin(expected, owners)
    return Rankings(
        questions=len(questions),
        known=int(known.sum()),
        depth=depth,
        tried=tried,
        recall=[recall_at(depth, scores[-1], ranking) for ranking in scores],
        recall_random=[
            recall_at(depth, scores[-1], nearness_in(dimensions, *turned)) for dimensions in tried
        ],
        accuracy=[
            first_hit_accuracy(ranking[known], owners, expected[known]) for ranking in scores
        ],
    )


def tell_spectrum(measured: Spectrum, passages: str) -> tuple[Part, ...]:
    """What principal components are, and how the variance is spread over them."""
    d = len(measured.shares)
    return (
        f"The first principal component is the direction in which {passages} vary most. The second "
        "is the best of the directions at right angles to it, and so on. They are the eigenvectors "
        "of the covariance matrix, and the variances are its eigenvalues.",
        f"Half of the variance lies in {measured.half} of {d} dimensions, 90% in {measured.most}. "
        f"The participation ratio, (sum v)^2 / sum v^2, is {measured.effective:.1f}: the variance "
        "is as spread as over that many dimensions with equal variance. With "
        f"{measured.most} dimensions, the mean squared error is {measured.error:.4f}. Theory says "
        "that it is the sum of the dropped variances, times (n - 1)/n: "
        f"{measured.dropped:.4f}.",
        f"The mean cosine of two passages is {measured.cosine:.3f}. Random directions would have "
        "about 0; more is called anisotropy: the passages lie on one side of the origin. Their "
        f"mean vector has {measured.mean_share:.1%} of their squared length. PCA subtracts it "
        "first.",
    )


def tell_rankings(measured: Rankings, spectrum: Spectrum) -> tuple[Part, ...]:
    """How few dimensions keep the ranking, in words, as a table and as a chart."""
    depth, tried = measured.depth, measured.tried
    series = {
        "variance": spectrum.shares[np.array(tried) - 1],
        f"{depth} nearest": np.array(measured.recall),
        f"{depth} nearest, random axes": np.array(measured.recall_random),
    }
    if measured.known:
        series["own entry first"] = np.array(measured.accuracy)
    rows = tuple(
        (str(dimensions), *(f"{values[place]:.1%}" for values in series.values()))
        for place, dimensions in enumerate(tried)
    )
    enough = measured.enough_for_recall
    share = spectrum.shares[tried[enough] - 1]
    return (
        f"Variance is not ranking. For {measured.questions} held-out questions, which PCA has not "
        f"seen, the {depth} nearest passages in few dimensions are compared with the nearest in "
        "all dimensions:",
        Table(("dimensions", *series), rows),
        f"Of these numbers, {tried[enough]} is the first that keeps {ENOUGH_RECALL:.0%} of the "
        f"{depth} nearest; it has {share:.0%} of the variance. {tried[enough]} random axes keep "
        f"{measured.recall_random[enough]:.0%}.{_own_entries(measured)}",
        Curves(
            "What few dimensions keep",
            "dimensions",
            "share kept",
            np.array(tried, np.float64),
            series,
            {"participation ratio": spectrum.effective},
        ),
    )


def _own_entries(measured: Rankings) -> str:
    if not measured.accuracy[-1]:
        return ""
    return (
        f" The aim is that a question finds its own entry. {measured.known} questions belong to an "
        f"entry with other passages. In all {measured.tried[-1]} dimensions, "
        f"{measured.accuracy[-1]:.0%} of them find such a passage first. "
        f"{measured.tried[measured.enough_for_accuracy]} dimensions reach at least "
        f"{ENOUGH_ACCURACY:.0%} of that."
    )


def entries_in_the_plane(space: Space, components: Components) -> Chart:
    """The entries along the first two components of the passages; the extreme ones are named."""
    xy = components.plane.place(space.vectors)
    ends = [int(end(xy[:, axis])) for axis in (0, 1) for end in (np.argmin, np.argmax)]
    return Points(
        f"First two principal components: {components.plane.share:.1%} of the variance",
        xy,
        space.sections,
        {number: one_line(space.entries[number].question) for number in ends},
    )


def numbers(spectrum: Spectrum, rankings: Rankings) -> dict[str, object]:
    """The values for JSON."""
    tried, known = rankings.tried, rankings.known
    variance = spectrum.shares[np.array(tried) - 1]
    return {
        "passages": spectrum.passages,
        "questions": rankings.questions,
        "depth": rankings.depth,
        "participation_ratio": round(spectrum.effective, 2),
        "half_of_variance": spectrum.half,
        "most_of_variance": spectrum.most,
        "mean_cosine": round(spectrum.cosine, 4),
        "mean_vector_share": round(spectrum.mean_share, 4),
        "dimensions": list(tried),
        "variance": [round(float(value), 4) for value in variance],
        "recall": [round(value, 4) for value in rankings.recall],
        "recall_random_axes": [round(value, 4) for value in rankings.recall_random],
        "own_entry_first": [round(value, 4) for value in rankings.accuracy] if known else [],
        "enough_for_recall": tried[rankings.enough_for_recall],
        "enough_for_own_entry": (
            tried[rankings.enough_for_accuracy] if rankings.accuracy[-1] else None
        ),
    }
