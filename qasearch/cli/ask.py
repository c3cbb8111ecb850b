"""`qasearch ask`."""

from __future__ import annotations

import contextlib
import sys
from typing import IO, TYPE_CHECKING, Protocol

import click

from qasearch.cli import options as shared
from qasearch.cli.output import ProgressBar, cwd, on_terminal, remark, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qasearch.api import Index
    from qasearch.datatypes.options import AskOptions
    from qasearch.datatypes.reply import Reply
    from qasearch.settings import Settings


class Opener(Protocol):
    """Opens the index of `ask` in a process that runs more commands than this one."""

    def __call__(
        self, settings: Settings, *, needs_own_process: bool
    ) -> contextlib.AbstractContextManager[Index]:
        """The index, open for one command."""
        ...


@click.command(
    help="""Answer a QUESTION from the corpus: the best entry whole, the others in one line each.

    Without a question on a terminal: a prompt that keeps everything loaded. Exit code 0: answered,
    1: no good answer, 2: an error."""
)
@click.argument("question", nargs=-1)
@shared.settings("corpus", "index", "offline", "warm")
@shared.ask_options()
@click.option("--json", "form", flag_value="json", help="Print the reply as JSON.")
@click.option("--jsonl", "form", flag_value="jsonl", help="Print one JSON object a result.")
@click.option(
    "--vimgrep", "form", flag_value="vimgrep", help="Print path:line:column:question, one a result."
)
@click.option(
    "--batch",
    metavar="FILE",
    type=click.File(encoding="utf-8"),
    help="One question a line in, one JSON reply a line out; - is standard input.",
)
@click.pass_obj
def command(
    opener: Opener | None,
    question: tuple[str, ...],
    settings: Settings,
    options: AskOptions,
    form: str | None,
    batch: IO[str] | None,
) -> int:
    """0: answered; 1: no good answer."""
    from qasearch.searching.searcher import clean_question

    if question and batch:
        raise click.UsageError("Give a question or --batch, not both.")
    if question:
        clean_question(" ".join(question))  # a bad question is refused before anything is loaded
    elif not batch and not (sys.stdin.isatty() and on_terminal()):
        raise click.UsageError(
            'Ask something: qasearch ask "What is a latent space?" (or --batch - for standard '
            "input)."
        )
    needs_own_process = bool(batch or options.rerank or not question)
    with (opener or _open)(settings, needs_own_process=needs_own_process) as index:

        def ask(line: str) -> Reply:
            return index.ask(line, options)

        if batch:
            return _batch(ask, batch)
        if not question:
            from qasearch.cli.prompt import run

            return run(ask, index.corpus)
        reply = ask(" ".join(question))
        _print(reply, form)
    if settings.warm and not (opener or needs_own_process):
        _leave_warm_process(settings)
    return _exit_code(reply)


def _exit_code(reply: Reply) -> int:
    from qasearch.datatypes.reply import Verdict

    return 1 if reply.verdict is Verdict.NONE else 0


def _leave_warm_process(settings: Settings) -> None:
    """Start a process that keeps the index and the model loaded for the next question."""
    from qasearch.serving.client import start

    sys.stdout.flush()
    corpus = [] if settings.index_decides_corpus else ["--corpus", str(settings.corpus)]
    start(["--index", str(settings.index), *corpus])


@contextlib.contextmanager
def _open(settings: Settings, *, needs_own_process: bool) -> Iterator[Index]:  # noqa: ARG001
    """The index, opened for this one command."""
    from qasearch.api import open_with

    with ProgressBar("Building the index of the bundled corpus, once ...") as progress:
        opened = open_with(settings, progress=progress)
    with opened:
        yield opened


def _print(reply: Reply, form: str | None) -> None:
    if form == "json":
        from qasearch.presenting.schemas.ask import ASK
        from qasearch.presenting.schemas.fields import dumps

        click.echo(dumps(ASK.render(reply), indent=2))
        return
    for note in reply.notes:
        remark(note)
    if form == "jsonl":
        from qasearch.presenting.schemas.ask import HIT
        from qasearch.presenting.schemas.fields import dumps

        for hit in reply.hits:
            click.echo(dumps(HIT.render(hit)))
    elif form == "vimgrep":
        from qasearch.presenting.text.reply import vimgrep

        click.echo(vimgrep(reply, cwd()))
    elif on_terminal():
        show(reply)
    else:
        from qasearch.presenting.text.explanation import explanations_text
        from qasearch.presenting.text.reply import reply_text

        texts = (reply_text(reply, cwd()), explanations_text(reply.hits))
        click.echo("\n\n".join(filter(None, texts)))


def _batch(ask: Callable[[str], Reply], lines: IO[str]) -> int:
    """One reply a line; a line that is no question gives an error in its place.

    The exit code is the worst of all lines.
    """
    from qasearch.errors import BadRequest
    from qasearch.presenting.schemas.ask import ASK
    from qasearch.presenting.schemas.error import error_fields
    from qasearch.presenting.schemas.fields import dumps

    code = 0
    for line in lines:
        try:
            reply = ask(line)
        except BadRequest as error:
            click.echo(dumps(error_fields(error.type, error.message, error.hint)))
            code = 2
        else:
            click.echo(dumps(ASK.render(reply)))
            code = max(code, _exit_code(reply))
    return code
