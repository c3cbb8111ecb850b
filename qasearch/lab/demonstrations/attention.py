"""Inside the encoder: which words of a question meet which of an answer, what its heads look at,
and layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.encoding import load_weights
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.attention import read
from qasearch.lab.charts import Demonstration
from qasearch.lab.demonstrations.heads import by_head
from qasearch.lab.demonstrations.layers import through_the_layers
from qasearch.lab.demonstrations.token_pairs import beginning, meetings, nearest_sentence
from qasearch.lab.demonstrations.wording import quoted
from qasearch.lab.space import Space

SAME = 0.9999
"""From this cosine on, two vectors are taken to be the same but for rounding."""


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """A question (else that of the most central entry) and an entry (else the one nearest to it)
    inside the encoder.

    Raises:
        BadRequest: there are fewer than two entries, or other arguments than QUESTION and ENTRY.
        ModelUnavailable: the encoder is not of the BERT family.
    """
    space.need(2, "Attention")
    if len(arguments) > 2:
        raise BadRequest(
            "Attention takes a question and an entry.",
            "Put each in quotation marks: 'QUESTION' 'ENTRY'",
        )
    if arguments and not arguments[0].strip():
        raise BadRequest("The question is empty.", "Give one, or none: then it is an entry's.")
    encoder = space.load_encoder()
    weights = load_weights(
        encoder.name, offline=True
    )  # the encoder is loaded, so its files are here
    central = int(np.argmax(space.vectors @ space.vectors.sum(axis=0)))
    question = beginning(arguments[0] if arguments else space.entries[central].question, weights)
    vector = encoder.encode_queries([question])[0]
    near = space.nearness(vector)
    entry = (
        space.find(arguments[1])
        if len(arguments) > 1
        else int(np.argmax(near))
        if arguments
        else central
    )
    near[entry] = np.inf
    other = int(np.argmin(near))
    answer = beginning(nearest_sentence(space, entry, vector), weights)
    texts = (question, answer, beginning(space.entries[other].question, weights))
    readings = [read(text, weights) for text in texts]
    agreement = [
        float(ours.vector @ its)
        for ours, its in zip(readings, encoder.encode_queries(texts), strict=True)
    ]
    least = min(1.0, *agreement)
    same = (
        f"The encoder's own vectors come out, with a cosine of {least:.6f}."
        if least >= SAME
        else f"To the encoder's own vectors the cosine is only {least:.4f}: it does something more with a text, such "
        "as to put a prompt in front. What follows is without that."
    )
    parts = [
        meetings(readings[0], readings[1]),
        by_head(readings[0]),
        through_the_layers(*readings),
    ]
    numbers = {
        "question": question,
        "entry": space.entries[entry].id,
        "answer": answer,
        "agreement": round(least, 6),
    }
    return Demonstration(
        "Attention",
        (
            f"The question is {quoted(question)}; from the answer to {quoted(space.entries[entry].question)} stands "
            f"beside it '{answer}', its sentence nearest to the question. Both go through the forward pass of "
            f"{encoder.name}, written out in NumPy with the model's own "
            f"{sum(array.size for array in weights.arrays.values()):,} weights. {same}",
            *(part for body, _ in parts for part in body),
        ),
        numbers | {name: value for _, about in parts for name, value in about.items()},
    )
