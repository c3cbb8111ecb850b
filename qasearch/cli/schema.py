"""`qasearch schema`."""

from __future__ import annotations

import click


@click.command(
    help="""Print the JSON Schema of an object that qasearch prints as JSON.

    Without NAME: which objects there are."""
)
@click.argument("name", required=False)
def command(name: str | None) -> int:
    """0: printed."""
    from qasearch.presenting.schemas import SCHEMAS, published

    if name is None:
        import json

        for known in SCHEMAS:
            click.echo(f"{known:<11} {json.loads(published(known))['description']}")
    else:
        click.echo(published(name).rstrip())
    return 0
