"""One whole generation of an index: the database and the vectors file that it names, opened together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qasearch.errors import IndexDamaged
from qasearch.storage import vectors
from qasearch.storage.database import Database
from qasearch.storage.vectors import VectorIndex


class OpenIndex:
    """An index open for asking. `meta` and `vectors` are of the generation that the last `snapshot` saw."""

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            IndexMissing, IndexDamaged, IndexIncompatible: see `Database.open_for_reading`.
        """
        self.folder = folder
        self.database = Database.open_for_reading(folder)
        self.meta = self.database.meta()
        self._vectors: tuple[str, VectorIndex] | None = None

    @property
    def vectors(self) -> VectorIndex:
        """The vectors of the current generation, read on first use.

        Raises:
            IndexDamaged: the file is missing, truncated or altered.
        """
        try:
            generation, sha256 = self.meta["generation"], self.meta["vectors_sha256"]
        except KeyError as error:
            raise IndexDamaged(f"{self.folder} names no vectors.", "Build again: qasearch build --full") from error
        if self._vectors is None or self._vectors[0] != generation:
            file = self.folder / vectors.file_name(int(generation))
            self._vectors = generation, VectorIndex.read(file, sha256)
        return self._vectors[1]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of the newest whole generation."""
        with self.database.snapshot():
            self.meta = self.database.meta()
            yield

    def close(self) -> None:
        """Close the files."""
        self.database.close()
        self._vectors = None
