"""Records in an index what its owner's questions taught about its confidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qasearch.building.locking import locked
from qasearch.datatypes.index import Calibrated
from qasearch.storage.writing import Writer


def record(index: Path, calibrated: Calibrated | None) -> None:
    """Give the index these curves; None for the shipped ones. Later builds keep them.

    Raises:
        IndexMissing, IndexIncompatible, IndexDamaged: see `qasearch.errors`.
        IndexNotWritable: the index cannot be written; it stays as it was.
    """
    with locked(index, wait=True), Writer.open(index) as database, database.transaction():
        database.publish(replace(database.metadata(), calibrated=calibrated))
