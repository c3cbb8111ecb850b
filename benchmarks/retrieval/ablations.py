"""The ranking with one of its parts left out or put back to something simpler, on the same
index.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.retrieval.opened import OpenSet
from qasearch.datatypes.options import Mode
from qasearch.evaluation.abstention import auroc
from qasearch.evaluation.metrics import DEPTH
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import off_topic_penalty
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, scores, signal_weights
from qasearch.storage.vectors import Floats

Weigh = Callable[[float], Mapping[str, float]]
"""From the share of the words that was learned to the weight of each signal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """nDCG@10 over the answerable queries; AUROC over all of them, None where every query has an
    answer.
    """

    ndcg: float
    auroc: float | None


@dataclass(frozen=True, slots=True)
class _Ablation:
    name: str
    spelling: bool = True
    weigh: Weigh = lambda share: signal_weights(Mode.HYBRID, share)
    by_best_found: bool = False
    contrasted: bool = True


_ABLATIONS = (
    _Ablation("ours"),
    _Ablation("best passage only", weigh=lambda share: {"dense": 1 - share, "lexical": share}),
    _Ablation(
        "share of the words 0.3, not learned",
        weigh=lambda _: signal_weights(Mode.HYBRID, DEFAULT_LEXICAL_WEIGHT),
    ),
    _Ablation("BM25 by the best found", by_best_found=True),
    _Ablation("no spelling", spelling=False),
    _Ablation("no contrast in the confidence", contrasted=False),
)

NAMES = tuple(ablation.name for ablation in _ABLATIONS)


@dataclass(frozen=True, slots=True)
class _Found:
    """The candidates for a query, and what speaks against it."""

    candidates: Candidates
    against: float


def measure_ablations(opened: OpenSet) -> list[Figures]:
    """The figures for each of `NAMES`, in their order."""
    with opened.index.snapshot():
        usual = [_find(opened, query.meant, query.meant_vector) for query in opened.queries]
        as_typed = [
            found if query.meant == query.text else _find(opened, query.text, query.vector)
            for query, found in zip(opened.queries, usual, strict=True)
        ]
    share = opened.learned.lexical_weight
    return [
        _measure(opened, each, usual if each.spelling else as_typed, share) for each in _ABLATIONS
    ]


def _find(opened: OpenSet, text: str, vector: Floats) -> _Found:
    candidates = find_candidates(
        opened.index.database, opened.index.vectors, text, vector, min_entries=DEPTH
    )
    return _Found(candidates, off_topic_penalty(opened.learned.off_topic_vectors, vector))


def _measure(
    opened: OpenSet, ablation: _Ablation, found: Sequence[_Found], share: float
) -> Figures:
    rankings, evidence = [], []
    for each in found:
        candidates = _by_best_found(each.candidates) if ablation.by_best_found else each.candidates
        total = scores(candidates, ablation.weigh(share))
        rankings.append(candidates.entries[np.argsort(-total, kind="stable")[:DEPTH]].tolist())
        evidence.append(
            float(total.max(initial=0.0)) - (each.against if ablation.contrasted else 0.0)
        )
    return Figures(opened.ndcg(rankings), auroc(np.array(evidence), opened.answerable))


def _by_best_found(candidates: Candidates) -> Candidates:
    """With BM25 as a share of that of the best candidate, as is usual, and not of what could be
    reached.
    """
    lexical = candidates.signals["lexical"]
    best = max(float(lexical.max(initial=0.0)), 1e-9)
    return replace(
        candidates, signals={**candidates.signals, "lexical": lexical / np.float32(best)}
    )
