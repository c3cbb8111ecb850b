"""Which program a folder was written for, told by its marker files."""

from __future__ import annotations

from pathlib import Path

import pytest

from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.rules import CorpusRules, ToldFlavour
from qasearch.reading.files import list_files
from tests.conftest import Corpus


def flavours(folder: Path) -> dict[str, str]:
    return {file.path: file.flavour.value for file in list_files(folder).files}


@pytest.mark.parametrize(
    ("markers", "flavour", "told_by"),
    [
        ([".obsidian/app.json"], "obsidian", ".obsidian/"),
        (["logseq/config.edn"], "logseq", "logseq/"),
        (["logseq/about.md", "pages/x.md"], "logseq", "logseq/"),
        (["logseq/about.md"], "plain", ""),
        (["hugo.toml"], "hugo", "hugo.toml"),
        (["hugo.yaml"], "hugo", "hugo.yaml"),
        (["config.toml", "archetypes/default.md"], "hugo", "config.toml"),
        (["config.yaml", "themes/x/theme.toml"], "hugo", "config.yaml"),
        (["config.toml"], "plain", ""),
        (["mkdocs.yml"], "mkdocs", "mkdocs.yml"),
        (["mkdocs.yaml"], "mkdocs", "mkdocs.yaml"),
        (["docusaurus.config.js"], "docusaurus", "docusaurus.config.js"),
        (["docusaurus.config.ts"], "docusaurus", "docusaurus.config.ts"),
        (["docusaurus.config.md"], "plain", ""),
        (["myst.yml"], "myst", "myst.yml"),
        (["_config.yml", "_toc.yml"], "myst", "_toc.yml"),
        (["_config.yml"], "jekyll", "_config.yml"),
        ([".vitepress/config.ts"], "vitepress", ".vitepress/"),
        (["_quarto.yml"], "quarto", "_quarto.yml"),
        (["_config.yml", "_quarto.yml"], "quarto", "_quarto.yml"),
        (["Home.md", "_Sidebar.md"], "github-wiki", "_Sidebar.md"),
        (["Home.md", "_Footer.md"], "github-wiki", "_Footer.md"),
        (["Home.md"], "plain", ""),
        (["_Sidebar.md"], "plain", ""),
        ([".gitlab-ci.yml"], "gitlab", ".gitlab-ci.yml"),
        ([".gitlab/issue.md"], "gitlab", ".gitlab/"),
        ([".gitlab-ci.yml", "mkdocs.yml"], "mkdocs", "mkdocs.yml"),
        ([], "plain", ""),
    ],
)
def test_marker_files_tell_the_flavour(
    corpus: Corpus, markers: list[str], flavour: str, told_by: str
) -> None:
    listing = list_files(corpus({"a.md": "", "sub/b.md": "", **dict.fromkeys(markers, "")}))
    assert listing.file("a.md").flavour == flavour
    assert listing.file("sub/b.md").flavour == flavour
    assert listing.flavours == (ToldFlavour(Flavour(flavour), told_by),)


@pytest.mark.parametrize(
    ("conf", "flavour"), [("extensions = ['myst_parser']", "myst"), ("import os", "plain")]
)
def test_sphinx_reads_markdown_with_myst(corpus: Corpus, conf: str, flavour: str) -> None:
    assert flavours(corpus({"a.md": "", "conf.py": conf})) == {"a.md": flavour}


def test_the_nearest_marker_wins(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "",
            ".obsidian/app.json": "",
            "site/hugo.toml": "",
            "site/content/b.md": "",
            "site/content/vault/.obsidian/app.json": "",
            "site/content/vault/c.md": "",
            "other/d.md": "",
        }
    )
    assert flavours(folder) == {
        "a.md": "obsidian",
        "site/content/b.md": "hugo",
        "site/content/vault/c.md": "obsidian",
        "other/d.md": "obsidian",
    }
    assert [told.told_by for told in list_files(folder).flavours] == [
        ".obsidian/",
        "site/hugo.toml",
        "site/content/vault/.obsidian/",
    ]


@pytest.mark.parametrize(
    ("files", "below", "flavour"),
    [
        (["mkdocs.yml"], "docs", "mkdocs"),
        (["mkdocs.yml"], "a/b/c", "mkdocs"),
        (["mkdocs.yml"], "a/b/c/d", "plain"),
        (["mkdocs.yml", ".git/HEAD"], "a/b/c/d", "mkdocs"),
        (["mkdocs.yml", "a/.git/HEAD"], "a/b", "plain"),
        (["mkdocs.yml", "a/.git/HEAD"], "a", "plain"),
        (["mkdocs.yml", "a/hugo.toml"], "a/b", "hugo"),
        (["a/mkdocs.yml", "a/b/hugo.toml"], "a/b", "hugo"),
    ],
)
def test_folders_above_the_corpus_tell_it_too(
    corpus: Corpus, files: list[str], below: str, flavour: str
) -> None:
    root = corpus({**dict.fromkeys(files, ""), f"{below}/x.md": ""})
    assert flavours(root / below) == {"x.md": flavour}


def test_the_home_folder_tells_nothing(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    home = corpus({"mkdocs.yml": "", "notes/x.md": ""})
    monkeypatch.setenv("HOME", str(home))
    assert flavours(home / "notes") == {"x.md": "plain"}
    assert flavours(home) == {"notes/x.md": "mkdocs"}


def test_the_setting_decides_for_the_whole_corpus(corpus: Corpus) -> None:
    folder = corpus({"a.md": "", ".obsidian/x": "", "site/hugo.toml": "", "site/b.md": ""})
    listing = list_files(folder, CorpusRules(flavour=Flavour.MYST))
    assert {file.flavour for file in listing.files} == {Flavour.MYST}
    assert listing.flavours == (ToldFlavour(Flavour.MYST, "the setting flavour"),)
