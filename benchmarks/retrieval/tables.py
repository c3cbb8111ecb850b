"""Prints the tables. Knows figures, but not where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.retrieval.ablations import NAMES, Figures
from benchmarks.retrieval.baselines import Baselines
from benchmarks.retrieval.commands import METRIC, false_answers, false_refusals, of_mode
from benchmarks.retrieval.sets import EXAMPLES

_COLUMNS = (
    (27, "", ""),
    (11, "queries", "+ none"),
    (7, "BM25", ""),
    (7, "dense", ""),
    (8, "cosine", "passage"),
    (9, "cosine", "question"),
    (7, "best", "single"),
    (7, "RRF", ""),
    (7, "ours", ""),
    (14, "95 %", "interval"),
    (7, "minus", "single"),
    (7, "hit@1", ""),
    (7, "hit@5", ""),
    (7, "AUROC", ""),
    (7, "AUROC", "cosine"),
    (8, "false", "answers"),
    (9, "false", "refusals"),
)
"""Width and the two lines of the head."""

_ABLATION_WIDTH = max(map(len, NAMES))
_SET_WIDTH = 13


@dataclass(frozen=True, slots=True)
class SetRow:
    """The figures of one set.

    Attributes:
        name: the name of the set.
        report: the JSON of `qasearch eval`.
        baselines: the figures of simpler methods.
        ablations: the figures for each of `ablations.NAMES`.
    """

    name: str
    report: dict[str, Any]
    baselines: Baselines
    ablations: Sequence[Figures]


def print_head() -> None:
    """Print the two lines above the rows of the first table."""
    print(_line([first for _, first, _ in _COLUMNS]))
    print(_line([second for _, _, second in _COLUMNS]))


def print_set(row: SetRow) -> None:
    """Print the row of one set in the first table."""
    report, baselines = row.report, row.baselines
    metrics = report["metrics"]
    ours = metrics[METRIC]
    bm25, dense = of_mode(report, "lexical"), of_mode(report, "dense")
    single = max(bm25, dense, baselines.best_passage, baselines.question)
    cells = [
        row.name,
        f"{report['answerable']} + {report['unanswerable']}",
        f"{bm25:.3f}",
        f"{dense:.3f}",
        f"{baselines.best_passage:.3f}",
        f"{baselines.question:.3f}",
        f"{single:.3f}",
        f"{baselines.rrf:.3f}",
        f"{ours['value']:.3f}",
        f"{ours['low']:.3f}-{ours['high']:.3f}",
        f"{ours['value'] - single:+.3f}",
        f"{metrics['hit@1']['value']:.3f}",
        f"{metrics['hit@5']['value']:.3f}",
    ]
    if baselines.auroc is None:  # every query has an answer
        cells += ["-", "-", "-"]
    else:
        cells += [
            f"{metrics['auroc']['value']:.3f}",
            f"{baselines.auroc:.3f}",
            f"{false_answers(report):.3f}",
        ]
    print(_line([*cells, f"{false_refusals(report):.3f}"]), flush=True)


def print_ablations(rows: Sequence[SetRow]) -> None:
    """Print a row for each ablation and a column for each set."""
    heads = [
        row.name.removesuffix(EXAMPLES).split("_") + ["+ examples"] * row.name.endswith(EXAMPLES)
        for row in rows
    ]
    for line in range(max(map(len, heads))):
        words = [head[line] if line < len(head) else "" for head in heads]
        print(" " * _ABLATION_WIDTH + "".join(f"{word:>{_SET_WIDTH}}" for word in words))
    for number, name in enumerate(NAMES):
        cells = [_ablation_cell(row.ablations[number]) for row in rows]
        print(f"{name:{_ABLATION_WIDTH}}" + "".join(f"{cell:>{_SET_WIDTH}}" for cell in cells))


def _ablation_cell(figures: Figures) -> str:
    auroc = "    -" if figures.auroc is None else f"{figures.auroc:.3f}"
    return f"{figures.ndcg:.3f} {auroc}"


def _line(cells: Sequence[str]) -> str:
    """The cells as one line, the first one to the left and all others to the right."""
    (first_width, *_), *columns = _COLUMNS
    first, *rest = cells
    return f"{first:{first_width}}" + "".join(
        f"{cell:>{width}}" for cell, (width, *_) in zip(rest, columns, strict=True)
    )
