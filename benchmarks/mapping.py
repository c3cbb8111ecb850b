"""Measures the map of 20,000 entries: the layout, the page, and the size of the page.

    python -m benchmarks.mapping [--entries N] [--methods pca ...] [--runs N] [--page FILE]

The entries are those of the bundled corpus, repeated. Each entry lies at one of its real passages,
plus noise in every dimension, so that no two are equal. Times are medians of several runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

import qasearch
from benchmarks.shared import ROOT, Result, argument_parser, timed
from qasearch.datatypes.index import IndexState
from qasearch.lab.space import Space, make_space
from qasearch.mapping.corpus_map import make_map
from qasearch.mapping.projections import Method
from qasearch.presenting.page.page import page

NOISE = 0.03
"""The standard deviation in each dimension. In 384 dimensions the norm of the noise is about 0.6;
that of a passage is 1."""


def repeated(space: Space, count: int) -> Space:
    """A space of `count` entries at the passages of a real space, plus noise."""
    random = np.random.default_rng(0)
    rows = random.integers(0, len(space.passages), count)
    vectors = space.passage_vectors[rows]
    vectors = vectors + NOISE * random.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = space.owners[rows].tolist()
    entries = [
        replace(space.entries[owner], id=f"entry-{number}") for number, owner in enumerate(owners)
    ]
    return make_space(
        entries,
        [space.passages[row] for row in rows.tolist()],
        np.arange(count),
        vectors,
        total=count,
        place=space.place,
        load_encoder=space.load_encoder,
        ask_labelled_questions=space.ask_labelled_questions,
    )


def median_of(runs: int, work: Callable[[], Result]) -> tuple[float, Result]:
    """The median of the seconds of several runs, and the result of the last run."""
    times = []
    for _ in range(runs):
        elapsed, result = timed(work)
        times.append(elapsed)
    return median(times), result


def parse_arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument(
        "--entries", type=int, default=20_000, metavar="N", help="number of entries (20,000)"
    )
    parser.add_argument(
        "--methods",
        nargs="+",
        choices=list(Method),
        default=["pca"],
        help="layouts (pca); tsne and umap take minutes",
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="number of runs (3)")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="write the page of the last method to FILE"
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    with qasearch.open(offline=True) as index:
        state: IndexState = replace(index.state(), entries=arguments.entries)
        space = repeated(index.space(), arguments.entries)
    file = arguments.page or Path("map.html")
    print(f"{'method':6} {'layout s':>9} {'page s':>7} {'page MB':>8} {'recall':>6} {'trust':>6}")
    for method in arguments.methods:
        layout_s, corpus_map = median_of(arguments.runs, partial(make_map, space, Method(method)))
        make_page = partial(page, corpus_map, ROOT / "corpus", state, file)
        page_s, html = median_of(arguments.runs, make_page)
        preserved = corpus_map.preservation
        print(
            f"{method:6} {layout_s:9.2f} {page_s:7.2f} {len(html) / 1e6:8.1f} "
            f"{preserved.recall:6.3f} {preserved.trustworthiness:6.3f}"
        )
        if arguments.page:
            arguments.page.write_bytes(html)


if __name__ == "__main__":
    main()
