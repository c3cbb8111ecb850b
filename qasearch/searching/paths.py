"""What people type for the path of a file or a folder, compared with the paths of a corpus."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from fnmatch import translate
from itertools import islice, product
from pathlib import Path

_WILDCARD = re.compile(r"[*?\[]")
_MAX_READINGS = 16
"""How many ways to read the `**/` of a pattern are tried: four of them can each be left out."""

Matches = Callable[[str], bool]


def readings(typed: str, corpus: Path, cwd: Path) -> Iterator[Matches]:
    """The ways to read what was typed, the likeliest first; the first that any path matches holds.

    Args:
        typed: a path or a glob: from the corpus or the working folder on, or absolute; of a file
            with or without its suffix, or of a folder.
        corpus: the folder of the corpus.
        cwd: the working folder.
    """
    forms = list(dict.fromkeys(_forms(typed, corpus, cwd)))
    for form in forms:
        yield _matcher(form)
    for form in forms:
        folded = _matcher(_folded(form))
        yield lambda path, folded=folded: folded(_folded(path))  # type: ignore[misc]
    for form in forms:
        name = form.strip("/")
        if name and "/" not in name and not _WILDCARD.search(name):
            anywhere = _matcher(f"**/{_folded(form)}")
            yield lambda path, anywhere=anywhere: anywhere(_folded(path))  # type: ignore[misc]


def _forms(typed: str, corpus: Path, cwd: Path) -> Iterator[str]:
    """What was typed as paths from the corpus on; "" for the corpus itself."""
    for text in dict.fromkeys((typed, typed.replace("\\", "/"))):
        expanded = os.path.expanduser(text)  # noqa: PTH111 - a glob is no path
        is_folder = "/" if expanded.rpartition("/")[2] in ("", ".", "..") else ""
        is_absolute = os.path.isabs(expanded)  # noqa: PTH117
        from_cwd = _inside(os.path.join(cwd, expanded), corpus)  # noqa: PTH118
        from_corpus = None
        if not is_absolute or from_cwd is None:  # `/ops` may mean the top of the corpus
            inside = os.path.join(corpus, expanded.lstrip("/"))  # noqa: PTH118
            from_corpus = _inside(inside, corpus)
        found = [from_corpus, from_cwd]
        if expanded.startswith((".", "/")):
            found.reverse()
        name, _, below = expanded.partition("/")
        if name == corpus.name:
            found.append(_inside(os.path.join(corpus, below), corpus))  # noqa: PTH118
        for form in found:
            if form is not None:
                yield f"{form}{is_folder}" if form else ""


def _inside(path: str, corpus: Path) -> str | None:
    """A path from the corpus on; None for one that is elsewhere."""
    for root in dict.fromkeys((str(corpus), os.path.realpath(corpus))):
        for way in dict.fromkeys((os.path.normpath(path), _real(path))):
            relative = os.path.relpath(way, root).replace(os.sep, "/")
            if relative == ".":
                return ""
            if relative != ".." and not relative.startswith("../"):
                return relative
    return None


def _real(path: str) -> str:
    """The path with the links in front of its first wildcard followed."""
    found = _WILDCARD.search(path)
    if found is None:
        return os.path.realpath(path)
    start = path.rfind("/", 0, found.start()) + 1
    return os.path.join(os.path.realpath(path[:start]), path[start:])  # noqa: PTH118


def _matcher(form: str) -> Matches:
    """Whether a path of the corpus is the file that is meant, or below the folder."""
    if not form:
        return lambda _: True
    name = form.rstrip("/")
    only_folder = form.endswith("/")
    if not _WILDCARD.search(name):
        below = f"{name}/"
        return lambda path: (
            path.startswith(below) or (not only_folder and name in (path, _stem(path)))
        )
    below_only = [f"{glob}/*" for glob in _globs(name)]
    globs = below_only if only_folder else [*_globs(name), *below_only]
    regex = re.compile("|".join(translate(glob) for glob in globs))
    return lambda path: bool(regex.match(path) or (not only_folder and regex.match(_stem(path))))


def _globs(glob: str) -> list[str]:
    """The glob for `fnmatch`, in which `*` crosses `/`, with and without each `**/`."""
    parts = re.sub(r"(?:\*\*/)+", "**/", glob).split("**/")
    choices = islice(product(("*/", ""), repeat=len(parts) - 1), _MAX_READINGS)
    return [
        parts[0] + "".join(map("".join, zip(chosen, parts[1:], strict=True))) for chosen in choices
    ]


def _stem(path: str) -> str:
    """A path without the suffix of the file."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
