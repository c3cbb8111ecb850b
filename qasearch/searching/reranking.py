"""The best hits of the ranking in the order of a cross-encoder, which reads the question and each
of them together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.reply import Hit
from qasearch.encoding import PairScorer

RERANKED = 50
"""How many hits are read: each costs as much as embedding its text, and few answers stand further
down."""


def rerank(question: str, hits: Sequence[Hit], scorer: PairScorer) -> list[Hit]:
    """The hits, the first `RERANKED` of them in the order of the scorer; equal ones and all others
    stay as they were.

    `score` becomes that of the scorer, which also is the signal `rerank`. The others keep their
    distances below the lowest of these, so that scores still fall with the rank. Confidences stay
    those of the ranking.

    Args:
        question: what is asked.
        hits: best first.
        scorer: reads each of the first hits together with the question.

    Raises:
        ModelUnavailable: the scorer gives no single finite score for each.
    """
    if not hits:
        return []
    read, others = hits[:RERANKED], hits[RERANKED:]
    scores = scorer.score(question, [text_of(hit) for hit in read]).tolist()
    best_first = sorted(zip(read, scores, strict=True), key=lambda pair: -pair[1])
    ordered = [
        replace(hit, score=score, signals={**hit.signals, "rerank": score})
        for hit, score in best_first
    ]
    lowest, last = ordered[-1].score, read[-1].score
    ordered += [replace(hit, score=lowest - (last - hit.score)) for hit in others]
    return [replace(hit, rank=number) for number, hit in enumerate(ordered, start=1)]


def text_of(hit: Hit) -> str:
    """What the cross-encoder reads of a hit: its question, and the passage of the answer if that
    was nearest.

    Otherwise the question with what belongs to it and the whole answer, which the model cuts to its
    window.
    """
    entry = hit.entry
    nearest_in_answer = hit.matched_on is PassageKind.ANSWER
    below = (hit.passage.text,) if nearest_in_answer else (entry.question_body, entry.answer)
    return "\n".join(filter(None, (entry.question, *below)))
