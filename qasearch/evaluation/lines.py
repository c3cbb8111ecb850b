"""A file of queries or judgements as numbered lines, and how an error names one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qasearch.errors import BadRequest

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, without its end; `number` is 1-based."""

    path: Path
    number: int
    text: str

    @property
    def place(self) -> str:
        """`path:line`."""
        return f"{self.path}:{self.number}"

    def bad(self, what: str, expected: str) -> BadRequest:
        """The error for a line that cannot be used: where it is, what is wrong with it, what should
        stand there.
        """
        shown = self.text if len(self.text) <= _SHOWN else self.text[: _SHOWN - 1] + "…"
        return BadRequest(f"{self.place}: {what}: {shown!r}.", f"Expected {expected}.")


def read_lines(path: Path) -> list[Line]:
    """The lines of a UTF-8 file that are not blank, at least one; a byte order mark at the start is
    passed over.

    Only line feeds end a line (with a carriage return or without), so that a query may hold any
    other character.

    Raises:
        BadRequest: the file cannot be read, is not UTF-8 (with the line), or holds nothing.
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
        raise BadRequest(f"{path} holds nothing.", "Give a file with at least one line.")
    return lines
