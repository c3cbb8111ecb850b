"""Reads a file of queries or judgements as numbered lines, and makes errors about single lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest

_MAX_QUOTED = 60
"""Characters of a line that an error message quotes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file.

    Attributes:
        path: the file.
        number: the number of the line, 1-based.
        text: the line without its line break.
    """

    path: Path
    number: int
    text: str

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.number}"

    def error(self, problem: str, expected: str) -> BadRequest:
        """The error for a malformed line.

        Args:
            problem: what is wrong with the line.
            expected: what a correct line looks like.
        """
        is_short = len(self.text) <= _MAX_QUOTED
        quoted = self.text if is_short else self.text[: _MAX_QUOTED - 1] + "…"
        return BadRequest(f"{self.place}: {problem}: {quoted!r}.", f"Expected {expected}.")


def read_lines(path: Path) -> list[Line]:
    r"""The lines of a UTF-8 file that are not blank, at least one.

    A byte order mark is skipped. Only `\n` and `\r\n` end a line, because a query may contain
    other line separators of Unicode.

    Raises:
        BadRequest: the file cannot be read, is not UTF-8 or has no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"Cannot read {path}: {error.strerror or error}.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise BadRequest(
            f"{path}:{number}: not UTF-8: {error.reason}.", "Save the file as UTF-8."
        ) from error
    numbered = enumerate(text.split("\n"), start=1)
    lines = [
        Line(path, number, line.removesuffix("\r")) for number, line in numbered if line.strip()
    ]
    if not lines:
        raise BadRequest(f"{path} is empty.", "Give a file with at least one line.")
    return lines
