"""What an installation weighs: packages and megabytes, plain and with each extra.

    python -m benchmarks.install_size

Adds up the files that pip recorded for the dependencies in pyproject.toml and for what these need
in turn, as they are installed here; byte code that Python wrote later is not among them. A package
of an extra that is not installed here is named and not counted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata

from packaging.requirements import Requirement

from benchmarks.shared import ROOT

_LARGEST = 5


def packages(requirements: Iterable[str]) -> dict[str, int]:
    """The packages that these requirements bring, with their bytes; names are normalised."""
    sizes: dict[str, int] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        extras = frozenset(requirement.extras)
        if (name, extras) in done:
            continue
        done.add((name, extras))
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            print(f"not installed here: {name}")
            continue
        files = (distribution.locate_file(file) for file in distribution.files or ())
        sizes[name] = sum(file.stat().st_size for file in files if file.is_file())  # type: ignore[attr-defined]
        waiting += _needed(distribution.requires or (), extras)
    return sizes


def _needed(requirements: Iterable[str], extras: frozenset[str]) -> Iterator[Requirement]:
    """Those of a package's requirements that hold on this machine and for these extras of it."""
    for text in requirements:
        requirement = Requirement(text)
        environments = [{"extra": extra} for extra in ("", *extras)]
        marker = requirement.marker
        if marker is None or any(marker.evaluate(environment) for environment in environments):
            yield requirement


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = project["dependencies"]
    extras = project["optional-dependencies"]
    for name, more in {"plain": [], **extras}.items():
        sizes = packages([*plain, *more])
        largest = sorted(sizes, key=lambda package: -sizes[package])[:_LARGEST]
        parts = ", ".join(f"{package} {sizes[package] / 2**20:.0f}" for package in largest)
        total = sum(sizes.values()) / 2**20
        print(f"{name:10} {len(sizes):3} packages, {total:6,.0f} MB; the largest: {parts}")


if __name__ == "__main__":
    main()
