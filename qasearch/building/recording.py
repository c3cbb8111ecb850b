"""Records in an index that files have other time stamps and the old content."""

from __future__ import annotations

from pathlib import Path

from qasearch.building.changes import Changes
from qasearch.building.locking import locked
from qasearch.storage.writing import Writer


def record_stamps(index: Path, changes: Changes) -> None:
    """Record the stamps of the files that were touched.

    Raises:
        IndexNotWritable: the index cannot be written, or a build runs; it stays as it was.
    """
    with locked(index, wait=False), Writer.open(index) as database, database.transaction():
        for row, file in changes.touched:
            if not changes.is_racy(file):
                database.touch_document(row.id, file.stamp)
