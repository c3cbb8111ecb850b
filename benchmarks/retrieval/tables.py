"""Rows of text. Knows figures, not how they came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.retrieval.ablations import NAMES, Figures
from benchmarks.retrieval.baselines import Baselines
from benchmarks.retrieval.commands import METRIC, false_answers, false_refusals, of_mode
from benchmarks.retrieval.sets import EXAMPLES

_HEAD = (
    ("", ""),
    ("queries", "+ none"),
    ("BM25", ""),
    ("dense", ""),
    ("cosine", "passage"),
    ("cosine", "question"),
    ("best", "single"),
    ("RRF", ""),
    ("ours", ""),
    ("95 %", "interval"),
    ("less", "single"),
    ("hit@1", ""),
    ("hit@5", ""),
    ("AUROC", ""),
    ("AUROC", "cosine"),
    ("false", "answers"),
    ("false", "refusals"),
)
_WIDTHS = (27, 11, 7, 7, 8, 9, 7, 7, 7, 14, 7, 7, 7, 7, 7, 8, 9)
_LABEL = max(map(len, NAMES))
_CELL = 13


@dataclass(frozen=True, slots=True)
class SetRow:
    """What is known of one set: what `qasearch eval` said, the baselines, and the ablations in
    their order.
    """

    name: str
    said: dict[str, Any]
    baselines: Baselines
    ablations: Sequence[Figures]


def print_head() -> None:
    """The two lines above the rows of the first table."""
    for line in zip(*_HEAD, strict=True):
        print(_line(line))


def print_set(row: SetRow) -> None:
    """The row of one set in the first table."""
    said, baselines = row.said, row.baselines
    metrics = said["metrics"]
    ours = metrics[METRIC]
    bm25, dense = of_mode(said, "lexical"), of_mode(said, "dense")
    single = max(bm25, dense, baselines.best_passage, baselines.question)
    cells = [row.name, f"{said['answerable']} + {said['unanswerable']}"]
    cells += [
        f"{value:.3f}"
        for value in (bm25, dense, baselines.best_passage, baselines.question, single)
    ]
    cells += [
        f"{baselines.rrf:.3f}",
        f"{ours['value']:.3f}",
        f"{ours['low']:.3f}-{ours['high']:.3f}",
    ]
    cells += [
        f"{ours['value'] - single:+.3f}",
        *(f"{metrics[name]['value']:.3f}" for name in ("hit@1", "hit@5")),
    ]
    if baselines.auroc is None:
        cells += ["-", "-", "-"]
    else:
        cells += [
            f"{metrics['auroc']['value']:.3f}",
            f"{baselines.auroc:.3f}",
            f"{false_answers(said):.3f}",
        ]
    print(_line([*cells, f"{false_refusals(said):.3f}"]), flush=True)


def print_ablations(rows: Sequence[SetRow]) -> None:
    """A row for each ablation, a column for each set."""
    heads = [
        row.name.removesuffix(EXAMPLES).split("_") + ["+ examples"] * row.name.endswith(EXAMPLES)
        for row in rows
    ]
    for line in range(max(map(len, heads))):
        print(
            " " * _LABEL
            + "".join(f"{head[line] if line < len(head) else '':>{_CELL}}" for head in heads)
        )
    for at, name in enumerate(NAMES):
        print(f"{name:{_LABEL}}" + "".join(f"{_cell(row.ablations[at]):>{_CELL}}" for row in rows))


def _cell(figures: Figures) -> str:
    return f"{figures.ndcg:.3f} {'    -' if figures.auroc is None else f'{figures.auroc:.3f}'}"


def _line(cells: Sequence[str]) -> str:
    first, *others = cells
    return f"{first:{_WIDTHS[0]}}" + "".join(
        f"{cell:>{width}}" for cell, width in zip(others, _WIDTHS[1:], strict=True)
    )
