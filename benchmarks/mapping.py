"""The map of 20,000 entries: laying them out, writing the page, and how large it is. Medians of
several runs.

    python -m benchmarks.mapping [--entries N] [--methods pca ...] [--runs N] [--page FILE]

The entries are those of the bundled corpus over and over. Each lies at one of its real passages,
with noise in every dimension so that no two are alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import numpy as np

import qasearch
from benchmarks.shared import ROOT
from qasearch.datatypes.index import IndexState
from qasearch.lab.space import Space, make_space
from qasearch.mapping.corpus_map import METHODS, make_map
from qasearch.presenting.page.page import page

NOISE = 0.03
"""Its norm in 384 dimensions is some 0.6 beside that of a passage, 1."""

Result = TypeVar("Result")


def many(space: Space, count: int) -> Space:
    """A space of so many entries made from a real one."""
    random = np.random.default_rng(0)
    chosen = random.integers(0, len(space.passages), count)
    vectors = space.passage_vectors[chosen]
    vectors = vectors + NOISE * random.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    owners = space.owners[chosen].tolist()
    entries = [
        replace(space.entries[owner], id=f"entry-{number}") for number, owner in enumerate(owners)
    ]
    return make_space(
        entries, [space.passages[number] for number in chosen.tolist()], np.arange(count), vectors, total=count,
        place=space.place, load_encoder=space.load_encoder, ask_what_is_known=space.ask_what_is_known,
    )  # fmt: skip


def timed(runs: int, work: Callable[[], Result]) -> tuple[float, Result]:
    """Median of the seconds, and what the last run gave."""
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - started)
    return median(seconds), result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--entries", type=int, default=20_000, metavar="N", help="how many (20,000)"
    )
    parser.add_argument(
        "--methods", nargs="+", choices=METHODS, default=["pca"], help="tsne and umap take minutes"
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs that count (3)")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="keep the page of the last method"
    )
    arguments = parser.parse_args()
    with qasearch.open(offline=True) as index:
        state: IndexState = replace(index.state(), entries=arguments.entries)
        space = many(index.space(), arguments.entries)
    file = arguments.page or Path("map.html")
    print(f"{'method':6} {'layout s':>9} {'page s':>7} {'page MB':>8} {'kept':>6} {'trust':>6}")
    for method in arguments.methods:
        layout, shown = timed(arguments.runs, partial(make_map, space, method))
        writing, written = timed(arguments.runs, partial(page, shown, ROOT / "corpus", state, file))
        kept = shown.preserved
        print(
            f"{method:6} {layout:9.2f} {writing:7.2f} {len(written) / 1e6:8.1f} {kept.share:6.3f} "
            f"{kept.trustworthiness:6.3f}"
        )
        if arguments.page:
            arguments.page.write_bytes(written)


if __name__ == "__main__":
    main()
