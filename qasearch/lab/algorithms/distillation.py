"""A static student of the encoder: a vector for each word, so that a text's is the sum of its
words'.

The teacher is the encoder, and the student learns its vectors by ridge regression (Hoerl and
Kennard 1970), which has a closed form; that a student can learn from a teacher's outputs alone is
Hinton, Vinyals and Dean 2015, Distilling the Knowledge in a Neural Network.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.lab.algorithms.norms import unit

Floats = npt.NDArray[np.floating[Any]]

MOST_WORDS = 4_096
"""The vocabulary: of more words, those that are in most texts."""

PENALTY = 0.3
"""Of the squared length of the word vectors, against the squared error of rows of unit norm."""

_WORD = re.compile(r"\w+")


def vocabulary(texts: Sequence[str]) -> dict[str, int]:
    """The words of the texts by number: first those that are in most of them, then by the
    alphabet.
    """
    counts = Counter(word for text in texts for word in set(_WORD.findall(text.lower())))
    return {
        word: n
        for n, word in enumerate(
            sorted(counts, key=lambda word: (-counts[word], word))[:MOST_WORDS]
        )
    }


def bags(texts: Sequence[str], words: Mapping[str, int]) -> Floats:
    """(m, w) how often each word is in each text, rows of unit norm; 0 for a text with none of the
    words.
    """
    found = np.zeros((len(texts), len(words)))
    for row, text in zip(found, texts, strict=True):
        for word in _WORD.findall(text.lower()):
            if word in words:
                row[words[word]] += 1
    return unit(found)


def ridge(x: Floats, y: Floats, penalty: float) -> Floats:
    """(w, d) the W with the least |x W - y|^2 + penalty |W|^2, for (m, w) x and (m, d) y.

    Its closed form (X'X + pI)^-1 X'Y solves a system of w equations. The same by m equations is
    X'(XX' + pI)^-1 Y, the kernel form, which is the smaller one if there are more words than texts.
    """
    m, w = x.shape
    if w <= m:
        return np.asarray(np.linalg.solve(x.T @ x + penalty * np.eye(w), x.T @ y))
    return np.asarray(x.T @ np.linalg.solve(x @ x.T + penalty * np.eye(m), y))


def summed(texts: Sequence[str], words: Mapping[str, int], weights: Floats) -> Floats:
    """(m, d) the sums of the (w, d) vectors of each text's words, rows of unit norm; 0 for a text
    with none of them.
    """
    numbers = [
        [words[word] for word in _WORD.findall(text.lower()) if word in words] for text in texts
    ]
    return unit(np.stack([weights[np.array(each, np.int64)].sum(axis=0) for each in numbers]))
