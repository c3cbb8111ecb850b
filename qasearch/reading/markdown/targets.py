"""What a reference points to, and whether it is there. Needs no Markdown, so that asking loads no
parser.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.reading.markdown.slugs import slug

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]+:|//|www\.)", re.IGNORECASE)


def kind_of(target: str) -> ReferenceKind:
    """What the address of a link points to: the web (any scheme), a place in the same document, or
    a file.
    """
    if target.startswith("#"):
        return ReferenceKind.ANCHOR
    return ReferenceKind.WEB if _SCHEME.match(target) else ReferenceKind.FILE


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the references of a corpus can point to: its folder, the anchors of a document by its
    path (None where there is no such document), and the path of the document with a name as wiki
    links give it, without folder and suffix.
    """

    corpus: Path
    anchors_of: Callable[[str], Container[str] | None]
    note_named: Callable[[str], str | None]


def resolve(reference: Reference, path: str, around: Surroundings) -> Reference:
    """The reference with `exists` looked up, for a document at `path` of the corpus."""
    if reference.kind is ReferenceKind.FOOTNOTE:
        return _with_existence(reference, bool(reference.target))
    if reference.kind is ReferenceKind.WEB or _SCHEME.match(reference.target):
        return reference
    target, _, fragment = reference.target.partition("#")
    target, fragment = unquote(target.partition("?")[0]), unquote(fragment)
    base = "" if target.startswith("/") else os.path.dirname(path)  # noqa: PTH120 - a relative path inside the corpus
    file = (
        os.path.normpath(os.path.join(base, target.lstrip("/"))).replace(os.sep, "/")
        if target
        else path
    )
    if "\0" in file:
        return _with_existence(reference, exists=False)
    anchors = around.anchors_of(file)
    if anchors is None and target and "." not in target.rpartition("/")[2]:  # a note by its name
        note = file + ".md"
        anchors = around.anchors_of(
            note if around.anchors_of(note) is not None else around.note_named(target) or ""
        )
    if anchors is not None:
        return _with_existence(
            reference,
            not fragment
            or any(name in anchors for name in (fragment, fragment.lower(), slug(fragment))),
        )
    try:
        exists = (around.corpus / file).exists()
    except OSError:
        exists = False
    return _with_existence(reference, exists)


def _with_existence(reference: Reference, exists: bool) -> Reference:  # noqa: FBT001
    return Reference(reference.text, reference.target, reference.kind, reference.line, exists)
