"""Stores exported models: one folder each in the user's cache.

A folder is named by the fingerprint of the model's weights and by the version of onnxruntime, which
decides how the graph is optimised. It appears as a whole or not at all. The folder of a model that
cannot be exported holds the reason, so that no process tries it again with that version.

Knows nothing of torch and of how an export is made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qasearch.encoding.onnx import Export, ExportInfo, runtime_version

_INFO = "about.json"

_FORMAT = 2
"""To be raised whenever existing exports have to be made again."""

_UNFINISHED = "unfinished-"

_ABANDONED_AFTER_S = 3600.0
"""An export takes seconds, and minutes for a large model: after an hour its process was killed."""


def find(fingerprint: str) -> Export | None:
    """The export of the model with this fingerprint; None if it is missing or incomplete."""
    folder = _root() / _name(fingerprint)
    try:
        fields: dict[str, Any] = json.loads((folder / _INFO).read_bytes())
        info = ExportInfo(**fields)
        complete = all(
            (folder / name).stat().st_size == size for name, size in info.file_sizes.items()
        )
    except (OSError, ValueError, TypeError):
        return None
    return Export(folder, info) if complete and info.fingerprint == fingerprint else None


def store(make: Callable[[Path], ExportInfo]) -> None:
    """Store the files that `make` writes into the new folder that it is called with.

    Exports of the same weights for other versions of onnxruntime are removed. If two processes make
    the same export, the first one stays. A cache that cannot be written is logged as a warning, and
    nothing is stored.
    """
    import shutil
    import tempfile

    root = _root()
    unfinished = None
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_abandoned(root)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=root))
        info = make(unfinished)
        (unfinished / _INFO).write_text(json.dumps(asdict(info), indent=1), encoding="utf-8")
        _publish(unfinished, info.fingerprint)
    except OSError as error:
        import logging

        logging.getLogger(__name__).warning(
            "Cannot store an exported model in %s, so it will be exported again: %s", root, error
        )
    finally:
        if unfinished:
            shutil.rmtree(unfinished, ignore_errors=True)


def remove(fingerprint: str) -> None:
    """Remove the exports of these weights, for every version of onnxruntime."""
    import shutil

    for folder in _root().glob(f"{_digest(fingerprint)}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _publish(unfinished: Path, fingerprint: str) -> None:
    """Give the finished folder its name, unless another process was quicker.

    Raises:
        OSError: a file cannot be written to disk, or the folder cannot be renamed.
    """
    from qasearch.atomic import sync_file, sync_folder

    for file in unfinished.iterdir():
        sync_file(file)
    sync_folder(unfinished)
    if find(fingerprint) is not None:
        return
    remove(fingerprint)
    folder = _root() / _name(fingerprint)
    try:
        unfinished.rename(folder)
    except OSError:
        if find(fingerprint) is None:
            raise
    sync_folder(folder.parent)


def _remove_abandoned(root: Path) -> None:
    """Remove the folders of processes that were killed while they exported."""
    import shutil

    for folder in root.glob(f"{_UNFINISHED}*"):
        with contextlib.suppress(OSError):  # another process has removed it
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)


def _root() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("qasearch", appauthor=False)) / "encoders"


def _name(fingerprint: str) -> str:
    return f"{_digest(fingerprint)}-{_FORMAT}-onnxruntime-{runtime_version()}"


def _digest(fingerprint: str) -> str:
    return hashlib.blake2b(fingerprint.encode(), digest_size=16).hexdigest()
