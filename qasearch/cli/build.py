"""`qasearch build`."""

from __future__ import annotations

import click

from qasearch.cli import options
from qasearch.cli.output import ProgressBar


@click.command(
    help="Bring the index up to date with the corpus; only new and changed text is embedded."
)
@options.corpus
@options.index
@click.option(
    "--model", metavar="NAME", help="A sentence-transformers model: a folder, or a name of the hub."
)
@click.option(
    "--full", is_flag=True, help="Read and embed everything again, also over a damaged index."
)
@options.offline
@options.as_json
def command(
    corpus: str | None,
    index: str | None,
    model: str | None,
    full: bool,
    offline: bool | None,
    as_json: bool,
) -> int:
    """0: done; 1: done, but something in the corpus could not be read."""
    from qasearch.api import build_with
    from qasearch.settings import load_settings

    settings = load_settings(corpus=corpus, index=index, model=model, offline=offline)
    with ProgressBar() as progress:
        report = build_with(settings, full=full, progress=progress)
    if as_json:
        from qasearch.presenting.json_reply import build_fields, dumps

        click.echo(dumps(build_fields(report), indent=2))
    else:
        from qasearch.presenting.text.build import build_text

        click.echo(build_text(report))
    return 1 if report.problems else 0
