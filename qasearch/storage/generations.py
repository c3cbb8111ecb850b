"""One whole generation of an index: the database and the vectors file that it names, opened
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qasearch.storage import segments
from qasearch.storage.approximate import Approximate
from qasearch.storage.database import Database
from qasearch.storage.metadata import VectorsFile
from qasearch.storage.segments import Segment
from qasearch.storage.vectors import VectorIndex


class OpenIndex:
    """An index open for asking.

    `metadata` and `vectors` are of the generation that the last `snapshot` saw.
    """

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            IndexMissing, IndexDamaged, IndexIncompatible: see `Database.open_for_reading`.
        """
        self.folder = folder
        self.database = Database.open_for_reading(folder)
        self.metadata = self.database.metadata()
        self._opened_file: tuple[VectorsFile, Segment, Approximate | None] | None = None
        self._opened_vectors: tuple[int, VectorIndex] | None = None

    @property
    def vectors(self) -> VectorIndex:
        """The vectors of the current generation, opened on first use.

        Raises:
            IndexDamaged: the vectors file is missing, truncated or another one.
        """
        generation, file = self.metadata.generation, self.metadata.vectors
        if self._opened_vectors is None or self._opened_vectors[0] != generation:
            if self._opened_file is None or self._opened_file[0] != file:
                segment = open_vectors_file(self.folder, file)
                self._opened_file = file, segment, open_approximate(self.folder, file)
            vectors = current_vectors(self.database, *self._opened_file[1:])
            self._opened_vectors = generation, vectors
        return self._opened_vectors[1]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of the newest whole generation."""
        with self.database.snapshot():
            self.metadata = self.database.metadata()
            yield

    def verify(self) -> None:
        """Read the whole vectors file, which asking does not.

        Raises:
            IndexDamaged: it is missing, truncated or altered.
        """
        segments.verify(self.folder / segments.file_name(self.metadata.vectors.generation))

    def close(self) -> None:
        """Close the files."""
        self.database.close()
        self._opened_file = self._opened_vectors = None


def open_vectors_file(folder: Path, file: VectorsFile) -> Segment:
    """The vectors in this file of an index folder.

    Raises:
        IndexDamaged: it is missing, truncated or another one.
    """
    return Segment.open(folder / segments.file_name(file.generation), file.sha256)


def open_approximate(folder: Path, file: VectorsFile) -> Approximate | None:
    """The approximate search of this vectors file; None where all vectors are compared.

    Raises:
        IndexDamaged: its file is missing, truncated or altered.
    """
    if file.approximate is None:
        return None
    return Approximate.open(folder, file.generation, file.approximate)


def current_vectors(
    database: Database, base: Segment, approximate: Approximate | None = None
) -> VectorIndex:
    """What the vectors file holds, with what changed since it was written."""
    return VectorIndex(
        base, Segment(*database.delta(base.vectors.shape[1])), database.gone(), approximate
    )
