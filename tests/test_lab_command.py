"""`qasearch lab` as it is run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from qasearch.lab import CONCEPTS
from tests.conftest import ROOT, Built, Command, Corpus
from tests.test_cli import terminal

NOTES = {
    f"{folder}/{name}.md": f"# What is {name}?\n\nA {name} belongs to {folder}, and nowhere else.\n"
    for folder, names in {
        "drinks": ["tea", "coffee", "milk", "water", "juice", "wine"],
        "network": ["vpn", "server", "password", "backup", "wifi", "proxy"],
    }.items()
    for name in names
}


@pytest.fixture
def flags(built: Built) -> Sequence[str]:
    return built(NOTES)


def test_the_list(qasearch: Command) -> None:
    run = qasearch("lab")
    assert (run.code, run.err) == (0, "")
    first, rest = run.out.split("\n\n", 1)
    assert [line.split()[0] for line in first.splitlines()] == list(CONCEPTS)
    assert [line.split()[-1] for line in first.splitlines()] == [
        concept.entries[0] for concept in CONCEPTS.values()
    ]
    assert "qasearch lab drift [FILE | DIR]\n" in rest
    assert max(map(len, run.out.splitlines())) <= 80
    listed = json.loads(qasearch("lab", "--json").out)
    assert [concept["name"] for concept in listed["concepts"]] == list(CONCEPTS)


def test_as_text_as_json_and_as_a_picture(
    qasearch: Command, flags: Sequence[str], tmp_path: Path
) -> None:
    text = qasearch("lab", "duplicates", *flags, "--plot", "out.PNG")
    assert (text.code, text.err) == (0, "")
    assert (tmp_path / "out.PNG").read_bytes().startswith(b"\x89PNG")
    assert 80 < max(map(len, text.out.splitlines())) <= 100
    run = qasearch("lab", "duplicates", *flags, "--json", "--plot", "out.svg")
    assert run.code == 0
    assert (tmp_path / "out.svg").read_text().startswith("<?xml")
    shown = json.loads(run.out)
    assert (shown["schema"], shown["concept"]) == ("qasearch.lab/1", "duplicates")
    assert shown["numbers"]
    described = (
        (ROOT / "docs" / "json.md")
        .read_text(encoding="utf-8")
        .split("## `qasearch.lab/1`")[1]
        .split("\n## ")[0]
    )
    assert all(f"`{name}`" in described for name in shown)
    assert text.out.split("\n")[0] == shown["title"]
    assert {path.name for path in tmp_path.iterdir()} >= {"out.PNG", "out.svg"}
    assert not list(tmp_path.glob(".out*"))


def test_on_a_terminal(flags: Sequence[str], tmp_path: Path) -> None:
    shown, code = terminal(["lab", "k-means", *flags], [], tmp_path, columns=60)
    assert code == 0
    lines = shown.replace("\r", "").split("\n")
    assert 50 < max(map(len, lines)) <= 60


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pcaa"], "There is no concept 'pcaa'.\nDid you mean pca?\n"),
        (["pca", "tea"], "qasearch lab pca takes no arguments."),
        (
            ["pca", "--plot", "x.gif"],
            "x.gif does not end in a format that can be written.\nEnd its name in .png or .svg.",
        ),
        (
            ["duplicates", "--plot", "none/x.png"],
            "Cannot write none/x.png: No such file or directory.\n",
        ),
        (["--plot", "x.png"], "--plot draws a concept: name one."),
        (["embedding-space", "path", "tea"], ""),
    ],
)
def test_what_cannot_be_shown(
    qasearch: Command, flags: Sequence[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    run = qasearch("lab", *arguments, *flags)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("qasearch: ")
    assert message in run.err
    as_json = qasearch("lab", *arguments, *flags, "--json")
    assert (as_json.code, json.loads(as_json.out)["error"]["type"]) == (2, "BadRequest")
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("name", CONCEPTS)
def test_of_one_entry_every_concept_says_what_it_lacks_or_is_shown(
    qasearch: Command, built: Built, name: str
) -> None:
    run = qasearch("lab", name, *built({"a.md": "# What is tea?\n\nA drink.\n"}))
    assert run.code in (0, 2)
    assert "Traceback" not in run.err
    assert run.code == 0 or run.err.startswith("qasearch: ")


def test_without_an_index(qasearch: Command, corpus: Corpus) -> None:
    run = qasearch("lab", "pca", "--corpus", str(corpus(NOTES)), "--index", "none")
    assert run.code == 2
    assert "Build it: qasearch build" in run.err
