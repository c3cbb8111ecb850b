"""The ranking with one of its parts left out or replaced by a simpler one, on the same index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.retrieval.opened import OpenSet
from qasearch.datatypes.options import Mode
from qasearch.evaluation.abstention import auroc
from qasearch.evaluation.ranking_metrics import DEPTH
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import CURVES, Standings
from qasearch.ranking.fusion import (
    DEFAULT_LEXICAL_WEIGHT,
    Ranked,
    lexical_weight_for,
    scores,
    signal_weights,
)
from qasearch.ranking.lexical import literal_share
from qasearch.storage.vectors import Floats

Weigh = Callable[[float], Mapping[str, float]]
"""From the learned lexical weight to the weight of each signal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one ablation on one set.

    Attributes:
        ndcg: nDCG@10 over the answerable queries.
        auroc: over all queries; None where every query has an answer.
    """

    ndcg: float
    auroc: float | None


@dataclass(frozen=True, slots=True)
class _Ablation:
    """A change of the ranking.

    Attributes:
        name: its name in the table.
        spelling: whether misspelt words are corrected.
        weigh: the weights of the signals.
        bm25_by_best: whether BM25 is divided by that of the best candidate, as is usual, and not by
            the most that any entry could reach.
        literal: whether words weigh more in questions that are literal.
    """

    name: str
    spelling: bool = True
    weigh: Weigh = lambda share: signal_weights(Mode.HYBRID, share)
    bm25_by_best: bool = False
    literal: bool = True


_ABLATIONS = (
    _Ablation("ours"),
    _Ablation("best passage only", weigh=lambda share: {"dense": 1 - share, "lexical": share}),
    _Ablation(
        "lexical weight 0.3, not learned",
        weigh=lambda _: signal_weights(Mode.HYBRID, DEFAULT_LEXICAL_WEIGHT),
    ),
    _Ablation("BM25 by the best candidate", bm25_by_best=True),
    _Ablation("no spelling correction", spelling=False),
    _Ablation("no more weight for what is literal", literal=False),
)

NAMES = tuple(ablation.name for ablation in _ABLATIONS)


def measure_ablations(opened: OpenSet) -> list[Figures]:
    """The figures for each of `NAMES`, in their order."""
    with opened.index.snapshot():
        database = opened.index.database
        literal = [literal_share(database, query.corrected) for query in opened.queries]
        as_asked = [_find(opened, query.corrected, query.asked_vector) for query in opened.queries]
        as_typed = [
            candidates if query.corrected == query.text else _find(opened, query.text, query.vector)
            for query, candidates in zip(opened.queries, as_asked, strict=True)
        ]
    return [
        _measure(opened, ablation, as_asked if ablation.spelling else as_typed, literal)
        for ablation in _ABLATIONS
    ]


def _find(opened: OpenSet, text: str, vector: Floats) -> Candidates:
    return find_candidates(
        opened.index.database, opened.index.vectors, text, vector, min_entries=DEPTH
    )


def _measure(
    opened: OpenSet, ablation: _Ablation, found: Sequence[Candidates], literal: Sequence[float]
) -> Figures:
    rankings, logits = [], []
    learned, curve = opened.index.metadata.lexical_weight, CURVES[Mode.HYBRID]
    for candidates, share in zip(found, literal, strict=True):
        weight = lexical_weight_for(learned, share) if ablation.literal else learned
        ranked_by = _with_bm25_by_best(candidates) if ablation.bm25_by_best else candidates
        total = scores(ranked_by, ablation.weigh(weight))
        order = np.argsort(-total, kind="stable")[:DEPTH]
        rankings.append(candidates.entries[order].tolist())
        hits = [
            Ranked(
                int(candidates.entries[row]),
                int(candidates.passages[row]),
                float(total[row]),
                {name: float(values[row]) for name, values in candidates.signals.items()},
            )
            for row in order[:1]
        ]
        standings = Standings(candidates, Mode.HYBRID).of(hits)
        logits.append(curve.logit(*standings[0]) if standings else -np.inf)
    return Figures(opened.ndcg(rankings), auroc(np.array(logits), opened.answerable))


def _with_bm25_by_best(candidates: Candidates) -> Candidates:
    lexical = candidates.signals["lexical"]
    best = max(float(lexical.max(initial=0.0)), 1e-9)  # no division by zero without common words
    signals = {**candidates.signals, "lexical": lexical / np.float32(best)}
    return replace(candidates, signals=signals)
