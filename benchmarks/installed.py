"""What an installation weighs: qasearch with all that it depends on, by extra.

    python -m benchmarks.installed

Sums the files of each distribution in this environment that the requirements of qasearch reach.
"""

from __future__ import annotations

from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

_MB = 1e6
_LARGEST = 8


def main() -> None:
    """Print the megabytes and the number of distributions, plain and with each extra."""
    plain = _reached("")
    _show("plain", plain)
    for extra in sorted(distribution("qasearch").metadata.get_all("Provides-Extra") or ()):
        _show(f"with {extra}", _reached(extra), plain)


def _show(name: str, reached: dict[str, float], less: dict[str, float] | None = None) -> None:
    total = sum(reached.values())
    direct = [Requirement(text) for text in distribution("qasearch").requires or ()]
    own = sum(requirement.marker is None for requirement in direct)
    print(f"{name}: {total:,.0f} MB in {len(reached)} distributions ({own} direct requirements)")
    shown = {key: size for key, size in reached.items() if less is None or key not in less}
    for key in sorted(shown, key=lambda key: -shown[key])[:_LARGEST]:
        print(f"  {shown[key]:7,.1f} MB  {key}")


def _reached(extra: str) -> dict[str, float]:
    """The size of each distribution that qasearch with this extra needs, in MB."""
    sizes: dict[str, float] = {}
    pending = [("qasearch", extra)]
    seen: set[tuple[str, str]] = set()
    while pending:
        name, wanted = pending.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        sizes[name] = _megabytes(found)
        for text in found.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": wanted}):
                key = requirement.name.lower().replace("_", "-")
                pending += [(key, each) for each in ("", *requirement.extras)]
    return sizes


def _megabytes(found: Distribution) -> float:
    files = [Path(str(found.locate_file(file))) for file in found.files or ()]
    return sum(file.stat().st_size for file in files if file.is_file()) / _MB


if __name__ == "__main__":
    main()
