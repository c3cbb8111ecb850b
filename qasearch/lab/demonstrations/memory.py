"""How a matrix of vectors lies in memory, and what it costs to read it against its order."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from qasearch.lab.charts import Chart, Table
from qasearch.lab.space import Floats

COLUMNS = 64
"""So many columns are read."""


def seconds(read: Callable[[int], object], pieces: int) -> float:
    """The shortest of five rounds that read each of so many pieces."""
    times = []
    for _ in range(5):
        start = perf_counter()
        for piece in range(pieces):
            read(piece)
        times.append(perf_counter() - start)
    return max(min(times), 1e-9)


def layout(vectors: Floats) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """The strides of (m, d) vectors and of their transpose, and columns against rows, in words and
    numbers.
    """
    vectors = np.ascontiguousarray(vectors)
    (m, d), flat = vectors.shape, vectors.reshape(-1)
    pieces = min(d, COLUMNS)
    ratio = seconds(lambda n: vectors[:, n].copy(), pieces) / seconds(
        lambda n: flat[n * m : (n + 1) * m].copy(), pieces
    )
    cost = (
        f"took {ratio:.1f} times as long: the processor fetches 64 bytes at a time, 16 numbers, and a column uses one"
        if ratio > 1.2
        else "took as long: so few numbers all stay in the processor's nearest cache"
    )
    tensors = [("vectors", vectors), ("vectors.T", vectors.T), ("vectors[::2]", vectors[::2])]
    rows = [
        (
            name,
            str(view.shape),
            str(view.strides),
            "the same" if np.shares_memory(view, vectors) else "its own",
        )
        for name, view in tensors
    ]
    return [
        f"In memory the {m:,} vectors are one block of {vectors.nbytes:,} bytes in C order. Strides say how far the "
        f"next element is: {vectors.strides[1]} bytes to the next number of a vector, {vectors.strides[0]:,} to the "
        "next vector. A transpose or a slice is another header on the same block; no number moves.",
        Table(("array", "shape", "strides in bytes", "block"), tuple(rows)),
        f"A view is free to make and not always to read. Copying {m:,} numbers of one column, {vectors.strides[0]:,} "
        f"bytes apart, instead of as many that lie side by side {cost}.",
    ], {
        "strides": list(vectors.strides),
        "transposed_strides": list(vectors.T.strides),
        "column_by_row_time": round(ratio, 2),
    }
