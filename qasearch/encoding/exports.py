"""Where exported models are kept: one folder each in the user's cache, named by the fingerprint of
the weights.

A folder appears whole or not at all. What onnxruntime optimised depends on its version, so that is
part of the name. A model that cannot be exported leaves a folder with the reason, and is not tried
again with that version.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

GRAPH, WEIGHTS, TOKENIZER = "model.onnx", "model.data", "tokenizer.json"
_ABOUT = "about.json"
_FORMAT = 1
"""Raised whenever an export that is there should be made again."""

_UNFINISHED = "unfinished-"
_FORGOTTEN_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a model that was exported, or that could not be.

    Attributes:
        fingerprint: of its weights.
        dimension: the length of a vector.
        max_tokens: what it reads of a text, special tokens included.
        cut: whether longer texts are cut to that; a static model reads everything.
        special: whether the tokenizer adds its special tokens.
        query_prompt: what stands in front of a question.
        document_prompt: what stands in front of a passage.
        cosine: the lowest cosine to the reference among the texts that were compared.
        reason: why it could not be exported; "" if it was.
        sizes: of the files in bytes.
    """

    fingerprint: str
    dimension: int = 0
    max_tokens: int = 0
    cut: bool = True
    special: bool = True
    query_prompt: str = ""
    document_prompt: str = ""
    cosine: float = 0.0
    reason: str = ""
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """An exported model: its folder, and what is known of it."""

    folder: Path
    about: About


def find(fingerprint: str) -> Export | None:
    """The export of the model with this fingerprint; None where there is none, or not all of it."""
    folder = _root() / _name(fingerprint)
    try:
        fields: dict[str, Any] = json.loads((folder / _ABOUT).read_bytes())
        about = About(**fields)
        whole = all((folder / name).stat().st_size == size for name, size in about.sizes.items())
    except (OSError, ValueError, TypeError):
        return None
    return Export(folder, about) if whole and about.fingerprint == fingerprint else None


def keep(make: Callable[[Path], About]) -> None:
    """Keep what `make` writes into the new folder that it is called with, if the cache can be
    written.

    Exports of the same weights for other versions of onnxruntime are removed. If two processes make
    the same one, the first stays.
    """
    import shutil
    import tempfile

    root = _root()
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_forgotten(root)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
    except OSError:
        return
    try:
        about = make(unfinished)
        folder = root / _name(about.fingerprint)
        text = json.dumps(asdict(about), indent=1)
        (unfinished / _ABOUT).write_text(text, encoding="utf-8")
        for file in unfinished.iterdir():
            _sync(file)
        if find(about.fingerprint) is None:
            remove(about.fingerprint)
            with contextlib.suppress(OSError):  # another process was quicker
                unfinished.rename(folder)
    except OSError:
        return
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def remove(fingerprint: str) -> None:
    """Remove the exports of these weights, whatever version of onnxruntime they are for."""
    import shutil

    for folder in _root().glob(f"{_digest(fingerprint)}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_forgotten(root: Path) -> None:
    """Remove what exports left that were killed."""
    import shutil

    for folder in root.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _FORGOTTEN_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("qasearch", appauthor=False)) / "encoders"


def runtime_version() -> str:
    """The version of onnxruntime that is installed."""
    from qasearch.encoding.runtime import onnxruntime

    return str(onnxruntime.__version__)


def _name(fingerprint: str) -> str:
    return f"{_digest(fingerprint)}-{_FORMAT}-onnxruntime-{runtime_version()}"


def _digest(fingerprint: str) -> str:
    return hashlib.blake2b(fingerprint.encode(), digest_size=16).hexdigest()


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
