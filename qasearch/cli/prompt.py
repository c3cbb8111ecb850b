"""The prompt of `qasearch ask` without a question: everything stays loaded between questions."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli.output import cwd, remark, render, show
from qasearch.datatypes.reply import Verdict
from qasearch.errors import BadRequest
from qasearch.presenting.terminal import show_hit, show_references

if TYPE_CHECKING:
    from collections.abc import Callable

    from qasearch.datatypes.reply import Hit, Reply

_HELP = (
    ":more N shows result N whole, :refs N its references, :open N opens it in your editor; "
    ":quit or Ctrl-D ends."
)
_HISTORY_LENGTH = 1000


def run(ask: Callable[[str], Reply], corpus: Path) -> int:
    """Ask until the end of input.

    1: the last question had no good answer; else 0.
    """
    remark(f"{corpus}: ask a question. {_HELP}")
    reply: Reply | None = None
    with _history():
        while True:
            try:
                line = input("? ").strip()
            except EOFError:
                click.echo()
                break
            except KeyboardInterrupt:
                click.echo()
                continue
            if line in (":q", ":quit", ":exit"):
                break
            try:
                if line.startswith(":"):
                    _command(line, reply)
                elif line:
                    reply = ask(line)
                    show(reply)
                    for note in reply.notes:
                        remark(note)
            except BadRequest as error:
                remark(f"{error.message} {error.hint}".strip())
            except KeyboardInterrupt:
                click.echo()
    return 1 if reply is not None and reply.verdict is Verdict.NONE else 0


def _command(line: str, reply: Reply | None) -> None:
    commands: dict[str, Callable[[Hit], None]] = {
        ":more": lambda hit: render(show_hit(hit, cwd())),
        ":refs": lambda hit: render(
            show_references(hit.entry) if hit.entry.references else "It has no references."
        ),
        ":open": _open,
    }
    name, _, argument = line.partition(" ")
    if name not in commands:
        raise BadRequest(f"There is no command {name}.", _HELP)
    if reply is None or not reply.hits:
        raise BadRequest("There are no results yet.", "Ask a question first.")
    argument = argument.strip() or "1"
    if not argument.isdecimal() or not 1 <= int(argument) <= len(reply.hits):
        raise BadRequest(
            f"There is no result {argument}.", f"Give a number from 1 to {len(reply.hits)}."
        )
    commands[name](reply.hits[int(argument) - 1])


def _open(hit: Hit) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        click.launch(hit.abs_path)
        return
    arguments = editor_arguments(shlex.split(editor), hit.abs_path, hit.entry.line_start)
    try:
        subprocess.run(arguments, check=False)
    except OSError as error:
        raise BadRequest(
            f"Cannot run the editor '{editor}': {error.strerror}.", "Set $VISUAL or $EDITOR."
        ) from error


def editor_arguments(editor: list[str], path: str, line: int) -> list[str]:
    """The command that opens `path` at `line` in the editors that people use, and at its top in
    others.
    """
    name = Path(editor[0]).stem.lower()
    if name in ("code", "codium", "code-insiders", "cursor"):
        return [*editor, "--goto", f"{path}:{line}"]
    if name in ("subl", "hx", "zed"):
        return [*editor, f"{path}:{line}"]
    if name in (
        "vi",
        "vim",
        "nvim",
        "gvim",
        "nano",
        "emacs",
        "emacsclient",
        "micro",
        "kak",
        "joe",
        "ne",
        "kate",
    ):
        return [*editor, f"+{line}", path]
    return [*editor, path]


@contextlib.contextmanager
def _history():  # type: ignore[no-untyped-def]
    try:
        import readline
    except ImportError:  # Windows: the console has a history of its own
        yield
        return
    import platformdirs

    file = Path(platformdirs.user_state_dir("qasearch", appauthor=False)) / "history"
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        readline.read_history_file(file)
    readline.set_history_length(_HISTORY_LENGTH)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            readline.write_history_file(file)
