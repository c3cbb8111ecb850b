"""Runs every command that docs/concepts.md shows and puts its output and its pictures in place.

    python docs/refresh.py

What a `lab` command with `--plot` prints is shown without its charts: they are in the picture.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import qasearch
from qasearch.lab import concept
from qasearch.presenting.pictures import picture
from qasearch.presenting.text.lab import demonstration_text

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "concepts.md"
_WIDTH = 100


def refreshed(page: str, index: qasearch.Index, pictures: Path | None = None) -> str:
    """The page with what its commands print now; pictures are written below `pictures`, if it is
    given.
    """

    def session(match: re.Match[str]) -> str:
        command = match[1]
        return f"```console\n$ {command}\n{_output(shlex.split(command)[1:], index, pictures)}\n```"

    return re.sub(r"^```console\n\$ (.*)\n(?:.*\n)*?```$", session, page, flags=re.MULTILINE)


def _output(arguments: list[str], index: qasearch.Index, pictures: Path | None) -> str:
    if arguments[0] == "lab" and "--plot" in arguments:
        name, *given, _, file = arguments[1:]
        shown = concept(name).demonstrate(index.space(), given)
        if pictures:
            (pictures / Path(file).name).write_bytes(
                picture(shown.charts, shown.title, Path(file).suffix[1:])
            )
        words = tuple(part for part in shown.body if part not in shown.charts)
        return demonstration_text(replace(shown, body=words), _WIDTH).plain
    run = subprocess.run(
        [sys.executable, "-m", "qasearch", *arguments, *(["--index", str(index.settings.index)])],
        capture_output=True, encoding="utf-8", cwd=ROOT, check=True,
    )  # fmt: skip
    return run.stdout.rstrip()


def main() -> None:
    """Refresh the page and its pictures, from an index built for it: one that followed edits may
    differ a little.
    """
    with tempfile.TemporaryDirectory() as folder:
        qasearch.build(ROOT / "corpus", folder, offline=True)
        with qasearch.open(ROOT / "corpus", folder, offline=True) as index:
            page = refreshed(PAGE.read_text(encoding="utf-8"), index, ROOT / "docs" / "pictures")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
