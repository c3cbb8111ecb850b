"""Writes what the documents show of the program: the sessions of docs/concepts.md, and pictures.

    python docs/refresh.py        or: make docs

- docs/concepts.md: every command is run, and what it prints is put below it. A `lab` command with
  `--plot` is shown without its charts: they are in the picture.
- docs/pictures/session.svg: two questions to the notes of the tutorial, as a terminal of 80 columns
  shows them.
- docs/pictures/map.svg: the map of the corpus that comes with qasearch.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI

import qasearch
from qasearch.datatypes.options import AskOptions
from qasearch.lab import concept
from qasearch.presenting.pictures import picture
from qasearch.presenting.terminal import show_reply
from qasearch.presenting.text.lab import demonstration_text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.sessions import files_of  # noqa: E402 - a script finds it by the line above

DOCS = ROOT / "docs"
PAGE = DOCS / "concepts.md"
PICTURES = DOCS / "pictures"

_WIDTH = 100
"""Columns of what `qasearch lab` prints into a pipe."""

_TERMINAL_WIDTH = 80
"""Columns of the picture of a session: an ordinary terminal, and legible in a README."""

_QUESTIONS = ("my connection to the vpn hangs, how do I restart it", "how do I bake bread")
"""One that the notes of the tutorial answer, and one that they do not."""


def refreshed(page: str, index: qasearch.Index, pictures: Path | None = None) -> str:
    """The page with what its commands print now.

    Pictures are written below `pictures`, unless it is None.
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
    return _run(*arguments, "--index", str(index.settings.index))


def _run(*arguments: str) -> str:
    """What a command prints on standard output."""
    command = [sys.executable, "-m", "qasearch", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT, check=True)
    return done.stdout.rstrip()


def session_picture(folder: Path) -> str:
    """An SVG of two questions to the notes of the tutorial, which are written into `folder`."""
    for name, text in files_of((DOCS / "tutorial.md").read_text(encoding="utf-8")).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    console = Console(
        record=True,
        width=_TERMINAL_WIDTH,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        highlight=False,
    )
    corpus, index_folder = folder / "notes", folder / "index"
    qasearch.build(corpus, index_folder, offline=True)
    with qasearch.open(corpus, index_folder, offline=True) as index:
        for question in _QUESTIONS:
            console.print(f'[bold green]$[/] qasearch ask -k 3 "{question}"')
            console.print(show_reply(index.ask(question, AskOptions(top_k=3)), folder))
            console.print()
    drawn = console.export_svg(title="qasearch", theme=DIMMED_MONOKAI, unique_id="session")
    return re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)  # it fetches the font


def main() -> None:
    """Write the page and the pictures, from indexes built for it.

    An index that followed edits may differ a little from one that was built at once.
    """
    with tempfile.TemporaryDirectory() as folder:
        (PICTURES / "session.svg").write_text(session_picture(Path(folder)), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        qasearch.build(ROOT / "corpus", folder, offline=True)
        _run("map", "--index", folder, "--output", str(PICTURES / "map.svg"))
        with qasearch.open(ROOT / "corpus", folder, offline=True) as index:
            page = refreshed(PAGE.read_text(encoding="utf-8"), index, PICTURES)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
