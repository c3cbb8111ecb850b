"""The command line: one file for each command, with nothing but arguments, output and exit codes.

Exit codes: 0 answered or done, 1 no good answer or something to mend, 2 an error.
Commands are imported when they are called, so that `--help` loads nothing heavy.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

import qasearch
from qasearch import logs
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
    "map": "Draw the corpus as a map, with questions on it.",
    "status": "Say where the corpus and the index are, and how they are.",
    "warm": "Look at the process that keeps everything loaded, or stop it.",
    "schema": "Print what JSON output looks like, as a JSON Schema.",
}

_JSON_FLAGS = ("--json", "--jsonl", "--batch")
"""Flags with which an error is printed as JSON, too."""


class _Commands(click.Group):
    """A group that imports a command when it is called, and knows the summaries without
    importing.
    """

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return [*_COMMANDS]  # `list` is the command of that name, once it is imported

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"qasearch.cli.{name}").command
        _add_verbose(command)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*_COMMANDS.items()])


def _add_verbose(command: click.Command) -> None:
    """Give a command, and the commands below it, the option `--verbose`."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _add_verbose(below)
    if not any(parameter.name == "verbose" for parameter in command.params):
        command.params.append(
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                expose_value=False,
                callback=_start_logging,
                help="Log what is done, and how long it takes, to standard error.",
            )
        )


def _start_logging(_ctx: click.Context, _parameter: click.Parameter, verbose: bool) -> None:
    if verbose:
        logs.to_stderr("debug")


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(qasearch.__version__, prog_name="qasearch")
def cli() -> None:
    """Answer questions from a folder of Markdown, with no language model.

    Settings come from flags, then QASEARCH_CORPUS, QASEARCH_INDEX, QASEARCH_MODEL, QASEARCH_OFFLINE
    and QASEARCH_WARM, then the nearest qasearch.toml, then defaults; 'qasearch status' shows which
    came from where. QASEARCH_LOG=debug, info or warning logs what is done to standard error.
    """


def main() -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = run(sys.argv[1:])
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except (KeyboardInterrupt, click.Abort):
        click.echo(err=True)
        code = 130
    sys.exit(code)


def run(arguments: list[str], opener: Opener | None = None) -> int:
    """Run one command line, report its errors, and give its exit code.

    `opener` opens the index of `ask`, in a process that runs more commands than this one.
    """
    try:
        if opener is None:
            logs.to_stderr_if_asked(os.environ)
        code = cli.main([*arguments], standalone_mode=False, prog_name="qasearch", obj=opener)
        sys.stdout.flush()
    except QasearchError as error:
        return _report(arguments, error.type, error.message, error.hint)
    except click.ClickException as error:
        hint = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
        return _report(arguments, "BadRequest", error.format_message(), hint)
    return code if isinstance(code, int) else 0


def _report(arguments: list[str], kind: str, message: str, hint: str) -> int:
    """Print an error, as JSON if JSON was asked for; the exit code."""
    from qasearch.presenting.text.printable import visible

    if _wants_json(arguments):
        from qasearch.presenting.schemas.error import error_fields
        from qasearch.presenting.schemas.fields import dumps

        click.echo(dumps(error_fields(kind, message, hint)))
    else:
        click.echo(f"qasearch: {visible(message)}", err=True)
        if hint:
            click.echo(visible(hint), err=True)
    return 2


def _wants_json(arguments: list[str]) -> bool:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return any(option in _JSON_FLAGS or option.startswith("--batch=") for option in options)
