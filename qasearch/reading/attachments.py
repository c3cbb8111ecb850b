"""Where the files are that notes embed by their name alone: pictures, PDFs.

Looks at the names of files on the disk, never into them.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from qasearch.datatypes.note_names import ends_with_path, file_name, has_file_suffix, last_part
from qasearch.reading.files import SKIPPED_FOLDERS

_USUAL_FOLDERS = (
    "",
    *("attachments", "assets", "images", "img", "media", "files", "resources", "uploads", "static"),
    *("public", "_attachments", "_assets", "_resources", "Attachments", "Assets", "Images"),
    *("Files", "Media"),
)
"""Where note-taking programs and sites put attachments."""

_MAX_DEPTH = 8


class AllAttachments:
    """Every file of a corpus by its name. The corpus is walked when the first name is asked for."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus

    def exists(self, target: str, path: str) -> bool:  # noqa: ARG002 - the type of Surroundings
        """Whether a file has this name, or this path at its end, in a folder that is not hidden."""
        name = file_name(target)
        return any(ends_with_path(path, name) for path in self._by_name.get(last_part(name), ()))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        files: dict[str, list[str]] = defaultdict(list)
        for folder, children, names in os.walk(self._corpus):
            children[:] = [
                name for name in children if name[0] != "." and name not in SKIPPED_FOLDERS
            ]
            prefix = Path(folder).relative_to(self._corpus).as_posix() + "/"
            for name in names:
                if name[0] != ".":
                    path = file_name(prefix + name)
                    files[last_part(path)].append(path)
        return dict(files)


def exists_nearby(corpus: Path, target: str, path: str) -> bool | None:
    """Whether a file is where attachments usually are: for a reply, which must not walk the corpus.

    These are the folders above the document at `path`, and the usual folders in them. None if it is
    in none of them, as it can be anywhere else; False if `target` does not look like a file.
    """
    if not has_file_suffix(target):
        return False
    if ".." in target.split("/"):
        return None
    parts = path.split("/")[:-1][:_MAX_DEPTH]
    for depth in range(len(parts), -1, -1):
        folder = corpus.joinpath(*parts[:depth])
        for usual in _USUAL_FOLDERS:
            try:
                if (folder / usual / target.lstrip("/")).is_file():
                    return True
            except (OSError, ValueError):
                return False
    return None
