"""What qasearch does and how long it takes, for those who want to see it.

Nothing is logged until `to_stderr` or `to_file` was called; then the loggers below `qasearch` write
there. Importing `logging` takes longer than a tenth of a cold question, so this module imports it
only when something is logged.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qasearch.errors import BadRequest

if TYPE_CHECKING:
    import logging
    from pathlib import Path

VARIABLE = "QASEARCH_LOG"
LEVELS = ("debug", "info", "warning", "error")
"""The values of `QASEARCH_LOG`; `--verbose` means `debug`."""

MAX_FILE_BYTES = 2**20
"""At this size a log file is renamed to `*.1`, and a new one begins: there are at most two of
them."""

_enabled = False


def to_stderr(level: str) -> None:
    """Write log messages of this level and above to standard error.

    Raises:
        BadRequest: there is no such level.
    """
    import logging

    _enable(logging.StreamHandler(), level, f"%(relativeCreated)6.0f ms  {_MESSAGE}")


def to_stderr_if_asked(environ: Mapping[str, str]) -> None:
    """Write log messages to standard error if `QASEARCH_LOG` names a level.

    Raises:
        BadRequest: there is no such level.
    """
    if level := environ.get(VARIABLE, "").strip():
        to_stderr(level)


def to_file(file: Path) -> None:
    """Write log messages of the level `info` and above to a file of bounded size.

    Without effect if the file cannot be written: a log is not worth failing for.
    """
    from logging.handlers import RotatingFileHandler

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            file, maxBytes=MAX_FILE_BYTES, backupCount=1, encoding="utf-8", delay=False
        )
    except OSError:
        return
    _enable(handler, "info", f"%(asctime)s %(process)d {_MESSAGE}")


def info(message: str) -> None:
    """Log what a user may want to know later, such as a file that was made again."""
    if _enabled:
        _log("info", message)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Log how long the block took, at the level `debug`."""
    if not _enabled:
        yield
        return
    started = time.perf_counter()
    try:
        yield
    finally:
        _log("debug", f"{what}: {1000 * (time.perf_counter() - started):.1f} ms")


_MESSAGE = "%(levelname)s %(name)s: %(message)s"


def _log(level: str, message: str) -> None:
    import logging

    logging.getLogger("qasearch").log(logging.getLevelNamesMapping()[level.upper()], message)


def _enable(handler: logging.Handler, level: str, form: str) -> None:
    import logging

    global _enabled  # noqa: PLW0603 - the switch of the whole process
    if level.lower() not in LEVELS:
        raise BadRequest(
            f"There is no log level '{level}' ({VARIABLE}).", f"Name one of {', '.join(LEVELS)}."
        )
    handler.setFormatter(logging.Formatter(form))
    logger = logging.getLogger("qasearch")
    logger.addHandler(handler)
    logger.setLevel(level.upper())
    logger.propagate = False
    _enabled = True
