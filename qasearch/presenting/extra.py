"""The libraries that draw, which an installation without the extra `pictures` does not have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qasearch.errors import BadRequest

LIBRARIES = frozenset({"matplotlib", "plotly"})
"""What the extra `pictures` installs."""


@contextmanager
def pictures_extra(purpose: str) -> Iterator[None]:
    """Put the import of a library of the extra into this context.

    Args:
        purpose: what needs the library, as the subject of a sentence: "A picture".

    Raises:
        BadRequest: the library is not installed; the hint is the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in LIBRARIES:  # the library is there, but something that it needs is not
            raise
        raise BadRequest(
            f"{purpose} needs the package {library}, which is not installed.",
            "Install it: pip install 'qasearch[pictures]'",
        ) from error
