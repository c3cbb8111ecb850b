"""Any cross-encoder that sentence-transformers can load (Nogueira and Cho 2019,
arXiv:1901.04085).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qasearch.encoding.loading import ModelKind, load_model, reason
from qasearch.errors import ModelUnavailable

if TYPE_CHECKING:
    from qasearch.encoding import Scores

_BATCH_SIZE = 32
_NEEDED = "A cross-encoder for ranking is needed, one that gives a single score (num_labels = 1): "
_KIND = ModelKind(
    "CrossEncoder",
    "cross-encoder",
    f"{_NEEDED}name a folder that holds one, or one of the hub that can be reached.",
)


class CrossEncoderScorer:
    """A sentence-transformers cross-encoder behind the `PairScorer` protocol."""

    def __init__(self, name: str, *, offline: bool) -> None:
        """Load the cross-encoder called `name`; `offline` forbids every network call.

        Raises:
            ModelUnavailable: it cannot be found or loaded, or is of another kind.
        """
        self.name = name
        self._model = load_model(_KIND, name, local=Path(name).is_dir(), offline=offline)
        if fault := _fault(self._model):
            raise ModelUnavailable(f"The model '{name}' cannot rank: {fault}.", _KIND.hint)

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        """See `PairScorer`; the model cuts a pair that is longer than its window."""
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(question, text) for text in texts]
        try:
            predicted = self._model.predict(pairs, batch_size=_BATCH_SIZE, show_progress_bar=False)
        except (
            Exception
        ) as error:  # a tokenizer that does not pad, a window that is not what it says
            raise ModelUnavailable(
                f"The model '{self.name}' cannot score: {reason(error)}", _KIND.hint
            ) from error
        scores = np.asarray(predicted, np.float32)
        if scores.shape != (len(texts),):
            raise ModelUnavailable(
                f"The model '{self.name}' gives more than one score for a text.", _KIND.hint
            )
        if not np.isfinite(scores).all():
            raise ModelUnavailable(
                f"The model '{self.name}' gives scores that are not finite.", _KIND.hint
            )
        return scores


def _fault(model: Any) -> str:
    """Why a model that could be loaded does not rank; "" if it does.

    sentence-transformers puts a head of random weights on a model that comes without one, such as
    an embedding model.
    """
    architectures = getattr(model.config, "architectures", None) or ["of no named architecture"]
    head_inside = (
        len(list(model.children())) == 1
    )  # else modules behind the transformer give the score
    if head_inside and not any(
        name.endswith("ForSequenceClassification") for name in architectures
    ):
        return f"it is {architectures[0]}, which has no trained head for pairs"
    return "" if model.num_labels == 1 else f"it gives {model.num_labels} labels"
