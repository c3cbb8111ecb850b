"""One whole generation of an index: the database and the vectors file that it names, opened
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qasearch.errors import IndexDamaged
from qasearch.storage import segments
from qasearch.storage.approximate import Approximate
from qasearch.storage.connecting import REBUILD
from qasearch.storage.database import Database, approximate_search
from qasearch.storage.segments import Segment
from qasearch.storage.vectors import VectorIndex


class OpenIndex:
    """An index open for asking. `meta` and `vectors` are of the generation that the last `snapshot`
    saw.
    """

    def __init__(self, folder: Path) -> None:
        """Open the index in `folder`.

        Raises:
            IndexMissing, IndexDamaged, IndexIncompatible: see `Database.open_for_reading`.
        """
        self.folder = folder
        self.database = Database.open_for_reading(folder)
        self.meta = self.database.meta()
        self._base: tuple[str, Segment, Approximate | None] | None = None
        self._vectors: tuple[str, VectorIndex] | None = None

    @property
    def vectors(self) -> VectorIndex:
        """The vectors of the current generation, opened on first use.

        Raises:
            IndexDamaged: the vectors file is missing, truncated or another one.
        """
        generation, digest = self.meta["generation"], self.meta.get("base_sha256", "")
        if self._vectors is None or self._vectors[0] != generation:
            if self._base is None or self._base[0] != digest:
                self._base = (
                    digest,
                    open_base(self.folder, self.meta),
                    open_approximate(self.folder, self.meta),
                )
            self._vectors = generation, current_vectors(self.database, *self._base[1:])
        return self._vectors[1]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything read in the block is of the newest whole generation."""
        with self.database.snapshot():
            self.meta = self.database.meta()
            yield

    def verify(self) -> None:
        """Read the whole vectors file, which asking does not.

        Raises:
            IndexDamaged: it is missing, truncated or altered.
        """
        segments.verify(base_file(self.folder, self.meta))

    def close(self) -> None:
        """Close the files."""
        self.database.close()
        self._base = self._vectors = None


def base_file(folder: Path, meta: dict[str, str]) -> Path:
    """Where the vectors file is that `meta` names.

    Raises:
        IndexDamaged: none is named.
    """
    if "base" not in meta:
        raise IndexDamaged(f"{folder} names no vectors.", REBUILD)
    return folder / segments.file_name(int(meta["base"]))


def open_base(folder: Path, meta: dict[str, str]) -> Segment:
    """The vectors file that `meta` names.

    Raises:
        IndexDamaged: it is missing, truncated or another one, or none is named.
    """
    return Segment.open(base_file(folder, meta), meta["base_sha256"])


def open_approximate(folder: Path, meta: dict[str, str]) -> Approximate | None:
    """The approximate search of the vectors file that `meta` names; None where it is searched
    exactly.

    Raises:
        IndexDamaged: its file is missing, truncated or altered.
    """
    search = approximate_search(meta)
    return Approximate.open(folder, int(meta["base"]), search) if search else None


def current_vectors(
    database: Database, base: Segment, approximate: Approximate | None = None
) -> VectorIndex:
    """What the vectors file holds, with what changed since it was written."""
    return VectorIndex(
        base, Segment(*database.delta(base.vectors.shape[1])), database.gone(), approximate
    )
