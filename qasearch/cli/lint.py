"""`qasearch lint`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared

if TYPE_CHECKING:
    from qasearch.settings import Settings


@click.command(
    help="""Say what is wrong in the corpus: unanswered, duplicate and near-duplicate questions,
    aliases that collide, questions that attract the wordings of others, dead links and anchors,
    missing images, answers that are too long, files that cannot be read. Exit code 0: nothing is
    wrong, 1: something is, 2: an error."""
)
@shared.settings("corpus", "offline")
@shared.as_json
def command(settings: Settings, as_json: bool) -> int:
    """0: nothing is wrong; 1: something is."""
    from qasearch.encoding import load_encoder
    from qasearch.linting import lint
    from qasearch.phrases import counted
    from qasearch.presenting.text.printable import one_line, path_text
    from qasearch.reading.corpus import read_corpus
    from qasearch.settings import DEFAULT_MODEL

    entries, problems = read_corpus(settings.corpus, settings.rules)
    encoder = load_encoder(settings.model or DEFAULT_MODEL, offline=settings.offline)
    findings = lint(entries, problems, encoder)
    if as_json:
        from qasearch.presenting.schemas.fields import dumps
        from qasearch.presenting.schemas.lint import LINT, LintSource

        source = LintSource(str(settings.corpus), len(entries), findings)
        click.echo(dumps(LINT.render(source), indent=2))
        return 1 if findings else 0
    for finding in findings:
        path = path_text(finding.path)
        place = f"{path}:{finding.line}" if finding.line else path
        click.echo(f"{place}: {finding.kind}: {one_line(finding.message)}")
    counts = Counter(finding.kind.value for finding in findings)
    summary = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    click.echo(f"{counted(len(entries), 'entry', 'entries')}: {summary or 'nothing to mend'}")
    return 1 if findings else 0
