"""A build notices what changed whatever the time stamps say, and loses nothing it cannot read."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import qasearch
from qasearch.building import BuildOptions, find_changes
from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.rules import CorpusRules
from qasearch.storage.database import Database
from tests.conftest import Command, Corpus, save_tiny_model
from tests.test_building import COFFEE, TEA, age, counts, questions

MILK = "# What is milk?\n\nMilk is white.\n"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder one that cannot be listed, for root too."""
    scandir = os.scandir

    def refuse(folder: Path) -> None:
        def scan(path: Any) -> Any:
            if Path(path) == folder:
                raise OSError(errno.EIO, "Input/output error", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", scan)

    return refuse


def test_files_of_one_size_that_change_places_are_seen(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"a.md": "# What is a?\n\nAn ant.\n", "b.md": "# What is b?\n\nA bee!!\n"})
    for name in ("a.md", "b.md"):
        os.utime(folder / name, (1_000_000_000, 1_000_000_000))
    qasearch.build(folder, index, tiny_model)
    (folder / "a.md").rename(folder / "c")
    (folder / "b.md").rename(folder / "a.md")
    (folder / "c").rename(folder / "b.md")
    assert counts(qasearch.build(folder, index)) == (0, 2, 0, 0)


def test_an_edit_that_gets_its_old_time_back_is_seen(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    age(folder)
    stat = (folder / "tea.md").stat()
    qasearch.build(folder, index, tiny_model)
    corpus({"tea.md": TEA.replace("sun", "fun")})
    os.utime(folder / "tea.md", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert qasearch.build(folder, index).changed == 1


def test_a_file_that_replaces_another_with_its_time_is_seen(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path
) -> None:
    """As `rsync -t` does: a new file with the time of its source."""
    folder = corpus({"tea.md": TEA})
    age(folder)
    stat = (folder / "tea.md").stat()
    qasearch.build(folder, index, tiny_model)
    (tmp_path / "new").write_text(TEA.replace("sun", "fun"))
    os.utime(tmp_path / "new", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (tmp_path / "new").replace(folder / "tea.md")
    assert qasearch.build(folder, index).changed == 1


def test_a_copied_corpus_is_read_once_and_embedded_never(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path
) -> None:
    folder = corpus({"tea.md": TEA, "coffee.md": COFFEE})
    age(folder)
    qasearch.build(folder, index, tiny_model)
    shutil.copytree(folder, tmp_path / "copy")
    report = qasearch.build(tmp_path / "copy", index)
    assert (*counts(report), report.embedded) == (0, 0, 0, 2, 0)
    with Database.open_for_reading(index) as database:
        assert find_changes(tmp_path / "copy", database).touched == []


def test_a_question_records_the_stamps_of_a_large_copied_corpus(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA + "\nMore water.\n" * 6000})
    age(folder)
    qasearch.build(folder, index, tiny_model)
    age(folder)
    with qasearch.open(folder, index) as opened:
        assert opened.changes().touched
        opened.ask("What is tea?")
        assert opened.changes().touched == []


def test_a_folder_that_cannot_be_listed_keeps_its_entries(
    corpus: Corpus, index: Path, tiny_model: str, unreadable: Callable[[Path], None]
) -> None:
    folder = corpus({"tea.md": TEA, "b/coffee.md": COFFEE, "b/c/milk.md": MILK, "bc/d.md": ""})
    age(folder)
    qasearch.build(folder, index, tiny_model)
    unreadable(folder / "b")
    (folder / "bc" / "d.md").unlink()
    report = qasearch.build(folder, index)
    assert counts(report) == (0, 0, 1, 1)
    said = "b: cannot list the folder: Input/output error. The index keeps what it held before."
    assert [str(problem) for problem in report.problems] == [said]
    assert questions(folder, index) == ["What is milk?", "What is coffee?", "What is tea?"]
    with qasearch.open(folder, index) as opened:
        reply = opened.ask("What is coffee?")
        assert reply.hits[0].entry.path == "b/coffee.md"
        assert said in reply.notes
        assert not reply.index.stale
        assert said in [str(problem) for problem in opened.status().problems]


def test_what_is_excluded_in_a_folder_that_cannot_be_listed_is_removed(
    corpus: Corpus, index: Path, tiny_model: str, unreadable: Callable[[Path], None]
) -> None:
    folder = corpus({"tea.md": TEA, "b/coffee.md": COFFEE, "b/c/milk.md": MILK})
    age(folder)
    qasearch.build(folder, index, tiny_model)
    unreadable(folder / "b")
    with Database.open_for_reading(index) as database:
        changes = find_changes(folder, database, CorpusRules(("b/c/",)))
    assert changes.paths == ["b/c/milk.md"]


def test_a_folder_that_was_never_read_is_a_problem_and_no_more(
    corpus: Corpus, index: Path, tiny_model: str, unreadable: Callable[[Path], None]
) -> None:
    folder = corpus({"tea.md": TEA, "b/coffee.md": COFFEE})
    unreadable(folder / "b")
    report = qasearch.build(folder, index, tiny_model)
    said = ["b: cannot list the folder: Input/output error"]
    assert [str(problem) for problem in report.problems] == said
    with qasearch.open(folder, index) as opened:
        assert opened.ask("What is tea?").notes == ()


def test_a_folder_that_is_gone_is_removed(corpus: Corpus, index: Path, tiny_model: str) -> None:
    folder = corpus({"tea.md": TEA, "b/coffee.md": COFFEE})
    qasearch.build(folder, index, tiny_model)
    shutil.rmtree(folder / "b")
    assert counts(qasearch.build(folder, index)) == (0, 0, 1, 1)


def test_a_marker_that_appears_or_goes_makes_the_build_read_again(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA, "site/coffee.md": COFFEE})
    age(folder)
    qasearch.build(folder, index, tiny_model)
    corpus({"site/hugo.toml": ""})
    report = qasearch.build(folder, index)
    assert (*counts(report), report.embedded) == (0, 1, 0, 1, 0)
    assert counts(qasearch.build(folder, index)) == (0, 0, 0, 2)
    (folder / "site" / "hugo.toml").unlink()
    assert counts(qasearch.build(folder, index)) == (0, 1, 0, 1)


def toml(folder: Path, text: str) -> None:
    (folder / "qasearch.toml").write_text(text, encoding="utf-8")


def test_the_settings_decide_what_is_read(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = corpus({"tea.md": TEA, "private/coffee.md": COFFEE})
    age(folder)
    monkeypatch.chdir(tmp_path)
    toml(tmp_path, 'exclude = ["private/**"]')
    assert qasearch.build(folder, index, tiny_model).documents == 1
    toml(tmp_path, "")
    assert counts(qasearch.build(folder, index)) == (1, 0, 0, 1)
    toml(tmp_path, 'exclude = ["tea.md#What is tea?"]\nflavour = "hugo"')
    assert counts(qasearch.build(folder, index)) == (0, 2, 0, 0)
    assert counts(qasearch.build(folder, index)) == (0, 0, 0, 2)
    toml(tmp_path, 'exclude = ["private/"]')
    assert counts(qasearch.build(folder, index)) == (0, 1, 1, 0)
    assert questions(folder, index) == ["What is tea?"]


def test_a_question_from_elsewhere_keeps_what_is_left_out(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = corpus({"tea.md": TEA, "private/coffee.md": COFFEE})
    monkeypatch.chdir(tmp_path)
    toml(tmp_path, 'exclude = ["private/**"]')
    qasearch.build(folder, index, tiny_model)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    toml(elsewhere, 'exclude = ["other/"]')
    monkeypatch.chdir(elsewhere)
    corpus({"milk.md": MILK})
    with qasearch.open(folder, index) as opened:
        opened.ask("What is milk?")
        assert sorted(entry.path for entry in opened.entries()) == ["milk.md", "tea.md"]
    assert qasearch.build(folder, index).documents == 2
    assert qasearch.build(folder, index, full=True).documents == 3


def test_a_question_leaves_out_at_once_what_the_settings_name_now(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = corpus({"tea.md": TEA, "private/coffee.md": COFFEE})
    monkeypatch.chdir(tmp_path)
    qasearch.build(folder, index, tiny_model)
    toml(tmp_path, 'exclude = ["private/**"]')
    with qasearch.open(folder, index) as opened:
        reply = opened.ask("What is coffee?")
        assert {hit.entry.path for hit in reply.hits} <= {"tea.md"}


def test_a_model_folder_whose_files_changed_is_noticed(
    corpus: Corpus, index: Path, tmp_path: Path
) -> None:
    folder, model = corpus({"tea.md": TEA}), tmp_path / "model"
    age(folder)
    save_tiny_model(model)
    first = qasearch.build(folder, index, str(model))
    assert qasearch.build(folder, index).embedded == 0
    os.utime(model / "modules.json")
    assert qasearch.build(folder, index).embedded == 0  # other times, the same model
    config = model / "modules.json"
    config.write_text(config.read_text() + "\n")
    assert qasearch.build(folder, index).embedded == first.embedded


def test_options_for_a_full_build_take_the_rules_as_they_are() -> None:
    recorded = CorpusRules(("a",), Flavour.HUGO, "/x/qasearch.toml")
    assert BuildOptions().rules_after(recorded) == recorded
    assert BuildOptions(full=True).rules_after(recorded) == CorpusRules(())
    settled = BuildOptions(rules=CorpusRules(("b",)), are_rules_settled=True)
    assert settled.rules_after(recorded) == CorpusRules(("b",))


def test_status_and_list_say_what_is_read_as_what(
    qasearch: Command, corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    folder = corpus(
        {"tea.md": TEA, "private/coffee.md": COFFEE, ".obsidian/app.json": "", ".x/a.md": ""}
    )
    toml(
        tmp_path,
        f'corpus = "corpus"\nindex = "i"\nmodel = "{tiny_model}"\n'
        'exclude = ["private/**", "tea.md#Salaries"]\n',
    )
    assert qasearch("build").code == 0
    status = qasearch("status").out
    assert "exclude   private/**, tea.md#Salaries  (qasearch.toml)\n" in status
    assert "flavour   as marker files tell  (default)\n" in status
    assert "read as   obsidian (.obsidian/)\n" in status
    listed = qasearch("list", "--explain", ".")
    assert (listed.code, listed.out.splitlines()) == (
        0,
        [
            ".obsidian/  not read: hidden: its name begins with a dot",
            ".x/  not read: hidden: its name begins with a dot",
            "private/coffee.md  not read: excluded by 'private/**', the setting exclude",
            "tea.md  obsidian (.obsidian/), without the section Salaries",
        ],
    )
    one = qasearch("list", "--explain", "private/coffee.md")
    assert one.out == listed.out.splitlines()[2] + "\n"
    by_path = qasearch("list", "--explain", str(folder / ".x" / "a.md"))
    assert by_path.out == listed.out.splitlines()[1] + "\n"
    assert qasearch("list", "--explain", "nowhere.md").code == 2
    assert len(qasearch("list", "--explain", ".", "--jsonl").out.splitlines()) == 4
