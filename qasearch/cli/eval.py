"""`qasearch eval`."""

from __future__ import annotations

from pathlib import Path

import click

from qasearch.cli import options
from qasearch.cli.output import ProgressBar, remark
from qasearch.datatypes.options import Mode


@click.command(
    help="""Measure the answers on queries whose answers are known: ranking, confidence, and the worst misses.

    QUERIES are BEIR's JSON lines or TSV of id and text, with --qrels in TREC's or BEIR's form; or, without --qrels, TSV
    of question and expected entry ids (comma separated; NONE: nothing answers it). With --self instead, the corpus is
    asked its own questions with what gives them away hidden, and questions on other subjects. Exit code 0: done, 1: a
    figure is worse than --min or --max allows, 2: an error."""
)
@click.option("--queries", metavar="FILE", type=Path, help="The queries to ask.")
@click.option(
    "--qrels", metavar="FILE", type=Path, help="Which entries are relevant for which query."
)
@click.option(
    "--no-answer", metavar="FILE", type=Path, help="Queries that nothing in the corpus answers."
)
@click.option(
    "--self", "own", is_flag=True, help="Ask the corpus its own questions; needs no labels."
)
@options.corpus
@options.index
@options.mode
@click.option(
    "--compare",
    type=options.MODES,
    multiple=True,
    help="Another mode to compare with, without --rerank; repeatable.",
)
@click.option(
    "--min", "least", metavar="METRIC=VALUE", multiple=True, help="Fail below this; repeatable."
)
@click.option(
    "--max",
    "most",
    metavar="METRIC=VALUE",
    multiple=True,
    help="Fail above this, where lower is better.",
)
@click.option(
    "--misses",
    metavar="N",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many of the worst queries to show.",
)
@options.rerank
@options.offline
@options.as_json
def command(
    queries: Path | None,
    qrels: Path | None,
    no_answer: Path | None,
    own: bool,
    corpus: str | None,
    index: str | None,
    mode: str,
    compare: tuple[str, ...],
    least: tuple[str, ...],
    most: tuple[str, ...],
    misses: int,
    rerank: str | None,
    offline: bool | None,
    as_json: bool,
) -> int:
    """0: done; 1: a figure is worse than it may be."""
    from qasearch.api import open_with
    from qasearch.evaluation.evaluate import evaluate, evaluate_self
    from qasearch.evaluation.judgements import load_judgements
    from qasearch.evaluation.limits import check, parse_limits
    from qasearch.presenting.json_evaluation import report_fields
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text.evaluation import check_text, report_text
    from qasearch.settings import load_settings

    if mode in compare and rerank is None:
        raise click.UsageError(f"--compare {mode} is the mode that the others are compared with.")
    if own == (queries is not None) or (own and (qrels or no_answer or rerank)):
        raise click.UsageError(
            "Give --queries, with --qrels, --no-answer and --rerank as you like, or else --self."
        )
    limits = parse_limits(least, most)
    judgements = load_judgements(queries, qrels, no_answer) if queries else None
    settings = load_settings(corpus=corpus, index=index, offline=offline)
    with ProgressBar() as progress, open_with(settings, progress=progress) as opened:
        others = [Mode(each) for each in dict.fromkeys(compare)]
        if judgements:
            report = evaluate(opened, judgements, Mode(mode), others, progress, rerank)
        else:
            report = evaluate_self(opened, Mode(mode), others)
    checks = check(limits, report.metrics)
    click.echo(
        dumps(report_fields(report, checks, misses), indent=2)
        if as_json
        else report_text(report, misses)
    )
    failed = [each for each in checks if not each.passed]
    for each in failed:
        remark(check_text(each))
    return 1 if failed else 0
