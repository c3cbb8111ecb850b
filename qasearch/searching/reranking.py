"""Orders the best hits by a cross-encoder, which reads the question and each hit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.reply import Hit
from qasearch.encoding import PairScorer

RERANKED = 50
"""How many hits are read: each costs as much as embedding its text, and few answers rank lower."""


def rerank(question: str, hits: Sequence[Hit], scorer: PairScorer) -> list[Hit]:
    """The hits, the first `RERANKED` of them in the order of the scorer.

    Hits with equal scores, and all hits below, stay in their order. The scorer's score becomes
    `score` and the signal `rerank`. The hits below keep their distances to each other, below the
    lowest of these scores, so that scores still fall with the rank. Confidences belong to the
    ranks: the first hit gets the highest, as it did without the scorer.

    Args:
        question: what was asked.
        hits: best first.
        scorer: the cross-encoder.

    Raises:
        ModelUnavailable: the scorer does not give one finite score for each hit.
    """
    if not hits:
        return []
    read, below = hits[:RERANKED], hits[RERANKED:]
    scores = scorer.score(question, [text_of(hit) for hit in read]).tolist()
    best_first = sorted(zip(read, scores, strict=True), key=lambda pair: -pair[1])
    ordered = [
        replace(hit, score=score, signals={**hit.signals, "rerank": score})
        for hit, score in best_first
    ]
    shift = ordered[-1].score - read[-1].score
    ordered += [replace(hit, score=hit.score + shift) for hit in below]
    places = sorted((hit.confidence for hit in hits), reverse=True)
    return [
        replace(hit, rank=rank, confidence=confidence)
        for rank, (hit, confidence) in enumerate(zip(ordered, places, strict=True), start=1)
    ]


def text_of(hit: Hit) -> str:
    """What the cross-encoder reads of a hit.

    That is the question, with the passage of the answer if that was nearest; else with what belongs
    to the question and the whole answer, which the model cuts to its window.
    """
    entry = hit.entry
    answer_was_nearest = hit.matched_on is PassageKind.ANSWER
    texts = (hit.passage.text,) if answer_was_nearest else (entry.question_body, entry.answer)
    return "\n".join(filter(None, (entry.question, *texts)))
