"""`qasearch lab`."""

from __future__ import annotations

from pathlib import Path

import click

from qasearch.cli import options
from qasearch.cli.output import print_text, width, write_file


@click.command(
    help="""Show a concept of machine learning on the index: PCA, k-means, attention, drift and more.

    Without CONCEPT: which there are, and what each can be given."""
)
@click.argument("name", metavar="[CONCEPT]", required=False)
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1)
@options.corpus
@options.index
@click.option(
    "--plot", metavar="FILE", type=Path, help="Draw the charts into this file: .png or .svg."
)
@options.offline
@options.as_json
def command(
    name: str | None,
    arguments: tuple[str, ...],
    corpus: str | None,
    index: str | None,
    plot: Path | None,
    offline: bool | None,
    as_json: bool,
) -> int:
    """0: shown."""
    from qasearch.api import open_with
    from qasearch.lab import CONCEPTS, concept
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text import lab
    from qasearch.settings import load_settings

    if name is None:
        if plot:
            raise click.UsageError("--plot draws a concept: name one.")
        if as_json:
            click.echo(dumps(lab.concepts_fields(CONCEPTS.values()), indent=2))
        else:
            print_text(lab.concepts_text(CONCEPTS.values()))
        return 0
    chosen = concept(name)
    if arguments and not chosen.arguments:
        raise click.UsageError(f"qasearch lab {name} takes no arguments.")
    form = options.suffix_of(plot, ("png", "svg")) if plot else ""
    with open_with(load_settings(corpus=corpus, index=index, offline=offline)) as opened:
        shown = chosen.demonstrate(opened.space(), arguments)
    if plot:
        from qasearch.presenting.pictures import picture

        write_file(plot, picture(shown.charts, shown.title, form))
    if as_json:
        click.echo(
            dumps(lab.demonstration_fields(chosen, shown, str(opened.settings.index)), indent=2)
        )
    else:
        print_text(lab.demonstration_text(shown, width()))
    return 0
