"""Which room may import which, what a command may load, and the tiers of the tests."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import qasearch
from tests.conftest import ROOT, TIERS, Built, Corpus, put_into_tier

PACKAGE = ROOT / "qasearch"

MAY_IMPORT = {
    "qasearch": {"api", "datatypes", "errors"},
    "__main__": {"cli", "serving"},
    "errors": set(),
    "phrases": set(),
    "atomic": set(),
    "logs": {"errors"},
    "datatypes": {"errors"},
    "identity": {"datatypes"},
    "settings": {"datatypes", "errors"},
    "serving": {
        "qasearch",
        "api",
        "cli",
        "datatypes",
        "encoding",
        "errors",
        "presenting",
        "settings",
    },
    "reading": {"datatypes", "errors", "identity"},
    "encoding": {"errors", "settings"},
    "storage": {"datatypes", "errors", "identity"},
    "ranking": {"datatypes", "storage"},
    "linting": {"datatypes", "encoding"},
    "searching": {
        "datatypes",
        "errors",
        "identity",
        "reading",
        "encoding",
        "storage",
        "ranking",
    },
    "evaluation": {"datatypes", "errors"},
    "lab": {"datatypes", "encoding", "errors", "evaluation", "reading", "storage"},
    "mapping": {"datatypes", "errors", "lab"},
    "presenting": {
        "datatypes",
        "errors",
        "evaluation",
        "lab",
        "linting",
        "mapping",
        "reading",
        "settings",
    },
    "building": {"datatypes", "errors", "reading", "encoding", "storage", "ranking"},
    "api": {
        "datatypes",
        "errors",
        "settings",
        "reading",
        "encoding",
        "storage",
        "searching",
        "building",
        "evaluation",
        "lab",
    },
    "cli": {
        "qasearch",
        "api",
        "building",
        "datatypes",
        "encoding",
        "errors",
        "evaluation",
        "lab",
        "linting",
        "mapping",
        "settings",
        "reading",
        "searching",
        "presenting",
        "serving",
    },
}
"""Rooms that each room may import: the direction of the data. `building` and `searching` never
import each other, so a question needs nothing of a build."""

EVERYWHERE = {"phrases", "atomic", "logs"}
"""Rooms that know nothing of qasearch but `errors`; every room may import them."""

ONLY_IN = {
    "markdown_it": "reading",
    "mdit_py_plugins": "reading",
    "yaml": "reading",
    "pathspec": "reading/ignoring.py",
    "sentence_transformers": "encoding",
    "transformers": "encoding",
    "torch": "encoding",
    "huggingface_hub": "encoding",
    "onnxruntime": "encoding/onnx.py",
    "faiss": "storage",
    "sqlite3": "storage",
    "rapidfuzz": "searching/spelling.py",
    "pylatexenc": "presenting/text/formulas.py",
    "matplotlib": "presenting/pictures.py",
    "plotly": "presenting/page/page.py",
    "sklearn": "mapping/projections.py",
    "umap": "mapping/projections.py",
    "safetensors": "encoding",
    "click": "cli",
}
"""The one place of `qasearch` that may import a library."""


def imports(file: Path) -> set[str]:
    """The modules that a file imports anywhere, in functions too."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "qasearch":
            modules.update(f"qasearch.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import"
            modules.add(node.module)
    return modules


def room(file: Path) -> str:
    """The folder below `qasearch` that a file is in, or its own name if it is in none."""
    relative = file.relative_to(PACKAGE)
    if len(relative.parts) > 1:
        return relative.parts[0]
    return "qasearch" if relative.stem == "__init__" else relative.stem


FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = {room(file) for file in FILES}

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))


def test_every_room_of_the_table_exists() -> None:
    assert set(MAY_IMPORT) | set().union(*MAY_IMPORT.values()) <= ROOMS


@each_file
def test_imports_follow_the_direction_of_the_data(file: Path) -> None:
    here = room(file)
    for name in imports(file):
        if name == "qasearch" or name.startswith("qasearch."):
            first = ([*name.split("."), "qasearch"])[1]
            target = first if first in ROOMS else "qasearch"
            allowed = {here, *EVERYWHERE, *MAY_IMPORT[here]}
            assert target in allowed, f"{file} imports {name}"


@each_file
def test_each_library_is_known_to_one_room(file: Path) -> None:
    for name in imports(file):
        home = ONLY_IN.get(name.split(".")[0])
        assert home is None or str(file.relative_to(PACKAGE)).startswith(home), (
            f"{file} imports {name}"
        )


ALSO_HEAVY = {"numpy", "rich"}
"""Libraries that several rooms may import, and that take a tenth of a second."""


def libraries_but(*needed: str) -> set[str]:
    """All libraries that take time to import, without those that are needed."""
    return {*ONLY_IN, *ALSO_HEAVY}.difference(needed)


def without_coverage() -> dict[str, str]:
    """The environment of a process that `make coverage` does not measure: that loads modules."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a command loads, as the interpreter reports them."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "qasearch", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=without_coverage(),
        check=True,
    )
    return {
        line.rsplit("|", 1)[1].strip()
        for line in run.stderr.splitlines()
        if line.startswith("import time:")
    }


def below(rooms: Iterable[str], modules: set[str]) -> set[str]:
    """The modules that are in one of the rooms of `qasearch`, or in a folder of one."""
    return {
        module
        for module in modules
        for room in rooms
        if f"{module}.".startswith(f"qasearch.{room}.")
    }


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("ask", "--help"), ("build", "--help"), ("eval", "--help"), ("--version",)],
    ids=" ".join,
)
def test_help_loads_no_library_but_click(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert "click" in loaded
    assert not loaded & libraries_but("click")


def test_importing_the_package_loads_no_library() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import qasearch, sys; print(*sys.modules)"],
        capture_output=True,
        encoding="utf-8",
        env=without_coverage(),
        check=True,
    )
    assert not set(run.stdout.split()) & libraries_but()


def test_a_list_of_entries_needs_no_model_and_no_index(corpus: Corpus) -> None:
    folder = corpus({"a.md": "# What is tea?\n\nA drink.\n"})
    loaded = loaded_by("list", "--corpus", str(folder))
    assert not loaded & libraries_but("click", "markdown_it", "mdit_py_plugins", "yaml")
    rooms = ["encoding", "storage", "ranking", "searching", "lab", "mapping"]
    assert below(rooms, loaded) == set()


def test_a_build_with_nothing_changed_loads_no_more_than_it_needs(built: Built) -> None:
    flags = built({"a.md": "# What is tea?\n\nA drink.\n"})
    # A file as new as the index is read again: it may have changed in the same clock tick.
    os.utime(Path(flags[1]) / "a.md", (0, 0))
    subprocess.run([sys.executable, "-m", "qasearch", "build", *flags], check=True)
    loaded = loaded_by("build", *flags)
    assert not loaded & {*libraries_but("click", "sqlite3"), "filelock"}


def test_a_cold_question_loads_no_more_than_it_needs(built: Built) -> None:
    """A library takes a tenth of a second; FAISS is for more vectors than a few thousand."""
    flags = built({"a.md": "# What is tea?\n\nA drink.\n\n# What is water?\n\nNot a drink.\n"})
    loaded = loaded_by("ask", "--json", *flags, "What is tea?")
    assert not loaded & libraries_but("click", "numpy", "onnxruntime", "sqlite3")
    rooms = [
        *("evaluation", "lab", "linting", "mapping"),
        *("reading.corpus", "reading.document", "reading.entries", "reading.finders"),
        *("presenting.page", "presenting.pictures", "presenting.terminal"),
        *("encoding.exporting", "encoding.sentence_transformer", "serving.server"),
    ]
    assert below(rooms, loaded) == set()
    # Modules of Python that take a hundredth of a second and that a library brings easily.
    assert not loaded & {
        *("asyncio", "email", "http", "importlib.metadata", "numpy.ma", "socket", "ssl"),
        "unittest",
    }


def test_public_names_exist_and_are_documented() -> None:
    for name in qasearch.__all__:
        assert getattr(qasearch, name).__doc__, name
    lazy = {name for names in qasearch._HOMES.values() for name in names}
    assert lazy | {"errors"} == set(qasearch.__all__)


def test_every_test_is_in_one_tier(request: pytest.FixtureRequest) -> None:
    for item in request.session.items:
        assert len({mark.name for mark in item.iter_markers()}.intersection(TIERS)) == 1


def test_a_test_in_two_tiers_is_refused(request: pytest.FixtureRequest) -> None:
    request.node.add_marker("slow")
    with pytest.raises(pytest.UsageError, match="is in two tiers: engine, slow"):
        put_into_tier(request.node)
