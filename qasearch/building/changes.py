"""What changed in a folder of Markdown since its index was built.

Files are compared by size, time stamp, inode and time of change, and by content if one of them
differs.
"""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from qasearch.datatypes.entry import Problem
from qasearch.datatypes.rules import NO_RULES, CorpusRules, ToldFlavour
from qasearch.datatypes.stamp import UNTRUSTED, Stamp
from qasearch.reading.files import Listing, Skipped, SourceFile, list_files, read_text
from qasearch.storage.database import Database, DocumentRow

_RACY_NS = 2_000_000_000
"""The time stamp of a file that was younger than 2 seconds is not trusted: the file may change
again within the same tick of the file system's clock (FAT counts in steps of 2 seconds; git is as
careful)."""

_COARSE_NS = 1_000_000_000
"""A file system whose times of change are whole seconds has a clock that is not trusted either: an
edit may give a file its old time stamp back within the same second."""

_KEPT = ". The index keeps what it held before."


@dataclass(slots=True)
class Changes:
    """How the files of a corpus differ from what the index knows.

    Attributes:
        added: files that the index does not know.
        changed: files with new content, each with what the index knows of it.
        removed: what the index knows of files that are gone.
        touched: files with a new stamp and the old content, as `changed`.
        unchanged: how many files have the stamp that the index knows.
        texts: the text and the SHA-256 of every added and changed file, by path.
        problems: why files could not be read; these files are in no other list.
        kept: those of the problems because of which the index keeps what it held before.
        kept_rows: what the index keeps although it cannot be read.
        skipped: what is left out of the corpus.
        flavours: what the corpus was written for, and what told it.
        started_ns: when the files were looked at.
    """

    added: list[SourceFile] = field(default_factory=list)
    changed: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    removed: list[DocumentRow] = field(default_factory=list)
    touched: list[tuple[DocumentRow, SourceFile]] = field(default_factory=list)
    unchanged: int = 0
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    kept: list[Problem] = field(default_factory=list)
    kept_rows: list[DocumentRow] = field(default_factory=list)
    skipped: tuple[Skipped, ...] = ()
    flavours: tuple[ToldFlavour, ...] = ()
    started_ns: int = 0

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

    def add_problem(self, problem: Problem, *, is_kept: bool) -> None:
        """Add a problem; where the index keeps what it held before, it says so."""
        if is_kept:
            problem = replace(problem, reason=f"{problem.reason}{_KEPT}")
            self.kept.append(problem)
        self.problems.append(problem)

    def is_racy(self, file: SourceFile) -> bool:
        """Whether a file may have changed again without another stamp, after it was looked at."""
        is_coarse = file.ctime_ns % _COARSE_NS == 0
        latest_ns = max(file.mtime_ns, file.ctime_ns) if is_coarse else file.mtime_ns
        return self.started_ns - latest_ns <= _RACY_NS

    def stamp_to_keep(self, file: SourceFile) -> Stamp:
        """The stamp that the index records: one that matches no file where it is not trusted."""
        size, mtime_ns, inode, ctime_ns, read = file.stamp
        return size, mtime_ns, UNTRUSTED if self.is_racy(file) else inode, ctime_ns, read


def find_changes(
    corpus: Path, database: Database, rules: CorpusRules = NO_RULES, *, everything: bool = False
) -> Changes:
    """How the files in `corpus` differ from what the index knows.

    A file whose stamp is known counts as unchanged. Any other file is read, and its SHA-256
    compared; it has changed as well if it is to be read as something else. If a file or a folder
    cannot be read any more, the index keeps what it knows of it, and a problem says so. What is
    left out by now counts as removed.

    Args:
        corpus: the folder of Markdown.
        database: the index.
        rules: which files are read, and as what.
        everything: whether all files count as changed.

    Raises:
        CorpusUnreadable: see `list_files`.
    """
    started_ns = time.time_ns()
    listing, known = list_files(corpus, rules), database.stamps()
    differing = [
        path for path, stamp in listing.stamps.items() if everything or known.get(path) != stamp
    ]
    unlisted = known.keys() - listing.stamps.keys()
    kept = _kept(unlisted, listing)
    rows = database.documents([*differing, *unlisted])
    changes = Changes(
        unchanged=len(listing.stamps) - len(differing),
        skipped=listing.skipped,
        flavours=listing.flavours,
        started_ns=started_ns,
    )
    troubled = set(kept.values())
    for problem in listing.problems:
        changes.add_problem(problem, is_kept=problem.path in troubled)
    for path in sorted(unlisted & rows.keys()):
        (changes.kept_rows if path in kept else changes.removed).append(rows[path])
    for path in differing:
        file, row = listing.file(path), rows.get(path)
        try:
            text, sha256 = read_text(file)
        except (ValueError, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            problem = Problem(path, 0, f"cannot read: {reason}")
            changes.add_problem(problem, is_kept=row is not None)
            changes.kept_rows.extend([row] if row else [])
            continue
        same = row and row.sha256 == sha256 and row.read_as == file.stamp[-1]
        if row and same and not everything:
            changes.touched.append((row, file))
            continue
        changes.texts[path] = text, sha256
        if row:
            changes.changed.append((row, file))
        else:
            changes.added.append(file)
    return changes


def _kept(unlisted: Set[str], listing: Listing) -> dict[str, str]:
    """The paths that the index keeps though they are not listed, each with the problem's."""
    kept = {problem.path: problem.path for problem in listing.problems if problem.path in unlisted}
    if listing.unreadable:
        for path in unlisted:
            if folder := listing.unreadable_above(path):
                kept[path] = folder.rstrip("/")
    return kept
