"""What the documents show is what happens."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

import qasearch
from qasearch import errors
from qasearch.cli import _COMMANDS, cli
from qasearch.datatypes.entry import Rule
from qasearch.lab import CONCEPTS
from qasearch.settings import bundled_corpus, default_index, load_settings
from tests import sessions
from tests.conftest import ROOT

README = ROOT / "README.md"
DOCS = ROOT / "docs"
GENERATED = {"docs/concepts.md", "docs/json.md"}
"""Pages that `make docs` writes; what they show is compared with what is printed in tests of their
own."""

DOCUMENTS = [
    str(file.relative_to(ROOT)) for file in sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
]
PAGES = [name for name in DOCUMENTS if name not in GENERATED]

NOT_RUN = {
    "make": "installs the project, or runs this very test",
    "pip": "installs into the environment that runs the tests",
    "python3": "makes a virtual environment",
    ". .venv": "activates a virtual environment",
    "python -m benchmarks": "takes minutes and measures time",
    "python -m build": "needs the network: it installs what builds the package",
}
"""The commands of `sh` blocks, by their beginning, and why the tests do not run them."""


BUILT_IN = {"docs/tutorial.md", "docs/how-to/install.md", "docs/how-to/ci.md"}
"""Pages whose answers need the built-in model."""

TINY = {
    "README.md",
    "docs/how-to/editor.md",
    "docs/how-to/large-corpus.md",
    "docs/how-to/troubleshooting.md",
    "docs/reference/python.md",
}
"""Pages that build an index and where the model does not matter: the tests name one that encodes at
once. The remaining pages build no index, or name a model themselves."""

MODELS = {
    "my-model": "tiny_model",
    "my-other-model": "tiny_model",
    "my-cross-encoder": "tiny_cross_encoder",
}
"""Folders that a page names as models of the reader, and the fixtures that make them."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of a reader: no index yet, and a folder for the warm process.

    The name of a socket must be short, so that folder is not below `tmp_path`.
    """
    runtime = tempfile.mkdtemp(prefix="qasearch-")
    values = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_RUNTIME_DIR": runtime}
    yield values
    if list(Path(runtime).rglob("*.socket")):
        subprocess.run(
            [sys.executable, "-m", "qasearch", "warm", "stop"],
            env=os.environ | values,
            stdout=subprocess.DEVNULL,
            check=False,
        )
    shutil.rmtree(runtime)


@pytest.mark.skipif(os.name != "posix", reason="the sessions are those of a POSIX shell")
@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if sessions.steps(text_of(page))])
def test_the_session_of_a_page(
    page: str, tmp_path: Path, environ: dict[str, str], request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "page"
    folder.mkdir()
    session = text_of(page)
    if page in BUILT_IN:
        request.getfixturevalue("built_in_model")  # exported once for all pages
    if page in TINY:
        environ |= {"QASEARCH_MODEL": request.getfixturevalue("tiny_model")}
    if page == "README.md":  # which has no room to show what is in the folder of its reader
        (folder / "notes").mkdir()
        (folder / "notes" / "vpn.md").write_text("# How do I restart the VPN?\n\nRun it again.\n")
    for name, fixture in MODELS.items():
        if name in session:
            (folder / name).symlink_to(request.getfixturevalue(fixture))
    if page == "docs/how-to/install.md":  # it asks the corpus that comes with qasearch
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("XDG_DATA_HOME", environ["XDG_DATA_HOME"])
            index = default_index(bundled_corpus())
        index.parent.mkdir(parents=True)
        index.symlink_to(request.getfixturevalue("bundled_index"))
    sessions.run_session(session, folder, environ)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_has_a_reason(page: str) -> None:
    for block in sessions.blocks(text_of(page)):
        if block.language == "sh":
            for line in block.body.splitlines():
                assert re.match(rf"({'|'.join(map(re.escape, NOT_RUN))})\b", line), line


def command_of(words: list[str]) -> click.Command | None:
    """The command that these words begin with; None where there is no such command."""
    command: click.Command | None = cli
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        command = command.get_command(click.Context(command), word)
    return command


def option_names(command: click.Command) -> set[str]:
    """The options of a command and of those below it."""
    names = {"--help", "--version"}
    for parameter in command.params:
        names.update(parameter.opts if isinstance(parameter, click.Option) else ())
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            names |= option_names(below)
    return names


OTHER_OPTIONS = {"--force-reinstall", "--no-deps"}
"""Options of pip that a page names."""


def inline_code(page: str) -> list[str]:
    """The code spans of a document."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text_of(page))


@pytest.mark.parametrize("page", DOCUMENTS)
def test_the_commands_that_a_page_names_exist(page: str) -> None:
    for code in inline_code(page):
        words = code.split()
        if words[0] == "qasearch" and len(words) > 1 and not words[1].isupper():
            command = command_of(words[1:])
            assert command is not None, code
            for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", code):
                assert option in option_names(command), code
        elif words[:2] == ["python", "-m"]:
            assert importlib.util.find_spec(words[2]), code


@pytest.mark.parametrize("page", DOCUMENTS)
def test_the_options_that_a_page_names_exist(page: str) -> None:
    known = option_names(cli) | OTHER_OPTIONS
    for code in inline_code(page):
        if code.startswith("--"):
            assert re.split("[ =.]", code)[0] in known, code


def test_the_readme_is_short() -> None:
    assert len(text_of("README.md").split()) <= 700


def test_every_command_has_its_reference() -> None:
    reference = text_of("docs/reference/commands.md")
    shown = re.findall(r"click:: qasearch\.cli\.(\w+):command", reference)
    assert shown == list(_COMMANDS)


def test_every_error_has_its_place_in_the_troubleshooting() -> None:
    headings = re.findall(r"^## (\w+)$", text_of("docs/how-to/troubleshooting.md"), re.MULTILINE)
    classes = [subclass.__name__ for subclass in errors.QasearchError.__subclasses__()]
    assert headings == [name for name in vars(errors) if name in classes]


def test_every_public_name_has_its_reference() -> None:
    reference = text_of("docs/reference/python.md")
    shown = set(re.findall(r"auto(?:function|class):: qasearch\.(\w+)$", reference, re.MULTILINE))
    assert shown == set(qasearch.__all__) - {"errors", "QasearchError"}


def test_every_setting_has_its_reference(tmp_path: Path) -> None:
    settings = load_settings(cwd=tmp_path, environ={})
    rows = re.findall(r"^\| `(\w+)`: ", text_of("docs/reference/settings.md"), re.MULTILINE)
    assert rows == list(settings.sources)


def test_every_room_has_its_place_in_the_architecture() -> None:
    table = text_of("docs/architecture.md").split("## Rooms")[1].split("## From a file")[0]
    rooms = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in (ROOT / "qasearch").iterdir()
        if path.name[0] not in "_." and path.suffix != ".typed"
    }
    assert rooms <= set(re.findall(r"`([\w./]+)`", table))


@pytest.mark.parametrize("document", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_files_that_a_document_names_exist(document: str) -> None:
    for name in inline_code(document):
        if re.fullmatch(r"(?:[\w.-]+/)+[\w.-]*", name) and not re.search(r"NAME|SECTION", name):
            assert (ROOT / name).exists() or (ROOT / "qasearch" / name).exists(), name


def test_every_rule_has_its_reference() -> None:
    rows = re.findall(r"^\| (`[^|]*) \|", text_of("docs/reference/markdown.md"), re.MULTILINE)
    shown = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert shown[: len(Rule)] == [rule.value for rule in Rule]


def load_refresh() -> ModuleType:
    """docs/refresh.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("refresh", DOCS / "refresh.py")
    assert spec
    assert spec.loader
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    return refresh


def words_of(text: str) -> list[str]:
    """The words of a text without its figures, and without numbers: their last digits differ
    between processors."""
    lines = [line for line in text.splitlines() if not re.search(r"[\u2500-\u28ff]", line)]
    return re.findall(r"[A-Za-z]{4,}", " ".join(lines))


@pytest.mark.slow
def test_the_walk_through_the_space_is_what_is_printed(bundled: qasearch.Index) -> None:
    page = text_of("docs/concepts.md")
    assert words_of(load_refresh().refreshed(page, bundled)) == words_of(page)
    for name in CONCEPTS:
        assert f"$ qasearch lab {name}" in page


@pytest.mark.slow
def test_the_picture_of_a_session_is_what_is_printed(tmp_path: Path) -> None:
    def words(picture: str) -> list[str]:
        return words_of(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture)))

    picture = (DOCS / "pictures" / "session.svg").read_text(encoding="utf-8")
    assert words(load_refresh().session_picture(tmp_path)) == words(picture)
    assert "systemctl" in words(picture)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    file = ROOT / document
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", sessions.prose(text_of(document))):
        assert (file.parent / target).exists(), target


ADDRESS = re.compile(r"https?://([\w.-]+)")
OTHERS = {
    "www.sbert.net",
    "faiss.ai",
    "pytorch.org",
    "www.jsonrpc.org",
    "json-schema.org",
    "keepachangelog.com",
    "semver.org",
}
"""Sites of other projects that a document links to."""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_names_an_address_of_ours(document: str) -> None:
    """The project has no home on the network; what it shows as an example is reserved for that."""
    for host in ADDRESS.findall(text_of(document)):
        assert host in OTHERS or host.endswith(".example"), host


# How the sessions themselves are compared.


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("tea\n", "tea\n", True),
        ("tea\n", "tea", True),
        ("tea\n", "tea  \n", True),
        ("tea\n", "coffee\n", False),
        ("tea\n", "tea\nmilk\n", False),
        ("t…a\n", "tea\n", True),
        ("t…a\n", "te\na\n", False),
        ("…\n", "", True),
        ("…\nmilk\n", "tea\nsugar\nmilk\n", True),
        ("…\nmilk\n", "tea\nsugar\n", False),
        ("a.c\n", "abc\n", False),
        ("", "", True),
        ("", "tea\n", False),
    ],
)
def test_what_is_shown_matches_what_is_printed(expected: str, printed: str, *, same: bool) -> None:
    assert sessions.matches(expected, printed) is same


PAGE = """# Page

```console
$ cat notes/tea.md
# What is tea?
$ cat notes/tea.md | wc -l
1
$ echo one \\
    two; exit 3
one two
$ echo $?
3
```

1. A list

   ```python
   print("tea")
   ```

   ```text
   tea
   ```
"""


def test_a_session_is_run(tmp_path: Path) -> None:
    (tmp_path / "page").mkdir()
    sessions.run_session(PAGE, tmp_path / "page", {})
    assert (tmp_path / "page" / "notes" / "tea.md").read_text() == "# What is tea?\n"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("\n1\n", "\n2\n", r"line 6: cat notes/tea\.md \| wc -l"),
        ("\n$ echo $?\n3\n", "\n", r"line 8: echo one"),
        ('print("tea")', 'print("milk")', r'print\("milk"\)'),
    ],
)
def test_a_session_that_goes_another_way(
    right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "page").mkdir()
    assert right in PAGE
    with pytest.raises(AssertionError, match=message):
        sessions.run_session(PAGE.replace(right, wrong), tmp_path / "page", {})
