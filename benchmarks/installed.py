"""Measures what an installation weighs: qasearch and everything that it depends on, by extra.

    python -m benchmarks.installed

Adds up the sizes of the files of all distributions in this environment that the requirements of
qasearch lead to.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

MB = 1e6

LARGEST = 8
"""How many of the largest distributions are printed."""

Sizes = Mapping[str, float]
"""The size of each distribution in MB, by name."""


def main() -> None:
    plain = required("")
    print_sizes("plain", plain)
    for extra in sorted(distribution("qasearch").metadata.get_all("Provides-Extra") or ()):
        print_sizes(f"with {extra}", required(extra), plain)


def print_sizes(name: str, sizes: Sizes, without: Sizes | None = None) -> None:
    """Print the sum, and the largest distributions that are not in `without`."""
    requirements = [Requirement(text) for text in distribution("qasearch").requires or ()]
    direct = sum(requirement.marker is None for requirement in requirements)
    print(
        f"{name}: {sum(sizes.values()):,.0f} MB in {len(sizes)} distributions "
        f"({direct} direct requirements)"
    )
    new = sizes.keys() - (without or {}).keys()
    for key in sorted(new, key=lambda key: -sizes[key])[:LARGEST]:
        print(f"  {sizes[key]:7,.1f} MB  {key}")


def required(extra: str) -> Sizes:
    """The distributions that qasearch with this extra needs; those not installed are left out."""
    sizes: dict[str, float] = {}
    pending = [("qasearch", extra)]
    seen: set[tuple[str, str]] = set()
    while pending:
        name, wanted_extra = pending.pop()
        if (name, wanted_extra) in seen:
            continue
        seen.add((name, wanted_extra))
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        sizes[name] = megabytes(installed)
        for text in installed.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": wanted_extra}):
                key = requirement.name.lower().replace("_", "-")
                pending += [(key, inner_extra) for inner_extra in ("", *requirement.extras)]
    return sizes


def megabytes(installed: Distribution) -> float:
    files = [Path(str(installed.locate_file(file))) for file in installed.files or ()]
    return sum(file.stat().st_size for file in files if file.is_file()) / MB


if __name__ == "__main__":
    main()
