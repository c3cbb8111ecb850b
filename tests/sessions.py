"""The sessions that a document shows, run as a reader would run them.

A page is one session in one folder. Its code blocks are steps, in their order:

- ``console``: a line that begins with `$ ` is a command for the shell, and the lines below it are
  what it prints on both streams. A line `…` stands for any lines, a `…` in a line for any text.
  A command ends with exit code 0, unless the next one is `echo $?`, which shows the code.
  `$ cat FILE` shows a file of the reader: where the session has no such file yet, it is written
  with the text that is shown.
- ``python``: a program. A ``text`` block right below it is what the program prints.
- ``sh``: commands that are shown and not run; `tests/test_docs.py` says which, and why.

Other blocks are not part of the session. Knows nothing of qasearch but how to start it.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import PATIENCE_S

_BLOCK = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[^\n`]*)\n(?P<body>.*?)^(?P=indent)(?P=fence)$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """A fenced block of code; `line` is that of its first line of code, 1-based."""

    language: str
    body: str
    line: int


@dataclass(frozen=True)
class Step:
    """A command for the shell, or a Python program, and what it prints."""

    command: str
    expected: str
    line: int
    is_program: bool = False


def blocks(page: str) -> list[Block]:
    """The fenced blocks of code of a page, in their order."""
    return [
        Block(
            block["language"].strip(),
            re.sub(f"^{block['indent']}", "", block["body"], flags=re.MULTILINE),
            page.count("\n", 0, block.start()) + 2,
        )
        for block in _BLOCK.finditer(page)
    ]


def prose(page: str) -> str:
    """A page without its fenced blocks of code."""
    return _BLOCK.sub("", page)


def steps(page: str) -> list[Step]:
    """What the session of a page does, in its order."""
    session: list[Step] = []
    previous = None
    for block in blocks(page):
        if block.language == "console":
            session += _console_steps(block)
        elif block.language == "python":
            session.append(Step(block.body, "", block.line, is_program=True))
        elif block.language == "text" and previous == "python":
            program = session.pop()
            session.append(Step(program.command, block.body, program.line, is_program=True))
        previous = block.language
    return session


def files_of(page: str) -> dict[str, str]:
    """The files that a page writes before its first build, by name."""
    before = itertools.takewhile(
        lambda step: not step.command.startswith("qasearch build"), steps(page)
    )
    return {name: step.expected for step in before if (name := _shown_file(step))}


def _shown_file(step: Step) -> str:
    """The name of the file that a step shows; "" if it does something else."""
    shown = re.fullmatch(r"cat (\S+)", step.command)
    return shown[1] if shown else ""


def _console_steps(block: Block) -> list[Step]:
    """The commands of a block; a command goes on in the next line after a backslash."""
    found: list[Step] = []
    lines = iter(enumerate(block.body.splitlines(), start=block.line))
    for number, line in lines:
        if line.startswith("$ "):
            command = line.removeprefix("$ ")
            while command.endswith("\\"):
                command += "\n" + next(lines)[1]
            found.append(Step(command, "", number))
        else:
            assert found, f"line {number}: a session begins with a command"
            step = found.pop()
            found.append(Step(step.command, f"{step.expected}{line}\n", step.line))
    return found


def matches(expected: str, printed: str) -> bool:
    """Whether a program printed what a page shows; spaces at the ends of lines do not count."""
    lines = [line.rstrip() for line in expected.splitlines()]
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in lines
    )
    return bool(
        re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed.splitlines()))
    )


def run_session(page: str, folder: Path, environ: dict[str, str]) -> None:
    """Run a page in a folder and compare what is printed.

    Raises:
        AssertionError: the session went another way than the page shows; names the line.
    """
    programs = folder.parent / "programs"
    programs.mkdir()
    for name, module in (("qasearch", "-m qasearch"), ("python", "")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error {module} "$@"\n')
        program.chmod(0o755)
    environment = os.environ | environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    code, session = 0, steps(page)
    for step, following in zip(session, [*session[1:], None], strict=True):
        file = folder / _shown_file(step)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.expected, encoding="utf-8")
            continue
        arguments = ["sh", "-c", f"(exit {code})\n{step.command}"]
        if step.is_program:
            arguments = ["python", "-c", step.command]
        done = subprocess.run(
            arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            cwd=folder,
            env=environment,
            check=False,
            timeout=PATIENCE_S,
        )
        shown = f"line {step.line}: {step.command}\nexit code {done.returncode}\n{done.stdout}"
        assert matches(step.expected, done.stdout), f"{shown}\n--- the page shows\n{step.expected}"
        if following is None or following.command != "echo $?":
            assert done.returncode == 0, shown
        code = done.returncode
