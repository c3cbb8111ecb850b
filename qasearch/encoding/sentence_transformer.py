"""The reference encoder: any model that sentence-transformers loads (Reimers and Gurevych 2019,
arXiv:1908.10084).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qasearch.encoding import model_files
from qasearch.encoding.loading import ModelKind, load_model
from qasearch.encoding.vectors import Vectors, unit_rows

_BATCH_SIZE = 32
_UNLIMITED = 512
"""Tokens for a passage where the model sets no limit: pieces longer than that make poor
passages."""

_KIND = ModelKind(
    "SentenceTransformer",
    model_files.ORGANIZATION,
    "Name a folder that holds a sentence-transformers model, a model of the hub that can be reached, "
    f"or the built-in '{model_files.BUILT_IN}'.",
)


class SentenceTransformerEncoder:
    """A sentence-transformers model behind the `Encoder` protocol; its questions and documents get
    its own prompts.
    """

    def __init__(self, name: str, *, offline: bool) -> None:
        """Load the model called `name`; `offline` forbids every network call.

        Raises:
            ModelUnavailable: it cannot be found, verified or loaded.
        """
        self.name = name
        built_in = name == model_files.BUILT_IN
        folder = model_files.built_in_folder() if built_in else Path(name)
        local = built_in or folder.is_dir()
        self.model = load_model(_KIND, str(folder) if local else name, local=local, offline=offline)
        self.fingerprint = model_files.fingerprint(name) or model_files.UNKNOWN
        self.max_tokens = int(
            min(self.model.max_seq_length or _UNLIMITED, _UNLIMITED)
        )  # infinite in static models
        self.dimension = int(self.model.get_embedding_dimension())

    @property
    def on_gpu(self) -> bool:
        """Whether torch found something quicker than the processor."""
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
        if hasattr(
            tokenizer, "encode_batch"
        ):  # a bare `tokenizers.Tokenizer`, as static models have
            return [
                len(encoding.ids)
                for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)
            ]
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = encode(
            list(texts), batch_size=_BATCH_SIZE, show_progress_bar=False, convert_to_numpy=True
        )
        return unit_rows(np.asarray(vectors, np.float32), self.name)
