"""PCA: how few dimensions keep the variance of the passages, and how few keep their ranking."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.pca import (
    effective_dimension,
    mean_cosine,
    nearness_in,
    principal_components,
)
from qasearch.lab.charts import Curves, Demonstration, Points, Table
from qasearch.lab.demonstrations.rankings import depth, kept, ladder
from qasearch.lab.demonstrations.samples import counted, hold_out
from qasearch.lab.demonstrations.wording import one_line
from qasearch.lab.space import Space


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The principal components of the passages, and what held-out questions find in the first few
    of them.
    """
    space.need(3, "PCA")
    asked, others = hold_out(space, 200)
    questions, x = (space.passage_vectors[ids].astype(np.float64) for ids in (asked, others))
    (n, d), k, pca = x.shape, depth(len(x)), principal_components(x)
    total = float(pca.variances.sum())
    if total < 1e-9:
        raise BadRequest(
            f"The {n} passages searched in the index in {space.place} lie in one point: there is no variance to keep.",
            "Show it on an index of several different texts: --index DIR",
        )
    share = np.cumsum(pca.variances) / total
    half, most = (int(np.searchsorted(share, part - 1e-9)) + 1 for part in (0.5, 0.9))
    effective, cosine, middle = (
        effective_dimension(pca.variances),
        mean_cosine(x),
        float(pca.mean @ pca.mean),
    )
    a, b, tried = pca.scores(questions), pca.scores(x), ladder(d)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(d, d)))[0]
    turned = a @ turn, b @ turn
    near = [nearness_in(dimensions, a, b) for dimensions in tried]
    recall = [kept(near[-1], found, k) for found in near]
    at_random = [kept(near[-1], nearness_in(dimensions, *turned), k) for dimensions in tried]
    own, wanted = space.owners[others], space.owners[asked]
    known = np.isin(wanted, own)
    right = [
        float((own[found.argmax(axis=1)] == wanted)[known].mean()) if known.any() else 0.0
        for found in near
    ]
    enough = next(
        dimensions for dimensions, found in zip(tried, recall, strict=True) if found >= 0.9
    )
    good = next(
        dimensions
        for dimensions, found in zip(tried, right, strict=True)
        if found >= 0.95 * right[-1]
    )
    plane = (
        pca.scores(space.vectors.astype(np.float64))[:, :2]
        if d > 1
        else np.zeros((len(space.entries), 2))
    )
    ends = [int(end(plane[:, axis])) for axis in (0, 1) for end in (np.argmin, np.argmax)]
    answers = (
        f" What counts in the end: of the {known.sum()} questions whose entry has other passages, {right[-1]:.0%} have"
        f" one of these nearest in all {d} dimensions, and {good} reach at least 95% of that."
        if right[-1]
        else ""
    )
    series = {"variance": share[np.array(tried) - 1], f"{k} nearest": np.array(recall),
              f"{k} nearest, random axes": np.array(at_random)}  # fmt: skip
    if known.any():
        series["own entry first"] = np.array(right)
    body = (
        f"The first principal component is the direction in which {counted(space, n)} vary most, the second that of"
        " those at right angles to it, and so on: the eigenvectors of the covariance matrix, the variances its values.",
        f"Half of the variance lies in {half} of {d} dimensions, 90% in {most}. The participation ratio,"
        f" (sum v)^2 / sum v^2, is {effective:.1f}: as if so many dimensions had equal variance and the others none."
        f" With {most} dimensions kept, the mean squared error is {(b[:, most:] ** 2).sum() / n:.4f}; the variances"
        f" dropped, times (n - 1)/n, add up to {pca.variances[most:].sum() * (n - 1) / n:.4f}, as the theory says.",
        f"Two passages have cosine {cosine:.3f} in the mean. Directions spread evenly would have about 0; more is"
        f" anisotropy, a cloud to one side of 0. Its mean vector takes {middle:.1%} of the squared length, and PCA"
        " subtracts it first.",
        f"Variance is not ranking. For {len(asked)} questions, held out, so that PCA has not seen them, the {k} nearest"
        " passages in few dimensions are compared with the nearest in all:",
        Table(("dimensions", *series), tuple((str(dimensions), *(f"{values[row]:.1%}" for values in series.values()))
                                             for row, dimensions in enumerate(tried))),
        f"Of the numbers tried, {enough} is the first that keeps 90% of the {k} nearest, with {share[enough - 1]:.0%}"
        f" of the variance; {enough} random axes keep {at_random[tried.index(enough)]:.0%}.{answers}",
        Curves("What few dimensions keep", "dimensions", "share kept", np.array(tried, np.float64), series,
               {"participation ratio": effective}),
        Points(f"First two principal components: {share[min(1, d - 1)]:.1%} of the variance", plane, space.sections,
               {i: one_line(space.entries[i].question) for i in ends}),
    )  # fmt: skip
    numbers = {
        "passages": n, "questions": len(asked), "depth": k, "participation_ratio": round(effective, 2),
        "half_of_variance": half, "most_of_variance": most, "mean_cosine": round(cosine, 4),
        "mean_vector_share": round(middle, 4), "dimensions": tried,
        "variance": [round(float(value), 4) for value in series["variance"]],
        "recall": [round(value, 4) for value in recall], "recall_random_axes": [round(value, 4) for value in at_random],
        "own_entry_first": [round(value, 4) for value in right] if known.any() else [],
        "enough_for_recall": enough, "enough_for_own_entry": good if right[-1] else None,
    }  # fmt: skip
    return Demonstration(
        "PCA: how few dimensions keep the variance, and how few the ranking", body, numbers
    )
