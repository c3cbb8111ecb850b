"""A search that is quick where an exact one is no longer: few bits of some of the vectors.

k-means parts the vectors into lists, and a question reads the lists of the nearest centres (IVF;
Jégou, Douze and Schmid 2011, doi:10.1109/TPAMI.2010.57), in which each vector is one bit a
dimension, by product quantisation with four bits for four dimensions (PQ4; André, Kermarrec and Le
Scouarnec 2015, doi:10.14778/2856318.2856324). That is enough to find some hundred passages, of
which the whole vectors are compared. How many lists are read, and how many vectors are compared, is
what the corpus's own questions need.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qasearch.datatypes.index import ApproximateSearch
from qasearch.errors import IndexDamaged
from qasearch.storage import exact
from qasearch.storage.connecting import REBUILD
from qasearch.storage.exact import Mask, selector
from qasearch.storage.segments import Floats, Ids, Segment, lists_file_name, new_file

FROM_PASSAGES = 100_000
"""From how many passages on a search is approximate; among fewer, as with a narrow filter, it is
exact."""

_DEEPEST = 1_000
"""Who wants more passages than this gets them by exact search."""

_SAMPLED, _ITERATIONS = 48, 8
"""How many vectors k-means sees for each list, and how often."""

_COMPARED = (1, 2, 4)
"""How many times as many vectors as ranking wants are compared: the first that is enough."""

_DIMENSIONS = 4
_ADDED = 65_536
_TOP, _ENOUGH = 10, 0.99


class Approximate:
    """The lists of a vectors file, how many of them a question reads, and how many vectors are
    compared then.
    """

    def __init__(self, index: Any, lists_read: int, compared: int) -> None:
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

        The products are estimates where no more vectors are compared than are wanted: ranking
        compares these anyway. None where exact search is better: among few rows, for who wants
        many, and if the lists have too few.

        Args:
            base: the vectors file.
            queries: (q, d) float32, rows of unit norm.
            top_k: how many for each query.
            allowed: which rows may be found; None for all.
        """
        import faiss

        if top_k > _DEEPEST or (allowed is not None and np.count_nonzero(allowed) < FROM_PASSAGES):
            return None
        faiss.omp_set_num_threads(
            1
        )  # a second thread takes longer to wake up than one question takes
        selecting: Any = (
            faiss.SearchParametersIVF
        )  # its generated signature is not that of the Python class
        parameters = selecting(sel=selector(allowed), nprobe=self._lists_read)
        wanted = max(top_k, self._compared)
        scores, rows = self._index.search(
            np.ascontiguousarray(queries, np.float32), wanted, params=parameters
        )
        if (rows < 0).any():
            return None
        if wanted > top_k:
            each = zip(rows, queries, strict=True)
            scores = np.stack([exact.cosines(base.take(found), query) for found, query in each])
            order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
            rows, scores = (
                np.take_along_axis(rows, order, axis=1),
                np.take_along_axis(scores, order, axis=1),
            )
        return rows, scores


def build(
    folder: Path, generation: int, base: Segment, questions: Floats, own: Ids, *, top_k: int
) -> ApproximateSearch | None:
    """Write the lists of a vectors file, synced to disk; None, and no file, where they do not find
    enough.

    Args:
        folder: that of the index.
        generation: names the file.
        base: the vectors file.
        questions: (q, d) float32, questions of the corpus, rows of unit norm.
        own: (q,) int64, the passage that each of them is, which is not counted.
        top_k: how many passages ranking will ask for.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    import faiss

    name, lists = _name_for(*base.vectors.shape)
    index = faiss.index_factory(base.vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    _fill(index, base, lists * _SAMPLED)
    rows, _ = exact.nearest(base, questions, _TOP + 1)
    wanted = [
        found[base.ids[found] != passage][:_TOP] for found, passage in zip(rows, own, strict=True)
    ]
    for times in _COMPARED:
        lists_read, recall, compared = 1, 0.0, times * top_k
        while recall < _ENOUGH and lists_read < lists:
            lists_read += max(1, lists_read // 4)
            recall = _recall(
                Approximate(index, lists_read, compared).nearest(base, questions, compared), wanted
            )
        if recall >= _ENOUGH:
            break
    else:
        return None
    data = faiss.serialize_index(index).tobytes()
    with new_file(folder / lists_file_name(generation)) as stream:
        stream.write(data)
    return ApproximateSearch(
        name, lists_read, compared, recall, len(questions), hashlib.sha256(data).hexdigest()
    )


def _name_for(rows: int, dimension: int) -> tuple[str, int]:
    """What FAISS calls an index for so many vectors, and how many lists it has: about the square
    root, a power of 2.
    """
    lists = 2 ** round(math.log2(rows) / 2)
    return f"IVF{lists},PQ{dimension // math.gcd(dimension, _DIMENSIONS)}x4fs", lists


def _fill(index: Any, base: Segment, sampled: int) -> None:
    """Train the index with some of the vectors, always the same, and add all, on all cores."""
    import faiss

    faiss.omp_set_num_threads(os.cpu_count() or 1)
    rows = len(base)
    clustering = faiss.extract_index_ivf(index).cp
    clustering.niter, clustering.max_points_per_centroid = _ITERATIONS, _SAMPLED
    index.train(
        base.vectors[
            np.sort(np.random.default_rng(0).choice(rows, min(rows, sampled), replace=False))
        ]
    )
    for start in range(0, rows, _ADDED):
        index.add(base.vectors[start : start + _ADDED])


def _recall(found: tuple[Ids, Floats] | None, wanted: Sequence[Ids]) -> float:
    """The mean share of the wanted rows that is found."""
    if found is None:
        return 0.0
    return float(
        np.mean([np.isin(each, rows).mean() for rows, each in zip(found[0], wanted, strict=True)])
    )
