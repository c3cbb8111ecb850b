"""What people type for `--path` and `--tag`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from qasearch.searching.paths import readings
from tests.conftest import Built, Command

CORPUS = Path("/data/notes")
PATHS = [
    "ops/vpn.md",
    "ops/deep/x.md",
    "ops/x.md",
    "ops.md",
    "team/ops/y.md",
    "Über/Tee.md",
    "z.md",
]


def passing(typed: str, cwd: str = "/elsewhere") -> list[str]:
    for matches in readings(typed, CORPUS, Path(cwd)):
        if found := [path for path in PATHS if matches(path)]:
            return found
    return []


OPS = ["ops/vpn.md", "ops/deep/x.md", "ops/x.md"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ops/", OPS),
        ("ops", [*OPS, "ops.md"]),
        ("./ops/*", OPS),
        ("ops/*", OPS),
        ("/ops/", OPS),
        ("ops//deep/../", OPS),
        ("ops/**", OPS),
        ("ops/**/x.md", ["ops/deep/x.md", "ops/x.md"]),
        ("**/x.md", ["ops/deep/x.md", "ops/x.md"]),
        ("**/ops/**/*.md", [*OPS, "team/ops/y.md"]),
        ("*/deep", ["ops/deep/x.md"]),
        ("*/deep/", ["ops/deep/x.md"]),
        ("o?s/vpn*", ["ops/vpn.md"]),
        ("ops/vp?", ["ops/vpn.md"]),
        ("ops/vpn", ["ops/vpn.md"]),
        ("ops/vpn.md", ["ops/vpn.md"]),
        ("ops/vpn.md/", []),
        ("ops\\deep\\x.md", ["ops/deep/x.md"]),
        (".\\ops\\", OPS),
        ("OPS/VPN.MD", ["ops/vpn.md"]),
        ("über/tee", ["Über/Tee.md"]),
        ("u\u0308ber", ["Über/Tee.md"]),
        ("vpn.md", ["ops/vpn.md"]),
        ("deep/", ["ops/deep/x.md"]),
        ("y", ["team/ops/y.md"]),
        ("/data/notes/ops/", OPS),
        ("/data/notes/ops/*", OPS),
        ("/data/notes", PATHS),
        ("notes/ops/", OPS),
        (".", PATHS),
        ("*", PATHS),
        ("*.md", PATHS),
        ("nothing", []),
        ("op", []),
        ("nothing/*", []),
        ("/data/other/ops/", []),
        ("../ops/", []),
    ],
)
def test_what_people_type(typed: str, expected: list[str]) -> None:
    assert passing(typed) == expected


@pytest.mark.parametrize(
    ("cwd", "typed", "expected"),
    [
        ("/data", "notes/ops/", OPS),
        ("/data", "./notes/ops/*", OPS),
        ("/data/other", "../notes/ops/", OPS),
        ("/data/other", "../notes/*/deep", ["ops/deep/x.md"]),
        ("/data/notes/ops", "deep", ["ops/deep/x.md"]),
        ("/data/notes/ops", "x.md", ["ops/x.md"]),
        ("/data/notes/ops", ".", OPS),
        ("/data/notes/ops", "..", PATHS),
        ("/data/notes/team", "ops/", OPS),
        ("/data/notes/team", "./ops/", ["team/ops/y.md"]),
        ("/data/notes/ops/deep", "../vpn", ["ops/vpn.md"]),
    ],
)
def test_a_path_may_start_at_the_working_folder(cwd: str, typed: str, expected: list[str]) -> None:
    assert passing(typed, cwd) == expected


def test_links_to_the_corpus_are_followed(tmp_path: Path) -> None:
    (tmp_path / "notes" / "ops").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "notes")
    for typed in (tmp_path / "link" / "ops", tmp_path / "notes" / "ops"):
        for corpus in (tmp_path / "link", tmp_path / "notes"):
            matches = next(readings(f"{typed}{os.sep}*", corpus, tmp_path))
            assert [path for path in PATHS if matches(path)] == OPS


@pytest.fixture
def flags(built: Built) -> list[str]:
    return built(
        {
            "ops/vpn.md": "---\ntags: [drinks/tea, '#hot']\n---\n# What is tea?\n\nA drink.\n",
            "z.md": "---\ntags: [drinking]\n---\n# What is water?\n\nNo drink.\n",
        }
    )


@pytest.mark.parametrize(
    ("filters", "places"),
    [
        (["--path", "./ops/*"], ["ops/vpn.md"]),
        (["--path", "corpus/ops"], ["ops/vpn.md"]),
        (["--path", "corpus/"], ["ops/vpn.md", "z.md"]),
        (["--tag", "drinks"], ["ops/vpn.md"]),
        (["--tag", "#Drinks/"], ["ops/vpn.md"]),
        (["--tag", "DRINKS/TEA"], ["ops/vpn.md"]),
        (["--tag", "hot"], ["ops/vpn.md"]),
        (["--tag", "drinking"], ["z.md"]),
    ],
)
def test_filters_of_a_question(
    qasearch: Command, flags: list[str], filters: list[str], places: list[str]
) -> None:
    run = qasearch("ask", *flags, "--json", *filters, "What is tea or water?")
    assert sorted(hit["path"] for hit in json.loads(run.out)["results"]) == places


@pytest.mark.parametrize("filters", [["--tag", "drinks/t"], ["--path", "../ops"]])
def test_a_filter_that_nothing_passes_is_an_error(
    qasearch: Command, flags: list[str], filters: list[str]
) -> None:
    run = qasearch("ask", *flags, *filters, "What is tea?")
    assert run.code == 2
    assert f"No entry passes {filters[0]} {filters[1]!r}." in run.err
