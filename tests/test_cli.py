"""The command line, run as a user runs it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from qasearch.presenting.schemas.ask import HIT
from tests.conftest import PATIENCE_S, Built, Command, Corpus

NOTES = {
    "vpn.md": (
        "# How do I restart the vpn?\n\n"
        "Run `vpn restart`, see [the page](https://example.org/vpn).\n"
    ),
    "printer.md": (
        "# Why is the printer red?\n\nIt has no water.\n\n# How do I reset the printer?\n"
    ),
}


@pytest.fixture
def notes(built: Built) -> list[str]:
    """The flags for an index of `NOTES` that is already built."""
    return built(NOTES)


def parsed(text: str) -> Any:
    return json.loads(text)


def test_ask_prints_the_best_answer_and_the_others_in_a_line_each(
    qasearch: Command, notes: list[str]
) -> None:
    run = qasearch("ask", "How", "do", "I", "restart", "the", "vpn?", *notes)
    lines = run.out.splitlines()
    assert (run.code, run.err) == (0, "")
    assert "How do I restart the vpn?" in lines
    assert lines[lines.index("How do I restart the vpn?") + 1].startswith("corpus/vpn.md:3  ")
    assert "Run `vpn restart`, see [the page](https://example.org/vpn)." in lines
    assert "[1] the page: https://example.org/vpn" in lines
    assert lines[-2].startswith("  2. ")
    assert lines[-1].endswith("corpus/printer.md:3") or lines[-2].endswith("corpus/printer.md:3")


def test_ask_json_is_the_reply_field_for_field(
    qasearch: Command, notes: list[str], tmp_path: Path
) -> None:
    run = qasearch("ask", "--json", "-k", "1", "restart the vpn", *notes)
    reply = parsed(run.out)
    assert (run.code, run.err) == (0, "")
    assert reply["schema"] == "qasearch.ask/1"
    assert reply["index"]["path"] == str(tmp_path / "index")
    (result,) = reply["results"]
    assert set(result) == {field.name for field in HIT.fields if not field.optional}
    assert (result["rank"], result["id"], result["path"]) == (
        1,
        "vpn#how-do-i-restart-the-vpn",
        "vpn.md",
    )
    assert result["abs_path"] == str(tmp_path / "corpus" / "vpn.md")
    assert (result["line_start"], result["line_end"], result["question_line"]) == (3, 3, 1)
    assert set(result["signals"]) == {"dense", "support", "centroid", "lexical"}
    assert list(result["passage"]) == ["text", "line_start", "line_end"]
    assert result["references"] == [
        {
            "text": "the page",
            "target": "https://example.org/vpn",
            "kind": "web",
            "line": 3,
            "exists": None,
        }
    ]


def test_a_small_corpus_is_searched_exactly_in_any_case(
    qasearch: Command, notes: list[str]
) -> None:
    exact = qasearch("ask", "--exact", "--jsonl", "What is tea?", *notes)
    assert exact == qasearch("ask", "--jsonl", "What is tea?", *notes)
    assert "search    exact\n" in qasearch("status", *notes).out


def test_ask_jsonl_is_one_result_a_line(qasearch: Command, notes: list[str]) -> None:
    run = qasearch("ask", "--jsonl", "-k", "2", "vpn", *notes)
    assert [parsed(line)["rank"] for line in run.out.splitlines()] == [1, 2]


def test_ask_vimgrep_is_what_editors_read(qasearch: Command, notes: list[str]) -> None:
    run = qasearch("ask", "--vimgrep", "-k", "1", "restart the vpn", *notes)
    assert run.out == "corpus/vpn.md:3:1:How do I restart the vpn?\n"


def test_batch_gives_one_reply_a_line_in_order(qasearch: Command, notes: list[str]) -> None:
    questions = "Why is the printer red?\n\nHow do I restart the vpn?\n"
    run = qasearch("ask", "--batch", "-", *notes, stdin=questions)
    first, empty, last = map(parsed, run.out.splitlines())
    assert first["results"][0]["question"] == "Why is the printer red?"
    assert (empty["schema"], empty["error"]["type"]) == ("qasearch.error/1", "BadRequest")
    assert last["results"][0]["question"] == "How do I restart the vpn?"
    assert run.code == 2


def test_no_good_answer_is_exit_code_1(qasearch: Command, notes: list[str]) -> None:
    run = qasearch("ask", "How do I reset the printer?", *notes)
    assert run.code == 1
    assert run.out.startswith(
        "No good answer. The closest question, 'How do I reset the printer?', has no answer in the "
        "corpus yet.\n\nNearest:\n  1. "
    )
    assert qasearch("ask", "orchestra melody", *notes).out.startswith(
        "No good answer. No entry contains 'orchestra' or 'melody'.\n\nNearest:\n  1. "
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask", ""], "The question is empty. | Ask one"),
        (["ask"], "Ask something: qasearch ask"),
        (["ask", "-k", "0", "tea"], "0 is not in the range"),
        (["ask", "tea", "--index", "nowhere"], "There is no index in | qasearch build --index"),
        (["build", "--corpus", "nowhere"], "The corpus folder | does not exist. | --corpus"),
        pytest.param(
            ["build", "--model", "no/such", "--offline", "--corpus", "corpus", "--index", "i"],
            "Cannot load the model 'no/such'",
            marks=pytest.mark.slow,  # torch is imported to look for it
        ),
        (
            ["show", "vpn", "--corpus", "corpus"],
            "There is no entry with the id 'vpn' | Did you mean vpn#how-do-i-restart-the-vpn",
        ),
        (["nonsense"], "No such command 'nonsense'."),
    ],
)
def test_errors_say_what_and_how_to_mend_it(
    qasearch: Command, corpus: Corpus, arguments: list[str], message: str
) -> None:
    corpus(NOTES)
    run = qasearch(*arguments)
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("qasearch: ")
    for part in message.split(" | "):
        assert part in run.err
    assert "Traceback" not in run.err


def test_errors_in_json(qasearch: Command) -> None:
    for arguments in (
        ["ask", "--json", "tea", "--index", "nowhere"],
        ["build", "--json", "--bogus"],
        ["ask", "tea", "--batch", "-"],
    ):
        run = qasearch(*arguments)
        error = parsed(run.out)
        assert (run.code, run.err, error["schema"]) == (2, "", "qasearch.error/1")
        assert list(error["error"]) == ["type", "message", "hint"]


def test_build_reports_and_says_by_its_exit_code_that_a_file_was_unreadable(
    qasearch: Command, corpus: Corpus, tiny_model: str
) -> None:
    corpus({**NOTES, "latin.md": b"\xe9"})
    flags = ["--corpus", "corpus", "--index", "index"]
    run = qasearch("build", *flags, "--model", tiny_model)
    assert run.code == 1
    first, second, third = run.out.splitlines()
    assert first.startswith("problem: latin.md: cannot read: not UTF-8")
    assert second.startswith("2 files: 2 added; ")
    assert third.startswith("3 entries (1 unanswered), 5 passages in ")
    report = parsed(qasearch("build", *flags, "--json").out)
    assert report["schema"] == "qasearch.build/1"
    assert report["documents"] == {
        "total": 2,
        "added": 0,
        "changed": 0,
        "removed": 0,
        "unchanged": 2,
    }
    assert (report["embedded"], len(report["problems"])) == (0, 1)


def test_a_build_with_nothing_changed_does_not_import_torch(
    qasearch: Command, notes: list[str]
) -> None:
    for file in Path(notes[1]).glob("*.md"):
        os.utime(file, (1, 1))
    for _ in range(2):  # the first one takes note of the new time stamps
        run = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "qasearch", "build", *notes],
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert "nothing changed; 0 texts embedded" in run.stdout
        assert "torch" not in {line.rsplit("|", 1)[-1].strip() for line in run.stderr.splitlines()}


def test_list_and_show(qasearch: Command, corpus: Corpus) -> None:
    corpus(NOTES)
    run = qasearch("list", "--corpus", "corpus")
    assert run.code == 0
    assert [line.split("  ") for line in run.out.splitlines()] == [
        ["printer#why-is-the-printer-red", "Why is the printer red?", "corpus/printer.md:3"],
        [
            *("printer#how-do-i-reset-the-printer", "How do I reset the printer?"),
            *("(no answer yet)", "corpus/printer.md:5"),
        ],
        ["vpn#how-do-i-restart-the-vpn", "How do I restart the vpn?", "corpus/vpn.md:3"],
    ]
    rows = [
        parsed(line) for line in qasearch("list", "--corpus", "corpus", "--jsonl").out.splitlines()
    ]
    assert [row["answered"] for row in rows] == [True, False, True]
    assert {
        "id",
        "question",
        "aliases",
        "answer",
        "breadcrumb",
        "tags",
        "path",
        "line_start",
        "line_end",
        "references",
    } < set(rows[0])
    entry = qasearch("show", "vpn#how-do-i-restart-the-vpn", "--corpus", "corpus")
    assert entry.out.splitlines()[:2] == ["How do I restart the vpn?", "corpus/vpn.md:3"]
    assert parsed(qasearch("show", rows[0]["id"], "--corpus", "corpus", "--json").out) == rows[0]


def test_list_explains_where_every_line_of_a_file_went(qasearch: Command, corpus: Corpus) -> None:
    text = "# FAQ\n\nA few words.\n\n## What is \x1b[31mtea?\n\nA drink.\n\n[Back to top](#faq)\n"
    folder = corpus({"sub/faq.md": text, "other.md": ""})
    run = qasearch("list", "--corpus", str(folder), "--explain", "sub/faq.md")
    assert run.code == 0
    lines = [line.split() for line in run.out.splitlines()]
    assert [(line[0], line[1]) for line in lines] == [
        ("1", "question"),
        ("2", "blank"),
        ("3", "answer"),
        ("4", "blank"),
        ("5", "question"),
        ("6", "blank"),
        ("7", "answer"),
        ("8", "blank"),
        ("9", "navigation"),
        ("10", "blank"),
    ]
    assert lines[6][2:] == ["heading", "A", "drink.", "sub/faq#what-is-31mtea"]
    assert "\x1b" not in run.out
    by_path = qasearch(
        "list", "--corpus", str(folder), "--explain", str(folder / "sub" / "faq.md"), "--jsonl"
    )
    fields = [json.loads(line) for line in by_path.out.splitlines()]
    assert fields[6] == {
        "schema": "qasearch.line/1",
        "path": "sub/faq.md",
        "line": 7,
        "use": "answer",
        "id": "sub/faq#what-is-31mtea",
        "rule": "heading",
        "text": "A drink.",
    }
    assert [line["text"] for line in fields] == text.split("\n")
    missing = qasearch("list", "--corpus", str(folder), "--explain", "faq.md")
    assert missing.code == 2
    assert f"There is no Markdown file 'faq.md' in {folder}." in missing.err
    assert "Did you mean sub/faq.md?" in missing.err


def test_status_says_what_came_from_where(
    qasearch: Command, notes: list[str], tmp_path: Path, tiny_model: str
) -> None:
    none = qasearch("status", "--corpus", notes[1], "--index", str(tmp_path / "nowhere"))
    assert none.code == 1
    assert "There is no index yet." in none.out
    (tmp_path / "qasearch.toml").write_text("offline = true\n")
    run = qasearch("status", "--json", "--index", notes[3], QASEARCH_CORPUS=notes[1])
    status = parsed(run.out)
    assert run.code == 0
    assert {name: setting["source"] for name, setting in status["settings"].items()} == {
        "corpus": "index",
        "index": "flag",
        "model": "default",
        "offline": "qasearch.toml",
        "trust": "default",
        "exclude": "default",
        "flavour": "default",
        "warm": "environment",
    }
    assert status["settings"]["corpus"]["value"] == notes[1]
    assert (
        status["index"]["entries"],
        status["index"]["unanswered"],
        status["index"]["model"],
    ) == (3, 1, tiny_model)
    assert set(status["index"]["bytes"]) == {"index.db", "vectors-1.f32"}
    assert status["index"]["stale"] is False
    assert status["index"]["search"] == {"exact": True}
    assert status["index"]["encoder"]["runtime"].startswith("onnxruntime ")
    assert status["index"]["encoder"]["reason"] == ""
    elsewhere = qasearch("status", "--index", notes[3], XDG_CACHE_HOME=str(tmp_path / "empty"))
    assert "encoder   sentence-transformers (the model is not exported yet)" in elsewhere.out
    (Path(notes[1]) / "new.md").write_text("# What is new?\n\nThis.\n")
    assert "1 file changed" in qasearch("status", "--index", notes[3]).out


def test_escape_sequences_of_the_corpus_never_reach_the_terminal(
    qasearch: Command, corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    evil = "\x1b]0;owned\x07\x9b2J\u202e"
    corpus(
        {"e.md": f"# What is tea{evil}?\n\nWater{evil}. [x{evil}](y{evil})\n\n```\n{evil}\n```\n"}
    )
    flags = ["--corpus", "corpus", "--index", "index"]
    qasearch("build", *flags, "--model", tiny_model)
    for arguments in (
        ["ask", "tea"],
        ["ask", "--json", "tea"],
        ["ask", "--vimgrep", "tea"],
        ["list"],
        ["list", "--jsonl"],
    ):
        run = qasearch(*arguments, *flags)
        assert run.code == 0
        assert "owned" in run.out
        assert not set(run.out) & set("\x1b\x07\x9b\u202e")


def test_a_closed_pipe_ends_quietly(corpus: Corpus, tmp_path: Path) -> None:
    corpus({f"{n}.md": f"# What is {n}?\n\n{'text ' * 1000}\n" for n in range(100)})
    command = f"{sys.executable} -W error -m qasearch list --jsonl --corpus corpus | head -n 1"
    run = subprocess.run(
        ["sh", "-c", command], capture_output=True, encoding="utf-8", check=True, cwd=tmp_path
    )
    assert (run.stderr, len(run.stdout.splitlines())) == ("", 1)


def terminal(
    arguments: list[str], typed: list[str], cwd: Path, columns: int = 100
) -> tuple[str, int]:
    """What a command shows on a terminal while lines are typed, and its exit code.

    A line is typed when nothing more is shown and a prompt waits.
    """
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        termios.tcsetwinsize(0, (50, columns))
        # The size is that of the terminal: whoever runs the tests may have set COLUMNS, and
        # readline sets it behind Python's back, which `execv` would pass on.
        sizes = ("COLUMNS", "LINES")
        inherited = {name: value for name, value in os.environ.items() if name not in sizes}
        environ = inherited | {"TERM": "xterm-256color", "EDITOR": "echo edited"}
        os.execve(sys.executable, [sys.executable, "-m", "qasearch", *arguments], environ)
    output, answered = "", 0
    pending = list(typed)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.2)[0]:
            try:
                data = os.read(descriptor, 65536)
            except OSError:
                break
            if not data:
                break
            output += data.decode(errors="replace")
        elif pending and output.endswith("? ") and len(output) > answered:
            answered = len(output)
            os.write(descriptor, (pending.pop(0) + "\n").encode())
    os.close(descriptor)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output), code


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
def test_on_a_terminal_the_answer_is_rendered(notes: list[str], tmp_path: Path) -> None:
    output, code = terminal(["ask", "restart the vpn", *notes], [], tmp_path)
    assert code == 0
    assert "Run vpn restart, see the page (https://example.org/vpn)." in output
    assert "corpus/vpn.md:3" in output


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals of POSIX")
def test_the_prompt_keeps_everything_loaded_and_obeys_its_commands(
    notes: list[str], tmp_path: Path
) -> None:
    typed = [
        ":refs",
        "restart the vpn",
        ":refs 1",
        ":more 2",
        ":open 1",
        ":open 9",
        ":bogus",
        ":quit",
    ]
    output, code = terminal(["ask", *notes], typed, tmp_path)
    assert code == 0
    assert "There are no results yet." in output
    assert "Run vpn restart" in output
    assert "[1] the page: https://example.org/vpn" in output
    assert "It has no water." in output
    assert f"edited {notes[1]}/vpn.md" in output
    assert "There is no result 9. Give a number from 1 to 3." in output
    assert "There is no command :bogus." in output
