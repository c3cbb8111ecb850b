"""Which lists of patterns a git repository has for a corpus inside it. Runs no git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from qasearch.reading.ignoring import Layers, PatternList, parse

GIT_IGNORE, OWN_IGNORE = ".gitignore", ".qasearchignore"

_MAX_BYTES = 1024 * 1024
"""A longer list of patterns is none that somebody wrote."""


def lines_of(file: Path) -> list[str]:
    """The lines of a list of patterns; none where there is no such file.

    A list that cannot be read counts as empty, as it does for git.
    """
    try:
        with file.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8-sig", "replace").splitlines()
    except OSError:
        return []


def with_lists_above(layers: Layers, corpus: Path) -> Layers:
    """With the lists from the root of the corpus's repository down to the folder above the corpus.

    A pattern that leaves out the whole corpus is not among them: somebody named this folder.
    """
    root = _root(corpus)
    if root is None:
        return layers
    layers = with_repository(layers, root, corpus)
    between = [folder for folder in reversed(corpus.parents) if folder.is_relative_to(root)]
    for folder in between:
        add = f"{corpus.relative_to(folder).as_posix()}/"
        for name in (GIT_IGNORE, OWN_IGNORE):
            if lines := lines_of(folder / name):
                shown = os.path.relpath(folder / name, corpus)
                listed = list(parse(lines, sections=name == OWN_IGNORE))
                if name == GIT_IGNORE:
                    patterns = PatternList(shown, listed, add=add).without_what_hides(add)
                    layers = layers.with_repository(patterns)
                else:
                    layers = layers.with_own_above(shown, listed, add)
    return layers


def with_repository(layers: Layers, root: Path, corpus: Path, prefix: str = "") -> Layers:
    """With the patterns of `.git/info/exclude` of the repository at `root`, and no others of git.

    `prefix` is the path of the root where it lies in the corpus.
    """
    lines = lines_of(_git_folder(root) / "info" / "exclude")
    inside = corpus.relative_to(root).as_posix() if corpus.is_relative_to(root) else "."
    add = "" if inside == "." else f"{inside}/"
    source = f"{prefix}.git/info/exclude"
    patterns = PatternList(source, parse(lines), strip=len(prefix), add=add)
    if add:
        patterns = patterns.without_what_hides(add)
    return layers.of_repository(patterns)


def _root(corpus: Path) -> Path | None:
    """The root of the repository that a corpus lies in."""
    return next((folder for folder in _upwards(corpus) if os.path.exists(folder / ".git")), None)  # noqa: PTH110


def _upwards(folder: Path) -> Iterator[Path]:
    yield folder
    yield from folder.parents


def _git_folder(root: Path) -> Path:
    """The folder of git's own files, which a worktree and a submodule have elsewhere."""
    git = root / ".git"
    if git.is_dir():
        return git
    for line in lines_of(git)[:1]:
        named = root / line.removeprefix("gitdir:").strip()
        common = "".join(lines_of(named / "commondir")[:1]).strip()
        return named / common if common else named
    return git
