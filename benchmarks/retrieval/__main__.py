"""How good the ranking and the confidence are on public sets, beside what anybody could take
instead, and how fast.

    python -m benchmarks.retrieval [SET ...] [--keep FOLDER] [--answers-alone]

Every set in ../shared/eval is built and asked by the real commands, `qasearch build` and `qasearch
eval`; the plain cosines, their fusion with BM25, the ablations and the speed are measured on the
same indexes in this process. Building takes some twenty minutes on two cores, most of them for
scifact: --keep puts corpora and indexes where the next run finds them, with what the builds
learned. Remove what is kept after a change of the builds or of the learning.
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
from benchmarks.shared import ROOT
from qasearch.datatypes.reply import ANSWER_FROM, WEAK_FROM
from qasearch.encoding import Encoder, load_encoder
from qasearch.settings import DEFAULT_MODEL

_LEGEND = f"""{commands.METRIC} unless said otherwise. BM25 and dense: `qasearch eval` in these modes. cosine: the plain
cosine of the best passage, or of the question alone. best single: the largest of these four. RRF: of plain cosine
(passage) and BM25, k = {RRF_K}. AUROC: the confidence of the first hit (cosine: the largest plain cosine) tells queries
with an answer from those without. false answers: queries that nothing answers with a confidence of {ANSWER_FROM} or
more; false refusals: answerable ones with less than {WEAK_FROM}."""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "sets", nargs="*", metavar="SET", help="by name, all of them if none is named"
    )
    parser.add_argument(
        "--keep", metavar="FOLDER", type=Path, help="where corpora and indexes stay"
    )
    parser.add_argument(
        "--answers-alone", action="store_true", help="only what passages owe to their questions"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.sets) - {each.name for each in SETS}:
        parser.error(
            f"no such set: {', '.join(sorted(unknown))}; there are: {', '.join(each.name for each in SETS)}"
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep.absolute() if arguments.keep else Path(temporary)
        encoder = load_encoder(DEFAULT_MODEL, offline=True)
        if arguments.answers_alone:
            (public,) = (each for each in SETS if each.name == answers_alone.SET)
            files = lay_out(public, folder)
            commands.build(files)
            answers_alone.print_answers_alone(files, encoder)
        else:
            print_all(
                [each for each in SETS if not arguments.sets or each.name in arguments.sets],
                folder,
                encoder,
            )


def print_all(sets: Sequence[PublicSet], folder: Path, encoder: Encoder) -> None:
    """Both tables, and the speed if the set that it is measured on is among them."""
    print(f"{_LEGEND}\n")
    tables.print_head()
    rows, notes, timed = [], [], None
    for public in sets:
        files = lay_out(public, folder)
        commands.build(files)
        said = commands.evaluate(files)
        opened = open_set(files, encoder)
        ablations = measure_ablations(opened)
        rows.append(tables.SetRow(public.name, said, measure_baselines(opened), ablations))
        opened.index.close()
        tables.print_set(rows[-1])
        notes += [f"{public.name}: {files.note}"] if files.note else []
        timed = files if public.name == SPEED_SET else timed
    for note in notes:
        print(note)
    print(f"\nAblations: {commands.METRIC}, and AUROC where some queries have no answer\n")
    tables.print_ablations(rows)
    if timed:
        print_speed(timed)


def print_speed(files: SetFiles) -> None:
    """What `speed` measures, in a process of its own that has one thread."""
    line = [
        sys.executable,
        "-m",
        "benchmarks.retrieval.speed",
        str(files.index),
        str(files.queries),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    said = json.loads(run.stdout)
    measured = f"{said['passages']:,} passages, {said['queries']} queries, {said['rounds']} rounds"
    print(f"\nMilliseconds a query, encoding aside, one thread ({SPEED_SET}: {measured})")
    print(f"{'':36} {'median':>8} {'95 %':>8}")
    for name, what in (
        ("ranking", "candidates and their ranking"),
        ("search", "one exact FAISS search, top 200"),
    ):
        print(f"{what:36} {said[name]['median']:8.2f} {said[name]['p95']:8.2f}")
    ratio = [said["ranking"][each] / said["search"][each] for each in ("median", "p95")]
    print(f"{'ratio':36} {ratio[0]:8.2f} {ratio[1]:8.2f}")


if __name__ == "__main__":
    main()
