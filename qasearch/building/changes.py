"""What changed in a folder of Markdown since its index was built.

Files are compared by size and time stamp, and by content if these differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from qasearch.datatypes.entry import Problem
from qasearch.reading.files import SourceFile, list_files, read_text
from qasearch.storage.database import Database, DocumentRow


@dataclass(slots=True)
class Changes:
    """How the files of a corpus differ from what the index knows.

    Attributes:
        added: files that the index does not know.
        changed: files with new content, each with what the index knows of it.
        removed: what the index knows of files that are gone.
        touched: files with a new time stamp and the old content, as `changed`.
        unchanged: how many files have the size and time stamp that the index knows.
        texts: the text and the SHA-256 of every added and changed file, by path.
        problems: why files could not be read; these files are in no other list.
    """

    added: list[SourceFile] = field(default_factory=list)
    changed: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    removed: list[DocumentRow] = field(default_factory=list)
    touched: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    unchanged: int = 0
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def new_texts(self) -> list[SourceFile]:
        """The files to read again, by path."""
        files = (*self.added, *(file for _, file in self.changed))
        return sorted(files, key=lambda file: file.path)

    @property
    def paths(self) -> list[str]:
        """The paths of all files whose content differs from the index, sorted."""
        return sorted([file.path for file in self.new_texts] + [row.path for row in self.removed])

    @property
    def bytes_to_read(self) -> int:
        """How many bytes of Markdown a build would read again."""
        return sum(file.size for file in self.new_texts)


def find_changes(corpus: Path, database: Database, *, everything: bool = False) -> Changes:
    """How the files in `corpus` differ from what the index knows.

    A file whose size and time stamp are known counts as unchanged. Any other file is read, and its
    SHA-256 compared. If a file cannot be read any more, the index keeps what it knows of it, and a
    problem says so.

    Args:
        corpus: the folder of Markdown.
        database: the index.
        everything: whether all files count as changed.

    Raises:
        CorpusUnreadable: see `list_files`.
    """
    listing, known = list_files(corpus), database.stats()
    differing = [
        path for path, stat in listing.stats.items() if everything or known.get(path) != stat
    ]
    unlisted = known.keys() - listing.stats.keys() - {problem.path for problem in listing.problems}
    rows = database.documents([*differing, *unlisted])
    changes = Changes(
        unchanged=len(listing.stats) - len(differing), problems=list(listing.problems)
    )
    changes.removed.extend(rows[path] for path in sorted(unlisted) if path in rows)
    for path in differing:
        file, row = listing.file(path), rows.get(path)
        try:
            text, sha256 = read_text(file)
        except (ValueError, OSError) as error:
            changes.problems.append(_unreadable(path, error, is_known=row is not None))
            continue
        if row and not everything and row.sha256 == sha256:
            changes.touched.append((row, file))
            continue
        changes.texts[path] = text, sha256
        if row:
            changes.changed.append((row, file))
        else:
            changes.added.append(file)
    return changes


def _unreadable(path: str, error: ValueError | OSError, *, is_known: bool) -> Problem:
    """The problem of a file that cannot be read."""
    reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    remark = " The index keeps what it held before." if is_known else ""
    return Problem(path, 0, f"cannot read: {reason}{remark}")
