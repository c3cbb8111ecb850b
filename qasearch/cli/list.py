"""`qasearch list`."""

from __future__ import annotations

import click

from qasearch.cli import options
from qasearch.cli.output import cwd, remark


@click.command(help="List every entry as it is read from the Markdown; needs no index and no model.")
@options.corpus
@options.index
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line, with every field.")
def command(corpus: str | None, index: str | None, jsonl: bool) -> int:
    """0: everything was read; 1: something could not be read."""
    from qasearch.presenting.controls import one_line
    from qasearch.presenting.json_reply import dumps, entry_fields
    from qasearch.presenting.text import place
    from qasearch.reading.corpus import read_corpus
    from qasearch.settings import load_settings

    folder = options.corpus_folder(load_settings(corpus=corpus, index=index))
    entries, problems = read_corpus(folder)
    here = cwd()
    for entry in entries:
        if jsonl:
            click.echo(dumps(entry_fields(entry, folder)))
        else:
            unanswered = "" if entry.answered else "  (no answer yet)"
            question, where = one_line(entry.question), place(entry, str(folder / entry.path), here)
            click.echo(f"{one_line(entry.id)}  {question}{unanswered}  {where}")
    for problem in problems:
        remark(f"problem: {problem}")
    return 1 if problems else 0
