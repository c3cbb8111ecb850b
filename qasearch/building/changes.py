"""What changed in a folder of Markdown since its index was built: by size and time stamp, and in
doubt by content.
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

    `changed` and `touched` files come with what the index knows of them; `touched` have a new time
    stamp and the old content. `texts` holds the new text and digest of every added and changed file
    by path; `problems` why some could not be read (they are in no other list).
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
        return sorted(
            (*self.added, *(file for _, file in self.changed)), key=lambda file: file.path
        )

    @property
    def paths(self) -> list[str]:
        """Every path whose content is not what the index holds, sorted."""
        return sorted([file.path for file in self.new_texts] + [row.path for row in self.removed])

    @property
    def bytes_to_read(self) -> int:
        """How much Markdown a build would read again."""
        return sum(file.size for file in self.new_texts)


def find_changes(corpus: Path, database: Database, *, everything: bool = False) -> Changes:
    """How the files in `corpus` differ from what the index knows; with `everything`, all of them
    count as changed.

    A file whose size and time stamp are known is taken as unchanged; any other is read and its
    digest compared. A file that cannot be read any more keeps what the index holds of it, with a
    problem that says so.

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
            kept = " The index keeps what it held before." if row else ""
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            changes.problems.append(Problem(path, 0, f"cannot read: {reason}{kept}"))
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
