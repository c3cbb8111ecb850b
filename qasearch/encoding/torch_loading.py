"""Loads models with sentence-transformers: from a folder, the local cache or the Hugging Face hub.

The library and torch take seconds to import, so they are imported with the first model that needs
them and not before.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qasearch.encoding import model_files
from qasearch.errors import ModelUnavailable
from qasearch.phrases import reason


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model.

    Attributes:
        loader: the class of sentence-transformers that loads it.
        organization: the organisation of the hub for a name that gives none.
        hint: what the user can do where a model cannot be loaded.
    """

    loader: Literal["SentenceTransformer", "CrossEncoder"]
    organization: str
    hint: str


def load_model(kind: ModelKind, name: str, *, folder: Path | None, offline: bool) -> Any:
    """The model from a folder or the local cache; else from the hub, unless `offline` is set.

    Args:
        kind: the kind of model.
        name: the name that the user gave; a name of the hub if there is no folder.
        folder: the folder with the files of the model; None to look in the cache and the hub.
        offline: whether network calls are forbidden.

    Raises:
        ModelUnavailable: a Python package is missing, or the model cannot be found or loaded.
    """
    # Without the variable, the tokenizer prints a warning in a process that forks.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    try:
        return _load(kind, name, folder=folder, offline=offline)
    except Exception as error:  # any error of the packages, the file formats and the network
        raise _unavailable(kind, name, error, offline=offline and folder is None) from error


def _unavailable(
    kind: ModelKind, name: str, error: Exception, *, offline: bool
) -> ModelUnavailable:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.split(".")[0]
        return ModelUnavailable(
            f"Loading the model '{name}' needs the Python package '{package}', "
            "which is not installed.",
            f"Install it: pip install {package.replace('_', '-')}",
        )
    where = " offline" if offline else ""
    return ModelUnavailable(f"Cannot load the model '{name}'{where}: {reason(error)}", kind.hint)


def _load(kind: ModelKind, name: str, *, folder: Path | None, offline: bool) -> Any:
    """See `load_model`.

    Raises:
        Exception: any error of sentence-transformers and the libraries below it.
    """
    import sentence_transformers
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    loader = getattr(sentence_transformers, kind.loader)
    try:
        return loader(str(folder or name), local_files_only=True)
    except Exception:
        if folder or offline:
            raise
        model_files.check_hub(model_files.hub_repository(name, kind.organization))
        return loader(name)
