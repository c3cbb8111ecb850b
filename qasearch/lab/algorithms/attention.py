"""The forward pass of a BERT encoder, from token ids to a vector, and measures of its attention.

Attention and the order of a layer (each part is added to its input, then the sum is normalised)
follow Vaswani et al. 2017, Attention Is All You Need; learned positions and token types follow
Devlin et al. 2019, BERT. All arrays are float32; t is the number of tokens, d the width, h the
number of heads. One text is read at a time, so nothing is padded or masked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qasearch.encoding.weights import Weights
from qasearch.lab.arrays import Floats, Vectors


@dataclass(frozen=True, slots=True)
class Reading:
    """The inside of the encoder while it reads one text.

    Attributes:
        tokens: (t,) with a special token at each end.
        states: (layers + 1, t, d) token vectors, after the embeddings and after each layer.
        attention: (layers, h, t, t) how much each token (row) takes from each token (column);
            rows sum to 1.
        vector: (d,) of unit norm: the direction of the mean of the last token vectors.
    """

    tokens: tuple[str, ...]
    states: Vectors
    attention: Vectors
    vector: Vectors


def softmax(scores: Vectors) -> Vectors:
    """Positive shares along the last axis that sum to 1: exp(score) divided by the sum of them.

    The largest score is subtracted first: the result is the same, and exp cannot overflow.
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def erf(x: Vectors) -> Vectors:
    """The error function, exact to 1.5e-7 (Abramowitz and Stegun 1964, formula 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    polynomial = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.asarray(np.sign(x) * (1 - polynomial * np.exp(-x * x)))


def gelu(x: Vectors) -> Vectors:
    """Each x times the probability that a standard normal number is below x.

    Hendrycks and Gimpel 2016, Gaussian Error Linear Units.
    """
    return np.asarray(x * (1 + erf(x / 2**0.5)) / 2, np.float32)


def layer_norm(x: Vectors, weight: Vectors, bias: Vectors, epsilon: float) -> Vectors:
    """Each (..., d) row with mean 0 and variance 1, then scaled by `weight` and shifted by `bias`.

    Ba, Kiros and Hinton 2016, Layer Normalization.
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + epsilon)
    return np.asarray(centred / deviation * weight + bias, np.float32)


def self_attention(queries: Vectors, keys: Vectors, values: Vectors) -> tuple[Vectors, Vectors]:
    """softmax(Q K^T / sqrt(d_k)) V of each head, and the weights softmax(Q K^T / sqrt(d_k)).

    Queries, keys, values and the first result are (h, t, d_k), the weights (h, t, t).
    """
    weights = softmax(queries @ keys.swapaxes(-1, -2) / np.float32(queries.shape[-1] ** 0.5))
    return weights @ values, weights


def read(text: str, weights: Weights) -> Reading:
    """The text through the encoder, with every intermediate result."""
    w, encoding = weights.arrays, weights.tokenizer.encode(text)
    t, h = len(encoding.ids), weights.heads

    def linear(x: Vectors, name: str) -> Vectors:
        return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])

    def normalised(x: Vectors, name: str) -> Vectors:
        return layer_norm(x, w[f"{name}.weight"], w[f"{name}.bias"], weights.epsilon)

    x = (
        w["embeddings.word_embeddings.weight"][encoding.ids]
        + w["embeddings.position_embeddings.weight"][:t]
    )
    x = normalised(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    states, attention = [x], []
    for layer in (f"encoder.layer.{n}" for n in range(weights.layers)):
        q, k, v = (
            linear(x, f"{layer}.attention.self.{part}").reshape(t, h, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        mixed, shares = self_attention(q, k, v)
        mixed = linear(mixed.swapaxes(0, 1).reshape(t, -1), f"{layer}.attention.output.dense")
        x = normalised(x + mixed, f"{layer}.attention.output.LayerNorm")
        inner = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = normalised(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        states.append(x)
        attention.append(shares)
    mean = x.mean(axis=0)
    return Reading(
        tuple(encoding.tokens), np.stack(states), np.stack(attention), mean / np.linalg.norm(mean)
    )


def parts_of_cosine(first: Floats, second: Floats) -> Floats:
    """(t, u) parts of the cosine of two mean token vectors, one for each pair of tokens.

    The parts sum to the cosine: the product of two sums is the sum of all products x_i . y_j,
    here divided by the norms of both sums.

    Args:
        first: (t, d) token vectors.
        second: (u, d) token vectors.
    """
    return np.asarray(
        first @ second.T / np.linalg.norm(first.sum(axis=0)) / np.linalg.norm(second.sum(axis=0))
    )


def entropies(attention: Floats) -> Floats:
    """(layers, h) entropy of the attention of each head in bits, the mean over the tokens.

    0: each token attends to one token only; log2(t): to all t tokens alike (Shannon 1948).
    `attention` is (layers, h, t, t) with rows that sum to 1.
    """
    logarithms = np.log2(attention, out=np.zeros_like(attention), where=attention > 0)
    return np.asarray(np.abs((attention * logarithms).sum(axis=-1)).mean(axis=-1))


def head_between_words(attention: Floats) -> tuple[int, int]:
    """The layer and the head in which words attend most to one other word.

    For each word the largest attention to another word counts, and the head with the largest mean
    wins. The special tokens at both ends are left out.
    """
    words = attention[:, :, 1:-1, 1:-1].copy()
    own = np.arange(words.shape[-1])
    words[:, :, own, own] = 0
    strongest = words.max(axis=-1, initial=0).mean(axis=-1)
    layer, head = np.unravel_index(np.argmax(strongest), strongest.shape)
    return int(layer), int(head)


def pooled(states: Floats) -> tuple[Floats, Floats]:
    """(layers + 1, d) directions of the mean token vector, and (layers + 1,) agreement of tokens.

    The agreement is the norm of the mean divided by the mean of the norms: 1 if all token vectors
    of (layers + 1, t, d) point in one direction, about 1 / sqrt(t) if each points elsewhere.
    """
    means = states.mean(axis=1)
    norms = np.linalg.norm(means, axis=1)
    return means / norms[:, None], norms / np.linalg.norm(states, axis=2).mean(axis=1)
