"""A folder for each program: its marker, its marks, its links; `EXPECTED` holds what is read.

Each folder follows the documentation of the program. A file is a line with its path; below it each
entry with its breadcrumb, tags and other names, and each reference that can be looked up.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from qasearch.datatypes.flavour import Flavour
from qasearch.reading.corpus import read_corpus
from qasearch.reading.files import list_files
from tests.reading.test_questions import described

DIALECTS = Path(__file__).parent / "dialects"
NAMES = sorted(folder.name for folder in DIALECTS.iterdir() if folder.is_dir())
EXPORTS = {"notion", "confluence"}


def copied(name: str, tmp_path: Path) -> Path:
    """The folder somewhere else: beside the others, their names would look like markers."""
    return Path(shutil.copytree(DIALECTS / name, tmp_path / "corpus"))


def lines_of(name: str, tmp_path: Path) -> Iterator[str]:
    folder = copied(name, tmp_path)
    entries, problems = read_corpus(folder)
    for file in list_files(folder).files:
        yield f"{file.path} ({file.flavour})"
        for entry in entries:
            if entry.path == file.path:
                above = " › ".join(entry.breadcrumb)
                marks = "".join(f" #{tag}" for tag in entry.tags)
                names = "".join(f" = {alias}" for alias in entry.aliases)
                yield f"  {described(entry)} ^ {above}{marks}{names}"
                for reference in entry.references:
                    if reference.exists is not None:
                        state = "" if reference.exists else "missing "
                        yield f"    {state}{reference.kind} {reference.target}"
    yield from (f"! {problem}" for problem in problems)


@pytest.mark.parametrize("name", NAMES)
def test_dialect(name: str, tmp_path: Path) -> None:
    expected = (DIALECTS / name / "EXPECTED").read_text(encoding="utf-8").splitlines()
    assert list(lines_of(name, tmp_path)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_is_hidden_is_nowhere(name: str, tmp_path: Path) -> None:
    texts = " ".join(
        " ".join((entry.question, entry.answer, *entry.aliases))
        for entry in read_corpus(copied(name, tmp_path))[0]
    )
    assert "oison" not in texts


def test_every_flavour_has_a_folder() -> None:
    assert {*NAMES} - EXPORTS == {*Flavour} - {Flavour.PLAIN}
