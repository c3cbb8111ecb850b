"""Opens `index.db`, and turns the errors of SQLite and of the system into those of qasearch."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qasearch.errors import (
    BadRequest,
    IndexDamaged,
    IndexIncompatible,
    IndexMissing,
    IndexNotWritable,
)
from qasearch.storage.schema import APPLICATION_ID, FILE_NAME, FORMAT_VERSION, SCHEMA

REBUILD = "Build again: qasearch build --full"
"""The hint for an index that can only be made again."""

_BUSY_TIMEOUT_S = 10.0
"""How long to wait for another process that holds the file, such as a build that commits."""

_CHECK_FOLDER = "Check the folder's permissions and free space, or name another one with --index."


def connect_for_reading(folder: Path) -> sqlite3.Connection:
    """A connection that writes nothing.

    Raises:
        IndexMissing: there is no file.
        IndexDamaged: the file is damaged.
        BadRequest: the file is another program's.
        IndexIncompatible: another format version wrote it.
    """
    file = folder / FILE_NAME
    if is_empty(file):
        raise IndexMissing(f"There is no index in {folder}.", "Build one: qasearch build")
    # 'rw' lets SQLite roll back what a killed build left behind; nothing else is written
    mode = "rw" if os.access(file, os.W_OK) and os.access(folder, os.W_OK) else "ro"
    with damage_of(file):
        uri = f"{file.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
    try:
        with damage_of(file):
            connection.execute("PRAGMA query_only = 1")
        _check(connection, folder)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_for_writing(folder: Path) -> sqlite3.Connection:
    """A connection to the database in `folder`. Both are made if they are missing.

    Raises:
        IndexDamaged, BadRequest, IndexIncompatible: as for reading.
        IndexNotWritable: the folder cannot be made or written.
    """
    with not_writable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        new = is_empty(folder / FILE_NAME)
        connection = sqlite3.connect(
            folder / FILE_NAME, timeout=_BUSY_TIMEOUT_S, isolation_level=None
        )
        try:
            if not new:
                with damage_of(folder / FILE_NAME):
                    _check(connection, folder)
            connection.execute("PRAGMA foreign_keys = 1")
            # changes stay in memory until the commit, and readers are not locked out before it
            connection.execute("PRAGMA cache_spill = 0")
            if new:
                connection.execute("PRAGMA page_size = 8192")
                connection.executescript(
                    f"""BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION_ID};
                    PRAGMA user_version = {FORMAT_VERSION}; COMMIT;"""
                )
        except BaseException:
            connection.close()
            raise
    return connection


def is_empty(file: Path) -> bool:
    """Whether the file is missing or has no bytes yet."""
    return not file.is_file() or file.stat().st_size == 0


def _check(connection: sqlite3.Connection, folder: Path) -> None:
    with damage_of(folder / FILE_NAME):
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise BadRequest(
            f"{folder / FILE_NAME} belongs to another program.", "Name another folder with --index."
        )
    if version != FORMAT_VERSION:
        raise IndexIncompatible(
            f"The index in {folder} has format version {version}; "
            f"this qasearch reads {FORMAT_VERSION}.",
            REBUILD,
        )


@contextmanager
def not_writable(folder: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the system in the block, which writes in `folder`, into ours.

    Raises:
        IndexDamaged: the database is damaged.
        IndexNotWritable: everything else.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise IndexDamaged(f"{folder / FILE_NAME} is damaged: {error}.", REBUILD) from error
        hint = {
            sqlite3.SQLITE_FULL: "Free some space; the index has not changed.",
            sqlite3.SQLITE_BUSY: "Wait until the other build has ended.",
        }.get(code, _CHECK_FOLDER)
        raise IndexNotWritable(f"Cannot write the index in {folder}: {error}.", hint) from error
    except OSError as error:
        raise IndexNotWritable(
            f"Cannot write the index in {folder}: {error.strerror or error}.",
            _CHECK_FOLDER,
        ) from error


@contextmanager
def damage_of(file: Path) -> Iterator[None]:
    """Turn errors of SQLite in the block, which reads `file`, into ours.

    Raises:
        IndexNotWritable: a build holds the file.
        IndexDamaged: everything else.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise IndexNotWritable(
                f"{file} is locked by a build that writes it.", "Ask again in a moment."
            ) from error
        raise IndexDamaged(f"{file} is damaged: {error}.", REBUILD) from error
    except sqlite3.DatabaseError as error:
        raise IndexDamaged(f"{file} is damaged: {error}.", REBUILD) from error
