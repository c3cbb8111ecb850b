"""Which entries a question may find."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from qasearch.datatypes import Filters
from qasearch.errors import BadRequest
from qasearch.reading.slugs import slugify
from qasearch.storage.database import Database


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
        names = {rowid: (*path.split("/")[:-1], *crumb) for rowid, path, crumb, _ in places}
        kept = _keep(
            kept,
            {r for r in names if wanted in map(slugify, names[r])},
            "section",
            filters.section,
            names.values(),
        )
    if filters.path is not None:
        pattern = filters.path
        paths = {rowid: path for rowid, path, *_ in places}
        passing = {rowid for rowid, path in paths.items() if fnmatch.fnmatchcase(path, pattern)}
        kept = _keep(kept, passing, "path", pattern, [[path] for path in paths.values()])
    if filters.tag is not None:
        tag = filters.tag.casefold()
        passing = {rowid for rowid, _, _, tags in places if tag in map(str.casefold, tags)}
        kept = _keep(kept, passing, "tag", filters.tag, [tags for *_, tags in places])
    return frozenset(kept)


def _keep(kept: set[int], passing: set[int], name: str, value: str, known: Iterable[Iterable[str]]) -> set[int]:
    if not kept & passing:
        values = sorted({each for group in known for each in group})
        listed = ", ".join(values[:20]) + (f" and {len(values) - 20} more" if len(values) > 20 else "")
        alone = "" if not passing else " together with the other filters"
        raise BadRequest(f"No entry passes --{name} {value!r}{alone}.", f"There are: {listed or 'none'}.")
    return kept & passing
