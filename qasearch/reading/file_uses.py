"""Why each Markdown file of a corpus is read, and as what, or why it is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.rules import ToldFlavour
from qasearch.reading.files import Listing


@dataclass(frozen=True, slots=True)
class FileUse:
    """Whether a Markdown file, or all in a folder, is read.

    Attributes:
        path: in the corpus; that of a folder ends in `/`.
        flavour: what it is read as; None if it is not read.
        reason: what told the flavour, or why it is not read; "" if nothing did.
        private_headings: the headings of the sections that are not read.
    """

    path: str
    flavour: Flavour | None
    reason: str
    private_headings: tuple[str, ...] = ()


def file_uses(listing: Listing) -> list[FileUse]:
    """Whether each Markdown file of a corpus is read, and why; by path."""
    uses = [FileUse(skipped.path, None, skipped.reason) for skipped in listing.skipped]
    uses.extend(FileUse(problem.path, None, problem.reason) for problem in listing.problems)
    for file in listing.files:
        told_by = _marker_above(file.path, listing.flavours) if listing.flavours else ""
        uses.append(FileUse(file.path, file.flavour, told_by, file.private_headings))
    return sorted(uses, key=lambda use: use.path)


def _marker_above(path: str, flavours: Iterable[ToldFlavour]) -> str:
    """The marker of the nearest folder above a file that has one."""
    best, depth = "", -1
    for told in flavours:
        folder = told.told_by.rstrip("/").rpartition("/")[0]
        is_above = not folder or Path(told.told_by).is_absolute()
        if is_above and depth < 0:
            best, depth = told.told_by, 0
        elif not is_above and path.startswith(f"{folder}/") and len(folder) > depth:
            best, depth = told.told_by, len(folder)
    return best
