"""Who may import whom, and what may be loaded when."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import qasearch
from tests.conftest import ROOT, Corpus

PACKAGE = ROOT / "qasearch"

MAY_IMPORT = {
    "qasearch": {"api", "datatypes", "errors"},
    "__main__": {"cli", "serving"},
    "errors": set(),
    "phrases": set(),
    "atomic": set(),
    "datatypes": set(),
    "identity": {"datatypes"},
    "settings": {"errors"},
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
    "encoding": {"errors"},
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
        "reading",
        "evaluation",
        "lab",
        "linting",
        "mapping",
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
    "worker": {
        "api",
        "cli",
        "datatypes",
        "encoding",
        "errors",
        "presenting",
        "serving",
        "settings",
    },
}
"""The direction of the data: a stage imports earlier ones only; `building` and `searching` never
meet."""

EVERYWHERE = {"phrases", "atomic", "logs"}
"""Rooms that know nothing of qasearch and that every room may import."""

ONLY_IN = {
    "markdown_it": "reading",
    "mdit_py_plugins": "reading",
    "yaml": "reading",
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


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "qasearch":
            found.update(f"qasearch.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{file}: relative import"
            found.add(node.module)
    return found


def room(file: Path) -> str:
    relative = file.relative_to(PACKAGE)
    return (
        relative.parts[0]
        if len(relative.parts) > 1
        else relative.stem.replace("__init__", "qasearch")
    )


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_follow_the_direction_of_the_data(file: Path) -> None:
    here = room(file)
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if path.is_dir()
    }
    for name in imports(file):
        if name == "qasearch" or name.startswith("qasearch."):
            first = ([*name.split("."), "qasearch"])[1]
            target = first if first in rooms else "qasearch"
            allowed = {here, *EVERYWHERE, *MAY_IMPORT[here]}
            assert target in allowed, f"{file} imports {name}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_each_library_is_known_to_one_room(file: Path) -> None:
    for name in imports(file):
        home = ONLY_IN.get(name.split(".")[0])
        assert home is None or str(file.relative_to(PACKAGE)).startswith(home), (
            f"{file} imports {name}"
        )


HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "faiss",
    "numpy",
    "rich",
    "markdown_it",
    "yaml",
    "sqlite3",
)


ASKING = """
api building building.changes building.options building.reporting cli cli.options cli.output datatypes
encoding encoding.encoder encoding.exports encoding.gpu encoding.loading encoding.model_files encoding.onnx errors presenting
presenting.controls presenting.explanation presenting.json_reply ranking ranking.candidates ranking.confidence
ranking.fusion ranking.learning ranking.lexical ranking.probes reading reading.files reading.slugs
reading.targets searching searching.filters searching.reranking searching.searcher searching.spelling serving
serving.client serving.endpoint serving.thin_json settings storage storage.approximate storage.connecting
storage.database storage.exact storage.generations storage.postings storage.schema storage.segments
storage.vectors
"""


def loaded_by(*arguments: str) -> set[str]:
    """The modules that a command loads, as the interpreter itself reports them."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "qasearch", *arguments],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return {
        line.rsplit("|", 1)[1].strip()
        for line in run.stderr.splitlines()
        if line.startswith("import time:")
    }


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("ask", "--help"), ("build", "--help"), ("eval", "--help"), ("--version",)],
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert "click" in loaded
    assert not loaded & set(HEAVY)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import qasearch, sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert run.stdout.strip() == ""


def test_listing_needs_no_model_and_no_index(corpus: Corpus) -> None:
    folder = corpus({"a.md": "# What is tea?\n\nA drink.\n"})
    assert not loaded_by("list", "--corpus", str(folder)) & {
        "torch",
        "transformers",
        "faiss",
        "numpy",
        "rich",
    }


def test_a_build_with_nothing_changed_loads_no_more_than_it_needs(
    corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    folder = corpus({"a.md": "# What is tea?\n\nA drink.\n"})
    os.utime(folder / "a.md", (0, 0))
    qasearch.build(folder, tmp_path / "index", tiny_model)
    loaded = loaded_by("build", "--corpus", str(folder), "--index", str(tmp_path / "index"))
    assert loaded & {*HEAVY, "filelock"} == {"sqlite3"}


def test_public_names() -> None:
    assert sorted(qasearch.__all__) == [
        "BuildReport",
        "Entry",
        "Filters",
        "Hit",
        "Index",
        "IndexState",
        "Mode",
        "Passage",
        "PassageKind",
        "Place",
        "Problem",
        "QasearchError",
        "Reference",
        "ReferenceKind",
        "Reply",
        "Timing",
        "Verdict",
        "build",
        "errors",
        "open",
        "read",
    ]
    assert all(getattr(qasearch, name) is not None for name in qasearch.__all__)


def test_what_a_cold_question_loads(corpus: Corpus, tmp_path: Path, tiny_model: str) -> None:
    """Each of these takes part of a tenth of a second; FAISS is for more vectors than a few
    thousand."""
    folder = corpus({"a.md": "# What is tea?\n\nA drink.\n\n# What is water?\n\nNo drink.\n"})
    flags = ["--corpus", str(folder), "--index", str(tmp_path / "index")]
    qasearch.build(folder, tmp_path / "index", tiny_model)
    loaded = loaded_by("ask", "--json", *flags, "What is tea?")
    own = {name for name in loaded if name.startswith("qasearch.")}
    assert own == {f"qasearch.{name}" for name in ASKING.split()}
    installed = {name.split(".")[0] for name in loaded} & set(packages_distributions()) - {
        "qasearch"
    }
    public = {name for name in installed if not name.startswith("_")}
    assert public == {"click", "numpy", "onnxruntime", "platformdirs", "tokenizers"}
    assert not loaded & {
        "asyncio",
        "email",
        "http",
        "importlib.metadata",
        "numpy.ma",
        "socket",
        "ssl",
        "unittest",
    }
