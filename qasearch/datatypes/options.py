"""What a caller asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Which signals rank the entries: all of them, the embeddings alone, or the words alone."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries may be found. None lets everything through; they apply before the top k are
    taken.

    `section` is compared with every heading and folder above an entry, letter case and punctuation
    aside; `path` is a glob over the whole relative path, in which `*` also crosses `/`; `tag`
    ignores case.
    """

    section: str | None = None
    path: str | None = None
    tag: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.section, self.path, self.tag))
