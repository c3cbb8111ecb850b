"""Measures ranking and confidence on public sets, beside simpler methods that anybody could use.

    python -m benchmarks.retrieval [SET ...] [--keep FOLDER] [--answers-alone]

The real commands, `qasearch build` and `qasearch eval`, build and ask every set in ../shared/eval.
The plain cosines, their fusion with BM25, the ablations and the speed are measured in this process
on the same indexes. The builds take some twenty minutes on two cores, most of them for scifact.
With --keep the next run uses the same corpora and indexes, and what the builds have learned: remove
the folder after a change of building or learning.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.retrieval import answers_alone, commands, tables
from benchmarks.retrieval.ablations import measure_ablations
from benchmarks.retrieval.baselines import RRF_K, measure_baselines
from benchmarks.retrieval.opened import open_set
from benchmarks.retrieval.sets import SETS, SPEED_SET, PublicSet, SetFiles, lay_out
from benchmarks.shared import ROOT, argument_parser
from qasearch.encoding import Encoder, load_encoder
from qasearch.settings import DEFAULT_MODEL

_LEGEND = f"""\
All columns are {commands.METRIC} unless their head says something else.
BM25, dense: `qasearch eval` in these modes.
cosine: the plain cosine of the best passage, or of the question alone.
best single: the largest of these four.
RRF: of plain cosine (passage) and BM25, k = {RRF_K}.
AUROC: how well the confidence of the first hit (cosine: the largest plain cosine) separates queries
with an answer from queries without.
false answers: unanswerable queries with a confidence of {commands.ANSWER_FROM} or more.
false refusals: answerable queries with a confidence of less than {commands.WEAK_FROM}."""


def parse_arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__, "python -m benchmarks.retrieval")
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of sets (all)")
    parser.add_argument(
        "--keep", metavar="FOLDER", type=Path, help="keep corpora and indexes in FOLDER"
    )
    parser.add_argument(
        "--answers-alone",
        action="store_true",
        help="measure only how much of a passage's vector comes from its question",
    )
    arguments = parser.parse_args()
    names = [public_set.name for public_set in SETS]
    if unknown := sorted(set(arguments.sets) - set(names)):
        parser.error(f"no such set: {', '.join(unknown)}; there are: {', '.join(names)}")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep.absolute() if arguments.keep else Path(temporary)
        encoder = load_encoder(DEFAULT_MODEL, offline=True)
        if arguments.answers_alone:
            (public_set,) = (row for row in SETS if row.name == answers_alone.SET)
            files = lay_out(public_set, folder)
            commands.build(files)
            answers_alone.print_answers_alone(files, encoder)
        else:
            names = arguments.sets or [row.name for row in SETS]
            print_all([row for row in SETS if row.name in names], folder, encoder)


def print_all(sets: Sequence[PublicSet], folder: Path, encoder: Encoder) -> None:
    """Print both tables, and the speed if `SPEED_SET` is among the sets."""
    print(f"{_LEGEND}\n")
    tables.print_head()
    rows, notes, speed_files = [], [], None
    for public_set in sets:
        files = lay_out(public_set, folder)
        commands.build(files)
        report = commands.evaluate(files)
        with open_set(files, encoder) as opened:
            ablations = measure_ablations(opened)
            baselines = measure_baselines(opened)
        rows.append(tables.SetRow(public_set.name, report, baselines, ablations))
        tables.print_set(rows[-1])
        if files.note:
            notes.append(f"{public_set.name}: {files.note}")
        if public_set.name == SPEED_SET:
            speed_files = files
    for note in notes:
        print(note)
    print(f"\nAblations: {commands.METRIC}, and AUROC where some queries have no answer\n")
    tables.print_ablations(rows)
    if speed_files:
        print_speed(speed_files)


def print_speed(files: SetFiles) -> None:
    """Print what `benchmarks.retrieval.speed` measures in a process with one thread."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.retrieval.speed", str(files.index), str(files.queries)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    report = json.loads(run.stdout)
    ranking, search = report["ranking_ms"], report["search_ms"]
    print(
        f"\nMilliseconds for a query without its encoding, one thread ({SPEED_SET}: "
        f"{report['passages']:,} passages, {report['queries']} queries, {report['rounds']} rounds)"
    )
    print(f"{'':36} {'median':>8} {'95 %':>8}")
    ratio = {name: ranking[name] / search[name] for name in ranking}
    for label, times in (
        ("candidates and their ranking", ranking),
        ("one exact FAISS search, top 200", search),
        ("ratio", ratio),
    ):
        print(f"{label:36} {times['median']:8.2f} {times['p95']:8.2f}")


if __name__ == "__main__":
    main()
