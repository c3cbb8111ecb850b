"""`qasearch list`."""

from __future__ import annotations

from pathlib import Path

import click

from qasearch.cli import options
from qasearch.cli.output import cwd, remark


@click.command(
    help="List every entry as it is read from the Markdown; needs no index and no model."
)
@options.corpus
@options.index
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line, with every field.")
@click.option(
    "--explain",
    metavar="FILE",
    help="Show for every line of this file of the corpus which entry it went to and which rule took it.",
)
def command(corpus: str | None, index: str | None, jsonl: bool, explain: str | None) -> int:
    """0: everything was read; 1: something could not be read."""
    from qasearch.presenting.json_reply import dumps, entry_fields
    from qasearch.presenting.text.printable import one_line
    from qasearch.presenting.text.reply import place
    from qasearch.reading.corpus import read_corpus
    from qasearch.settings import load_settings

    folder = options.corpus_folder(load_settings(corpus=corpus, index=index))
    if explain is not None:
        return _explain(folder, explain, jsonl=jsonl)
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


def _explain(folder: Path, name: str, *, jsonl: bool) -> int:
    """Print what became of each line of a file, named by its path in the corpus or from the working
    folder.
    """
    from qasearch.errors import BadRequest
    from qasearch.presenting.json_reply import dumps, line_fields
    from qasearch.presenting.text.reply import line_text
    from qasearch.reading.files import list_files, read_text
    from qasearch.reading.line_uses import explain

    files = {file.path: file for file in list_files(folder).files}
    wanted = Path(cwd(), name).resolve()
    file = files.get(name) or next(
        (each for each in files.values() if each.abs_path.resolve() == wanted), None
    )
    if file is None:
        alike = [path for path in files if Path(path).name == Path(name).name]
        hint = (
            f"Did you mean {', '.join(alike[:3])}?"
            if alike
            else "List the files' entries: qasearch list"
        )
        raise BadRequest(f"There is no Markdown file '{name}' in {folder}.", hint)
    try:
        text = read_text(file)[0]
    except (ValueError, OSError) as error:
        raise BadRequest(f"Cannot read {file.abs_path}: {error}") from error
    for line in explain(text, file.path):
        fields = (file.path, line.number, line.use.value, line.id, line.rule, line.text)
        click.echo(dumps(line_fields(*fields)) if jsonl else line_text(*fields[1:]))
    return 0
