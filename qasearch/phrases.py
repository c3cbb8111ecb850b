"""Pieces of sentences for messages: counted things, suggested names, reasons of other libraries."""

from __future__ import annotations

from collections.abc import Iterable

MAX_SUGGESTIONS = 3
"""More names than these are a list to read, and no hint."""

MAX_REASON_LENGTH = 300
"""In characters. Libraries put whole file listings and configurations into their messages."""


def counted(number: int, singular: str, plural: str = "") -> str:
    """The number with its noun: `1 file`, `12,000 files`; `plural` where an s is not enough."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def near_names(name: str, known: Iterable[str]) -> list[str]:
    """At most `MAX_SUGGESTIONS` of the known names that are nearest to `name`, nearest first.

    A name is near if it contains the other one, or else if difflib finds the two alike. Letter case
    does not matter.
    """
    import difflib

    names = list(dict.fromkeys(known))
    lowered = {known_name.lower(): known_name for known_name in reversed(names)}
    near = [longer for longer in names if name and name.lower() in longer.lower()][:MAX_SUGGESTIONS]
    if not near:
        matches = difflib.get_close_matches(name.lower(), lowered, n=MAX_SUGGESTIONS)
        near = [lowered[match] for match in matches]
    return near


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """The question `Did you mean a or b?` with the names nearest to `name`, as in `near_names`.

    Where nothing is near, the result is `otherwise`.
    """
    near = near_names(name, known)
    return f"Did you mean {' or '.join(near)}?" if near else otherwise


def reason(error: BaseException) -> str:
    """The first line of an error's message, cut to a length that fits; its class if it has none."""
    first_line = str(error).strip().split("\n")[0]
    return first_line[:MAX_REASON_LENGTH] or type(error).__name__
