"""SVD: the best copies of the passages' vectors of a low rank, what they lose, and what they take
to store.

Eckart and Young (1936), The approximation of one matrix by another of lower rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qasearch.lab.algorithms.covariance import Matrix
from qasearch.lab.algorithms.svd import singular_values
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.demonstrations.rankings import depth, kept, ladder
from qasearch.lab.demonstrations.samples import MOST_PASSAGES, counted, hold_out
from qasearch.lab.space import Space


def errors_in(a: Matrix, basis: Matrix) -> Matrix:
    """(r,) errors of copies A W W^T of (m, d) A, for W the first 1, 2, ... columns of an
    orthonormal (d, r) `basis`.

    Of all copies with rows in the span of W it is the nearest. |A - A W W^T| by |A|, in the
    Frobenius norm, is the root of 1 - |A W|^2 / |A|^2 (Pythagoras).
    """
    kept_squares = np.cumsum(((a @ basis) ** 2).sum(axis=0))
    return np.asarray(np.sqrt(np.maximum(0, 1 - kept_squares / (a**2).sum())))


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """How far the best copies of low rank are from the vectors, how far others are, and what is
    still found in them.
    """
    space.need(3, "SVD")
    rng, wide = np.random.default_rng(0), space.vectors.shape[1] > 512
    asked, others = hold_out(
        space, 100, 300 if wide else MOST_PASSAGES
    )  # rotations cost the cube of the lesser side
    questions, a = (space.passage_vectors[ids].astype(np.float64) for ids in (asked, others))
    (m, d), k, size = a.shape, depth(len(a)), float(np.linalg.norm(a))
    values, right = singular_values(a)
    rank = int((values > values[0] * max(m, d) * np.finfo(np.float32).eps).sum())
    bound = np.sqrt([(values[r:] ** 2).sum() for r in range(1, rank + 1)]) / size
    passages, random = (
        np.linalg.qr(x.T)[0] for x in (a[rng.permutation(m)[:rank]], rng.normal(size=(rank, d)))
    )
    tried, full = ladder(rank), questions @ a.T
    copies = [(a @ right[:r].T, right[:r]) for r in tried]
    best = np.array([np.linalg.norm(a - left @ v) / size for left, v in copies])
    found = [kept(full, (questions @ v.T) @ left.T, k) for left, v in copies]
    at = np.array(tried) - 1
    errors = {
        "best copy": best,
        "random passages": errors_in(a, passages)[at],
        "random axes": errors_in(a, random)[at],
    }
    stored = [r * (m + d + 1) / (m * d) for r in tried]
    enough = next(i for i, share in enumerate(found) if share >= 0.9)
    mean, gap, even = (
        a.mean(axis=0),
        float(np.abs(best - bound[at]).max()),
        math.ceil(m * d / (m + d + 1)),
    )
    none = (
        f"as there are {m} passages, there cannot be more than {m}."
        if m < d
        else f"the vectors lie in {rank} of {d} dimensions."
    )
    centre = abs(float(right[0] @ mean)) / max(float(np.linalg.norm(mean)), 1e-12)
    body = (
        f"A holds the vectors of {counted(space, m)} as rows, {m} by {d}. A = U S V^T: directions at right angles (V)"
        " stay at right angles (U) and are stretched by the singular values (S), found by turning pairs of rows"
        f" until all are at right angles (Jacobi). {rank} of them are more than rounding: {none}",
        Curves("Singular values", "number", "value", np.arange(1.0, rank + 1), {"singular value": values[:rank]}),
        "With the k greatest only, A_k = U_k S_k V_k^T has for its error the root of the sum of the squares of those"
        " dropped, and no matrix of rank k has less (Eckart and Young). Both sides of that, and two other copies, the"
        " nearest to A with rows in the span of k random passages or of k random axes:",
        Table(("rank", "storage", "dropped values", *errors, f"{k} nearest kept"),
              tuple((str(r), f"{stored[i]:.1%}", float(bound[r - 1]), *(float(of[i]) for of in errors.values()),
                     f"{found[i]:.0%}") for i, r in enumerate(tried))),
        f"The error of the best copy and that of the dropped values differ by {gap:.0e} at most.",
        Curves("Error of copies of A, as a share of |A|", "rank", "error", np.array(tried, np.float64), errors,
               {"no storage saved": even}),
        f"U_k, S_k and V_k are k (m + d + 1) numbers instead of m d, which saves nothing from rank {even} on. The copy"
        f" of rank {tried[enough]} is the first of these that keeps 90% of the {k} passages nearest to each of"
        f" {len(asked)} questions, held out. It keeps {found[enough]:.0%} with an error of {best[enough]:.2f}, at"
        f" {stored[enough]:.0%} of the storage.",
        f"The first right vector has cosine {centre:.2f} with the mean of the rows"
        + (": without centring, SVD spends its first direction on the mean. " if centre > 0.9 else ". ")
        + "On centred rows the right vectors are the principal components, and value^2 / (m - 1) the variances.",
    )  # fmt: skip
    numbers = {
        "passages": m, "dimensions": d, "questions": len(asked), "depth": k, "rank": rank, "ranks": tried,
        "singular_values": [round(float(value), 4) for value in values[:5]], "no_storage_saved": even,
        "storage": [round(share, 4) for share in stored], "bound": [round(float(value), 6) for value in bound[at]],
        "errors": {name: [round(float(value), 6) for value in of] for name, of in errors.items()},
        "largest_gap": float(f"{gap:.1e}"), "recall": [round(share, 4) for share in found],
        "enough_for_recall": tried[enough], "first_vector_mean_cosine": round(centre, 4),
    }  # fmt: skip
    return Demonstration("SVD: the best copy for every rank", body, numbers)
