"""SVD: the best copy of the passage vectors for every rank, its error and its size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.lab.algorithms.neighbours import comparison_depth, recall_at
from qasearch.lab.algorithms.svd import errors_in, singular_values
from qasearch.lab.arrays import Matrix
from qasearch.lab.charts import Curves, Demonstration, Part, Table
from qasearch.lab.demonstrations.held_out import MAX_PASSAGES, hold_out, passages_text, sizes_up_to
from qasearch.lab.space import Space

MAX_QUESTIONS = 100
"""Held-out questions, each searched once for every rank."""

WIDE = 512
"""With more dimensions, only `PASSAGES_IF_WIDE` passages are taken."""

PASSAGES_IF_WIDE = 300
"""Rotations cost the cube of the smaller side of the matrix."""

ENOUGH_RECALL = 0.9
"""Share of the nearest passages that a sufficient rank keeps."""

NEARLY_THE_MEAN = 0.9
"""Cosine from which the first right vector counts as the direction of the mean."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of an (m, d) matrix A, for several ranks.

    Attributes:
        shape: (m, d).
        rank: number of singular values that are more than float32 rounding.
        values: (rank,) singular values, largest first.
        ranks: the ranks that are tried.
        bounds: by rank, the error that the dropped singular values predict.
        errors: by kind of copy, its error by rank.
        storage: by rank, the numbers that the best copy needs, divided by m d.
        depth: number of nearest passages that are compared.
        recall: by rank, the share of the nearest passages that questions find in the best copy.
        mean_cosine: |cosine| of the first right vector and the mean row.
    """

    shape: tuple[int, int]
    rank: int
    values: Matrix
    ranks: Sequence[int]
    bounds: Matrix
    errors: Mapping[str, Matrix]
    storage: Sequence[float]
    depth: int
    recall: Sequence[float]
    mean_cosine: float

    @property
    def gap(self) -> float:
        """The largest difference of the error of the best copy and its prediction."""
        return float(np.abs(self.errors["best copy"] - self.bounds).max())

    @property
    def no_storage_saved(self) -> int:
        """The rank from which a copy needs as many numbers as A."""
        m, d = self.shape
        return math.ceil(m * d / (m + d + 1))

    @property
    def enough(self) -> int:
        """The place in `ranks` of the first rank with `ENOUGH_RECALL`."""
        return next(place for place, share in enumerate(self.recall) if share >= ENOUGH_RECALL)


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """How near the best copies of low rank are, how near others are, and what they still find.

    Raises:
        BadRequest: there are too few entries.
    """
    space.need(3, "SVD")
    wide = space.vectors.shape[1] > WIDE
    queries, searched = hold_out(space, MAX_QUESTIONS, PASSAGES_IF_WIDE if wide else MAX_PASSAGES)
    questions, a = (space.passage_vectors[ids].astype(np.float64) for ids in (queries, searched))
    copies = copies_of(a, questions)
    body = (
        *tell_values(copies, passages_text(space, len(a))),
        *tell_errors(copies),
        *tell_storage(copies, len(questions)),
    )
    return Demonstration("SVD: the best copy for every rank", body, numbers(copies, len(questions)))


def copies_of(a: Matrix, questions: Matrix) -> Copies:
    """The copies of (m, d) `a`, searched by (q, d) questions."""
    (m, d), size = a.shape, float(np.linalg.norm(a))
    values, right = singular_values(a)
    rank = int((values > values[0] * max(m, d) * np.finfo(np.float32).eps).sum())
    bounds = np.sqrt([(values[r:] ** 2).sum() for r in range(1, rank + 1)]) / size
    rng = np.random.default_rng(0)
    spans = a[rng.permutation(m)[:rank]], rng.normal(size=(rank, d))
    passages, axes = (np.linalg.qr(span.T)[0] for span in spans)
    ranks, depth, full = sizes_up_to(rank), comparison_depth(m), questions @ a.T
    # the left part of a copy holds U S, the right part V^T
    parts = [(a @ right[:r].T, right[:r]) for r in ranks]
    places, mean = np.array(ranks) - 1, a.mean(axis=0)
    return Copies(
        shape=(m, d),
        rank=rank,
        values=values[:rank],
        ranks=ranks,
        bounds=bounds[places],
        errors={
            "best copy": np.array([np.linalg.norm(a - left @ v) / size for left, v in parts]),
            "random passages": errors_in(a, passages)[places],
            "random axes": errors_in(a, axes)[places],
        },
        storage=[r * (m + d + 1) / (m * d) for r in ranks],
        depth=depth,
        recall=[recall_at(depth, full, (questions @ v.T) @ left.T) for left, v in parts],
        mean_cosine=abs(float(right[0] @ mean)) / max(float(np.linalg.norm(mean)), 1e-12),
    )


def tell_values(copies: Copies, passages: str) -> tuple[Part, ...]:
    """What singular values are, and how many there are."""
    m, d = copies.shape
    limit = (
        f"There are {m} passages, so there cannot be more than {m}."
        if m < d
        else f"The vectors lie in {copies.rank} of {d} dimensions."
    )
    return (
        f"The rows of A are the vectors of {passages}, {m:,} by {d}. A = U S V^T: A maps the "
        "directions V, which are at right angles, to the directions U, which are at right angles "
        "too, and stretches them by the singular values S. They are found by rotations: pairs of "
        "rows are turned until all rows are at right angles (Jacobi). "
        f"{copies.rank} singular values are more than rounding. {limit}",
        Curves(
            "Singular values",
            "number",
            "value",
            np.arange(1.0, copies.rank + 1),
            {"singular value": copies.values},
        ),
    )


def tell_errors(copies: Copies) -> tuple[Part, ...]:
    """The errors of the copies, beside their prediction."""
    heads = ("rank", "storage", "dropped values", *copies.errors, f"{copies.depth} nearest kept")
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (
            str(rank),
            f"{copies.storage[place]:.1%}",
            float(copies.bounds[place]),
            *(float(errors[place]) for errors in copies.errors.values()),
            f"{copies.recall[place]:.0%}",
        )
        for place, rank in enumerate(copies.ranks)
    )
    return (
        "The best copy of rank k keeps the k largest singular values: A_k = U_k S_k V_k^T. Its "
        "error is the root of the sum of the squares of the dropped values, and no matrix of rank "
        "k has a smaller error (Eckart and Young). The table shows this prediction, the measured "
        "error, and two other copies: the nearest ones with rows in the span of k random passages "
        "or of k random axes. Errors are shares of |A|.",
        Table(heads, rows),
        f"The error of the best copy differs from its prediction by at most {copies.gap:.0e}.",
        Curves(
            "Error of copies of A, as a share of |A|",
            "rank",
            "error",
            np.array(copies.ranks, np.float64),
            copies.errors,
            {"no storage saved": copies.no_storage_saved},
        ),
    )


def tell_storage(copies: Copies, questions: int) -> tuple[Part, ...]:
    """The size of the copies, what questions find in them, and the mean of the rows."""
    place = copies.enough
    mean = (
        " Without centring, SVD spends its first direction on the mean."
        if copies.mean_cosine > NEARLY_THE_MEAN
        else ""
    )
    return (
        "U_k, S_k and V_k are k (m + d + 1) numbers instead of m d, so nothing is saved from rank "
        f"{copies.no_storage_saved} on. Rank {copies.ranks[place]} is the first of these that "
        f"keeps {ENOUGH_RECALL:.0%} of the {copies.depth} passages nearest to each of {questions} "
        f"held-out questions. It keeps {copies.recall[place]:.0%}, has an error of "
        f"{copies.errors['best copy'][place]:.2f} and needs {copies.storage[place]:.0%} of the "
        "storage.",
        f"The first right vector has a cosine of {copies.mean_cosine:.2f} with the mean of the "
        f"rows.{mean} If the mean is subtracted first, the right vectors are the principal "
        "components, and value^2 / (m - 1) are their variances.",
    )


def numbers(copies: Copies, questions: int) -> dict[str, object]:
    """The values for JSON."""
    m, d = copies.shape
    return {
        "passages": m,
        "dimensions": d,
        "questions": questions,
        "depth": copies.depth,
        "rank": copies.rank,
        "ranks": list(copies.ranks),
        "singular_values": [round(float(value), 4) for value in copies.values[:5]],
        "no_storage_saved": copies.no_storage_saved,
        "storage": [round(share, 4) for share in copies.storage],
        "bound": [round(float(value), 6) for value in copies.bounds],
        "errors": {
            name: [round(float(value), 6) for value in errors]
            for name, errors in copies.errors.items()
        },
        "largest_gap": float(f"{copies.gap:.1e}"),
        "recall": [round(share, 4) for share in copies.recall],
        "enough_for_recall": copies.ranks[copies.enough],
        "first_vector_mean_cosine": round(copies.mean_cosine, 4),
    }
