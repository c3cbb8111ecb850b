"""The reference encoder: any model that sentence-transformers loads.

Sentence-BERT is Reimers and Gurevych 2019, arXiv:1908.10084. Exports are checked against this
encoder, and it encodes with the models that cannot be exported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qasearch.encoding import model_files
from qasearch.encoding.encoder import Vectors, unit_rows
from qasearch.encoding.torch_loading import ModelKind, load_model
from qasearch.settings import DEFAULT_MODEL

_BATCH_SIZE = 32
"""Texts in a batch; the default of the library."""

_MAX_TOKENS = 512
"""The most tokens of a passage, also where a model sets no limit: longer pieces of an answer make
poor passages."""

_KIND = ModelKind(
    "SentenceTransformer",
    model_files.EMBEDDING_ORGANIZATION,
    "Name a folder that holds a sentence-transformers model, a model of the hub that can be "
    f"reached, or the built-in '{DEFAULT_MODEL}'.",
)


class SentenceTransformerEncoder:
    """A sentence-transformers model behind the `Encoder` protocol.

    Questions and passages get the prompts that the model has for them.
    """

    def __init__(self, name: str, *, offline: bool) -> None:
        """Load the model `name`; `offline` forbids every network call.

        Raises:
            ModelUnavailable: it cannot be found, verified or loaded.
        """
        self.name = name
        folder = model_files.local_folder(name)
        self.model = load_model(_KIND, name, folder=folder, offline=offline)
        self.fingerprint = model_files.fingerprint(name) or model_files.UNKNOWN
        # static models give infinity, some others None
        self.max_tokens = int(min(self.model.max_seq_length or _MAX_TOKENS, _MAX_TOKENS))
        self.dimension = int(self.model.get_embedding_dimension())

    @property
    def on_gpu(self) -> bool:
        """Whether torch has found a device that is faster than the processor."""
        return bool(self.model.device.type != "cpu")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(self.model.encode_query, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(self.model.encode_document, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder`."""
        tokenizer = self.model.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # static models have a plain `tokenizers.Tokenizer`
            encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
            return [len(encoding.ids) for encoding in encodings]
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = encode(
            list(texts), batch_size=_BATCH_SIZE, show_progress_bar=False, convert_to_numpy=True
        )
        return unit_rows(np.asarray(vectors, np.float32), self.name)
