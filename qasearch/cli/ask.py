"""`qasearch ask`."""

from __future__ import annotations

import contextlib
import sys
from typing import IO, TYPE_CHECKING, Protocol

import click

from qasearch.cli import options
from qasearch.cli.output import ProgressBar, cwd, on_terminal, remark, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qasearch.api import Index
    from qasearch.datatypes.reply import Reply
    from qasearch.settings import Settings


class Opener(Protocol):
    """Gives `ask` its index in a process that does more than this one command."""

    def __call__(
        self, settings: Settings, *, alone: bool
    ) -> contextlib.AbstractContextManager[Index]:
        """The index, for as long as the question takes; `alone` if it needs a process of its
        own.
        """
        ...


@click.command(
    help="""Answer a QUESTION from the corpus: the best entry whole, the runners-up in one line each.

    Without a question on a terminal: a prompt that keeps everything loaded. Exit code 0: answered,
    1: no good answer, 2: an error."""
)
@click.argument("question", nargs=-1)
@options.corpus
@options.index
@click.option(
    "-k",
    "top_k",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="How many results.",
)
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
@click.option("--section", metavar="S", help="Only entries below this heading or folder.")
@click.option("--path", metavar="GLOB", help="Only entries of files whose path matches.")
@click.option("--tag", metavar="T", help="Only entries with this tag.")
@options.mode
@click.option("--explain", is_flag=True, help="Say why each result was found.")
@options.rerank
@click.option("--exact", is_flag=True, help="Compare all vectors, also where the corpus is large.")
@options.offline
@click.option(
    "--no-warm",
    "warm",
    flag_value=False,
    default=None,
    help="Neither ask the warm process nor leave one behind.",
)
@click.pass_obj
def command(
    opener: Opener | None,
    question: tuple[str, ...],
    corpus: str | None,
    index: str | None,
    top_k: int,
    form: str | None,
    batch: IO[str] | None,
    section: str | None,
    path: str | None,
    tag: str | None,
    mode: str,
    explain: bool,
    rerank: str | None,
    exact: bool,
    offline: bool | None,
    warm: bool | None,
) -> int:
    """0: answered; 1: no good answer."""
    from qasearch.datatypes.options import Filters, Mode
    from qasearch.searching.searcher import clean_question
    from qasearch.settings import load_settings

    if question and batch:
        raise click.UsageError("Give a question or --batch, not both.")
    if question:
        clean_question(" ".join(question))  # before anything is loaded
    elif not batch and not (sys.stdin.isatty() and on_terminal()):
        raise click.UsageError(
            'Ask something: qasearch ask "What is a latent space?" (or --batch - for standard input).'
        )
    filters = Filters(section, path, tag)
    settings = load_settings(corpus=corpus, index=index, offline=offline, warm=warm)
    alone = bool(batch or rerank or not question)
    with (opener or _open)(settings, alone=alone) as searcher:

        def ask(line: str) -> Reply:
            replies = searcher.ask_many(
                [line], top_k, filters, mode=Mode(mode), explain=explain, rerank=rerank, exact=exact
            )
            return replies[0]

        if batch:
            return _batch(ask, batch)
        if not question:
            from qasearch.cli.prompt import run

            return run(ask, searcher.corpus)
        reply = ask(" ".join(question))
        _print(reply, form)
    if settings.warm and not (opener or alone):
        from qasearch.serving.client import start

        sys.stdout.flush()
        corpus_flags = [] if settings.corpus_is_the_indexs else ["--corpus", str(settings.corpus)]
        start(["--index", str(settings.index), *corpus_flags])
    return 1 if reply.verdict == "none" else 0


@contextlib.contextmanager
def _open(settings: Settings, *, alone: bool) -> Iterator[Index]:  # noqa: ARG001 - this process is nobody else's
    """The index, opened for this one command."""
    from qasearch.api import open_with

    with ProgressBar("Building the index of the bundled corpus, once ...") as progress:
        opened = open_with(settings, progress=progress)
    with opened:
        yield opened


def _print(reply: Reply, form: str | None) -> None:
    if form == "json":
        from qasearch.presenting.json_reply import dumps, reply_fields

        click.echo(dumps(reply_fields(reply), indent=2))
        return
    for note in reply.notes:
        remark(note)
    if form == "jsonl":
        from qasearch.presenting.json_reply import dumps, hit_fields

        for hit in reply.hits:
            click.echo(dumps(hit_fields(hit)))
    elif form == "vimgrep":
        from qasearch.presenting.text.reply import vimgrep

        click.echo(vimgrep(reply, cwd()))
    elif on_terminal():
        show(reply)
    else:
        from qasearch.presenting.text.explanation import explanations_text
        from qasearch.presenting.text.reply import reply_text

        click.echo(
            "\n\n".join(filter(None, [reply_text(reply, cwd()), explanations_text(reply.hits)]))
        )


def _batch(ask: Callable[[str], Reply], lines: IO[str]) -> int:
    """One reply a line; a line that is no question gives an error in its place. 2, 1 or 0, the
    worst of all.
    """
    from qasearch.errors import BadRequest
    from qasearch.presenting.json_reply import dumps, error_fields, reply_fields

    code = 0
    for line in lines:
        try:
            reply = ask(line)
        except BadRequest as error:
            click.echo(dumps(error_fields(error.type, error.message, error.hint)))
            code = 2
        else:
            click.echo(dumps(reply_fields(reply)))
            code = max(code, 1 if reply.verdict == "none" else 0)
    return code
