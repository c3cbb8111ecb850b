"""`qasearch eval`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import ProgressBar, remark
from qasearch.datatypes.options import Mode

if TYPE_CHECKING:
    from qasearch.api import Index
    from qasearch.datatypes.options import AskOptions
    from qasearch.evaluation.judgements import Judgements
    from qasearch.settings import Settings


@click.command(
    help="""Measure the answers to queries whose answers are known: the ranking, the confidence and
    the worst misses.

    With --qrels, the file of --queries is JSON lines as in BEIR, or TSV with id and text; the file
    of --qrels has the form of TREC or BEIR. Without --qrels, the file of --queries is TSV with
    question and expected entry ids. Commas separate ids; NONE marks a question that the corpus does
    not answer.

    With --calibrate instead of --queries, the confidence is first fitted to the queries. The index
    keeps the new curve if it is better on queries that were held out.

    With --self instead of --queries, the corpus is asked its own questions, each hidden from its
    entry; the same as if that entry did not exist; and off-topic questions.

    Exit code 0: done; 1: a metric breaks a limit of --min or --max; 2: an error."""
)
@click.option("--queries", metavar="FILE", type=Path, help="The queries to ask.")
@click.option(
    "--qrels", metavar="FILE", type=Path, help="Which entries are relevant for which query."
)
@click.option(
    "--no-answer", metavar="FILE", type=Path, help="Queries that the corpus does not answer."
)
@click.option(
    "--calibrate",
    metavar="FILE",
    type=Path,
    help="Fit the confidence to these queries first, and keep it in the index.",
)
@click.option(
    "--self",
    "own_questions",
    is_flag=True,
    help="Ask the corpus its own questions; needs no judgements.",
)
@shared.settings("corpus", "index", "offline")
@shared.ask_options("mode", "trust", "rerank")
@click.option(
    "--compare",
    type=shared.MODES,
    multiple=True,
    help="Another mode to compare with, without --rerank; repeatable.",
)
@click.option(
    "--min",
    "minimums",
    metavar="METRIC=VALUE",
    multiple=True,
    help="Fail if the metric, where higher is better, is lower than the value; repeatable.",
)
@click.option(
    "--max",
    "maximums",
    metavar="METRIC=VALUE",
    multiple=True,
    help="Fail if the metric, where lower is better, is higher than the value; repeatable.",
)
@click.option(
    "--misses",
    metavar="N",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="How many misses and how many false answers to list.",
)
@shared.as_json
def command(
    queries: Path | None,
    qrels: Path | None,
    no_answer: Path | None,
    calibrate: Path | None,
    own_questions: bool,
    settings: Settings,
    options: AskOptions,
    compare: tuple[str, ...],
    minimums: tuple[str, ...],
    maximums: tuple[str, ...],
    misses: int,
    as_json: bool,
) -> int:
    """0: done; 1: a metric breaks a limit."""
    from qasearch.api import open_with
    from qasearch.evaluation.evaluate import evaluate, evaluate_self
    from qasearch.evaluation.judgements import load_judgements
    from qasearch.evaluation.limits import check, parse_limits
    from qasearch.presenting.schemas.evaluation import EVALUATION, EvaluationSource
    from qasearch.presenting.schemas.fields import dumps
    from qasearch.presenting.text.evaluation import check_text, report_text

    if options.mode in compare and options.rerank is None:
        raise click.UsageError(
            f"--compare {options.mode} is the mode of --mode; name another mode."
        )
    if [bool(queries), bool(calibrate), own_questions].count(True) != 1:
        raise click.UsageError("Give one of --queries FILE, --calibrate FILE and --self.")
    if own_questions and (qrels or no_answer or options.rerank):
        raise click.UsageError("--qrels, --no-answer and --rerank need --queries, not --self.")
    queries = queries or calibrate
    limits = parse_limits(minimums, maximums)
    judgements = load_judgements(queries, qrels, no_answer) if queries else None
    other_modes = [Mode(mode) for mode in compare]
    with ProgressBar() as progress, open_with(settings, progress=progress) as index:
        if judgements and calibrate:
            _calibrate(index, judgements, calibrate)
        if judgements:
            report = evaluate(index, judgements, options, other_modes, progress)
        else:
            report = evaluate_self(index, options, other_modes)
    checks = check(limits, report.metrics)
    if as_json:
        source = EvaluationSource(report, checks, misses)
        click.echo(dumps(EVALUATION.render(source), indent=2))
    else:
        click.echo(report_text(report, misses))
    failed_checks = [limit_check for limit_check in checks if not limit_check.passed]
    for failed_check in failed_checks:
        remark(check_text(failed_check))
    return 1 if failed_checks else 0


def _calibrate(index: Index, judgements: Judgements, file: Path) -> None:
    """Fit the confidence to the queries, and say what came of it."""
    from qasearch.evaluation.entry_ids import EntryIds

    ids = EntryIds.of(index.entries())
    resolved = [ids.resolve(query) for query in judgements.queries]
    questions = [
        (
            judged.query.text,
            frozenset(entry for entry, value in judged.relevance.items() if value > 0),
        )
        for judged in resolved
    ]
    for mode, fitted in index.calibrate(questions, str(file)).items():
        losses = f"{fitted.shipped_loss:.3f} with the shipped curve, {fitted.loss:.3f} with its own"
        kept = "its own" if fitted.is_better else "the shipped one"
        remark(f"{mode.value}: log loss of held-out queries {losses}; {kept} is used from now on.")
