"""The reference encoder: any model that sentence-transformers loads (Reimers and Gurevych 2019, arXiv:1908.10084)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qasearch.encoding import model_files
from qasearch.encoding.loading import ModelKind, load_model
from qasearch.errors import ModelUnavailable

if TYPE_CHECKING:
    from qasearch.encoding import Vectors

_BATCH_SIZE = 32
_UNLIMITED = 512
"""Tokens for a passage where the model sets no limit: pieces longer than that make poor passages."""

_KIND = ModelKind(
    "SentenceTransformer",
    "sentence-transformers",
    "Name a folder that holds a sentence-transformers model, a model of the hub that can be reached, "
    f"or the built-in '{model_files.BUILT_IN}'.",
)


class SentenceTransformerEncoder:
    """A sentence-transformers model behind the `Encoder` protocol; its questions and documents get its own prompts."""

    def __init__(self, name: str, *, offline: bool) -> None:
        """Load the model called `name`; `offline` forbids every network call.

        Raises:
            ModelUnavailable: it cannot be found, verified or loaded.
        """
        self.name = name
        built_in = name == model_files.BUILT_IN
        folder = model_files.built_in_folder() if built_in else Path(name)
        local = built_in or folder.is_dir()
        self._model = load_model(_KIND, str(folder) if local else name, local=local, offline=offline)
        if built_in:
            self.fingerprint = model_files.built_in_fingerprint()
        else:
            self.fingerprint = model_files.folder_fingerprint(folder) if local else _hub_revision(name)
        self.max_tokens = int(min(self._model.max_seq_length or _UNLIMITED, _UNLIMITED))  # infinite in static models
        self.dimension = int(self._model.get_embedding_dimension())

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(self._model.encode_query, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self._encode(self._model.encode_document, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder`."""
        tokenizer = self._model.tokenizer
        if hasattr(tokenizer, "encode_batch"):  # a bare `tokenizers.Tokenizer`, as static models have
            return [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        vectors = np.asarray(
            encode(list(texts), batch_size=_BATCH_SIZE, show_progress_bar=False, convert_to_numpy=True),
            np.float32,
        )
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(norms).all() and norms.all()):
            raise ModelUnavailable(
                f"The model '{self.name}' gives vectors that are not finite or are zero.",
                "Use another model.",
            )
        return np.asarray(vectors / norms, np.float32)


def _hub_revision(name: str) -> str:
    from huggingface_hub import try_to_load_from_cache

    for repository in (name, f"{_KIND.organization}/{name}"):
        try:
            file = try_to_load_from_cache(repository, "config.json") or try_to_load_from_cache(
                repository, "modules.json"
            )
        except ValueError:  # not a name of the hub
            continue
        if isinstance(file, str):
            return f"hub:{Path(file).parent.name}"
    return "hub:unknown"
