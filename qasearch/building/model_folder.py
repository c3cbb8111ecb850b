"""Tells whether the folder of a model changed, without reading its files and without a library."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator


def model_files(model: str) -> str:
    """A digest of the names, sizes, time stamps and inodes of the files of a model's folder.

    "" for a model that is no folder. Other files than those of the model may be among them: they
    only cost a look at its weights.
    """
    if not (os.path.isabs(model) and os.path.isdir(model)):  # noqa: PTH112, PTH117 - names too
        return ""
    digest = hashlib.sha256()
    for line in sorted(_lines(model)):
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(model: str) -> Iterator[str]:
    """A line for each file; one for a folder that cannot be listed is left out."""
    for folder, folders, names in os.walk(model):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            file = os.path.join(folder, name)  # noqa: PTH118 - as above
            try:
                status = os.stat(file)  # noqa: PTH116 - as above
            except OSError:
                continue
            stamp = (status.st_size, status.st_mtime_ns, status.st_ino, status.st_ctime_ns)
            yield f"{os.path.relpath(file, model)} {stamp}\n"
