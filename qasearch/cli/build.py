"""`qasearch build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import ProgressBar

if TYPE_CHECKING:
    from qasearch.settings import Settings


@click.command(
    help="Bring the index up to date with the corpus; only new and changed text is embedded."
)
@shared.settings("corpus", "index", "model", "offline")
@click.option(
    "--full", is_flag=True, help="Read and embed everything again, also over a damaged index."
)
@shared.as_json
def command(settings: Settings, full: bool, as_json: bool) -> int:
    """0: done; 1: done, but something in the corpus could not be read."""
    from qasearch.api import build_with

    with ProgressBar() as progress:
        report = build_with(settings, full=full, progress=progress)
    if as_json:
        from qasearch.presenting.schemas.fields import dumps
        from qasearch.presenting.schemas.index import BUILD

        click.echo(dumps(BUILD.render(report), indent=2))
    else:
        from qasearch.presenting.text.build import build_text

        click.echo(build_text(report))
    return 1 if report.problems else 0
