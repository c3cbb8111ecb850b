"""Which program a folder was written for, told by the files that the program leaves there.

Looks only at names that somebody has listed already, save in the few folders where a name alone
does not tell.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container
from pathlib import Path

from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.rules import ToldFlavour

_LEVELS_ABOVE = 3
"""How many folders above a corpus are looked at where no repository ends the search."""

_BY_ONE_NAME: dict[str, Flavour] = {
    ".obsidian": Flavour.OBSIDIAN,
    ".vitepress": Flavour.VITEPRESS,
    **{
        f"docusaurus.config.{suffix}": Flavour.DOCUSAURUS
        for suffix in ("js", "ts", "mjs", "mts", "cjs", "cts")
    },
    "mkdocs.yml": Flavour.MKDOCS,
    "mkdocs.yaml": Flavour.MKDOCS,
    "hugo.toml": Flavour.HUGO,
    "hugo.yaml": Flavour.HUGO,
    "hugo.yml": Flavour.HUGO,
    "hugo.json": Flavour.HUGO,
    "_quarto.yml": Flavour.QUARTO,
    "_quarto.yaml": Flavour.QUARTO,
    "myst.yml": Flavour.MYST,
    "myst.yaml": Flavour.MYST,
}
"""Markers that tell a flavour alone, the surest first."""

_HUGO_SETTINGS = ("config.toml", "config.yaml", "config.yml", "config.json")
_HUGO_BESIDE = frozenset({"archetypes", "hugo_stats.json", "themes", "layouts"})
_JEKYLL_SETTINGS = ("_config.yml", "_config.yaml", "_config.toml")
_MAX_CONF = 64 * 1024

MARKERS = frozenset(
    {
        *_BY_ONE_NAME,
        *_HUGO_SETTINGS,
        *_JEKYLL_SETTINGS,
        *("logseq", "conf.py", "_Sidebar.md", "_Footer.md", ".gitlab-ci.yml", ".gitlab"),
    }
)
"""A folder without any of these names tells nothing."""


def flavour_of(folder: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    """The flavour that the files of a folder tell, and the name that told it; None for nothing.

    `names` are the names in the folder, those of `MARKERS` and of what may stand beside them.
    """
    for name, flavour in _BY_ONE_NAME.items():
        if name in names:
            return flavour, f"{name}/" if name in {".obsidian", ".vitepress"} else name
    for tell in _TELLING:
        if told := tell(folder, names):
            return told
    return None


def flavour_above(corpus: Path) -> ToldFlavour | None:
    """The flavour that the folders above a corpus tell, the nearest first.

    They end at the root of a repository, else after three folders, and always below the home.
    """
    if os.path.exists(corpus / ".git"):  # noqa: PTH110
        return None
    try:
        home: Path | None = Path.home()
    except RuntimeError:
        home = None
    for folder in corpus.parents[: _levels(corpus)]:
        if folder == Path(folder.anchor) or (home and home.is_relative_to(folder)):
            return None
        present = _Present(folder)
        if told := flavour_of(folder, present):
            flavour, name = told
            return ToldFlavour(flavour, f"{folder / name}{'/' if name.endswith('/') else ''}")
    return None


def _levels(corpus: Path) -> int:
    """How many folders above a corpus are looked at."""
    for level, folder in enumerate(corpus.parents, start=1):
        if os.path.exists(folder / ".git"):  # noqa: PTH110
            return level
    return _LEVELS_ABOVE


class _Present(Container[str]):
    """The names in a folder, looked up one by one: it may hold many thousands."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and os.path.exists(self._folder / name)  # noqa: PTH110


def _logseq(folder: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    """A graph: the folder `logseq` holds settings; one that holds texts is about Logseq."""
    if "logseq" not in names:
        return None
    marker = folder / "logseq"
    try:
        is_graph = "pages" in names or "journals" in names
        is_graph = is_graph or (marker.is_dir() and not any(marker.glob("*.md")))
    except OSError:
        return None
    return (Flavour.LOGSEQ, "logseq/") if is_graph else None


def _hugo(_: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    settings = next((name for name in _HUGO_SETTINGS if name in names), None)
    if settings and any(name in names for name in _HUGO_BESIDE):
        return Flavour.HUGO, settings
    return None


def _jekyll(_: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    """Jekyll, or Jupyter Book, whose settings have the same name and a table of contents beside."""
    settings = next((name for name in _JEKYLL_SETTINGS if name in names), None)
    if not settings:
        return None
    return (Flavour.MYST, "_toc.yml") if "_toc.yml" in names else (Flavour.JEKYLL, settings)


def _sphinx(folder: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    """Sphinx reads Markdown only by MyST, which its settings name."""
    if "conf.py" not in names:
        return None
    try:
        with (folder / "conf.py").open("rb") as stream:
            is_myst = b"myst" in stream.read(_MAX_CONF)
    except OSError:
        return None
    return (Flavour.MYST, "conf.py") if is_myst else None


def _github_wiki(_: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    beside = next((name for name in ("_Sidebar.md", "_Footer.md") if name in names), None)
    return (Flavour.GITHUB_WIKI, beside) if beside and "Home.md" in names else None


def _gitlab(_: Path, names: Container[str]) -> tuple[Flavour, str] | None:
    """The last: a repository on GitLab may well hold a site of another program."""
    if ".gitlab-ci.yml" in names:
        return Flavour.GITLAB, ".gitlab-ci.yml"
    return (Flavour.GITLAB, ".gitlab/") if ".gitlab" in names else None


_TELLING: tuple[Callable[[Path, Container[str]], tuple[Flavour, str] | None], ...] = (
    _hugo,
    _jekyll,
    _sphinx,
    _logseq,
    _github_wiki,
    _gitlab,
)
