"""Which entries a question may find."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fnmatch import fnmatchcase
from typing import TypeVar

from qasearch.datatypes.options import Filters
from qasearch.errors import BadRequest
from qasearch.reading.markdown.slugs import slugify
from qasearch.storage.database import Database

_Value = TypeVar("_Value", bound=Hashable)


def select(database: Database, filters: Filters) -> frozenset[int] | None:
    """The row ids of the entries that the filters let through; None where there are no filters.

    Raises:
        BadRequest: nothing passes a filter; the message names what would.
    """
    if not filters:
        return None
    places = database.places()
    kept = {rowid for rowid, *_ in places}
    if filters.section is not None:
        wanted = slugify(filters.section)
        names = [(rowid, (path, crumb)) for rowid, path, crumb, _ in places]
        kept = _keep(
            kept,
            names,
            "section",
            filters.section,
            _headings,
            lambda found: wanted in map(slugify, found),
        )
    if filters.path is not None:
        pattern = filters.path
        paths = [(rowid, path) for rowid, path, *_ in places]
        kept = _keep(
            kept,
            paths,
            "path",
            pattern,
            lambda path: [path],
            lambda found: fnmatchcase(found[0], pattern),
        )
    if filters.tag is not None:
        tag = filters.tag.casefold()
        tags = [(rowid, tags) for rowid, *_, tags in places]
        kept = _keep(
            kept, tags, "tag", filters.tag, list, lambda found: tag in map(str.casefold, found)
        )
    return frozenset(kept)


def _headings(place: tuple[str, tuple[str, ...]]) -> list[str]:
    """The folders and headings above an entry with this path and breadcrumb."""
    path, crumb = place
    return [*path.split("/")[:-1], *crumb]


def _keep(
    kept: set[int],
    values: Sequence[tuple[int, _Value]],
    name: str,
    wanted: str,
    names: Callable[[_Value], list[str]],
    passes: Callable[[list[str]], bool],
) -> set[int]:
    """Those of `kept` of which a value has names that pass; each value is looked at once, as many
    entries share one.
    """
    distinct = {value for _, value in values}
    passing = {value for value in distinct if passes(names(value))}
    remaining = kept & {rowid for rowid, value in values if value in passing}
    if not remaining:
        known = sorted({each for value in distinct for each in names(value)})
        listed = ", ".join(known[:20]) + (f" and {len(known) - 20} more" if len(known) > 20 else "")
        alone = "" if not passing else " together with the other filters"
        raise BadRequest(
            f"No entry passes --{name} {wanted!r}{alone}.", f"There are: {listed or 'none'}."
        )
    return remaining
