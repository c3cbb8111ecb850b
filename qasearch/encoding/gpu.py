"""Encodes many passages on a GPU, where there is one. Questions stay with onnxruntime.

torch is imported only where a driver of a GPU is installed and there are enough passages.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qasearch.encoding.encoder import Vectors
from qasearch.encoding.onnx import Export, OnnxEncoder
from qasearch.errors import ModelUnavailable

if TYPE_CHECKING:
    from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

_MANY = 512
"""In the time that importing torch takes, the processor encodes this number of passages."""

_DRIVER_FILES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg", "C:\\Windows\\System32\\nvcuda.dll")
"""Of NVIDIA, of AMD, of Linux inside Windows, and of NVIDIA on Windows."""


def may_have_gpu() -> bool:
    """Whether the machine may have a GPU, so that asking torch is worth the time."""
    if sys.platform == "darwin":
        return os.uname().machine == "arm64"
    return any(Path(file).exists() for file in _DRIVER_FILES)


class GpuEncoder(OnnxEncoder):
    """An exported model that leaves many passages to the reference, if torch finds a GPU."""

    def __init__(self, name: str, export: Export, *, offline: bool) -> None:
        """Open the export of the model `name`; `offline` forbids every network call.

        Raises:
            Exception: any error of onnxruntime or tokenizers, for files that they cannot use.
        """
        super().__init__(name, export)
        self._offline = offline

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        if len(texts) >= _MANY and self._reference is not None:
            return self._reference.encode_documents(texts)
        return super().encode_documents(texts)

    @cached_property
    def _reference(self) -> SentenceTransformerEncoder | None:
        """The reference on a GPU; None without a GPU, or where it has not the exported weights."""
        from qasearch.encoding.sentence_transformer import SentenceTransformerEncoder

        try:
            reference = SentenceTransformerEncoder(self.name, offline=self._offline)
        except ModelUnavailable as error:
            import logging

            logging.getLogger(__name__).warning(
                "Passages are encoded without the GPU, because torch cannot load the model: %s",
                error,
            )
            return None
        return reference if reference.on_gpu and reference.fingerprint == self.fingerprint else None
