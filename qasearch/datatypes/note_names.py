"""How notes and files are named in links between them: without folder, suffix or letter case."""

from __future__ import annotations

import re
import unicodedata

NOTE_SUFFIX = re.compile(r"\.(?:md|markdown|mdown|mkd|mdx|html?)$", re.IGNORECASE)
_FILE_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}$")
_SEPARATORS = re.compile(r"[\s_-]+")


def note_name(target: str) -> str:
    """A path or a wiki link as it is compared: `Folder/My Note.md` is `folder/my-note`.

    GitHub's wikis write hyphens for spaces. Logseq writes `a___b.md` or `a%2Fb.md` for the page
    `a/b`. Jekyll writes `_docs` for the folder of `/docs/`.
    """
    path = NOTE_SUFFIX.sub("", target).replace("___", "/").replace("%2F", "/").replace("%2f", "/")
    segments = (_segment(part) for part in path.split("/") if part.strip() not in ("", ".", ".."))
    return "/".join(segments)


def last_part(name: str) -> str:
    """The name without the folders."""
    return name.rpartition("/")[2]


def ends_with_path(path: str, name: str) -> bool:
    """Whether `name` is a path or the last parts of it."""
    return f"/{path}".endswith(f"/{name}")


def file_name(path: str) -> str:
    """The path of a file that is no note, as it is compared."""
    parts = (part for part in path.split("/") if part.strip() not in ("", ".", ".."))
    return _folded("/".join(parts))


def has_file_suffix(target: str) -> bool:
    """Whether a target looks like a file: `a.png`, but not `v1.2 notes` and not `Dr. No`."""
    return _FILE_SUFFIX.search(target) is not None


def _segment(part: str) -> str:
    folded = _folded(part.strip())
    return _SEPARATORS.sub("-", folded).strip("-") or folded


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
