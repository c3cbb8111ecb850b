"""How the vector of a text comes about, layer by layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from qasearch.lab.algorithms.attention import Floats, Reading
from qasearch.lab.charts import Chart, Curves, Table


def pooled(states: Floats) -> tuple[Floats, Floats]:
    """(layers + 1, d) directions of the mean token vector after each layer; (layers + 1,) how much
    the tokens agree.

    That is the norm of the mean by the mean of the norms: 1 if all (layers + 1, t, d) token vectors
    point one way, and about 1 / sqrt(t) if each points its own.
    """
    means = states.mean(axis=1)
    norms = np.linalg.norm(means, axis=1)
    return means / norms[:, None], norms / np.linalg.norm(states, axis=2).mean(axis=1)


def through_the_layers(
    question: Reading, answer: Reading, other: Reading
) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """The way of a question's vector, and its cosine to an answer and to something else, in words
    and numbers.
    """
    (asked, agreement), (answered, _), (elsewhere, _) = (
        pooled(each.states) for each in (question, answer, other)
    )
    final = (asked @ asked[-1]).astype(np.float64)
    near, far = ((asked * each).sum(axis=1).astype(np.float64) for each in (answered, elsewhere))
    norms = np.linalg.norm(question.states.mean(axis=1), axis=1)
    layers, gap = len(final) - 1, near - far
    best = int(np.argmax(gap))
    told = (
        f"The last layer tells them apart best: {near[-1]:.2f} against {far[-1]:.2f}, a gap of {gap[-1]:.2f}, where "
        f"the layer before it has {gap[-2]:.2f}. Training asks the last layer only for vectors that can be compared."
        if best == layers
        else f"The gap between them is widest after layer {best}, {gap[best]:.2f}, and {gap[-1]:.2f} at the end: for "
        "these texts, the last layer is not the best one to compare."
    )
    x = np.arange(layers + 1, dtype=np.float64)
    return [
        f"A vector goes through the {layers} layers along a residual stream: a layer adds to what is there and "
        "normalises the sum. Layer 0 is the word, its position and nothing of its neighbours. The table follows the "
        "question: the norm of the mean of its token vectors, how much the tokens agree (1 if all point one way), and "
        "the cosine of the mean to the final vector.",
        Table(
            ("after layer", "norm of the mean", "agreement of the tokens", "cosine to the final vector"),
            tuple((n, float(norms[n]), float(agreement[n]), float(final[n])) for n in range(layers + 1)),
        ),
        f"Halfway through, at layer {layers // 2}, the question's cosine to the answer is {near[layers // 2]:.2f}, and "
        f"to the entry that is least like it {far[layers // 2]:.2f}. {told}",
        Curves(
            "Cosines of a question's vector, layer by layer", "layer", "cosine", x,
            {"to its answer": near, "to the entry least like it": far, "to its own final vector": final},
        ),
    ], {
        "norms": norms.astype(np.float64).round(4).tolist(),
        "agreement_of_tokens": agreement.astype(np.float64).round(4).tolist(),
        "cosine_to_final": final.round(4).tolist(),
        "cosine_to_answer": near.round(4).tolist(),
        "cosine_to_least_like": far.round(4).tolist(),
        "widest_gap_after_layer": best,
    }  # fmt: skip
