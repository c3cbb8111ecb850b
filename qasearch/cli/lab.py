"""`qasearch lab`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import print_text, width, write_file

if TYPE_CHECKING:
    from qasearch.settings import Settings


@click.command(
    help="""Show a concept of machine learning on the index: PCA, k-means, attention, drift, ...

    Without CONCEPT: which concepts there are, and what each can be given."""
)
@click.argument("name", metavar="[CONCEPT]", required=False)
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1)
@shared.settings("corpus", "index", "offline")
@click.option(
    "--plot", metavar="FILE", type=Path, help="Draw the charts into this file: .png or .svg."
)
@shared.as_json
def command(
    name: str | None,
    arguments: tuple[str, ...],
    settings: Settings,
    plot: Path | None,
    as_json: bool,
) -> int:
    """0: shown."""
    from qasearch.api import open_with
    from qasearch.lab import concept
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.text.lab import demonstration_text

    if name is None:
        if plot:
            raise click.UsageError("--plot draws a concept: name one.")
        return _list_concepts(as_json=as_json)
    chosen = concept(name)
    if arguments and not chosen.arguments:
        raise click.UsageError(f"qasearch lab {name} takes no arguments.")
    form = shared.suffix_of(plot, ("png", "svg")) if plot else ""
    with open_with(settings) as index:
        demonstration = chosen.demonstrate(index.space(), arguments)
        place = str(index.settings.index)
    if plot:
        from qasearch.presenting.pictures import picture

        write_file(plot, picture(demonstration.charts, demonstration.title, form))
    if as_json:
        from qasearch.presenting.schemas.lab import LAB, LabSource

        click.echo(dumps(LAB.render(LabSource(chosen, demonstration, place)), indent=2))
    else:
        print_text(demonstration_text(demonstration, width()))
    return 0


def _list_concepts(*, as_json: bool) -> int:
    from qasearch.lab import CONCEPTS
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.text.lab import concepts_text

    concepts = list(CONCEPTS.values())
    if as_json:
        from qasearch.presenting.schemas import lab

        click.echo(dumps(lab.CONCEPTS.render(concepts), indent=2))
    else:
        print_text(concepts_text(concepts))
    return 0
