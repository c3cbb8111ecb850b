"""What changed in a folder of Markdown since its index was built: by size and time stamp, and in doubt by content."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from qasearch.datatypes import Problem
from qasearch.reading.files import SourceFile, list_files, read_text
from qasearch.storage.database import DocumentRow


@dataclass(slots=True)
class Changes:
    """How the files of a corpus differ from what the index knows.

    `touched` files have a new time stamp and the old content. `texts` holds the new text and digest of
    every added and changed file by path; `problems` why some could not be read (they are in no other list).
    """

    added: list[SourceFile] = field(default_factory=list)
    changed: list[SourceFile] = field(default_factory=list)
    removed: list[DocumentRow] = field(default_factory=list)
    touched: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    unchanged: int = 0
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Every path whose content is not what the index holds, sorted."""
        return sorted([file.path for file in (*self.added, *self.changed)] + [row.path for row in self.removed])

    @property
    def bytes_to_read(self) -> int:
        """How much Markdown a build would read again."""
        return sum(file.size for file in (*self.added, *self.changed))


def find_changes(corpus: Path, documents: dict[str, DocumentRow], *, everything: bool = False) -> Changes:
    """How the files in `corpus` differ from `documents`; with `everything`, all of them count as changed.

    A file whose size and time stamp are known is taken as unchanged; any other is read and its digest compared.
    A file that cannot be read any more keeps what the index holds of it, with a problem that says so.

    Raises:
        CorpusUnreadable: see `list_files`.
    """
    listing = list_files(corpus)
    changes = Changes(problems=list(listing.problems))
    unreadable = {problem.path for problem in listing.problems}
    for file in listing.files:
        known = documents.get(file.path)
        if known and not everything and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
            changes.unchanged += 1
            continue
        try:
            text, sha256 = read_text(file)
        except (ValueError, OSError) as error:
            kept = " The index keeps what it held before." if known else ""
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            changes.problems.append(Problem(file.path, 0, f"cannot read: {reason}{kept}"))
            unreadable.add(file.path)
            continue
        if known and not everything and known.sha256 == sha256:
            changes.touched.append((known, file))
            continue
        changes.texts[file.path] = text, sha256
        (changes.changed if known else changes.added).append(file)
    present = {file.path for file in listing.files} | unreadable
    changes.removed.extend(row for path, row in documents.items() if path not in present)
    return changes
