"""Which entries a question may find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

from qasearch.datatypes.options import AskOptions
from qasearch.errors import BadRequest
from qasearch.identity import slugify
from qasearch.storage.database import Database, EntryPlace

_MAX_NAMED = 20
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
    passing = {place.rowid for place in places}
    for filter_ in filters:
        # Many entries have the same path, headings and tags: each combination is looked at once.
        names = {_described(place): tuple(filter_.names_of(place)) for place in places}
        matching = {key for key, listed in names.items() if any(map(filter_.matches, listed))}
        remaining = passing & {place.rowid for place in places if _described(place) in matching}
        if not remaining:
            known = sorted({name for listed in names.values() for name in listed})
            raise _nothing_passes(filter_, known, combined=bool(matching))
        passing = remaining
    return frozenset(passing)


@dataclass(frozen=True, slots=True)
class _Filter:
    """A filter that was set.

    Attributes:
        name: the option.
        value: what it was set to.
        names_of: the names of an entry that the filter looks at.
        matches: whether a name passes.
    """

    name: str
    value: str
    names_of: Callable[[EntryPlace], Iterable[str]]
    matches: Callable[[str], bool]


def _filters(options: AskOptions) -> list[_Filter]:
    """The filters that were set."""
    filters = []
    if (section := options.section) is not None:
        slug = slugify(section)
        filters.append(_Filter("section", section, _headings, lambda name: slugify(name) == slug))
    if (glob := options.path) is not None:
        matches_path = partial(fnmatchcase, pat=glob)
        filters.append(_Filter("path", glob, lambda place: [place.path], matches_path))
    if (tag := options.tag) is not None:
        folded = tag.casefold()
        filters.append(
            _Filter("tag", tag, lambda place: place.tags, lambda name: name.casefold() == folded)
        )
    return filters


def _described(place: EntryPlace) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """All that a filter may look at."""
    return place.path, place.breadcrumb, place.tags


def _headings(place: EntryPlace) -> list[str]:
    """The folders and headings above an entry."""
    return [*place.path.split("/")[:-1], *place.breadcrumb]


def _nothing_passes(filter_: _Filter, known: list[str], *, combined: bool) -> BadRequest:
    together = " together with the other filters" if combined else ""
    more = f" and {len(known) - _MAX_NAMED} more" if len(known) > _MAX_NAMED else ""
    return BadRequest(
        f"No entry passes --{filter_.name} {filter_.value!r}{together}.",
        f"There are: {', '.join(known[:_MAX_NAMED]) or 'none'}{more}.",
    )
