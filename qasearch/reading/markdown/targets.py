"""What a reference points to, and whether the target exists.

Needs no Markdown, so that a question loads no parser.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.reading.markdown.slugs import slug

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]+:|//|www\.)", re.IGNORECASE)


def kind_of(target: str) -> ReferenceKind:
    """The kind of a link by its address: the web (any scheme), this document, or a file."""
    if target.startswith("#"):
        return ReferenceKind.ANCHOR
    return ReferenceKind.WEB if _SCHEME.match(target) else ReferenceKind.FILE


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the references of a corpus can point to.

    Attributes:
        corpus: the folder.
        anchors_of: the anchors of the document at a path; None if there is no such document.
        note_named: the path of the document with this name, without folder and suffix, as wiki
            links name it; None if there is none.
    """

    corpus: Path
    anchors_of: Callable[[str], Container[str] | None]
    note_named: Callable[[str], str | None]


def resolve(reference: Reference, path: str, around: Surroundings) -> Reference:
    """The reference with `exists` looked up, for a document at `path` of the corpus."""
    if reference.kind is ReferenceKind.FOOTNOTE:
        return replace(reference, exists=bool(reference.target))
    if reference.kind is ReferenceKind.WEB or _SCHEME.match(reference.target):
        return reference
    target, _, fragment = reference.target.partition("#")
    target, fragment = unquote(target.partition("?")[0]), unquote(fragment)
    file = _file_of(target, path)
    if "\0" in file:
        return replace(reference, exists=False)
    anchors = around.anchors_of(file)
    if anchors is None and target and "." not in target.rpartition("/")[2]:
        anchors = _anchors_of_note(file, target, around)
    if anchors is not None:
        names = (fragment, fragment.lower(), slug(fragment))
        return replace(reference, exists=not fragment or any(name in anchors for name in names))
    try:
        exists = (around.corpus / file).exists()
    except OSError:
        exists = False
    return replace(reference, exists=exists)


def _file_of(target: str, path: str) -> str:
    """The path in the corpus of a target in the document at `path`; `/` begins at the corpus."""
    if not target:
        return path
    folder = "" if target.startswith("/") else posixpath.dirname(path)
    return posixpath.normpath(posixpath.join(folder, target.lstrip("/")))


def _anchors_of_note(file: str, target: str, around: Surroundings) -> Container[str] | None:
    """The anchors of a note that a wiki link names without a suffix, beside it or anywhere."""
    anchors = around.anchors_of(f"{file}.md")
    if anchors is None:
        anchors = around.anchors_of(around.note_named(target) or "")
    return anchors
