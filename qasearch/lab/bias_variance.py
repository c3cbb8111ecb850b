"""Bias and variance of a nearest-neighbour classifier: which section an entry belongs to, as k grows.

Domingos (2000), A Unified Bias-Variance Decomposition for Zero-One and Squared Loss; Efron (1979), Bootstrap Methods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qasearch.lab.demonstration import Curves, Demonstration
from qasearch.lab.space import Space

Labels = npt.NDArray[np.int64]

SAMPLE, SMALLEST_SECTION, TRAINING_SETS = 600, 5, 50
KS = (1, 3, 5, 9, 15, 25, 45, 75)


def nearest_neighbours(similarities: npt.NDArray[np.floating], labels: Labels, ks: Sequence[int]) -> Labels:
    """(len(ks), t) for each of t cases the most frequent label among its k most similar examples.

    Args:
        similarities: (t, n) to the examples.
        labels: (n,) of the examples, from 0 on.
        ks: none above n. Of labels as frequent as each other, the one of nearer examples wins.
    """
    order = np.argsort(-similarities, axis=1, kind="stable")[:, : max(ks)]
    weights = 1 - np.arange(order.shape[1]) / order.shape[1] ** 2 / 2  # together less than one vote: ties only
    votes = np.cumsum(np.eye(labels.max() + 1)[labels[order]] * weights[:, None], axis=1)
    return np.stack([votes[:, k - 1].argmax(axis=1) for k in ks])


def decompose(predictions: Labels, truth: Labels) -> tuple[float, float, float]:
    """Bias, and the variance where it is 0 and where it is 1: error = bias + first − second, in the mean.

    For zero-one loss without noise the bias of a case is whether its main prediction, the most frequent one, is wrong.
    Where it is right, every deviation costs; where it is wrong, deviations to the truth pay (Domingos 2000).

    Args:
        predictions: (r, t) labels by r training sets, −1 where the case was trained on.
        truth: (t,) labels; every case has a prediction.
    """
    columns = [column[column >= 0] for column in predictions.T]
    main = np.array([np.bincount(column).argmax() for column in columns])
    wrong = np.array([np.mean(column != label) for column, label in zip(columns, truth, strict=True)])
    biased = main != truth
    return float(biased.mean()), float((wrong * ~biased).mean()), float(((1 - wrong) * biased).mean())


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The decomposition over bootstrap training sets, each tested on the entries that it does not contain."""
    del arguments
    title = "Bias and variance of k nearest neighbours"
    rng = np.random.default_rng(0)
    sizes = Counter(space.sections)
    known = [at for at, section in enumerate(space.sections) if sizes[section] >= SMALLEST_SECTION]
    chosen = np.sort(rng.choice(known, min(len(known), SAMPLE), replace=False)) if known else np.array([], np.int64)
    names, labels = np.unique([space.sections[at] for at in chosen], return_inverse=True)
    if len(names) < 2:
        words = f"Bias and variance of a section classifier need two sections of {SMALLEST_SECTION} entries or more."
        return Demonstration(title, (f"{words} This corpus has {len(names)}.",), {})
    n, x = len(chosen), space.vectors[chosen]
    ks = [k for k in KS if k <= n // 2]
    predictions = np.full((len(ks), TRAINING_SETS, n), -1)
    for run in range(TRAINING_SETS):
        drawn = rng.integers(n, size=n)
        left_out = np.setdiff1d(np.arange(n), drawn)
        predictions[:, run, left_out] = nearest_neighbours(x[left_out] @ x[drawn].T, labels[drawn], ks)
    tested = (predictions[0] >= 0).any(axis=0)
    parts = np.array([decompose(each[:, tested], labels[tested]) for each in predictions])
    bias, variance = parts[:, 0], parts[:, 1] - parts[:, 2]
    error, best = bias + variance, int(np.argmin(bias + variance))
    body = (
        "Bias and variance show in a classifier that finds the section of an entry by a vote of its k nearest "
        f"neighbours, of {n} entries in {len(names)} sections (of {SMALLEST_SECTION} entries or more). It is "
        f"trained {TRAINING_SETS} times on bootstrap samples, and each time tested on the entries left out. Bias is "
        "how often the prediction that most training sets agree on is wrong, variance what the scatter around it costs "
        "(net: where the common prediction is wrong, scatter can help).",
        Curves("Error, bias and variance of k nearest neighbours", "k", "share of the entries", np.array(ks, float),
               {"error": error, "bias": bias, "net variance": variance}, {f"least error: k = {ks[best]}": ks[best]}),
        f"At k = 1 the bias is {bias[0]:.0%} and the net variance {variance[0]:.1%}; at k = {ks[-1]} they are "
        f"{bias[-1]:.0%} and {variance[-1]:.1%}. "
        + ("More neighbours buy a steadier vote with a view that is less local: the usual trade. "
           if bias[-1] > bias[0] and variance[-1] < variance[0] else
           "The textbook's trade, bias for variance, is not seen here: the smallest section has "
           f"{np.bincount(labels).min()} entries, and a vote of more than that must reach into other sections. ")
        + f"The error is least at k = {ks[best]}: {error[best]:.0%}; always naming the largest section would err in "
        f"{1 - Counter(labels.tolist()).most_common(1)[0][1] / n:.0%}.",
    )  # fmt: skip
    columns = {"k": ks} | {name: values.round(4).tolist() for name, values in
                           (("error", error), ("bias", bias), ("net_variance", variance))}  # fmt: skip
    return Demonstration(title, body, {"entries": n, "sections": len(names), "best_k": ks[best], **columns})
