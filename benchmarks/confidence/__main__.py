"""Fits the curves of the confidence to public sets, and measures what they claim.

    python -m benchmarks.confidence [--keep FOLDER]

From each set, 30 % of the entries are taken away, in several ways: the queries that only those
answer are gaps then. Each set has the same weight. The first part fits the curve of each mode, with
and without each set. The second shows what the shipped curve of the hybrid mode does. The third
asks the bundled corpus the questions of adjacent.tsv, which are next to its subject and which it
does not answer. With --keep the next run uses the same corpora and indexes, as it does for
benchmarks.retrieval.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.confidence.adjacent import print_adjacent
from benchmarks.confidence.first_hits import GAP, OFF_TOPIC, RIGHT, WRONG, FirstHits, first_hits
from benchmarks.retrieval import commands
from benchmarks.retrieval.opened import open_set
from benchmarks.retrieval.sets import DEV, SETS, lay_out
from benchmarks.shared import argument_parser
from qasearch.datatypes.index import Curve
from qasearch.datatypes.options import Mode, Trust
from qasearch.datatypes.reply import THRESHOLDS
from qasearch.encoding import load_encoder
from qasearch.evaluation.abstention import auroc, calibration_bins, expected_calibration_error
from qasearch.ranking.confidence import CURVES, fit, weights_of_kinds
from qasearch.settings import DEFAULT_MODEL

_COLUMNS = ("gaps", "right", "right", "wrong", "off-topic", "AUROC", "calibration")
_COLUMNS_2 = ("answered", "answered", "refused", "answered", "answered", "", "error")
_WIDTH = 11


def main() -> None:
    parser = argument_parser(__doc__, "python -m benchmarks.confidence")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep corpora and indexes")
    arguments = parser.parse_args()
    encoder = load_encoder(DEFAULT_MODEL, offline=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep.absolute() if arguments.keep else Path(temporary)
        measured: dict[str, dict[Mode, FirstHits]] = {}
        for public_set in SETS:
            if public_set is DEV:
                continue
            files = lay_out(public_set, folder)
            commands.build(files)
            with open_set(files, encoder) as opened:
                measured[public_set.name] = first_hits(opened, encoder)
        for mode in Mode:
            _print_fits(mode, {name: hits[mode] for name, hits in measured.items()})
        _print_claims({name: hits[Mode.HYBRID] for name, hits in measured.items()})
        print_adjacent(folder)


def _print_fits(mode: Mode, sets: Mapping[str, FirstHits]) -> None:
    print(f"\n{mode.value:36} {'score':>7} {'lead':>7} {'offset':>7}")
    print(_curve_line("shipped", CURVES[mode]))
    print(_curve_line("fitted to all sets", _fit([*sets.values()])))
    sources = dict.fromkeys(name.split(" ")[0] for name in sets)
    for source in sources:
        others = [hits for name, hits in sets.items() if not name.startswith(source)]
        print(_curve_line(f"without {source}", _fit(others)))


def _fit(sets: Sequence[FirstHits]) -> Curve:
    return fit(
        np.concatenate([hits.numbers for hits in sets]),
        np.concatenate([hits.of_kind(RIGHT) for hits in sets]),
        np.concatenate([weights_of_kinds(hits.kinds, 1.0) for hits in sets]),
    )


def _curve_line(name: str, curve: Curve) -> str:
    return f"{name:36} {curve.score:7.2f} {curve.lead:7.2f} {curve.offset:7.2f}"


def _print_claims(sets: Mapping[str, FirstHits]) -> None:
    for trust in Trust:
        answer_from, weak_from = THRESHOLDS[trust]
        print(f"\n--trust {trust.value}: answer from {answer_from}, none below {weak_from}")
        print(_line("", _COLUMNS))
        print(_line("set", _COLUMNS_2))
        rows = {name: _claims(hits, trust) for name, hits in sets.items()}
        if trust is Trust.BALANCED:
            for name, row in rows.items():
                print(_line(name, _numbers(row)))
        print(_line("mean", _numbers(np.mean([*rows.values()], axis=0))))
        print(_line("largest", _numbers(np.max([*rows.values()], axis=0))))


def _claims(hits: FirstHits, trust: Trust) -> npt.NDArray[np.float64]:
    """The figures of one set, in the order of `_COLUMNS`."""
    answer_from, weak_from = THRESHOLDS[trust]
    curve = CURVES[Mode.HYBRID]
    confidences = np.array([curve.confidence(score, lead) for score, lead in hits.numbers])
    on_subject = hits.of_kind(RIGHT, WRONG, GAP)
    is_right = hits.of_kind(RIGHT)
    bins = calibration_bins(confidences[on_subject], is_right[on_subject])
    return np.array(
        [
            np.mean(confidences[hits.of_kind(GAP)] >= answer_from),
            np.mean(confidences[is_right] >= answer_from),
            np.mean(confidences[is_right] < weak_from),
            np.mean(confidences[hits.of_kind(WRONG)] >= answer_from),
            np.mean(confidences[hits.of_kind(OFF_TOPIC)] >= answer_from),
            auroc(confidences[on_subject], ~hits.of_kind(GAP)[on_subject]) or np.nan,
            expected_calibration_error(bins),
        ]
    )


def _numbers(row: npt.NDArray[np.float64]) -> list[str]:
    return [f"{value:.3f}" for value in row.tolist()]


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:28}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


if __name__ == "__main__":
    main()
