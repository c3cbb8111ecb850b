"""The passage vectors in fewer bytes, and an encoder in fewer operations: what each costs in
recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.lab.algorithms.compression import ProductQuantiser, to_int8
from qasearch.lab.charts import Bars, Chart, Demonstration, Table
from qasearch.lab.demonstrations.memory import layout
from qasearch.lab.demonstrations.pruning import fewer_dimensions
from qasearch.lab.demonstrations.rankings import Scores, recall, without_itself
from qasearch.lab.demonstrations.student import distilled
from qasearch.lab.space import Floats, Ids, Space

MOST_PASSAGES, MOST_QUERIES = 10_000, 200
"""Of more, samples of these sizes are looked at."""

Parts = tuple[list[str | Table | Chart], dict[str, Any]]


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """Copies of the vectors in fewer bytes, vectors of fewer dimensions, their layout in memory,
    and a student.

    Raises:
        BadRequest: there are fewer than five entries.
    """
    space.need(5, "Compression")
    vectors, queries = chosen(space)
    parts = [
        copies(vectors, queries),
        fewer_dimensions(vectors, queries),
        layout(space.passage_vectors),
        distilled(space),
    ]
    among = f"{len(vectors):,} passages" + (
        " (a sample)" if len(vectors) < len(space.passages) else ""
    )
    opening = (
        "How well a smaller copy of the vectors serves is said by recall@10: of the ten passages that it finds "
        "nearest to a question, the share that is among the ten nearest by the whole float32 vectors. The mean over "
        f"{len(queries):,} questions of entries and {among}; a question does not find itself."
    )
    body = (opening, *(part for shown, _ in parts for part in shown))
    return Demonstration(
        "Compression", body, {name: value for _, about in parts for name, value in about.items()}
    )


def chosen(space: Space) -> tuple[Floats, Ids]:
    """(m, d) vectors, and the numbers of those among them that are taken as queries."""
    random = np.random.default_rng(0)
    asked = np.array(
        [n for n, passage in enumerate(space.passages) if passage.kind is PassageKind.QUESTION],
        np.int64,
    )
    asked = random.permutation(asked)[:MOST_QUERIES]
    kept = np.union1d(random.permutation(len(space.passages))[:MOST_PASSAGES], asked)
    return space.passage_vectors[kept], np.searchsorted(kept, asked)


def copies(vectors: Floats, queries: Ids) -> Parts:
    """The same vectors with fewer bytes for each number, in words and numbers."""
    d, asked = vectors.shape[1], vectors[queries]
    exact = without_itself(asked @ vectors.T, queries)
    whole, scale = to_int8(vectors)
    half = vectors.astype(np.float16)
    found: dict[str, tuple[int, int, Scores]] = {
        "float32": (4 * d, 0, asked @ vectors.T),
        "float16": (2 * d, 0, asked @ half.astype(np.float32).T),
        "int8, a scale per dimension": (
            d,
            scale.nbytes,
            (asked * scale) @ whole.astype(np.float32).T,
        ),
        "1 bit, the sign": (-(-d // 8), 0, asked @ np.sign(vectors).T),
    }
    for width in (4, 8):
        step = next(step for step in range(min(width, d), d + 1) if d % step == 0)
        quantiser = ProductQuantiser.fit(vectors, d // step)
        shared = sum(book.nbytes for book in quantiser.codebooks)
        name = f"product quantisation, {step} dimensions a byte"
        found[name] = (d // step, shared, -quantiser.distances(asked, quantiser.encode(vectors)))
    recalls = {
        name: recall(exact, without_itself(scores, queries))
        for name, (_, _, scores) in found.items()
    }
    rows = [
        (name, each, 4 * d / each, shared, recalls[name])
        for name, (each, shared, _) in found.items()
    ]
    smallest = min(
        (row for row in rows if row[4] >= 0.99), key=lambda row: row[1] * len(vectors) + row[3]
    )
    bit, coded = rows[3], rows[-1]
    against = "more" if coded[4] > bit[4] else "no more"
    return [
        Table(("copy", "bytes a vector", "times smaller", "bytes for all together", "recall@10"), tuple(rows)),
        f"The smallest copy that keeps 99% is {smallest[0]}. Questions are never rounded, only the passages are, so "
        "that each error counts once. Product quantisation (Jegou et al. 2011) cuts a vector into groups of "
        f"dimensions and keeps for each the number of the nearest of up to 256 centroids: {coded[1]} bytes instead of "
        f"{4 * d} keep a recall of {coded[4]:.0%}, {against} than the {bit[4]:.0%} of the mere signs in {bit[1]}. Its "
        f"centroids take {coded[3]:,} bytes once, which is {coded[3] / len(vectors):,.0f} for each of {len(vectors):,} "
        "vectors, and next to nothing for each of a million.",
        Bars("Recall@10 of smaller copies", tuple(recalls), tuple(recalls.values())),
    ], {"recall_of_copies": {name: round(value, 4) for name, value in recalls.items()},
        "bytes_of_copies": {name: each for name, (each, _, _) in found.items()}}  # fmt: skip
