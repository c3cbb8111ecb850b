"""What becomes of search when a distilled student encodes the questions."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.lab.algorithms.distillation import PENALTY, bags, ridge, summed, vocabulary
from qasearch.lab.algorithms.norms import unit
from qasearch.lab.charts import Chart, Table
from qasearch.lab.demonstrations.rankings import Scores, recall
from qasearch.lab.space import Space

MOST_PASSAGES, TIMED = 4_000, 32
"""Of more passages, a sample of this size teaches and tests the student; its speed is measured on
so many questions."""


def distilled(space: Space) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """A student of the encoder, and how it does on passages that it has not seen, in words and
    numbers.
    """
    chosen = np.arange(len(space.passages))
    if len(chosen) > MOST_PASSAGES:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, MOST_PASSAGES, replace=False))
    texts = [_read_text(space, n) for n in chosen.tolist()]
    held = np.arange(len(chosen)) % 5 == 4
    seen = [text for text, apart in zip(texts, held, strict=True) if not apart]
    unseen = [text for text, apart in zip(texts, held, strict=True) if apart]
    teacher, owners = space.passage_vectors[chosen], space.owners[chosen]
    words = vocabulary(seen)
    weights = ridge(bags(seen, words), teacher[~held], PENALTY)
    ours, theirs = summed(unseen, words, weights), teacher[held]

    mean = unit(teacher[~held].mean(axis=0, keepdims=True))[0]
    agreement, without = float((ours * theirs).sum(axis=1).mean()), float((theirs @ mean).mean())
    exact, scores = theirs @ teacher[~held].T, ours @ teacher[~held].T
    found = recall(exact, scores)
    asked = np.isin(owners[held], owners[~held])
    right = [
        _share_right(each[asked], owners[~held], owners[held][asked]) for each in (exact, scores)
    ]
    questions = [entry.question for entry in space.entries[:TIMED]]
    encoder = space.load_encoder()
    slow = _seconds(lambda: encoder.encode_queries(questions))
    quick = _seconds(lambda: summed(questions, words, weights))
    first = (
        f" For {asked.sum():,} of them the right entry is known; it comes first for {right[0]:.0%} with the encoder "
        f"and for {right[1]:.0%} with the student."
        if asked.any()
        else ""
    )
    return [
        f"Distillation: a student with one vector for each of {len(words):,} words learns from {len(seen):,} passages "
        "to sum up to the encoder's vector, by ridge regression in closed form, and is tested on every fifth passage, "
        f"{len(unseen):,} that it has not seen. It knows no order of words. Its mean cosine to the encoder's vector is "
        f"{agreement:.2f}; a student that always gives the mean of all would have {without:.2f}.",
        f"With the student's vectors for questions and the encoder's for passages, {found:.0%} of the ten nearest "
        f"passages are found.{first} It took {quick / len(questions) * 1e6:,.0f} microseconds a question, the encoder "
        f"{slow / len(questions) * 1e6:,.0f}: {_how_much(slow / quick)}.",
    ], {
        "student_words": len(words),
        "student_cosine": round(agreement, 4),
        "mean_vector_cosine": round(without, 4),
        "student_recall": round(found, 4),
        "student_times_quicker": round(slow / quick, 1),
    } | (
        {"teacher_right_first": round(right[0], 4), "student_right_first": round(right[1], 4)}
        if asked.any()
        else {}
    )


def _read_text(space: Space, number: int) -> str:
    """What the encoder read, all but the headings: a piece of an answer had its question in
    front.
    """
    passage = space.passages[number]
    is_answer = passage.kind is PassageKind.ANSWER
    return (
        f"{space.entries[space.owners[number]].question} {passage.text}"
        if is_answer
        else passage.text
    )


def _share_right(scores: Scores, owners: Any, wanted: Any) -> float:
    """How often the best passage is of the entry that was asked for; 0 if nothing was."""
    return float((owners[scores.argmax(axis=1)] == wanted).mean()) if len(scores) else 0.0


def _seconds(call: Any) -> float:
    """The shortest of three runs, after one that warms up."""
    call()
    times = []
    for _ in range(3):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return max(min(times), 1e-9)


def _how_much(ratio: float) -> str:
    return (
        f"the student is {ratio:,.0f} times as quick"
        if ratio >= 1.5
        else "no gain with this encoder"
    )
