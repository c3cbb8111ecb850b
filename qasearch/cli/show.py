"""`qasearch show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import cwd, on_terminal, render

if TYPE_CHECKING:
    from qasearch.settings import Settings


@click.command(help="Print the entry with this ID whole, as it is read from the Markdown now.")
@click.argument("entry_id", metavar="ID")
@shared.settings("corpus", "index")
@shared.as_json
def command(entry_id: str, settings: Settings, as_json: bool) -> int:
    """0: printed."""
    from qasearch.errors import BadRequest
    from qasearch.phrases import suggestion
    from qasearch.presenting.text.reply import entry_text
    from qasearch.reading.corpus import read_corpus

    corpus = shared.corpus_folder(settings)
    entries = {}
    for read in read_corpus(corpus, shared.corpus_rules(settings))[0]:
        entries[read.id] = read
        entries.update((place.id, read) for place in read.also_at)
    entry = entries.get(entry_id)
    if entry is None:
        hint = suggestion(entry_id, entries, "List them: qasearch list")
        raise BadRequest(f"There is no entry with the id '{entry_id}' in {corpus}.", hint)
    abs_path = str(corpus / entry.path)
    if as_json:
        from qasearch.presenting.schemas.entry import ENTRY
        from qasearch.presenting.schemas.fields import dumps

        click.echo(dumps(ENTRY.render((entry, abs_path)), indent=2))
    elif on_terminal():
        from qasearch.presenting.terminal import show_entry

        render(show_entry(entry, abs_path, cwd()))
    else:
        click.echo(entry_text(entry, abs_path, cwd()))
    return 0
