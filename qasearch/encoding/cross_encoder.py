"""Any cross-encoder that sentence-transformers loads.

Ranking passages with a cross-encoder is Nogueira and Cho 2019, arXiv:1901.04085.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qasearch.encoding import model_files
from qasearch.encoding.encoder import Scores
from qasearch.encoding.torch_loading import ModelKind, load_model
from qasearch.errors import ModelUnavailable
from qasearch.phrases import reason

_BATCH_SIZE = 32
"""Pairs in a batch; the default of the library."""

_KIND = ModelKind(
    "CrossEncoder",
    model_files.CROSS_ENCODER_ORGANIZATION,
    "A cross-encoder that gives a single score (num_labels = 1) is needed: name a folder that "
    "holds one, or one of the hub that can be reached.",
)


class CrossEncoderScorer:
    """A sentence-transformers cross-encoder behind the `PairScorer` protocol."""

    def __init__(self, name: str, *, offline: bool) -> None:
        """Load the cross-encoder `name`; `offline` forbids every network call.

        Raises:
            ModelUnavailable: it cannot be found or loaded, or is a model of another kind.
        """
        self.name = name
        folder = Path(name) if Path(name).is_dir() else None
        self._model = load_model(_KIND, name, folder=folder, offline=offline)
        if fault := _fault(self._model):
            raise ModelUnavailable(f"The model '{name}' cannot rank: {fault}.", _KIND.hint)

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """See `PairScorer`; the model truncates a pair that is longer than it can read."""
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(question, text) for text in texts]
        try:
            predicted = self._model.predict(pairs, batch_size=_BATCH_SIZE, show_progress_bar=False)
        except Exception as error:  # for example a tokenizer whose words the model does not have
            raise self._unusable(f"cannot score: {reason(error)}") from error
        scores = np.asarray(predicted, np.float32)
        if scores.shape != (len(texts),):
            raise self._unusable("gives more than one score for a text.")
        if not np.isfinite(scores).all():
            raise self._unusable("gives scores that are not finite.")
        return scores

    def _unusable(self, fault: str) -> ModelUnavailable:
        return ModelUnavailable(f"The model '{self.name}' {fault}", _KIND.hint)


def _fault(model: Any) -> str:
    """Why a model that could be loaded cannot rank; "" if it can.

    sentence-transformers puts a head of random weights on a model that has none, such as an
    embedding model. Such a model loads without an error, but its scores mean nothing.
    """
    architectures = getattr(model.config, "architectures", None) or ["of no named architecture"]
    # with more modules, a module behind the transformer gives the score
    has_head_inside = len(list(model.children())) == 1
    if has_head_inside and not any(
        name.endswith("ForSequenceClassification") for name in architectures
    ):
        return f"it is {architectures[0]}, which has no trained head for pairs"
    return "" if model.num_labels == 1 else f"it gives {model.num_labels} labels"
