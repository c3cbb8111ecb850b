"""The ranking with one of its parts left out or put back to something simpler, on the same index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.retrieval.opened import OpenSet
from qasearch.datatypes import Mode
from qasearch.encoding import Encoder
from qasearch.evaluation.abstention import auroc
from qasearch.evaluation.metrics import DEPTH
from qasearch.ranking.candidates import Candidates, find_candidates
from qasearch.ranking.confidence import contrast, off_topic_questions
from qasearch.ranking.fusion import DEFAULT_LEXICAL, scores, weights
from qasearch.ranking.learning import Learned, learn
from qasearch.ranking.metric import Floats, Metric
from qasearch.ranking.probes import choose_questions
from qasearch.storage.vectors import VectorIndex

Weigh = Callable[[float], Mapping[str, float]]
"""From the share of the words that was learned to the weight of each signal."""


@dataclass(frozen=True, slots=True)
class Figures:
    """nDCG@10 over the answerable queries; AUROC over all of them, None where every query has an answer."""

    ndcg: float
    auroc: float | None


@dataclass(frozen=True, slots=True)
class _Ablation:
    name: str
    metric: bool = True
    spelling: bool = True
    weigh: Weigh = lambda share: weights(Mode.HYBRID, share)
    by_best_found: bool = False
    contrasted: bool = True


_ABLATIONS = (
    _Ablation("ours"),
    _Ablation("plain cosine, no metric learned", metric=False),
    _Ablation("best passage only", weigh=lambda share: {"dense": 1 - share, "lexical": share}),
    _Ablation("share of the words 0.3, not learned", weigh=lambda _: weights(Mode.HYBRID, DEFAULT_LEXICAL)),
    _Ablation("BM25 by the best found", by_best_found=True),
    _Ablation("no spelling", spelling=False),
    _Ablation("no contrast in the confidence", contrasted=False),
)

NAMES = tuple(ablation.name for ablation in _ABLATIONS)


@dataclass(frozen=True, slots=True)
class _View:
    """The passages and what was learned from them, with or without the corpus's metric."""

    vectors: VectorIndex
    learned: Learned


@dataclass(frozen=True, slots=True)
class _Found:
    """The candidates for a query, and what speaks against it."""

    candidates: Candidates
    against: float


def measure_ablations(opened: OpenSet, encoder: Encoder, off_topic: Floats) -> list[Figures]:
    """The figures for each of `NAMES`, in their order; `off_topic` are the embeddings of `off_topic_questions`."""
    with opened.index.snapshot():
        ours = _View(opened.index.vectors, opened.learned)
        plain = _without_metric(opened, encoder, off_topic)
        usual = [_find(opened, ours, query.meant, query.meant_vector) for query in opened.queries]
        unmapped = [_find(opened, plain, query.meant, query.meant_vector) for query in opened.queries]
        as_typed = [
            found if query.meant == query.text else _find(opened, ours, query.text, query.vector)
            for query, found in zip(opened.queries, usual, strict=True)
        ]
    figures = []
    for each in _ABLATIONS:
        view, found = (ours, usual if each.spelling else as_typed) if each.metric else (plain, unmapped)
        figures.append(_measure(opened, each, found, view.learned.lexical))
    return figures


def _without_metric(opened: OpenSet, encoder: Encoder, off_topic: Floats) -> _View:
    """What a build would make of the corpus if it compared the vectors as they are; the rest is learned again."""
    dimension = opened.vectors.shape[1]
    metric = Metric(np.eye(dimension, dtype=np.float32), np.zeros(dimension, np.float32))
    vectors = VectorIndex.make(opened.ids, opened.vectors)
    own = choose_questions(opened.index.database)
    learned = learn(
        opened.index.database,
        vectors,
        metric,
        own=(own, encoder.encode_queries([each.text for each in own])),
        off_topic=(off_topic_questions(), off_topic),
    )
    return _View(vectors, learned)


def _find(opened: OpenSet, view: _View, text: str, vector: Floats) -> _Found:
    mapped = view.learned.metric.map(vector[None])[0]
    candidates = find_candidates(opened.index.database, view.vectors, text, mapped, wanted=DEPTH)
    return _Found(candidates, contrast(view.learned.background, mapped))


def _measure(opened: OpenSet, ablation: _Ablation, found: Sequence[_Found], share: float) -> Figures:
    rankings, evidence = [], []
    for each in found:
        candidates = _by_best_found(each.candidates) if ablation.by_best_found else each.candidates
        total = scores(candidates, ablation.weigh(share))
        rankings.append(candidates.entries[np.argsort(-total, kind="stable")[:DEPTH]].tolist())
        evidence.append(float(total.max(initial=0.0)) - (each.against if ablation.contrasted else 0.0))
    return Figures(opened.ndcg(rankings), auroc(np.array(evidence), opened.answerable))


def _by_best_found(candidates: Candidates) -> Candidates:
    """With BM25 as a share of that of the best candidate, as is usual, and not of what could be reached."""
    lexical = candidates.signals["lexical"]
    best = max(float(lexical.max(initial=0.0)), 1e-9)
    return replace(candidates, signals={**candidates.signals, "lexical": lexical / np.float32(best)})
