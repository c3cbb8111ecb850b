"""The numbers of a transformer, to be looked at: encoders of the BERT family that pool by the mean.

BERT is Devlin, Chang, Lee and Toutanova 2019, arXiv:1810.04805. Nothing is computed here.
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
from qasearch.encoding.loading import reason
from qasearch.encoding.vectors import Vectors
from qasearch.errors import ModelUnavailable

_HINT = (
    "Attention reads encoders of the BERT family that pool by the mean, such as the built-in "
    f"'{model_files.BUILT_IN}': build an index with one."
)
_FILES = ["*.json", "*.safetensors"]


@dataclass(frozen=True, slots=True)
class Weights:
    """An encoder's weights, and what else is needed to compute with them.

    Attributes:
        arrays: float32, by the names under which they are published, without the prefix 'bert.'.
        layers: how many encoder layers it has.
        heads: how many attention heads each of them has; they divide the width.
        epsilon: what LayerNorm adds to the variance.
        tokenizer: makes tokens of a text, at most as many as there are positions; fills nothing up.
    """

    arrays: Mapping[str, Vectors]
    layers: int
    heads: int
    epsilon: float
    tokenizer: Tokenizer


def load_weights(name: str, *, offline: bool) -> Weights:
    """See `qasearch.encoding.load_weights`."""
    try:
        folder = _folder(name, offline=offline)
        modules = {
            each["type"].rpartition(".")[2]: folder / each["path"]
            for each in _read(folder / "modules.json")
        }
        if others := (set(modules) ^ {"Transformer", "Pooling"}) - {"Normalize"}:
            raise _other(name, f"its modules are not the usual ones ({', '.join(sorted(others))})")
        inside = modules["Transformer"]
        config = _read(inside / "config.json")
        if fault := _fault(config, _read(modules["Pooling"] / "config.json")):
            raise _other(name, fault)
        arrays = load_file(inside / "model.safetensors")
        tokenizer = Tokenizer.from_file(str(inside / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(config["max_position_embeddings"])
        return Weights(
            {
                each.removeprefix("bert."): np.asarray(array, np.float32)
                for each, array in arrays.items()
            },
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["layer_norm_eps"],
            tokenizer,
        )
    except ModelUnavailable:
        raise
    except (
        Exception
    ) as error:  # missing or damaged files, and whatever three libraries raise for them
        raise ModelUnavailable(
            f"Cannot read the weights of the model '{name}': {reason(error)}", _HINT
        ) from error


def _other(name: str, fault: str) -> ModelUnavailable:
    return ModelUnavailable(f"The model '{name}' cannot be looked into: {fault}.", _HINT)


def _folder(name: str, *, offline: bool) -> Path:
    if name == model_files.BUILT_IN:
        return model_files.built_in_folder()
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    repository = name if "/" in name else f"{model_files.ORGANIZATION}/{name}"
    try:
        return Path(snapshot_download(repository, allow_patterns=_FILES, local_files_only=True))
    except Exception:
        if offline:
            raise
        return Path(snapshot_download(repository, allow_patterns=_FILES))


def _read(file: Path) -> Any:
    return json.loads(file.read_bytes())


def _fault(config: Mapping[str, Any], pooling: Mapping[str, Any]) -> str:
    """Why BERT's forward pass and the mean of its tokens would give other vectors than the model;
    "" if they do not.
    """
    if (
        config["model_type"] != "bert"
        or config.get("position_embedding_type", "absolute") != "absolute"
    ):
        return f"its architecture is '{config['model_type']}'"
    if config["hidden_act"] != "gelu":
        return f"its activation is '{config['hidden_act']}', and not 'gelu'"
    modes = [
        key for key, value in pooling.items() if key.startswith("pooling_mode_") and value
    ]  # as older models say it
    by_mean = modes == ["pooling_mode_mean_tokens"] or pooling.get("pooling_mode") == "mean"
    return "" if by_mean else "it does not pool by the mean"
