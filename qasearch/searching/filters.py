"""Which entries a question may find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qasearch.datatypes.options import AskOptions
from qasearch.errors import BadRequest
from qasearch.identity import slugify
from qasearch.searching.paths import readings
from qasearch.storage.database import Database, EntryPlace

_Described = tuple[str, tuple[str, ...], tuple[str, ...]]

_MAX_NAMED = 20
"""How many of the values that a filter could have an error message lists."""


def select(
    database: Database,
    options: AskOptions,
    corpus: Path,
    cwd: Path,
    gone: Collection[str] = (),
) -> frozenset[int] | None:
    """The row ids of the entries that pass the filters; None where there are no filters.

    Args:
        database: the index.
        options: the filters.
        corpus: the folder of the corpus.
        cwd: the folder that a relative path may start at.
        gone: the paths of files that are removed or left out since the build; none of their entries
            passes.

    Raises:
        BadRequest: no entry passes; the message lists the values that a filter could have.
    """
    filters = _filters(options, corpus, cwd)
    if not filters and not gone:
        return None
    places = [place for place in database.places() if place.path not in gone]
    passing = {place.rowid for place in places}
    for filter_ in filters:
        # Many entries have the same path, headings and tags: each combination is looked at once.
        names = {_described(place): tuple(filter_.names_of(place)) for place in places}
        matching: set[_Described] = set()
        for matches in filter_.readings:
            matching = {key for key, listed in names.items() if any(map(matches, listed))}
            if matching:
                break
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
        readings: whether a name passes, by each way to read the value; the first by which one does
            holds.
    """

    name: str
    value: str
    names_of: Callable[[EntryPlace], Iterable[str]]
    readings: Iterable[Callable[[str], bool]]


def _filters(options: AskOptions, corpus: Path, cwd: Path) -> list[_Filter]:
    """The filters that were set."""
    filters = []
    if (section := options.section) is not None:
        slug = slugify(section)
        filters.append(_Filter("section", section, _headings, [lambda name: slugify(name) == slug]))
    if (path := options.path) is not None:
        filters.append(
            _Filter("path", path, lambda place: [place.path], readings(path, corpus, cwd))
        )
    if (tag := options.tag) is not None:
        is_tagged = partial(_is_tag, wanted=_tag_name(tag))
        filters.append(_Filter("tag", tag, lambda place: place.tags, [is_tagged]))
    return filters


def _is_tag(name: str, wanted: str) -> bool:
    """Whether a tag is the wanted one, or is nested in it."""
    return f"{_tag_name(name)}/".startswith(f"{wanted}/")


def _tag_name(tag: str) -> str:
    return tag.strip().removeprefix("#").strip("/").casefold()


def _described(place: EntryPlace) -> _Described:
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
