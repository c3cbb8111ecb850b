"""What is printed where: to a terminal, a pipe, or standard error."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress as Bar
    from rich.progress import TaskID
    from rich.text import Text

    from qasearch.building import Progress
    from qasearch.datatypes.reply import Reply


def on_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def cwd() -> Path:
    """The working folder as the shell names it."""
    return Path.cwd()


def remark(text: str) -> None:
    """Print to standard error, where it does not mix with the answer."""
    from qasearch.presenting.text.printable import visible

    click.echo(visible(text), err=True)


def render(renderable: RenderableType) -> None:
    """Print to the terminal with rich."""
    from qasearch.presenting.terminal import console

    console().print(renderable)


def width() -> int:
    """How many columns a text may have: as the terminal, but at most 100; in a pipe 100."""
    from qasearch.presenting.terminal import MAX_WIDTH, console

    return console().width if on_terminal() else MAX_WIDTH


def print_text(text: Text) -> None:
    """Print a text: with its styles on a terminal, elsewhere without."""
    if on_terminal():
        render(text)
    else:
        click.echo(text.plain)


def write_file(file: Path, content: bytes) -> None:
    """Write a whole file; until then the old file stays.

    Raises:
        BadRequest: the file cannot be written.
    """
    from qasearch.atomic import new_file
    from qasearch.errors import BadRequest

    try:
        with new_file(file) as stream:
            stream.write(content)
    except OSError as error:
        raise BadRequest(f"Cannot write {file}: {error.strerror}.", "Name another file.") from error


def show(reply: Reply) -> None:
    """Print a reply to the terminal, with the explanations of its hits if it has any."""
    from qasearch.presenting.terminal import show_reply
    from qasearch.presenting.text.explanation import explanations_text

    render(show_reply(reply, cwd()))
    if why := explanations_text(reply.hits):
        click.echo(f"\n{why}")


class ProgressBar:
    """A progress bar on standard error where that is a terminal, elsewhere a `notice`. Shown from
    the first step.
    """

    def __init__(self, notice: str = "") -> None:
        """`notice` is said once where there is no bar, if there is progress at all."""
        self._notice = notice
        self._bar: Bar | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Progress:
        return self._update if sys.stderr.isatty() else self._say

    def _say(self, *_: object) -> None:
        if self._notice:
            remark(self._notice)
            self._notice = ""

    def _update(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            from rich.progress import Progress as Bar

            from qasearch.presenting.terminal import console

            self._bar = Bar(console=console(stderr=True), transient=True)
            self._bar.start()
        if what not in self._tasks:
            self._tasks[what] = self._bar.add_task(what, total=total)
        self._bar.update(self._tasks[what], completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
