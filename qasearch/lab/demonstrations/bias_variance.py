"""Bias and variance of a classifier that says which section an entry stands in, as k grows.

Efron (1979), Bootstrap Methods, for the training sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qasearch.lab.algorithms.bias_variance import decompose, nearest_neighbours
from qasearch.lab.charts import Curves, Demonstration
from qasearch.lab.space import Space

SAMPLE, SMALLEST_SECTION, TRAINING_SETS = 600, 5, 50
KS = (1, 3, 5, 9, 15, 25, 45, 75)


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The decomposition over bootstrap training sets, each tested on the entries that it does not
    contain.
    """
    del arguments
    title = "Bias and variance of k nearest neighbours"
    rng = np.random.default_rng(0)
    sizes = Counter(space.sections)
    known = [at for at, section in enumerate(space.sections) if sizes[section] >= SMALLEST_SECTION]
    chosen = (
        np.sort(rng.choice(known, min(len(known), SAMPLE), replace=False))
        if known
        else np.array([], np.int64)
    )
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
        predictions[:, run, left_out] = nearest_neighbours(
            x[left_out] @ x[drawn].T, labels[drawn], ks
        )
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
               {"error": error, "bias": bias, "net variance": variance}, {"least error": ks[best]}),
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
    return Demonstration(
        title, body, {"entries": n, "sections": len(names), "best_k": ks[best], **columns}
    )
