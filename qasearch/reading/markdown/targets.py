"""What a reference points to, and whether the target exists.

Needs no Markdown, so that a question loads no parser.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.datatypes.note_names import NOTE_SUFFIX
from qasearch.reading.markdown.slugs import slug

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]+:|//|www\.)", re.IGNORECASE)
_OF_ANY_PAGE = re.compile(r"L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?$|:~:")
"""Lines of a file on GitHub, and text that a browser looks for."""

_ENDINGS = (
    *(".md", ".mdx", ".markdown"),
    *(f"/{name}.md" for name in ("index", "README", "_index", "readme")),
    "/index.mdx",
)
"""What a site leaves out at the end of an address."""

_ROOTS = ("docs", "content", "src", "pages", "src/content/docs", "src/pages", "content/en")
_STATIC = ("static", "public", "assets", "source", "docs/public", ".vuepress/public")
"""Folders in which sites have their pages, and files that are no pages."""

_MAX_FOLDERS = 8
_MAX_DROPPED = 3
"""Bounds for the places in which an address that begins with `/` is looked for."""


def kind_of(target: str) -> ReferenceKind:
    """The kind of a link by its address: the web (any scheme), this document, or a file."""
    if target.startswith("#"):
        return ReferenceKind.ANCHOR
    return ReferenceKind.WEB if _SCHEME.match(target) else ReferenceKind.FILE


def _no_attachment(target: str, path: str) -> bool | None:  # noqa: ARG001
    return False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the references of a corpus can point to.

    Attributes:
        corpus: the folder.
        anchors_of: the anchors of the document at a path; None if there is no such document.
        note_named: the path of the document that a wiki link names: by its name or the end of its
            path, whatever the letter case, with or without the suffix; None if there is none.
        attachment_named: whether a file that a document at a path embeds by its name is anywhere in
            the corpus; None if that was not looked up.
    """

    corpus: Path
    anchors_of: Callable[[str], Container[str] | None]
    note_named: Callable[[str], str | None]
    attachment_named: Callable[[str, str], bool | None] = _no_attachment


def resolve(reference: Reference, path: str, around: Surroundings) -> Reference:
    """The reference with `exists` looked up, for a document at `path` of the corpus.

    A target is dead only if no program would find it: see `_candidates`.
    """
    if reference.kind is ReferenceKind.FOOTNOTE:
        return replace(reference, exists=bool(reference.target))
    if reference.kind is ReferenceKind.WEB or _SCHEME.match(reference.target):
        return reference
    target, _, fragment = reference.target.partition("#")
    targets = [unquote(target.partition("?")[0])]
    if reference.by_name and "?" in target:
        targets.insert(0, unquote(target))  # [[Why tea?]]
    exists: bool | None = False
    for name in targets:
        exists = _exists(name, unquote(fragment), path, around, by_name=reference.by_name)
        if exists:
            break
    return replace(reference, exists=exists)


def _exists(
    target: str, fragment: str, path: str, around: Surroundings, *, by_name: bool
) -> bool | None:
    if "\0" in target:
        return False
    document = _document(target, path, around, by_name=by_name)
    if document is not None:
        return _has(document, fragment)
    if any(_is_on_disk(around.corpus, file) for file in _files(target, path)):
        return True
    return around.attachment_named(target, path) if by_name and target else False


def _document(
    target: str, path: str, around: Surroundings, *, by_name: bool
) -> Container[str] | None:
    """The anchors of the document that a target means; None if it means none."""
    for file in _candidates(target, path):
        if (anchors := around.anchors_of(file)) is not None:
            return anchors
    has_suffix = "." in target.rstrip("/").rpartition("/")[2]
    if not target or (has_suffix and not by_name):
        return None
    note = around.note_named(target)
    return None if note is None else around.anchors_of(note)


def _candidates(target: str, path: str) -> Iterator[str]:
    """The paths of the documents that a target can mean, the most likely first.

    Sites leave out suffixes: `guide/install`, `install/` and `install.html` are `install.md` or
    `install/index.md`. An address that begins with `/` begins at the root of the site, which is a
    folder above the document, and may begin with the name under which the site is published.
    """
    file = _file_of(target, path)
    yield file
    if not target:
        return
    name = target.rstrip("/").rpartition("/")[2]
    stem = NOTE_SUFFIX.sub("", file) if name.lower().endswith((".html", ".htm")) else file
    bases = [stem]
    if target.startswith("/"):
        bases += _below_roots(stem, path)
    elif "." not in name.strip("."):
        # a page `guide/tea.md` has the address `guide/tea/`, where its links begin
        bases.append(posixpath.normpath(posixpath.join(NOTE_SUFFIX.sub("", path), target)))
    for base in bases:
        if base != file:
            yield base
        for ending in _ENDINGS:
            yield posixpath.normpath(base + ending)


def _below_roots(file: str, path: str) -> Iterator[str]:
    """A file below each folder that can be the root of a site, and without its first folders."""
    folders = path.split("/")[:-1][:_MAX_FOLDERS]
    for depth in range(len(folders), 0, -1):
        yield "/".join((*folders[:depth], file))
    for root in _ROOTS:
        yield f"{root}/{file}"
    parts = file.split("/")
    for dropped in range(1, min(len(parts), _MAX_DROPPED + 1)):
        yield "/".join(parts[dropped:])


def _files(target: str, path: str) -> Iterator[str]:
    """The paths of the files that are no documents which a target can mean."""
    file = _file_of(target, path)
    yield file
    if target.startswith("/"):
        folders = path.split("/")[:-1][:_MAX_FOLDERS]
        above = ["/".join(folders[:depth]) for depth in range(len(folders) + 1)]
        for folder in above:
            for root in ("", *_STATIC):
                yield posixpath.join(folder, root, file)


def _is_on_disk(corpus: Path, file: str) -> bool:
    try:
        return (corpus / file).exists()
    except (OSError, ValueError):
        return False


def _file_of(target: str, path: str) -> str:
    """The path in the corpus of a target in the document at `path`; `/` begins at the corpus."""
    if not target:
        return path
    folder = "" if target.startswith("/") else posixpath.dirname(path)
    return posixpath.normpath(posixpath.join(folder, target.lstrip("/")))


def _has(anchors: Container[str], fragment: str) -> bool:
    """Whether a fragment names a place: by its slug, by the heading's own words, or `A#B`."""
    if not fragment or fragment == "top" or _OF_ANY_PAGE.match(fragment):
        return True
    fragment = fragment.removeprefix("user-content-").strip()
    if any(name in anchors for name in (fragment, fragment.lower(), slug(fragment))):
        return True
    if "#" in fragment:  # a heading below another one: [[Note#Tea#Water]]
        return all(_has(anchors, part) for part in fragment.split("#"))
    words = _words(fragment)
    says_heading = fragment != slug(fragment) and not fragment.startswith("^")
    return says_heading and isinstance(anchors, frozenset) and words in _all_words(anchors)


@lru_cache(maxsize=8)
def _all_words(anchors: frozenset[str]) -> frozenset[str]:
    """The anchors without signs: links write `A B` for the heading `A: B | C` and the like."""
    return frozenset(map(_words, anchors)) - {""}


def _words(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
