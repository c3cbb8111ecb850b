"""The forward pass of a BERT encoder, from token ids to a vector.

Attention and the order of a block, each part added to its input and then normalised, are those of
Vaswani et al. 2017, Attention Is All You Need; learned positions and token types those of Devlin et
al. 2019, BERT. All arrays are float32; t is the number of tokens, d the width, h the number of
heads. One text is read at a time: nothing is padded or masked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qasearch.encoding.weights import Weights

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What happens to one text inside the encoder.

    Attributes:
        tokens: (t,) with the special ones at both ends.
        states: (layers + 1, t, d) the token vectors, after the embeddings and after each layer.
        attention: (layers, h, t, t) how much each token (row) takes from each (column); rows sum to
            1.
        vector: (d,) of unit norm: the direction of the mean of the last token vectors.
    """

    tokens: tuple[str, ...]
    states: Floats
    attention: Floats
    vector: Floats


def softmax(scores: Floats) -> Floats:
    """Along the last axis. Taking off the largest score changes nothing, and keeps exp from
    overflowing.
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def erf(x: Floats) -> Floats:
    """The error function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26)."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    polynomial = t * (
        0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))
    )
    return np.asarray(np.sign(x) * (1 - polynomial * np.exp(-x * x)))


def gelu(x: Floats) -> Floats:
    """X times the probability that a standard normal number is below x (Hendrycks and Gimpel
    2016).
    """
    return np.asarray(x * (1 + erf(x / 2**0.5)) / 2, np.float32)


def layer_norm(x: Floats, weight: Floats, bias: Floats, epsilon: float) -> Floats:
    """Each (..., d) row to mean 0 and variance 1, then scaled and shifted (Ba, Kiros and Hinton
    2016).
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + epsilon)
    return np.asarray(centred / deviation * weight + bias, np.float32)


def self_attention(queries: Floats, keys: Floats, values: Floats) -> tuple[Floats, Floats]:
    """softmax(Q K^T / sqrt(d_k)) V of each head, (h, t, d_k), and the weights before V, (h, t,
    t).
    """
    weights = softmax(queries @ keys.swapaxes(-1, -2) / np.float32(queries.shape[-1] ** 0.5))
    return weights @ values, weights


def read(text: str, weights: Weights) -> Reading:
    """The text through the encoder, with everything on the way."""
    w, encoding = weights.arrays, weights.tokenizer.encode(text)
    t, h = len(encoding.ids), weights.heads

    def linear(x: Floats, name: str) -> Floats:
        return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])

    def normalised(x: Floats, name: str) -> Floats:
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
