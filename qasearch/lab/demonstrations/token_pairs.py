"""Which tokens of one text meet which of another: the cosine of two texts, taken apart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.encoding.weights import Weights
from qasearch.lab.algorithms.attention import Floats, Reading
from qasearch.lab.charts import Chart, Grid, Table
from qasearch.lab.space import Space
from qasearch.reading.markdown.inline import visible_text

MOST_TOKENS, MOST_SENTENCES = 26, 60
"""So many tokens of a text are read, special ones included, for more make no grid to look at; so
many sentences of an answer are compared with the question."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def parts_of_cosine(one: Floats, other: Floats) -> Floats:
    """(t, u) for each pair of (t, d) and (u, d) token vectors its part of the cosine of their
    means; they add up to it.

    The cosine of two means is the sum of all products x_i . y_j by the norms of both sums, as a
    product of sums is the sum of the products.
    """
    return np.asarray(
        one @ other.T / np.linalg.norm(one.sum(axis=0)) / np.linalg.norm(other.sum(axis=0))
    )


def meetings(
    question: Reading, answer: Reading
) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """The tokens of a question beside those of an answer, in words and numbers."""
    parts = parts_of_cosine(question.states[-1], answer.states[-1])
    inside = parts[1:-1, 1:-1]  # without the special tokens at both ends
    order = np.argsort(-inside, axis=None, kind="stable")[:5]
    pairs = [
        (question.tokens[1 + i], answer.tokens[1 + j], float(inside[i, j]))
        for i, j in zip(*np.unravel_index(order, inside.shape), strict=True)
    ]
    cosine, words = float(parts.sum()), float(inside.sum())
    even = cosine / parts.size
    return [
        "The vector of a text is the mean of its token vectors, and a product of two means is a mean of products: so "
        f"the cosine of the two texts, {cosine:.3f}, is a sum over pairs of tokens, the grid below. Were all pairs "
        f"alike, each would add {100 * even:.2f} hundredths. The pairs of words that add most are in the table; the "
        f"pairs with a special token, [CLS] or [SEP], add {cosine - words:.3f} in all. Each token vector has read its "
        "whole sentence, which is why two words may meet that share no letter, and why a full stop may take part.",
        Grid("Parts of the cosine, in hundredths", question.tokens, answer.tokens, 100 * parts),
        Table(("token of the question", "token of the answer", "part of the cosine"), tuple(pairs)),
    ], {
        "cosine": round(cosine, 4),
        "part_of_words": round(words, 4),
        "strongest_pairs": [[one, other, round(part, 5)] for one, other, part in pairs],
    }


def beginning(text: str, weights: Weights) -> str:
    """As much of a text as fits into `MOST_TOKENS`."""
    encoding = weights.tokenizer.encode(text)
    return (
        text if len(encoding.ids) <= MOST_TOKENS else text[: encoding.offsets[MOST_TOKENS - 2][1]]
    )


def nearest_sentence(space: Space, entry: int, vector: Floats) -> str:
    """The sentence of an entry's answer, of the first `MOST_SENTENCES`, nearest to a (d,) vector;
    else its question.
    """
    texts = [
        visible_text(passage.text)
        for passage, owner in zip(space.passages, space.owners, strict=True)
        if owner == entry and passage.kind is PassageKind.ANSWER
    ]
    sentences = [
        each for text in texts for each in _SENTENCE_END.split(text) if re.search(r"\w", each)
    ][:MOST_SENTENCES]
    if not sentences:
        return space.entries[entry].question
    return sentences[int(np.argmax(space.encode(sentences) @ vector))]
