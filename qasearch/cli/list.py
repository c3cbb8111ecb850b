"""`qasearch list`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import cwd, remark

if TYPE_CHECKING:
    from qasearch.settings import Settings


@click.command(
    help="List every entry as it is read from the Markdown; needs no index and no model."
)
@shared.settings("corpus", "index")
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line, with every field.")
@click.option(
    "--explain",
    "explained_file",
    metavar="FILE",
    help="Show for every line of this file of the corpus which entry it belongs to, and why.",
)
def command(settings: Settings, jsonl: bool, explained_file: str | None) -> int:
    """0: everything was read; 1: something could not be read."""
    from qasearch.presenting.text.printable import one_line
    from qasearch.presenting.text.reply import place, question_line
    from qasearch.reading.corpus import read_corpus

    corpus = shared.corpus_folder(settings)
    if explained_file is not None:
        return _explain(corpus, explained_file, jsonl=jsonl)
    entries, problems = read_corpus(corpus)
    if jsonl:
        from qasearch.presenting.schemas.entry import ENTRY
        from qasearch.presenting.schemas.fields import dumps

        for entry in entries:
            click.echo(dumps(ENTRY.render((entry, str(corpus / entry.path)))))
    else:
        for entry in entries:
            where = place(entry, str(corpus / entry.path), cwd())
            click.echo(f"{one_line(entry.id)}  {question_line(entry)}  {where}")
    for problem in problems:
        remark(f"problem: {problem}")
    return 1 if problems else 0


def _explain(corpus: Path, name: str, *, jsonl: bool) -> int:
    """Print what became of each line of a file.

    `name` is the path of the file in the corpus, or from the working folder.
    """
    from qasearch.errors import BadRequest
    from qasearch.phrases import suggestion
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.schemas.lines import LINE
    from qasearch.presenting.text.lines import line_text
    from qasearch.reading.files import list_files, read_text
    from qasearch.reading.line_uses import explain

    files = {file.path: file for file in list_files(corpus).files}
    absolute = Path(cwd(), name).resolve()
    by_absolute = {file.abs_path.resolve(): file for file in files.values()}
    file = files.get(name) or by_absolute.get(absolute)
    if file is None:
        hint = suggestion(Path(name).name, files, "List the files' entries: qasearch list")
        raise BadRequest(f"There is no Markdown file '{name}' in {corpus}.", hint)
    try:
        text = read_text(file)[0]
    except (ValueError, OSError) as error:
        raise BadRequest(f"Cannot read {file.abs_path}: {error}") from error
    for line in explain(text, file.path, file.flavour):
        if jsonl:
            click.echo(dumps(LINE.render((file.path, line))))
        else:
            rule = line.rule or ""
            click.echo(line_text(line.number, line.use.value, line.id, rule, line.text))
    return 0
