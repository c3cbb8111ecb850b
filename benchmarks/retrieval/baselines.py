"""Simpler methods that anybody could use: plain cosines, and their fusion with BM25."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.retrieval.opened import OpenSet
from qasearch.evaluation.abstention import auroc
from qasearch.ranking.lexical import lexical_scores
from qasearch.storage.passage_ids import are_questions, entry_of
from qasearch.storage.vectors import Floats, Ids

DEPTH = 100
"""Entries of each ranking that are fused."""

RRF_K = 60
"""The constant of the paper (see `reciprocal_rank_fusion`)."""


@dataclass(frozen=True, slots=True)
class Baselines:
    """The figures of the simpler methods on one set.

    Attributes:
        best_passage: nDCG@10 of the cosine of the best passage.
        question: nDCG@10 of the cosine of the question alone.
        rrf: nDCG@10 of the fusion of best passage and BM25.
        auroc: of the largest cosine; None where every query has an answer.
    """

    best_passage: float
    question: float
    rrf: float
    auroc: float | None


def measure_baselines(opened: OpenSet) -> Baselines:
    """The baselines on one set, with the queries as they were typed."""
    by_passage, largest = _dense(opened, opened.ids, opened.vectors)
    is_question = are_questions(opened.ids)
    by_question, _ = _dense(opened, opened.ids[is_question], opened.vectors[is_question])
    with opened.index.snapshot():
        by_words = [_bm25(opened, query.text) for query in opened.queries]
    fused = [
        reciprocal_rank_fusion(rankings) for rankings in zip(by_passage, by_words, strict=True)
    ]
    return Baselines(
        opened.ndcg(by_passage),
        opened.ndcg(by_question),
        opened.ndcg(fused),
        auroc(np.array(largest, np.float64), opened.answerable),
    )


def reciprocal_rank_fusion(rankings: Iterable[Sequence[int]], k: int = RRF_K) -> list[int]:
    """The union of the rankings by the sum of 1 / (k + rank), the largest first.

    Equal sums are in ascending order of the entry. Cormack, Clarke and Büttcher (2009).
    """
    totals: dict[int, float] = {}
    for ranking in rankings:
        for rank, entry in enumerate(ranking, start=1):
            totals[entry] = totals.get(entry, 0.0) + 1 / (k + rank)
    return sorted(totals, key=lambda entry: (-totals[entry], entry))


def _dense(opened: OpenSet, ids: Ids, vectors: Floats) -> tuple[list[list[int]], list[float]]:
    """For each query the entries by the cosine of their best passage, and the largest cosine."""
    owners = entry_of(ids)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    rankings, largest = [], []
    for query in opened.queries:
        best = np.maximum.reduceat(vectors @ query.vector, firsts)
        order = np.argsort(-best, kind="stable")[:DEPTH]
        rankings.append(owners[firsts][order].tolist())
        largest.append(float(best[order[0]]))
    return rankings, largest


def _bm25(opened: OpenSet, text: str) -> list[int]:
    scores = lexical_scores(opened.index.database, text, DEPTH)
    return sorted(scores, key=lambda entry: (-scores[entry], entry))
