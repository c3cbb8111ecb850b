"""`qasearch build` with an encoder that takes next to no time, so that what is measured is
everything else.

    python -m benchmarks.speed.cheap_build CORPUS INDEX [--full] [--edit FILE]

A text's vector is the mean of fixed random vectors of its words, in 384 dimensions as those of the
built-in model. With `--edit`, the file first gets one more line.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from qasearch.building import BuildOptions, build
from qasearch.storage.segments import Floats

_WORDS = 1024


class WordEncoder:
    """The mean of a fixed random vector for each word: texts are as near as the words that they
    share.
    """

    name = fingerprint = "words"
    dimension, max_tokens = 384, 256

    def __init__(self) -> None:
        self._vectors = (
            np.random.default_rng(0).standard_normal((_WORDS, self.dimension)).astype(np.float32)
        )

    def encode_documents(self, texts: Sequence[str]) -> Floats:
        """See `qasearch.encoding.Encoder`."""
        rows = [[crc32(word.encode()) % _WORDS for word in text.lower().split()] for text in texts]
        means = np.array([self._vectors[row].mean(axis=0) for row in rows], np.float32).reshape(
            -1, self.dimension
        )
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), np.float32)

    encode_queries = encode_documents

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `qasearch.encoding.Encoder`."""
        return [len(text.split()) for text in texts]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.cheap_build")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--edit", type=Path)
    arguments = parser.parse_args()
    if arguments.edit:
        with arguments.edit.open("a", encoding="utf-8") as stream:
            stream.write("\nOne more line.\n")
    options = BuildOptions(full=arguments.full)
    report = build(
        arguments.corpus,
        arguments.index,
        lambda _: WordEncoder(),
        model=None,
        default_model="words",
        options=options,
    )
    print(report)


if __name__ == "__main__":
    main()
