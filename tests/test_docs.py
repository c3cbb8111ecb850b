"""What the documents show is what happens."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import qasearch
from qasearch.cli import _COMMANDS
from qasearch.datatypes.reply import Verdict
from qasearch.lab import CONCEPTS
from qasearch.presenting.schemas.ask import ASK
from tests.conftest import ROOT
from tests.test_presenting import hit, reply

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def pattern(expected: str) -> re.Pattern[str]:
    """Expected output in which a line `…` stands for any lines and a `…` in a line for any text."""
    lines = expected.splitlines()
    return re.compile(
        "".join(
            r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
            for line in lines
        )
    )


@pytest.mark.slow
def test_the_sessions_in_the_readme(bundled_index: Path) -> None:
    session = "".join(blocks("console"))
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE):
        run = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            env=os.environ | {"QASEARCH_INDEX": str(bundled_index)},
            check=False,
        )
        assert run.returncode in (0, 1), run.stderr
        assert pattern(expected).fullmatch(run.stdout), run.stdout


@pytest.mark.slow
def test_the_python_example_in_the_readme(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "vpn.md").write_text(
        "# How do I restart the VPN?\n\nRun `vpn restart`; see [the page](https://example.org).\n"
    )
    (code,) = blocks("python")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "1 entries from 1 files",
        "How do I restart the VPN? vpn.md:3 ['https://example.org']",
    ]


@pytest.mark.slow
def test_the_evaluation_in_the_readme(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "vpn.md").write_text("# How do I restart the VPN?\n\nRun `vpn restart`.\n")
    (queries,) = blocks("tsv")
    (tmp_path / "questions.tsv").write_text(queries)
    (command,) = re.findall(r"^qasearch eval .*", README, re.MULTILINE)
    qasearch.build(notes, tmp_path / "index", offline=True)
    arguments = [sys.executable, "-m", *shlex.split(command), "--index", "index", "--offline"]
    run = subprocess.run(
        arguments, capture_output=True, encoding="utf-8", cwd=tmp_path, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("queries  1 with an answer, 1 without\n")


def test_the_settings_in_the_readme_are_the_settings(tmp_path: Path) -> None:
    from qasearch.settings import load_settings

    (toml,) = blocks("toml")
    (tmp_path / "qasearch.toml").write_text(toml)
    settings = load_settings(cwd=tmp_path, environ={})
    assert (settings.corpus, settings.index) == (tmp_path / "notes", tmp_path / ".qasearch")
    assert (settings.model, settings.offline) == ("all-MiniLM-L6-v2", True)


def test_the_readme_names_every_command_and_every_option_that_it_shows_exists() -> None:
    for command in _COMMANDS:
        assert f"`qasearch {command}" in README
    for command, rest in re.findall(
        r"`qasearch (\w+)[^`]*`([^|]*\|[^|\n]*)\|?$", README, re.MULTILINE
    ):
        shown = subprocess.run(
            [sys.executable, "-m", "qasearch", command, "--help"],
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for option in re.findall(r"`(--?[a-z]+)", rest):
            assert re.search(rf"{option}\b", shown), f"{command} {option}"


@pytest.mark.slow
def test_the_walk_through_the_space_is_what_is_printed(bundled: qasearch.Index) -> None:
    """All but numbers, whose last digits differ between processors, and figures."""
    page = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")

    def compared(text: str) -> list[str]:
        lines = [line for line in text.splitlines() if not re.search(r"[\u2500-\u28ff]", line)]
        return re.findall(r"[A-Za-z]{4,}", " ".join(lines))

    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec
    assert spec.loader
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    assert compared(refresh.refreshed(page, bundled)) == compared(page)
    for name in CONCEPTS:
        assert f"$ qasearch lab {name}" in page


def test_every_field_of_a_reply_is_described() -> None:
    described = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    fields = ASK.render(reply(Verdict.ANSWER, hit()))
    for name in [
        *fields,
        *fields["index"],
        *fields["timing_ms"],
        *fields["results"][0],
        *fields["results"][0]["passage"],
    ]:
        assert re.search(rf"[`.]{name}[`.]", described), name


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")),
    ],
)
def test_links_between_documents_lead_somewhere(document: str) -> None:
    file = ROOT / document
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target
