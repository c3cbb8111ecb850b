"""`qasearch list`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import cwd, remark

if TYPE_CHECKING:
    from qasearch.datatypes.rules import CorpusRules
    from qasearch.reading.file_uses import FileUse
    from qasearch.reading.files import SourceFile
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
    help="Show for every line of this file of the corpus which entry it belongs to, and why; for "
    "a folder, which of its files are read as what, and why the others are not.",
)
def command(settings: Settings, jsonl: bool, explained_file: str | None) -> int:
    """0: everything was read; 1: something could not be read."""
    from qasearch.presenting.text.printable import one_line
    from qasearch.presenting.text.reply import place, question_line
    from qasearch.reading.corpus import read_corpus

    corpus, rules = shared.corpus_folder(settings), shared.corpus_rules(settings)
    if explained_file is not None:
        return _explain(corpus, rules, explained_file, jsonl=jsonl)
    entries, problems = read_corpus(corpus, rules)
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


def _explain(corpus: Path, rules: CorpusRules, name: str, *, jsonl: bool) -> int:
    """Print what became of each line of a file, or of each file of a folder.

    `name` is the path in the corpus, or from the working folder.
    """
    from qasearch.errors import BadRequest
    from qasearch.phrases import suggestion
    from qasearch.reading.file_uses import file_uses
    from qasearch.reading.files import list_files

    listing = list_files(corpus, rules)
    paths = _paths_in_corpus(corpus, name)
    for path in paths:
        if path in listing.stamps:
            return _explain_lines(listing.file(path), jsonl=jsonl)
    uses = file_uses(listing)
    for path in paths:
        below = f"{path}/" if path else ""
        found = [use for use in uses if use.path == path or use.path.startswith(below)]
        found = found or [
            use for use in uses if use.path.endswith("/") and below.startswith(use.path)
        ]
        if found:
            _print_uses(found, jsonl=jsonl)
            return 0
    hint = suggestion(Path(name).name, listing.stamps, "List the files: qasearch list --explain .")
    raise BadRequest(f"There is no Markdown file '{name}' in {corpus}.", hint)


def _paths_in_corpus(corpus: Path, name: str) -> list[str]:
    """What `name` may be in the corpus: "" for the corpus itself."""
    found = []
    for start in (corpus, cwd()):
        for resolve in (os.path.abspath, os.path.realpath):
            relative = os.path.relpath(resolve(start / name), resolve(corpus))
            if relative != ".." and not relative.startswith(f"..{os.sep}"):
                found.append("" if relative == "." else Path(relative).as_posix())
    if name.startswith("."):
        found.reverse()  # `.` is the working folder, where that is in the corpus
    return list(dict.fromkeys(found))


def _explain_lines(file: SourceFile, *, jsonl: bool) -> int:
    """Print what became of each line of a file."""
    from qasearch.errors import BadRequest
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.schemas.lines import LINE
    from qasearch.presenting.text.lines import line_text
    from qasearch.reading.files import read_text
    from qasearch.reading.line_uses import explain

    try:
        text = read_text(file)[0]
    except (ValueError, OSError) as error:
        raise BadRequest(f"Cannot read {file.abs_path}: {error}") from error
    for line in explain(text, file.path, file.flavour, file.private_headings):
        if jsonl:
            click.echo(dumps(LINE.render((file.path, line))))
        else:
            rule = line.rule or ""
            click.echo(line_text(line.number, line.use.value, line.id, rule, line.text))
    return 0


def _print_uses(uses: Iterable[FileUse], *, jsonl: bool) -> None:
    """Print a line for each file: what it is read as, or why it is not read."""
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.schemas.lines import FILE
    from qasearch.presenting.text.lines import file_text

    for use in uses:
        click.echo(dumps(FILE.render(use)) if jsonl else file_text(use))
