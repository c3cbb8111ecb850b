"""Which entries a question may find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase

from qasearch.datatypes.options import AskOptions
from qasearch.errors import BadRequest
from qasearch.identity import slugify
from qasearch.storage.database import Database

_NAMED = 20
"""How many of the values that a filter could have an error message lists."""


def select(database: Database, options: AskOptions) -> frozenset[int] | None:
    """The row ids of the entries that pass the filters; None where there are no filters.

    Raises:
        BadRequest: no entry passes; the message lists the values that a filter could have.
    """
    filters = _filters(options)
    if not filters:
        return None
    places = database.places()
    passing = {rowid for rowid, *_ in places}
    for name, value, names_of, matches in filters:
        # Many entries have the same path, headings and tags: each combination is looked at once.
        names = {place[1:]: tuple(names_of(*place[1:])) for place in places}
        matching = {place for place, listed in names.items() if any(map(matches, listed))}
        remaining = passing & {rowid for rowid, *place in places if tuple(place) in matching}
        if not remaining:
            known = sorted({each for listed in names.values() for each in listed})
            raise _nothing_passes(name, value, known, combined=bool(matching))
        passing = remaining
    return frozenset(passing)


_Names = Callable[[str, tuple[str, ...], tuple[str, ...]], Iterable[str]]
"""From the path, the headings and the tags of an entry to the names that a filter looks at."""


def _filters(options: AskOptions) -> list[tuple[str, str, _Names, Callable[[str], bool]]]:
    """Each filter that was set: its name, its value, what it looks at, and what passes."""
    filters: list[tuple[str, str, _Names, Callable[[str], bool]]] = []
    if (section := options.section) is not None:
        slug = slugify(section)
        filters.append(("section", section, _headings, lambda name: slugify(name) == slug))
    if (glob := options.path) is not None:
        filters.append(
            ("path", glob, lambda path, *_: [path], lambda name: fnmatchcase(name, glob))
        )
    if (tag := options.tag) is not None:
        folded = tag.casefold()
        filters.append(
            ("tag", tag, lambda *place: place[2], lambda name: name.casefold() == folded)
        )
    return filters


def _headings(path: str, breadcrumb: tuple[str, ...], _tags: tuple[str, ...]) -> list[str]:
    """The folders and headings above an entry."""
    return [*path.split("/")[:-1], *breadcrumb]


def _nothing_passes(name: str, value: str, known: list[str], *, combined: bool) -> BadRequest:
    together = " together with the other filters" if combined else ""
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return BadRequest(
        f"No entry passes --{name} {value!r}{together}.",
        f"There are: {', '.join(known[:_NAMED]) or 'none'}{more}.",
    )
