"""What the heads of an encoder attend to in one text."""

from __future__ import annotations

from typing import Any

import numpy as np

from qasearch.lab.algorithms.attention import Floats, Reading
from qasearch.lab.charts import Chart, Grid, Table


def entropies(attention: Floats) -> Floats:
    """(layers, h) bits, the mean over the tokens: 0 if each attends to one token, log2(t) if to all
    t alike.

    `attention` is (layers, h, t, t), rows that sum to 1 (entropy: Shannon 1948).
    """
    logarithms = np.log2(attention, out=np.zeros_like(attention), where=attention > 0)
    return np.asarray(np.abs((attention * logarithms).sum(axis=-1)).mean(axis=-1))


def most_between_words(attention: Floats) -> tuple[int, int]:
    """The layer and head in which a word, in the mean, gives most to one other; special tokens are
    at both ends.
    """
    words = attention[:, :, 1:-1, 1:-1].copy()
    own = np.arange(words.shape[-1])
    words[:, :, own, own] = 0
    given = words.max(axis=-1, initial=0).mean(axis=-1)
    layer, head = np.unravel_index(np.argmax(given), given.shape)
    return int(layer), int(head)


def by_head(reading: Reading) -> tuple[list[str | Table | Chart], dict[str, Any]]:
    """How wide each head looks, and one of them in full, in words and numbers."""
    attention, t = reading.attention, len(reading.tokens)
    bits = entropies(attention)
    layers, heads = bits.shape
    narrow, wide = (np.unravel_index(at, bits.shape) for at in (np.argmin(bits), np.argmax(bits)))
    layer, head = most_between_words(attention)
    shown = attention[layer, head]
    offsets = {
        "the token before it": float(np.diagonal(shown, -1).sum()) / (t - 1),
        "the token after it": float(np.diagonal(shown, 1).sum()) / (t - 1),
        "itself": float(np.trace(shown)) / t,
    }
    where = max(offsets, key=lambda name: offsets[name])
    special = float(attention[:, :, 1:-1][..., [0, -1]].sum(axis=-1).mean()) if t > 2 else 1.0
    return [
        f"In each of {layers} layers, {heads} heads share out what a token takes from the others: softmax(Q K^T / "
        f"sqrt(d_k)). The entropy of the shares says how wide a head looks: 0 bits at one token, {np.log2(t):.2f} at "
        f"all {t} alike. The narrowest is head {narrow[1] + 1} of layer {narrow[0] + 1} with {bits[narrow]:.2f}, the "
        f"widest head {wide[1] + 1} of layer {wide[0] + 1} with {bits[wide]:.2f}. Words give {special:.0%} of their "
        "attention to the special tokens at the ends, where a head looks that has found nothing to do (Clark et al. "
        "2019).",
        Grid(
            "Entropy of attention in bits",
            tuple(f"layer {n + 1}" for n in range(layers)),
            tuple(f"head {n + 1}" for n in range(heads)),
            bits,
        ),
        f"Head {head + 1} of layer {layer + 1} is the one that goes most from word to one other word. On average a "
        f"token there gives {offsets[where]:.0%} to {where}. No head was told what to look for; training made them so.",
        Grid(
            f"Attention of head {head + 1} in layer {layer + 1}, from row to column",
            reading.tokens,
            reading.tokens,
            shown,
        ),
    ], {
        "entropy_bits": bits.astype(np.float64).round(3).tolist(),
        "narrowest": [int(narrow[0]) + 1, int(narrow[1]) + 1],
        "widest": [int(wide[0]) + 1, int(wide[1]) + 1],
        "between_words": [layer + 1, head + 1],
        "between_words_looks_at": where,
        "between_words_share": round(offsets[where], 4),
        "share_of_special_tokens": round(special, 4),
    }
