"""`qasearch lint`."""

from __future__ import annotations

from collections import Counter

import click

from qasearch.cli import options


@click.command(
    help="""Say what is wrong in the corpus: unanswered, duplicate and near-duplicate questions, colliding aliases, dead
    links and anchors, missing images, answers too long to be one, files that cannot be read."""
)
@options.corpus
@options.offline
@options.as_json
def command(corpus: str | None, offline: bool | None, as_json: bool) -> int:
    """0: nothing was found; 1: something was."""
    from qasearch.encoding import load_encoder
    from qasearch.linting import lint
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text.printable import one_line, path_text
    from qasearch.reading.corpus import read_corpus
    from qasearch.settings import DEFAULT_MODEL, load_settings

    settings = load_settings(corpus=corpus, offline=offline)
    entries, problems = read_corpus(settings.corpus)
    encoder = load_encoder(settings.model or DEFAULT_MODEL, offline=settings.offline)
    findings = lint(entries, problems, encoder)
    if as_json:
        fields = {
            "schema": "qasearch.lint/1",
            "corpus": str(settings.corpus),
            "entries": len(entries),
            "findings": [
                {
                    "path": each.path,
                    "line": each.line,
                    "kind": each.kind.value,
                    "message": each.message,
                }
                for each in findings
            ],
        }
        click.echo(dumps(fields, indent=2))
        return 1 if findings else 0
    for each in findings:
        place = f"{path_text(each.path)}:{each.line}" if each.line else path_text(each.path)
        click.echo(f"{place}: {each.kind}: {one_line(each.message)}")
    counts = Counter(each.kind.value for each in findings)
    summary = (
        ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "nothing to mend"
    )
    click.echo(f"{len(entries)} entries: {summary}")
    return 1 if findings else 0
