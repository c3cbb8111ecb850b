"""Inside the encoder: which words of two texts match, what heads attend to, and layer by layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.encoding import load_weights
from qasearch.encoding.weights import Weights
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.attention import (
    Reading,
    entropies,
    head_between_words,
    parts_of_cosine,
    pooled,
    read,
)
from qasearch.lab.arrays import Matrix, Vectors
from qasearch.lab.charts import Curves, Demonstration, Finding, Grid, Table
from qasearch.lab.demonstrations.wording import quoted
from qasearch.lab.space import Space
from qasearch.reading.markdown.inline import visible_text

SAME = 0.9999
"""Cosine from which two vectors are the same apart from rounding."""

MAX_TOKENS = 26
"""Tokens of a text that are read, special ones included; a larger grid cannot be read."""

MAX_SENTENCES = 60
"""Sentences of an answer that are compared with the question."""

STRONGEST_PAIRS = 5
"""Pairs of tokens in the table."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORD_CHARACTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that the encoder reads.

    Attributes:
        question: the question.
        answer: the sentence of the entry's answer nearest to it; the question of the entry if it
            has no answer.
        answered: whether the entry has an answer.
        unrelated: the question of the entry farthest from it.
        entry: the number of the entry that the answer belongs to.
    """

    question: str
    answer: str
    answered: bool
    unrelated: str
    entry: int

    @property
    def triple(self) -> tuple[str, str, str]:
        """The question, the answer and the unrelated question."""
        return self.question, self.answer, self.unrelated


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """A question and a sentence of an answer inside the encoder.

    The question is that of the most central entry if none is given, and the entry the one nearest
    to the question.

    Raises:
        BadRequest: there are fewer than two entries, or arguments other than QUESTION and ENTRY.
        ModelUnavailable: the encoder does not belong to the BERT family.
    """
    space.need(2, "Attention")
    if len(arguments) > 2:
        raise BadRequest(
            "Attention takes a question and an entry at most.",
            "Put each in quotation marks: qasearch lab attention 'QUESTION' 'ENTRY'",
        )
    if arguments and not arguments[0].strip():
        raise BadRequest(
            "The question is empty.",
            "Give a question, or no arguments for the question of the most central entry.",
        )
    encoder = space.load_encoder()
    # offline: the encoder is loaded, so its files are on this machine
    weights = load_weights(encoder.name, offline=True)
    texts = chosen_texts(space, arguments, weights)
    question, answer, unrelated = (read(text, weights) for text in texts.triple)
    return Demonstration.of(
        "Attention",
        [
            tell_texts(space, texts, (question, answer, unrelated), weights),
            tell_token_pairs(question, answer),
            tell_heads(question),
            tell_layers(layers_of(question, answer, unrelated)),
        ],
    )


def chosen_texts(space: Space, arguments: Sequence[str], weights: Weights) -> Texts:
    """The question and the entry that the arguments name, and an unrelated question."""
    central = space.central_entry
    question = arguments[0] if arguments else space.entries[central].question
    question = beginning_of(question, weights)
    vector = space.encode([question])[0]
    near = space.nearness(vector)
    if len(arguments) > 1:
        entry = space.find(arguments[1])
    elif arguments:
        entry = int(np.argmax(near))
    else:
        entry = central
    near[entry] = np.inf
    farthest = space.entries[int(np.argmin(near))].question
    sentence = nearest_sentence(space, entry, vector)
    return Texts(
        question=question,
        answer=beginning_of(sentence or space.entries[entry].question, weights),
        answered=sentence is not None,
        unrelated=beginning_of(farthest, weights),
        entry=entry,
    )


def beginning_of(text: str, weights: Weights) -> str:
    """As much of a text as fits into `MAX_TOKENS`, whole tokens."""
    encoding = weights.tokenizer.encode(text)
    if len(encoding.ids) <= MAX_TOKENS:
        return text
    return text[: encoding.offsets[MAX_TOKENS - 2][1]]


def nearest_sentence(space: Space, entry: int, vector: Vectors) -> str | None:
    """The sentence of the answer of an entry nearest to a (d,) vector; None without any sentence.

    Only the first `MAX_SENTENCES` are compared.
    """
    texts = [
        visible_text(passage.text)
        for passage, owner in zip(space.passages, space.owners, strict=True)
        if owner == entry and passage.kind is PassageKind.ANSWER
    ]
    sentences = [
        sentence
        for text in texts
        for sentence in _SENTENCE_END.split(text)
        if _WORD_CHARACTER.search(sentence)
    ][:MAX_SENTENCES]
    if not sentences:
        return None
    return sentences[int(np.argmax(space.encode(sentences) @ vector))]


def tell_texts(
    space: Space, texts: Texts, readings: Sequence[Reading], weights: Weights
) -> Finding:
    """Which texts are read, and whether the result is the vector of the encoder."""
    encoder, entry = space.load_encoder(), space.entries[texts.entry]
    vectors = encoder.encode_queries(texts.triple)
    cosines = [
        float(reading.vector @ vector) for reading, vector in zip(readings, vectors, strict=True)
    ]
    agreement = min(1.0, *cosines)
    same = (
        f"The result agrees with the encoder's own vectors (cosine {agreement:.6f})."
        if agreement >= SAME
        else "The result differs from the encoder's own vectors (cosine "
        f"{agreement:.4f}): the encoder does something more with a text, such as putting a prompt "
        "in front. What follows is without that."
    )
    origin = (
        f"the sentence of the answer to {quoted(entry.question)} that is nearest to it"
        if texts.answered
        else "the question of an entry without an answer"
    )
    size = sum(array.size for array in weights.arrays.values())
    text = (
        f"The question is {quoted(texts.question)}. Beside it stands '{texts.answer}', {origin}. "
        f"Both go through the forward pass of {encoder.name}, written out in NumPy with the "
        f"model's own {size:,} weights. {same}"
    )
    return Finding(
        (text,),
        {
            "question": texts.question,
            "entry": entry.id,
            "answer": texts.answer,
            "agreement": round(agreement, 6),
        },
    )


def tell_token_pairs(question: Reading, answer: Reading) -> Finding:
    """Which tokens of the question match which of the answer."""
    parts = parts_of_cosine(question.states[-1], answer.states[-1])
    inside = parts[1:-1, 1:-1]  # without the special tokens at both ends
    order = np.argsort(-inside, axis=None, kind="stable")[:STRONGEST_PAIRS]
    pairs = [
        (question.tokens[1 + i], answer.tokens[1 + j], float(inside[i, j]))
        for i, j in zip(*np.unravel_index(order, inside.shape), strict=True)
    ]
    cosine, words = float(parts.sum()), float(inside.sum())
    body = (
        "The vector of a text is the mean of its token vectors. A product of two means is a mean "
        f"of products, so the cosine of the two texts, {cosine:.3f}, is a sum over all pairs of "
        "tokens. The grid shows the parts. If all pairs were equal, each would add "
        f"{100 * cosine / parts.size:.2f} hundredths. The table has the pairs of words that add "
        f"most. The pairs with a special token, [CLS] or [SEP], add {cosine - words:.3f} in all. "
        "Each token vector depends on the whole text. So two words without a common letter can "
        "match, and even a full stop can add something.",
        Grid("Parts of the cosine, in hundredths", question.tokens, answer.tokens, 100 * parts),
        Table(("token of the question", "token of the answer", "part of the cosine"), tuple(pairs)),
    )
    return Finding(
        body,
        {
            "cosine": round(cosine, 4),
            "part_of_words": round(words, 4),
            "strongest_pairs": [[one, other, round(part, 5)] for one, other, part in pairs],
        },
    )


def attended_offset(attention: Vectors) -> tuple[str, float]:
    """Which token a head attends to most, by its position, and the mean share that it gets.

    `attention` is (t, t); the choice is the token before, the token after, or the token itself.
    """
    t = len(attention)
    shares = {
        "the token before it": float(np.diagonal(attention, -1).sum()) / (t - 1),
        "the token after it": float(np.diagonal(attention, 1).sum()) / (t - 1),
        "itself": float(np.trace(attention)) / t,
    }
    name = max(shares, key=lambda offset: shares[offset])
    return name, shares[name]


def tell_heads(reading: Reading) -> Finding:
    """How many tokens each head attends to, and one head in detail."""
    attention, t = reading.attention, len(reading.tokens)
    bits = entropies(attention)
    layers, heads = bits.shape
    narrow, wide = (
        np.unravel_index(place, bits.shape) for place in (np.argmin(bits), np.argmax(bits))
    )
    layer, head = head_between_words(attention)
    offset, share = attended_offset(attention[layer, head])
    special = float(attention[:, :, 1:-1][..., [0, -1]].sum(axis=-1).mean()) if t > 2 else 1.0
    body = (
        f"In each of {layers} layers, {heads} heads decide how much a token takes from each other "
        "token: softmax(Q K^T / sqrt(d_k)). The entropy of these shares says how many tokens a "
        f"head attends to: 0 bits for one token, {np.log2(t):.2f} bits for all {t} tokens equally. "
        f"The narrowest is head {narrow[1] + 1} of layer {narrow[0] + 1} with {bits[narrow]:.2f} "
        f"bits, the widest head {wide[1] + 1} of layer {wide[0] + 1} with {bits[wide]:.2f}. Words "
        f"give {special:.0%} of their attention to the special tokens at the ends. A head attends "
        "to these when it has found nothing to do (Clark et al. 2019).",
        Grid(
            "Entropy of attention in bits",
            tuple(f"layer {number + 1}" for number in range(layers)),
            tuple(f"head {number + 1}" for number in range(heads)),
            bits,
        ),
        f"In head {head + 1} of layer {layer + 1}, words attend most to one other word. On average "
        f"a token there gives {share:.0%} of its attention to {offset}. Nobody told a head what to "
        "attend to; it learned this in training.",
        Grid(
            f"Attention of head {head + 1} in layer {layer + 1}, from row to column",
            reading.tokens,
            reading.tokens,
            attention[layer, head],
        ),
    )
    return Finding(
        body,
        {
            "entropy_bits": bits.astype(np.float64).round(3).tolist(),
            "narrowest": [int(narrow[0]) + 1, int(narrow[1]) + 1],
            "widest": [int(wide[0]) + 1, int(wide[1]) + 1],
            "between_words": [layer + 1, head + 1],
            "between_words_looks_at": offset,
            "between_words_share": round(share, 4),
            "share_of_special_tokens": round(special, 4),
        },
    )


@dataclass(frozen=True, slots=True)
class Layers:
    """The vector of a question, layer by layer; layer 0 is the embeddings.

    Attributes:
        norms: (layers + 1,) norm of the mean token vector.
        agreement: (layers + 1,) agreement of the token vectors.
        to_final: (layers + 1,) cosine with the final vector.
        to_answer: (layers + 1,) cosine with the vector of the answer.
        to_unrelated: (layers + 1,) cosine with the vector of an unrelated question.
    """

    norms: Matrix
    agreement: Matrix
    to_final: Matrix
    to_answer: Matrix
    to_unrelated: Matrix

    @property
    def gap(self) -> Matrix:
        """(layers + 1,) how much nearer the answer is than the unrelated question."""
        return self.to_answer - self.to_unrelated

    @property
    def best(self) -> int:
        """The layer with the widest gap."""
        return int(np.argmax(self.gap))


def layers_of(question: Reading, answer: Reading, unrelated: Reading) -> Layers:
    """The measures of a question, layer by layer, beside an answer and an unrelated question."""
    (own, agreement), (near, _), (far, _) = (
        pooled(reading.states) for reading in (question, answer, unrelated)
    )
    return Layers(
        norms=np.linalg.norm(question.states.mean(axis=1), axis=1).astype(np.float64),
        agreement=agreement.astype(np.float64),
        to_final=(own @ own[-1]).astype(np.float64),
        to_answer=(own * near).sum(axis=1).astype(np.float64),
        to_unrelated=(own * far).sum(axis=1).astype(np.float64),
    )


def _best_layer(measured: Layers) -> str:
    """Which layer separates the answer and the unrelated question best."""
    gap, best = measured.gap, measured.best
    if best == len(gap) - 1:
        return (
            "The last layer separates them best: "
            f"{measured.to_answer[-1]:.2f} and {measured.to_unrelated[-1]:.2f}, a gap of "
            f"{gap[-1]:.2f}. The layer before it has a gap of {gap[-2]:.2f}. Training compares the "
            "vectors of the last layer only."
        )
    return (
        f"The gap between the two is widest after layer {best}, {gap[best]:.2f}, and "
        f"{gap[-1]:.2f} at the end. For these texts, the last layer is not the best one."
    )


def tell_layers(measured: Layers) -> Finding:
    """How the vector of the question changes from layer to layer."""
    layers = len(measured.norms) - 1
    middle = layers // 2
    rows = tuple(
        (
            layer,
            float(measured.norms[layer]),
            float(measured.agreement[layer]),
            float(measured.to_final[layer]),
        )
        for layer in range(layers + 1)
    )
    body = (
        f"A token vector goes through {layers} layers. Each layer adds its result to the vector "
        "and normalises the sum (a residual stream). Layer 0 is the word and its position, without "
        "its neighbours. The table follows the question: the norm of the mean of its token "
        "vectors, how far they agree (1 if all point in one direction), and the cosine of the mean "
        "with the final vector.",
        Table(
            (
                "after layer",
                "norm of the mean",
                "agreement of the tokens",
                "cosine to the final vector",
            ),
            rows,
        ),
        f"Half-way, at layer {middle}, the cosine of the question is "
        f"{measured.to_answer[middle]:.2f} with the answer and "
        f"{measured.to_unrelated[middle]:.2f} with the entry farthest from it. "
        f"{_best_layer(measured)}",
        Curves(
            "Cosines of a question's vector, layer by layer",
            "layer",
            "cosine",
            np.arange(layers + 1, dtype=np.float64),
            {
                "to its answer": measured.to_answer,
                "to the entry farthest from it": measured.to_unrelated,
                "to its own final vector": measured.to_final,
            },
        ),
    )
    return Finding(
        body,
        {
            "norms": measured.norms.round(4).tolist(),
            "agreement_of_tokens": measured.agreement.round(4).tolist(),
            "cosine_to_final": measured.to_final.round(4).tolist(),
            "cosine_to_answer": measured.to_answer.round(4).tolist(),
            "cosine_to_least_like": measured.to_unrelated.round(4).tolist(),
            "widest_gap_after_layer": measured.best,
        },
    )
