"""Runs `qasearch build` with an encoder that takes almost no time, to measure everything else.

    python -m benchmarks.speed.cheap_build CORPUS INDEX [--full] [--edit FILE]

The vector of a text is the mean of fixed random vectors of its words, in 384 dimensions like those
of the built-in model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.shared import argument_parser
from qasearch.building import BuildOptions, build
from qasearch.encoding import Vectors

_RANDOM_VECTORS = 1024


class WordEncoder:
    """An `Encoder`: the mean of a fixed random vector for each word.

    Two texts are as near as the words that they share.
    """

    name = fingerprint = "words"
    dimension, max_tokens = 384, 256

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        vectors = random.standard_normal((_RANDOM_VECTORS, self.dimension))
        self._vectors = vectors.astype(np.float32)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `qasearch.encoding.Encoder`."""
        means = np.empty((len(texts), self.dimension), np.float32)
        for number, text in enumerate(texts):
            rows = [crc32(word.encode()) % _RANDOM_VECTORS for word in text.lower().split()]
            means[number] = self._vectors[rows].mean(axis=0)
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    encode_queries = encode_documents

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `qasearch.encoding.Encoder`."""
        return [len(text.split()) for text in texts]


def main() -> None:
    parser = argument_parser(__doc__, "python -m benchmarks.speed.cheap_build")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--full", action="store_true", help="build from nothing")
    parser.add_argument("--edit", type=Path, metavar="FILE", help="first add a line to FILE")
    arguments = parser.parse_args()
    if arguments.edit:
        with arguments.edit.open("a", encoding="utf-8") as stream:
            stream.write("\nOne more line.\n")
    report = build(
        arguments.corpus,
        arguments.index,
        lambda _: WordEncoder(),
        model=None,
        default_model=WordEncoder.name,
        options=BuildOptions(full=arguments.full),
    )
    print(report)


if __name__ == "__main__":
    main()
