"""The command line: one file for each command, with nothing but arguments, output and exit codes.

Exit codes: 0 answered or done, 1 no good answer or something to mend, 2 an error.
Commands are imported when they are called, so that `--help` loads nothing heavy.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

import qasearch
from qasearch.errors import QasearchError

if TYPE_CHECKING:
    from qasearch.cli.ask import Opener

_COMMANDS = {
    "ask": "Answer a question from the corpus.",
    "build": "Bring the index up to date with the corpus.",
    "list": "List every entry as it is read, without an index.",
    "lint": "Say what is wrong in the corpus.",
    "eval": "Measure the answers on queries whose answers are known.",
    "show": "Print one entry whole.",
    "lab": "Show a concept of machine learning on the index.",
    "map": "Lay the corpus out as a picture, with questions in it.",
    "status": "Say where corpus and index are, and how they are.",
    "warm": "Look at the process that keeps everything loaded, or stop it.",
}


class _Commands(click.Group):
    """A group that imports a command when it is called, and knows the summaries without
    importing.
    """

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"qasearch.cli.{name}").command
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(qasearch.__version__, prog_name="qasearch")
def cli() -> None:
    """Answer questions from a folder of Markdown, with no language model.

    Settings come from flags, then QASEARCH_CORPUS, QASEARCH_INDEX, QASEARCH_MODEL, QASEARCH_OFFLINE
    and QASEARCH_WARM, then the nearest qasearch.toml, then defaults; 'qasearch status' shows which
    came from where.
    """


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = run(sys.argv[1:])
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        code = 130
    sys.exit(code)


def run(arguments: list[str], opener: Opener | None = None) -> int:
    """Run one command line, errors reported: its exit code. `opener` is for `ask`."""
    try:
        code = cli.main(list(arguments), standalone_mode=False, prog_name="qasearch", obj=opener)
        sys.stdout.flush()
    except QasearchError as error:
        return _report(arguments, error.type, error.message, error.hint)
    except click.ClickException as error:
        hint = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        return _report(arguments, "BadRequest", error.format_message(), hint)
    return code if isinstance(code, int) else 0


def _report(arguments: list[str], kind: str, message: str, hint: str) -> int:
    from qasearch.presenting.text.printable import visible

    if _wants_json(arguments):
        from qasearch.presenting.json_reply import dumps, error_fields

        click.echo(dumps(error_fields(kind, message, hint)))
    else:
        click.echo(f"qasearch: {visible(message)}", err=True)
        if hint:
            click.echo(visible(hint), err=True)
    return 2


def _wants_json(arguments: list[str]) -> bool:
    options: list[Any] = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return any(
        option in ("--json", "--jsonl", "--batch") or option.startswith("--batch=")
        for option in options
    )
