"""The weights of a transformer, for code that computes with them itself.

Reads encoders of the BERT family that pool by the mean. BERT is Devlin, Chang, Lee and Toutanova
2019, arXiv:1810.04805. Nothing is computed here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from qasearch.encoding import model_files
from qasearch.encoding.encoder import Vectors
from qasearch.errors import ModelUnavailable
from qasearch.phrases import reason
from qasearch.settings import DEFAULT_MODEL

_HINT = (
    "Attention can be shown for encoders of the BERT family that pool by the mean, such as the "
    f"built-in '{DEFAULT_MODEL}': build an index with one."
)
_FILES = ["*.json", "*.safetensors"]
"""The files of a repository that are needed: configuration, vocabulary and weights."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of an encoder, and what else is needed to compute with them.

    Attributes:
        arrays: float32, by the names under which they are published, without the prefix 'bert.'.
        layers: the number of encoder layers.
        heads: the number of attention heads in a layer; it divides the width.
        epsilon: the number that LayerNorm adds to the variance.
        tokenizer: turns a text into tokens, at most as many as the model has positions; adds no
            padding.
    """

    arrays: Mapping[str, Vectors]
    layers: int
    heads: int
    epsilon: float
    tokenizer: Tokenizer


def read_weights(name: str, *, offline: bool) -> Weights:
    """The weights of the embedding model `name`; see `qasearch.encoding.load_weights`.

    Raises:
        ModelUnavailable: the model is not of the BERT family or does not pool by the mean, or its
            files cannot be found or read.
    """
    try:
        return _read_weights(name, offline=offline)
    except ModelUnavailable:
        raise
    except Exception as error:  # missing or damaged files, any error of three libraries
        raise ModelUnavailable(
            f"Cannot read the weights of the model '{name}': {reason(error)}", _HINT
        ) from error


def _read_weights(name: str, *, offline: bool) -> Weights:
    """See `read_weights`.

    Raises:
        ModelUnavailable: another architecture.
        Exception: any error of the libraries that find and read the files.
    """
    folder = _folder(name, offline=offline)
    modules = {
        module["type"].rpartition(".")[2]: folder / module["path"]
        for module in _read_json(folder / "modules.json")
    }
    if unusual := (set(modules) ^ {"Transformer", "Pooling"}) - {"Normalize"}:
        raise _unsuitable(
            name, f"its modules are not the usual ones ({', '.join(sorted(unusual))})"
        )
    transformer = modules["Transformer"]
    config = _read_json(transformer / "config.json")
    if fault := _fault(config, _read_json(modules["Pooling"] / "config.json")):
        raise _unsuitable(name, fault)
    arrays = load_file(transformer / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(transformer / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(config["max_position_embeddings"])
    return Weights(
        {
            array_name.removeprefix("bert."): np.asarray(array, np.float32)
            for array_name, array in arrays.items()
        },
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["layer_norm_eps"],
        tokenizer,
    )


def _folder(name: str, *, offline: bool) -> Path:
    repository = model_files.hub_repository(name, model_files.EMBEDDING_ORGANIZATION)
    return model_files.local_folder(name) or model_files.hub_folder(
        repository, _FILES, offline=offline
    )


def _unsuitable(name: str, fault: str) -> ModelUnavailable:
    return ModelUnavailable(f"The model '{name}' cannot be looked into: {fault}.", _HINT)


def _read_json(file: Path) -> Any:
    return json.loads(file.read_bytes())


def _fault(config: Mapping[str, Any], pooling: Mapping[str, Any]) -> str:
    """Why BERT's forward pass and the mean over its tokens would give other vectors than the model.

    "" if they give the same vectors.
    """
    architecture = config["model_type"]
    if architecture != "bert" or config.get("position_embedding_type", "absolute") != "absolute":
        return f"its architecture is '{architecture}'"
    if config["hidden_act"] != "gelu":
        return f"its activation is '{config['hidden_act']}', not 'gelu'"
    # older models have one yes or no for each mode, newer models one name
    modes = [key for key, value in pooling.items() if key.startswith("pooling_mode_") and value]
    by_mean = modes == ["pooling_mode_mean_tokens"] or pooling.get("pooling_mode") == "mean"
    return "" if by_mean else "it does not pool by the mean"
