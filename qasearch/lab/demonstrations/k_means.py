"""K-means on the entries: how many clusters there are, what is in them, and whether they are the
sections.

Silhouettes are read as in Kaufman and Rousseeuw (1990), Finding Groups in Data, beside those of
shuffled points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.k_means import (
    Floats,
    Labels,
    adjusted_rand_index,
    k_means,
    silhouettes,
    squared_distances,
)
from qasearch.lab.algorithms.pca import plane
from qasearch.lab.charts import Curves, Demonstration, Points, Table
from qasearch.lab.space import Space

SAMPLE, MOST_CLUSTERS, CENTRAL = 1000, 15, 3


def sections_met(
    x: Floats, labels: Labels, sections: Sequence[str]
) -> tuple[str, dict[str, float]]:
    """Whether (n,) labels are the sections of the (n, d) points, in words and numbers."""
    if len(set(sections)) < 2:
        return (
            "The corpus has one section only, so there is nothing to compare the clusters with.",
            {},
        )
    index = adjusted_rand_index(labels.tolist(), sections)
    width = float(silhouettes(x, np.unique(sections, return_inverse=True)[1]).mean())
    verdict = (
        "are nearly the same" if index > 0.8 else "agree in part" if index > 0.2 else "hardly agree"
    )
    return (
        f"Clusters and sections {verdict}: the adjusted Rand index, which asks how many pairs of "
        f"entries both partitions treat alike, is {index:.2f} (1: the same, 0: chance). Taken as clusters, the "
        f"{len(set(sections))} sections have a mean silhouette of {width:.3f}. Sections follow what an author had in "
        "mind, clusters what the encoder has read; where they part, look at what a cluster has in common.",
        {"adjusted_rand": round(index, 4), "sections_silhouette": round(width, 4)},
    )


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """Clusters of the entries for every k, the k with the best silhouette, and how its clusters
    meet the sections.
    """
    del arguments
    space.need(4, "K-means")
    rng, n = np.random.default_rng(0), min(len(space.entries), SAMPLE)
    chosen = np.sort(rng.choice(len(space.entries), n, replace=False))
    x = space.vectors[chosen].astype(np.float64)
    distinct = len(np.unique(x.round(4), axis=0))
    if distinct < 3:
        raise BadRequest(
            f"K-means needs three different points, and the entries of the index in {space.place} lie at {distinct}.",
            "Give the entries different questions and answers, and build again.",
        )
    runs = {k: k_means(x, k) for k in range(1, min(MOST_CLUSTERS, distinct - 1) + 1)}
    left = {k: min(run[2]) / min(runs[1][2]) for k, run in runs.items()}
    widths = {k: float(silhouettes(x, run[0]).mean()) for k, run in runs.items() if k > 1}
    k = max(widths, key=lambda each: widths[each])
    labels, centres, starts = runs[k]
    shuffled = rng.permuted(x, axis=0)
    chance = float(silhouettes(shuffled, k_means(shuffled, k)[0]).mean())
    sections = [space.sections[at] for at in chosen]
    rows, groups, names = [], {}, {}
    for number, (cluster, size) in enumerate(Counter(labels.tolist()).most_common(), start=1):
        members = np.flatnonzero(labels == cluster)
        nearest = members[
            squared_distances(x[members], centres[[cluster]])[:, 0].argsort(kind="stable")
        ]
        questions = [space.entries[chosen[at]].question for at in nearest[:CENTRAL]]
        section, count = Counter(sections[at] for at in members).most_common(1)[0]
        groups[cluster], names[int(nearest[0])] = str(number), questions[0]
        rows.append(
            (number, size, f"{section} ({count})" if section else "-", "; ".join(questions))
        )
    flat, shown = plane(x)
    agreement, agreement_numbers = sections_met(x, labels, sections)
    kind = "a reasonable" if widths[k] > 0.5 else "a weak" if widths[k] > 0.25 else "no substantial"
    series = {
        "J, as a share of J with one centre": [left[each] for each in widths],
        "silhouette": widths.values(),
    }
    body = (
        "K-means moves k centres until each is the mean of the entries nearest to it. What falls is J, the sum of the "
        f"squared distances to the centres: {min(starts):.4g} for {n} entries{' (a sample)' * (n < space.total)} and "
        f"k = {k}, {left[k]:.0%} of what one centre leaves. With a centre for each entry J would be 0, so it cannot "
        "choose k: look for an elbow, after which it falls slowly. The silhouette can choose. It asks of each entry "
        "whether its own cluster is nearer than the next one (1: far nearer, 0: on the border, below 0: it is not).",
        Curves("What one more cluster gains", "k", "share, and mean silhouette", np.array(list(widths), float),
               {name: np.array(list(values)) for name, values in series.items()}, {"best silhouette": float(k)}),
        f"The mean silhouette is best with k = {k}, {widths[k]:.3f}. On its own that is {kind} structure; the same "
        f"numbers shuffled within each dimension, which have no clusters, give {chance:.3f}."
        + " Shuffled points do as well: these clusters mean nothing." * (widths[k] <= chance)
        + " No larger k was tried; more clusters may fit better." * (k == MOST_CLUSTERS),
        Table(("cluster", "entries", "of them in section", "nearest to its centre"), tuple(rows)),
        f"K-means ends at a local optimum: of {len(starts)} starts from k-means++ seeds, the worst has a J "
        f"{max(starts) / max(min(starts), 1e-12) - 1:.1%} above the best, which is shown.",
        agreement,
        Points(f"The {k} clusters in the first two principal components", flat,
               tuple(groups[cluster] for cluster in labels.tolist()), names),
        f"The plane holds {shown:.0%} of the variance: clusters that overlap in it can be apart in all dimensions.",
    )  # fmt: skip
    numbers = {
        "entries": n, "k": k, "j": round(min(starts), 4), "silhouette": round(widths[k], 4),
        "silhouette_by_chance": round(chance, 4), "sizes": [row[1] for row in rows],
        "j_share_by_k": {str(each): round(value, 4) for each, value in left.items()},
        "silhouette_by_k": {str(each): round(value, 4) for each, value in widths.items()},
    }  # fmt: skip
    return Demonstration(f"K-means: {k} clusters", body, numbers | agreement_numbers)
