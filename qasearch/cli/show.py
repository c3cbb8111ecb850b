"""`qasearch show`."""

from __future__ import annotations

import difflib

import click

from qasearch.cli import options
from qasearch.cli.output import cwd, on_terminal, render


@click.command(help="Print the entry with this ID whole, as it is read from the Markdown now.")
@click.argument("entry_id", metavar="ID")
@options.corpus
@options.index
@options.as_json
def command(entry_id: str, corpus: str | None, index: str | None, as_json: bool) -> int:
    """0: found."""
    from qasearch.errors import BadRequest
    from qasearch.presenting.json_reply import dumps, entry_fields
    from qasearch.presenting.text.reply import entry_text
    from qasearch.reading.corpus import read_corpus
    from qasearch.settings import load_settings

    folder = options.corpus_folder(load_settings(corpus=corpus, index=index))
    entries = {}
    for each in read_corpus(folder)[0]:
        entries[each.id] = each
        entries.update((place.id, each) for place in each.also_at)
    entry = entries.get(entry_id)
    if entry is None:
        near = [name for name in entries if entry_id.lower() in name.lower()][:3]
        near = near or difflib.get_close_matches(entry_id, entries, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(near)}?" if near else "List them: qasearch list"
        raise BadRequest(f"There is no entry with the id '{entry_id}' in {folder}.", hint)
    abs_path = str(folder / entry.path)
    if as_json:
        click.echo(dumps(entry_fields(entry, folder), indent=2))
    elif on_terminal():
        from qasearch.presenting.terminal import show_entry

        render(show_entry(entry, abs_path, cwd()))
    else:
        click.echo(entry_text(entry, abs_path, cwd()))
    return 0
