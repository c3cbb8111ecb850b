"""Models of sentence-transformers from a folder, the local cache or, where that is allowed, the
Hugging Face hub.

Importing the library takes seconds, so it is imported when the first model is loaded and not
before.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any, Literal

from qasearch.errors import ModelUnavailable

_HUB_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model.

    Attributes:
        loader: the class of sentence-transformers that loads it.
        organization: the one of the hub that is meant where a name gives none.
        hint: what to name instead where there is no such model.
    """

    loader: Literal["SentenceTransformer", "CrossEncoder"]
    organization: str
    hint: str

    def repository(self, name: str) -> str:
        """The hub's repository of the model called `name`."""
        return name if "/" in name else f"{self.organization}/{name}"


def load_model(kind: ModelKind, source: str, *, local: bool, offline: bool) -> Any:
    """The model from a folder or the local cache; from the hub only if it is in neither and
    `offline` is not set.

    Args:
        kind: what is loaded.
        source: a folder, or a name of the hub.
        local: whether `source` is a folder.
        offline: whether network calls are forbidden.

    Raises:
        ModelUnavailable: it cannot be found or loaded.
    """
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        import sentence_transformers
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()
        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        logging.getLogger("transformers").setLevel(logging.ERROR)
        loader = getattr(sentence_transformers, kind.loader)
        try:
            return loader(source, local_files_only=True)
        except Exception:
            if local or offline:
                raise
            _check_hub(kind.repository(source))
            return loader(source)
    except (
        Exception
    ) as error:  # loaders raise whatever the file formats and the network below them raise
        raise ModelUnavailable(
            f"Cannot load the model '{source}'{' offline' if offline and not local else ''}: {reason(error)}",
            kind.hint,
        ) from error


def reason(error: Exception) -> str:
    """The first line of what somebody else's error says, or its class."""
    return str(error).strip().split("\n")[0][:300] or type(error).__name__


def _check_hub(repository: str) -> None:
    """Fail at once where the hub cannot be reached or has no such model; loading would first retry
    for a minute.
    """
    from huggingface_hub import HfApi

    HfApi().model_info(repository, timeout=_HUB_TIMEOUT_S)
