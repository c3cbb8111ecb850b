"""K-means on the entries: how many clusters, what is in them, and whether they are the sections.

How to read silhouettes: Kaufman and Rousseeuw (1990), Finding Groups in Data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.algorithms.k_means import adjusted_rand_index, k_means, silhouettes
from qasearch.lab.algorithms.norms import squared_distances
from qasearch.lab.algorithms.pca import principal_plane
from qasearch.lab.arrays import Floats, Ids, Matrix
from qasearch.lab.charts import Curves, Demonstration, Finding, Part, Points, Table
from qasearch.lab.space import Space

MAX_ENTRIES = 1000
"""Entries that are clustered; of more, a sample: silhouettes need the distances of all pairs."""

MAX_CLUSTERS = 15
"""Largest k that is tried."""

CENTRAL_ENTRIES = 3
"""Entries nearest to the centre of a cluster that are named."""

REASONABLE, WEAK = 0.5, 0.25
"""Mean silhouettes above which structure is reasonable, or weak (Kaufman and Rousseeuw)."""

NEARLY_EQUAL, PARTLY_EQUAL = 0.8, 0.2
"""Adjusted Rand indices above which two partitions are called nearly equal, or partly."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """The best partition of the entries.

    Attributes:
        x: (n, d) the vectors of the entries.
        entries: (n,) the numbers of the entries in the space.
        k: the number of clusters with the best silhouette.
        labels: (n,) cluster of each entry, 0 to k - 1.
        centres: (k, d).
        objectives: J of each start.
        j_shares: by k, J divided by the J of one cluster.
        silhouettes: by k from 2 on, the mean silhouette.
        by_chance: mean silhouette of k clusters of shuffled vectors.
    """

    x: Matrix
    entries: Ids
    k: int
    labels: Ids
    centres: Floats
    objectives: Sequence[float]
    j_shares: Mapping[int, float]
    silhouettes: Mapping[int, float]
    by_chance: float

    @property
    def silhouette(self) -> float:
        """The mean silhouette of the partition."""
        return self.silhouettes[self.k]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """The label and the size of each cluster, largest first."""
        return Counter(self.labels.tolist()).most_common()


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """Clusters of the entries for every k, the k with the best silhouette, and the sections.

    Raises:
        BadRequest: there are fewer than four entries, or fewer than three different vectors.
    """
    space.need(4, "K-means")
    clusters = best_clusters(space)
    sections = [space.sections[number] for number in clusters.entries]
    agreement = tell_sections(clusters, sections)
    table, chart = tell_clusters(clusters, space, sections)
    worst, best = max(clusters.objectives), min(clusters.objectives)
    body = (
        *tell_choice_of_k(clusters, space),
        table,
        "K-means ends at a local optimum, which depends on the start. Of "
        f"{len(clusters.objectives)} starts with k-means++ seeds, the worst ends with a J "
        f"{worst / max(best, 1e-12) - 1:.1%} above the best. The best is shown.",
        *agreement.body,
        *chart,
    )
    numbers = {
        "entries": len(clusters.x),
        "k": clusters.k,
        "j": round(best, 4),
        "silhouette": round(clusters.silhouette, 4),
        "silhouette_by_chance": round(clusters.by_chance, 4),
        "sizes": [size for _, size in clusters.sizes],
        "j_share_by_k": {str(k): round(share, 4) for k, share in clusters.j_shares.items()},
        "silhouette_by_k": {str(k): round(width, 4) for k, width in clusters.silhouettes.items()},
    }
    title = f"K-means: {clusters.k} clusters"
    return Demonstration(title, body, {**numbers, **agreement.numbers})


def best_clusters(space: Space) -> Clusters:
    """The partition with the best mean silhouette, and the measures for every k.

    Raises:
        BadRequest: there are fewer than three different vectors.
    """
    rng, n = np.random.default_rng(0), min(len(space.entries), MAX_ENTRIES)
    entries = np.sort(rng.choice(len(space.entries), n, replace=False))
    x = space.vectors[entries].astype(np.float64)
    distinct = len(np.unique(x.round(4), axis=0))
    if distinct < 3:
        raise BadRequest(
            "K-means needs entries at three different points. The entries of the index in "
            f"{space.place} lie at {distinct}.",
            "Give the entries different questions and answers, then build again: qasearch build",
        )
    runs = {k: k_means(x, k) for k in range(1, min(MAX_CLUSTERS, distinct - 1) + 1)}
    widths = {k: float(silhouettes(x, run[0]).mean()) for k, run in runs.items() if k > 1}
    k = max(widths, key=lambda candidate: widths[candidate])
    labels, centres, objectives = runs[k]
    # Values are shuffled within each dimension: the same numbers, but no clusters.
    shuffled = rng.permuted(x, axis=0)
    return Clusters(
        x=x,
        entries=entries,
        k=k,
        labels=labels,
        centres=centres,
        objectives=objectives,
        j_shares={number: min(run[2]) / min(runs[1][2]) for number, run in runs.items()},
        silhouettes=widths,
        by_chance=float(silhouettes(shuffled, k_means(shuffled, k)[0]).mean()),
    )


def tell_choice_of_k(clusters: Clusters, space: Space) -> tuple[Part, ...]:
    """What k-means does, and how k is chosen."""
    n, k, widths = len(clusters.x), clusters.k, clusters.silhouettes
    sample = " (a sample)" if n < space.total else ""
    quality = (
        "a reasonable"
        if clusters.silhouette > REASONABLE
        else "a weak"
        if clusters.silhouette > WEAK
        else "no substantial"
    )
    chance = (
        " Shuffled numbers do as well, so these clusters mean nothing."
        if clusters.silhouette <= clusters.by_chance
        else ""
    )
    limit = " No larger k was tried; more clusters may fit better." if k == MAX_CLUSTERS else ""
    series = {
        "J, as a share of J with one centre": [clusters.j_shares[number] for number in widths],
        "silhouette": list(widths.values()),
    }
    return (
        "K-means moves k centres until each is the mean of the entries nearest to it. This lowers "
        "J, the sum of the squared distances of the entries from their centres. For "
        f"{n} entries{sample} and k = {k}, J is {min(clusters.objectives):.4g}, "
        f"{clusters.j_shares[k]:.0%} of the J of one centre. J always falls as k grows, and is 0 "
        "with a centre for each entry, so the smallest J cannot choose k. One way is to look for "
        "an elbow, a k after which J falls slowly. Another one is the silhouette. It compares the "
        "distance of an entry to its own cluster and to the next one (1: its own is far nearer, "
        "0: it lies on the border, below 0: the next one is nearer).",
        Curves(
            "What one more cluster gains",
            "k",
            "share, and mean silhouette",
            np.array(list(widths), float),
            {name: np.array(values) for name, values in series.items()},
            {"best silhouette": float(k)},
        ),
        f"The mean silhouette is best with k = {k}: {clusters.silhouette:.3f}. By the usual "
        f"reading this is {quality} structure. As a comparison, the same numbers shuffled within "
        f"each dimension, which have no clusters, give {clusters.by_chance:.3f}.{chance}{limit}",
    )


def tell_clusters(
    clusters: Clusters, space: Space, sections: Sequence[str]
) -> tuple[Table, tuple[Part, ...]]:
    """A table of the clusters, and a chart of them in the plane with a sentence below."""
    rows, groups, names = [], {}, {}
    for number, (cluster, size) in enumerate(clusters.sizes, start=1):
        members = np.flatnonzero(clusters.labels == cluster)
        far = squared_distances(clusters.x[members], clusters.centres[[cluster]])[:, 0]
        central = members[far.argsort(kind="stable")]
        questions = [
            space.entries[clusters.entries[member]].question for member in central[:CENTRAL_ENTRIES]
        ]
        section, count = Counter(sections[member] for member in members.tolist()).most_common(1)[0]
        groups[cluster], names[int(central[0])] = str(number), questions[0]
        largest = f"{section} ({count})" if section else "-"
        rows.append((number, size, largest, "; ".join(questions)))
    plane = principal_plane(clusters.x)
    table = Table(("cluster", "entries", "largest section", "nearest to its centre"), tuple(rows))
    return table, (
        Points(
            f"The {clusters.k} clusters in the first two principal components",
            plane.place(clusters.x),
            tuple(groups[label] for label in clusters.labels.tolist()),
            names,
        ),
        f"The plane has {plane.share:.0%} of the variance. Clusters that overlap in it can be "
        "apart in the other dimensions.",
    )


def tell_sections(clusters: Clusters, sections: Sequence[str]) -> Finding:
    """Whether the clusters are the sections of the corpus."""
    if len(set(sections)) < 2:
        return Finding(
            ("The corpus has one section only, so there is nothing to compare the clusters with.",),
            {},
        )
    index = adjusted_rand_index(clusters.labels.tolist(), sections)
    numbered = np.unique(sections, return_inverse=True)[1]
    width = float(silhouettes(clusters.x, numbered).mean())
    verdict = (
        "are nearly the same"
        if index > NEARLY_EQUAL
        else "agree in part"
        if index > PARTLY_EQUAL
        else "hardly agree"
    )
    text = (
        f"Clusters and sections {verdict}. The adjusted Rand index is {index:.2f}. It says for how "
        "many pairs of entries clusters and sections agree to keep them together or to separate "
        f"them (1: for all, 0: as by chance). Taken as clusters, the {len(set(sections))} sections "
        f"have a mean silhouette of {width:.3f}. Sections show what the author puts together, "
        "clusters what the encoder finds similar. Where they differ, look at what the entries of a "
        "cluster have in common."
    )
    return Finding(
        (text,),
        {"adjusted_rand": round(index, 4), "sections_silhouette": round(width, 4)},
    )
