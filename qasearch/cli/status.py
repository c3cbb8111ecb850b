"""`qasearch status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared

if TYPE_CHECKING:
    from qasearch.datatypes.index import IndexStatus
    from qasearch.settings import Settings


@click.command(
    help="Say where the corpus and the index are and which setting says so, what the index holds, "
    "and whether it is whole and up to date. Exit code 0: there is an index, 1: there is none yet."
)
@shared.settings("corpus", "index")
@shared.as_json
def command(settings: Settings, as_json: bool) -> int:
    """0: there is a usable index; 1: there is none yet."""
    status = _status(settings)
    if as_json:
        from qasearch.presenting.schemas.fields import dumps
        from qasearch.presenting.schemas.index import STATUS

        click.echo(dumps(STATUS.render((settings, status)), indent=2))
    else:
        from qasearch.presenting.text.printable import visible
        from qasearch.presenting.text.status import status_text

        click.echo(visible(status_text(settings, status)))
    return 0 if status else 1


def _status(settings: Settings) -> IndexStatus | None:
    """The status of the index, whose vectors are verified; None if there is no index yet."""
    from qasearch.api import Index
    from qasearch.errors import IndexMissing

    try:
        index = Index(settings)
    except IndexMissing:
        return None
    with index:
        index.verify()
        return index.status()
