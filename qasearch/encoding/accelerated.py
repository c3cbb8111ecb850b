"""Many passages on a GPU, where there is one; questions as ever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from qasearch.encoding.exports import Export
from qasearch.encoding.onnx import OnnxEncoder
from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder
from qasearch.encoding.vectors import Vectors
from qasearch.errors import ModelUnavailable

MANY = 512
"""Importing torch takes as long as the processor takes for so many passages."""


class AcceleratedEncoder(OnnxEncoder):
    """An exported model, whose reference takes over if there are many passages and torch finds a
    GPU.
    """

    def __init__(self, name: str, export: Export, *, offline: bool) -> None:
        """As `OnnxEncoder`; `offline` forbids every network call."""
        super().__init__(name, export)
        self._offline = offline

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        if len(texts) >= MANY and self._reference is not None:
            return self._reference.encode_documents(texts)
        return super().encode_documents(texts)

    @cached_property
    def _reference(self) -> SentenceTransformerEncoder | None:
        """The reference with the same weights on a GPU; None where that cannot be had."""
        try:
            reference = SentenceTransformerEncoder(self.name, offline=self._offline)
        except ModelUnavailable:
            return None
        return reference if reference.on_gpu and reference.fingerprint == self.fingerprint else None
