"""Approximate search, for corpora that are too large to compare all vectors.

k-means divides the vectors into lists, and a question reads only the lists whose centres are
nearest to it (IVF; Jégou, Douze and Schmid 2011, doi:10.1109/TPAMI.2010.57). In the lists, each
vector takes one bit a dimension: product quantisation with four bits for four dimensions (PQ4;
André, Kermarrec and Le Scouarnec 2015, doi:10.14778/2856318.2856324). That is enough to find some
hundred passages; these are then compared by their whole vectors. A build measures with the corpus's
own questions how many lists and how many passages are needed.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qasearch.atomic import new_file
from qasearch.datatypes.index import ApproximateSearch
from qasearch.errors import IndexDamaged
from qasearch.storage import exact
from qasearch.storage.connecting import REBUILD
from qasearch.storage.exact import Mask, selector
from qasearch.storage.segments import Floats, Ids, Segment, lists_file_name

FROM_PASSAGES = 100_000
"""A search among at least so many passages is approximate. Comparing all vectors takes 6 ms for
each 100,000."""

_MAX_RESULTS = 1_000
"""A search for more passages than this is exact: the lists are measured with a few hundred."""

_VECTORS_PER_LIST, _ITERATIONS = 48, 8
"""How many vectors for each list k-means sees, and how many times: trained and filled in half a
minute for a million vectors."""

_COMPARED = (1, 2, 4)
"""How many times as many vectors as ranking asks for are compared: the first number that is enough
is taken."""

_DIMENSIONS_PER_CODE = 4
"""A code has four bits, so this makes one bit a dimension: 58 MB for a million vectors with 384
dimensions, and 0.8 ms for a question (docs/architecture.md compares others)."""

_ROWS_AT_ONCE = 65_536
"""Rows added to the lists at once, so that not the whole vectors file is in memory."""

_RECALL_AT, _MIN_RECALL = 10, 0.99
"""A search is good enough if it finds this share of so many nearest passages."""


class Approximate:
    """The lists of a vectors file, open for searching."""

    def __init__(self, index: Any, lists_read: int, compared: int) -> None:
        """Search the lists in a FAISS index.

        Args:
            index: the lists.
            lists_read: how many of them a question reads.
            compared: how many passages are compared by their whole vectors.
        """
        self._index = index
        self._lists_read = lists_read
        self._compared = compared

    @classmethod
    def open(cls, folder: Path, generation: int, search: ApproximateSearch) -> Approximate:
        """What `build` wrote.

        Raises:
            IndexDamaged: the file is missing, truncated or altered.
        """
        import faiss

        file = folder / lists_file_name(generation)
        try:
            data = file.read_bytes()
        except OSError as error:
            raise IndexDamaged(f"Cannot read {file}: {error.strerror}.", REBUILD) from error
        if hashlib.sha256(data).hexdigest() != search.sha256:
            raise IndexDamaged(f"{file} is truncated or altered.", REBUILD)
        return cls(
            faiss.deserialize_index(np.frombuffer(data, np.uint8)),
            search.lists_read,
            search.compared,
        )

    def nearest(
        self, base: Segment, queries: Floats, top_k: int, allowed: Mask | None = None
    ) -> tuple[Ids, Floats] | None:
        """Rows of the vectors file and their inner products to each query, both (q, k), best first.

        If no more than `top_k` vectors are compared, the products are estimates: ranking compares
        these vectors anyway.

        Args:
            base: the vectors file.
            queries: (q, d) float32, rows of unit norm.
            top_k: how many for each query.
            allowed: which rows may be found; None for all.

        Returns:
            None if an exact search is better: among few rows, for many results, and if the lists
            that are read have too few rows.
        """
        import faiss

        is_narrow = allowed is not None and np.count_nonzero(allowed) < FROM_PASSAGES
        if top_k > _MAX_RESULTS or is_narrow:
            return None
        # a second thread takes longer to wake up than one question takes
        faiss.omp_set_num_threads(1)
        # the generated signature is not that of the Python class
        parameters_class: Any = faiss.SearchParametersIVF
        parameters = parameters_class(sel=selector(allowed), nprobe=self._lists_read)
        count = max(top_k, self._compared)
        scores, rows = self._index.search(
            np.ascontiguousarray(queries, np.float32), count, params=parameters
        )
        if (rows < 0).any():  # FAISS fills up with -1
            return None
        return _best(base, queries, rows, top_k) if count > top_k else (rows, scores)


def _best(base: Segment, queries: Floats, rows: Ids, top_k: int) -> tuple[Ids, Floats]:
    """Of (q, n) rows, the `top_k` best for each query by the whole vectors, and their products."""
    scores = np.stack(
        [
            exact.cosines(base.take(candidates), query)
            for candidates, query in zip(rows, queries, strict=True)
        ]
    )
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
    return np.take_along_axis(rows, order, axis=1), np.take_along_axis(scores, order, axis=1)


def build(
    folder: Path, generation: int, base: Segment, questions: Floats, own: Ids, *, top_k: int
) -> ApproximateSearch | None:
    """Write the lists of a vectors file, synced to disk.

    Args:
        folder: that of the index.
        generation: names the file.
        base: the vectors file.
        questions: (q, d) float32, questions of the corpus, rows of unit norm.
        own: (q,) int64, the id of the passage that each question is. It does not count as found.
        top_k: how many passages ranking will ask for.

    Returns:
        what the index records; None, and no file, if even all lists do not find enough.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    import faiss

    name, lists = _faiss_name(*base.vectors.shape)
    index = faiss.index_factory(base.vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    _fill(index, base, lists * _VECTORS_PER_LIST)
    rows, _ = exact.nearest(base, questions, _RECALL_AT + 1)
    expected = [
        nearest[base.ids[nearest] != passage][:_RECALL_AT]
        for nearest, passage in zip(rows, own, strict=True)
    ]
    for factor in _COMPARED:
        lists_read, recall, compared = 1, 0.0, factor * top_k
        while recall < _MIN_RECALL and lists_read < lists:
            lists_read += max(1, lists_read // 4)
            search = Approximate(index, lists_read, compared)
            recall = _recall(search.nearest(base, questions, compared), expected)
        if recall >= _MIN_RECALL:
            break
    else:
        return None
    data = faiss.serialize_index(index).tobytes()
    with new_file(folder / lists_file_name(generation), sync=True) as stream:
        stream.write(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return ApproximateSearch(name, lists_read, compared, recall, len(questions), sha256)


def _faiss_name(rows: int, dimension: int) -> tuple[str, int]:
    """The name that FAISS gives an index for so many vectors, and how many lists it has.

    The number of lists is the power of 2 nearest to the square root of the number of vectors.
    """
    lists = 2 ** round(math.log2(rows) / 2)
    codes = dimension // math.gcd(dimension, _DIMENSIONS_PER_CODE)
    return f"IVF{lists},PQ{codes}x4fs", lists


def _fill(index: Any, base: Segment, sample_size: int) -> None:
    """Train the index with a sample of the vectors, always the same, and add all, on all cores."""
    import faiss

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    count = len(base)
    clustering = faiss.extract_index_ivf(index).cp
    clustering.niter, clustering.max_points_per_centroid = _ITERATIONS, _VECTORS_PER_LIST
    random = np.random.default_rng(0)
    sample = np.sort(random.choice(count, min(count, sample_size), replace=False))
    index.train(base.vectors[sample])
    for start in range(0, count, _ROWS_AT_ONCE):
        index.add(base.vectors[start : start + _ROWS_AT_ONCE])


def _recall(results: tuple[Ids, Floats] | None, expected: Sequence[Ids]) -> float:
    """The mean share of the expected rows that is found."""
    if results is None:
        return 0.0
    pairs = zip(results[0], expected, strict=True)
    return float(np.mean([np.isin(nearest, rows).mean() for rows, nearest in pairs]))
