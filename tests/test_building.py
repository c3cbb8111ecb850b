"""The write path: only what changed is read and embedded, and a build that fails leaves the old
index."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import qasearch
from qasearch.building import find_changes
from qasearch.datatypes.index import BuildReport
from qasearch.errors import CorpusUnreadable, IndexDamaged, IndexNotWritable, ModelUnavailable
from qasearch.storage.database import Database
from tests.conftest import Command, Corpus

TEA = "# What is tea?\n\nTea is water and sun.\n"
COFFEE = "# What is coffee?\n\nCoffee is black.\n"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def age(folder: Path) -> None:
    """Make files old enough for their time stamps to be trusted."""
    for file in folder.rglob("*.md"):
        os.utime(file, (time.time() - 60, time.time() - 60))


def questions(folder: Path, index: Path) -> list[str]:
    with qasearch.open(folder, index) as opened:
        return [entry.question for entry in opened.entries()]


def test_only_what_changed_is_embedded(corpus: Corpus, index: Path, tiny_model: str) -> None:
    folder = corpus({"tea.md": TEA, "sub/coffee.md": COFFEE})
    age(folder)
    first = qasearch.build(folder, index, tiny_model)
    assert counts(first) == (2, 0, 0, 0)
    assert (first.documents, first.entries, first.passages, first.unanswered) == (2, 2, 4, 0)

    again = qasearch.build(folder, index)
    assert counts(again) == (0, 0, 0, 2)
    assert (again.embedded, again.model) == (0, tiny_model)

    corpus({"tea.md": TEA.replace("sun", "rain"), "milk.md": "# What is milk?\n\nMilk is white.\n"})
    changed = qasearch.build(folder, index)
    assert counts(changed) == (1, 1, 0, 1)
    assert changed.embedded == 3  # the new answer of tea; question and answer of milk

    (folder / "sub" / "coffee.md").unlink()
    removed = qasearch.build(folder, index)
    assert counts(removed) == (0, 0, 1, 2)
    assert removed.embedded == 0
    assert questions(folder, index) == ["What is milk?", "What is tea?"]


def test_a_file_that_comes_back_is_not_embedded_again_while_its_text_is_known(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA, "coffee.md": COFFEE})
    qasearch.build(folder, index, tiny_model)
    (folder / "tea.md").rename(folder / "renamed.md")
    report = qasearch.build(folder, index)
    assert (*counts(report), report.embedded) == (1, 0, 1, 1, 0)


def test_an_edit_within_the_clock_tick_of_the_build_is_seen(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    stat = (folder / "tea.md").stat()
    corpus({"tea.md": TEA.replace("sun", "fun")})  # as long as before
    os.utime(folder / "tea.md", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert qasearch.build(folder, index).changed == 1


def test_a_touched_file_is_not_a_changed_one(corpus: Corpus, index: Path, tiny_model: str) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    age(folder)
    assert counts(qasearch.build(folder, index)) == (0, 0, 0, 1)
    with Database.open_for_reading(index) as database:
        assert find_changes(folder, database).touched == []


def test_full_embeds_everything_again_to_the_same_vectors(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA, "coffee.md": COFFEE})
    first = qasearch.build(folder, index, tiny_model)
    with qasearch.open(folder, index) as opened:
        before = opened.ask("coffee").hits
    full = qasearch.build(folder, index, full=True)
    assert full.embedded == first.embedded
    with qasearch.open(folder, index) as opened:
        after = opened.ask("coffee").hits
    assert [hit.entry for hit in after] == [hit.entry for hit in before]
    assert [hit.score for hit in after] == pytest.approx([hit.score for hit in before], abs=1e-4)


def test_unreadable_files_are_reported_and_the_others_indexed(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus(
        {"tea.md": TEA, "latin.md": b"caf\xe9\n", "broken.md": '---\nquestion: "x\n---\n' + COFFEE}
    )
    (folder / "dangling.md").symlink_to("nowhere")
    for _ in range(2):  # a build with nothing to do says the same
        report = qasearch.build(folder, index, tiny_model)
        assert [(problem.path, problem.line) for problem in report.problems] == [
            ("broken.md", 2),
            ("dangling.md", 0),
            ("latin.md", 0),
        ]
        assert "not UTF-8: byte 0xe9 in line 1" in report.problems[2].reason
    assert questions(folder, index) == ["What is coffee?", "What is tea?"]


def test_a_file_that_became_unreadable_keeps_its_entries(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA, "coffee.md": COFFEE})
    qasearch.build(folder, index, tiny_model)
    corpus({"tea.md": b"\xff\xfe\xff"})
    report = qasearch.build(folder, index)
    assert "keeps what it held before" in report.problems[0].reason
    assert questions(folder, index) == ["What is coffee?", "What is tea?"]


def test_the_first_path_keeps_a_contested_id_until_it_gives_it_up(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    def declared(question: str, name: str = "drink") -> str:
        return f"---\nid: {name}\nquestion: {question}\n---\nIt is.\n"

    folder = corpus({"a.md": declared("What is tea?"), "b.md": declared("What is milk?")})
    report = qasearch.build(folder, index, tiny_model)
    assert [str(problem) for problem in report.problems] == [
        "b.md:3: the id 'drink' is already taken by a.md:3; give another"
    ]
    with qasearch.open(folder, index) as opened:
        assert [entry.id for entry in opened.entries()] == ["drink", "b"]
    assert [entry.id for entry in qasearch.read(folder)[0]] == ["drink", "b"]

    corpus({"a.md": declared("What is tea?", "tea")})
    assert qasearch.build(folder, index).problems == ()
    with qasearch.open(folder, index) as opened:
        assert [entry.id for entry in opened.entries()] == ["tea", "drink"]


def test_no_markdown(corpus: Corpus, index: Path, tiny_model: str) -> None:
    with pytest.raises(CorpusUnreadable, match="holds no Markdown"):
        qasearch.build(corpus({"a.txt": "x"}), index, tiny_model)
    with pytest.raises(CorpusUnreadable, match="does not exist"):
        qasearch.build("/nowhere/at/all", index, tiny_model)
    assert not index.exists()


def test_a_folder_without_entries_is_an_index_without_entries(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"empty.md": "", "rule.md": "---\n"})
    assert qasearch.build(folder, index, tiny_model).entries == 0
    with qasearch.open(folder, index) as opened:
        reply = opened.ask("anything?")
    assert (reply.verdict, reply.hits) == ("none", ())


def test_an_unknown_model_offline(corpus: Corpus, index: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"Cannot load the model 'no/such-model' offline"):
        qasearch.build(corpus({"tea.md": TEA}), index, "no/such-model", offline=True)


def test_another_model_rebuilds_everything(
    corpus: Corpus, index: Path, tiny_model: str, tmp_path: Path
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    other = tmp_path / "other"
    other.symlink_to(tiny_model)
    report = qasearch.build(folder, index, str(other))
    assert (report.changed, report.model) == (1, str(other))


def test_a_damaged_index_is_rebuilt_only_when_asked(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    (index / "index.db").write_bytes(b"damage" * 1000)
    with pytest.raises(IndexDamaged, match=r"qasearch build --full"):
        qasearch.build(folder, index, tiny_model)
    assert qasearch.build(folder, index, tiny_model, full=True).added == 1
    assert questions(folder, index) == ["What is tea?"]


def test_damaged_vectors_are_rebuilt_by_a_full_build(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    (index / "vectors-1.f32").write_bytes(b"")
    with (
        qasearch.open(folder, index) as opened,
        pytest.raises(IndexDamaged, match=r"vectors-1\.f32"),
    ):
        opened.ask("tea")
    qasearch.build(folder, index, full=True)
    with qasearch.open(folder, index) as opened:
        assert opened.ask("tea").hits[0].entry.question == "What is tea?"


def test_status_notices_altered_vectors(
    corpus: Corpus, index: Path, tiny_model: str, qasearch: Command
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch("build", "--corpus", str(folder), "--index", str(index), "--model", tiny_model)
    assert qasearch("status", "--index", str(index)).code == 0
    file = index / "vectors-1.f32"
    data = bytearray(file.read_bytes())
    data[64] ^= 1
    file.write_bytes(data)
    status = qasearch("status", "--index", str(index))
    assert status.code == 2
    assert "vectors-1.f32 is altered" in status.err


BUILD = "import qasearch, sys; qasearch.build(*sys.argv[1:4])"


@pytest.mark.skipif(os.name != "posix", reason="limits and signals of POSIX")
def test_a_full_disk_leaves_the_old_index(corpus: Corpus, index: Path, tiny_model: str) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    size = (index / "index.db").stat().st_size
    corpus(
        {"more.md": "".join(f"# What is number {n}?\n\n{'word ' * 200}\n\n" for n in range(300))}
    )
    code = (
        "import qasearch, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size + 65536}, {size + 65536}))\n"
        "try: qasearch.build(*sys.argv[1:4])\n"
        "except qasearch.errors.IndexNotWritable as error: print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(index), tiny_model],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert "Cannot write the index" in run.stdout
    assert not list(index.glob("*.tmp"))
    assert questions(folder, index) == ["What is tea?"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert qasearch.build(folder, index).added == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_can_be_asked_but_not_built(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    index.chmod(0o500)
    try:
        corpus({"coffee.md": COFFEE})
        with pytest.raises(IndexNotWritable, match="Permission denied"):
            qasearch.build(folder, index)
        with qasearch.open(folder, index) as opened:
            reply = opened.ask("tea")
    finally:
        index.chmod(0o700)
    assert reply.index.changed_files == ("coffee.md",)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_killed_build_leaves_a_whole_index_and_goes_on_where_it_stopped(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    corpus(
        {
            f"{n}.md": "".join(f"# What is {n} {m}?\n\nIt is {n} {m}.\n\n" for m in range(60))
            for n in range(40)
        }
    )
    arguments = [str(folder), str(index), tiny_model]
    for delay in (0.0, 0.2, 0.5, 1.0):
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"import qasearch.api; print('ready', flush=True); {BUILD}",
                *arguments,
            ],
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with Database.open_for_reading(index) as database:
            assert database.counts().entries in (1, 2401)
    qasearch.build(folder, index)
    with qasearch.open(folder, index) as opened:
        assert len(opened.entries()) == 2401
        assert opened.ask("What is 7 30?").hits[0].matched_on == "question"
    assert sorted(file.name for file in index.glob("vectors-*")) == [
        f"vectors-{generation(index)}.f32"
    ]


def generation(index: Path) -> int:
    with Database.open_for_reading(index) as database:
        return database.metadata().generation


def test_two_builds_at_once_give_one_whole_index(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({f"{n}.md": f"# What is {n}?\n\nIt is {n}.\n" for n in range(50)})
    arguments = [sys.executable, "-c", BUILD, str(folder), str(index), tiny_model]
    running = [subprocess.Popen(arguments) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert len(questions(folder, index)) == 50
    assert generation(index) == 1  # the later ones found nothing to do


def test_questions_are_answered_while_a_build_is_under_way(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    folder = corpus({"tea.md": TEA})
    qasearch.build(folder, index, tiny_model)
    code = (
        "import sys; from pathlib import Path; from qasearch.building.locking import locked\n"
        "with locked(Path(sys.argv[1]), wait=True): print('locked', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(index)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == "locked\n"
        corpus({"coffee.md": COFFEE})
        with qasearch.open(folder, index) as opened:
            reply = opened.ask("tea")
        other.stdin.write("\n")
        other.stdin.flush()
    assert reply.hits[0].entry.question == "What is tea?"
    assert (reply.index.stale, reply.index.changed_files) == (True, ("coffee.md",))


def test_the_index_holds_no_pickle_and_no_text_that_python_would_run(
    corpus: Corpus, index: Path, tiny_model: str
) -> None:
    qasearch.build(corpus({"tea.md": TEA}), index, tiny_model)
    assert sorted(file.suffix for file in index.iterdir()) == [".db", ".f32", ".lock"]
    with closing(sqlite3.connect(index / "index.db")) as connection:
        (record,) = connection.execute("SELECT record FROM metadata").fetchone()
    assert json.loads(record)["model"] == tiny_model
