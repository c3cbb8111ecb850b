"""The public sets: which files each has, which of its queries are asked, where its index is."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import ROOT, jsonl, need, write_corpus

EXAMPLES = " + examples"

SAMPLE = 1_000
"""Queries to ask of a set that would take more than three minutes with all of them."""

_SEED = 0


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set of queries with known answers.

    Attributes:
        name: its name in the tables.
        examples: whether its entries have other wordings as aliases.
        sample: the number of queries to ask; None for all. A sample is the same each time.
    """

    name: str
    examples: bool = False
    sample: int | None = None

    @property
    def source(self) -> str:
        """The name of the folder of its files."""
        return self.name.removesuffix(EXAMPLES)


DEV = PublicSet("dev-queries")
"""The development questions, on the bundled corpus."""

SPEED_SET = "scifact"
"""The set with the most passages."""

SETS = (
    PublicSet("scifact"),
    PublicSet("rqe_chq_faq"),
    PublicSet("stackfaq_dev"),
    PublicSet("banking77_intent", sample=SAMPLE),
    PublicSet("clinc150_intent", sample=SAMPLE),
    PublicSet("hint3_curekart"),
    PublicSet(f"banking77_intent{EXAMPLES}", examples=True, sample=SAMPLE),
    PublicSet(f"clinc150_intent{EXAMPLES}", examples=True, sample=SAMPLE),
    PublicSet(f"hint3_curekart{EXAMPLES}", examples=True),
    DEV,
)


@dataclass(frozen=True, slots=True)
class SetFiles:
    """The files of a set, as `qasearch build` and `qasearch eval` take them.

    Attributes:
        corpus: a folder.
        index: a folder.
        queries: a file of queries.
        qrels: a file of judgements; None where `queries` has them.
        no_answer: a file of queries without an answer.
        note: which queries are asked; "" for all.
    """

    corpus: Path
    index: Path
    queries: Path
    qrels: Path | None = None
    no_answer: Path | None = None
    note: str = ""


def lay_out(public_set: PublicSet, folder: Path) -> SetFiles:
    """The files of a set: its corpus in `folder/NAME/corpus`, its index in `folder/NAME/index`.

    A corpus that exists stays as it is, with its time stamps, so that its index stays valid.
    """
    place = folder / public_set.name.replace(" ", "")
    place.mkdir(parents=True, exist_ok=True)
    if public_set is DEV:
        return SetFiles(ROOT / "corpus", place / "index", need("eval/dev-queries.tsv"))
    source = need(f"eval/{public_set.source}")
    corpus = place / "corpus"
    if not corpus.exists():
        corpus.mkdir()
        write_corpus(corpus, source / "corpus.jsonl", examples=public_set.examples)
    queries, note = source / "queries.jsonl", ""
    if public_set.sample is not None:
        queries, note = _sampled(queries, public_set.sample, place / "queries.jsonl")
    no_answer = source / "no_answer_queries.jsonl"
    return SetFiles(
        corpus,
        place / "index",
        queries,
        source / "qrels.tsv",
        no_answer if no_answer.exists() else None,
        note,
    )


def _sampled(queries: Path, count: int, target: Path) -> tuple[Path, str]:
    """A file with `count` of the queries in their order, and a note that says so."""
    rows = jsonl(queries)
    if len(rows) <= count:
        return queries, ""
    numbers = sorted(random.Random(_SEED).sample(range(len(rows)), count))
    _write_jsonl([rows[number] for number in numbers], target)
    return target, f"{count:,} of its {len(rows):,} answerable queries, drawn with the seed {_SEED}"


def _write_jsonl(rows: Sequence[dict[str, object]], target: Path) -> None:
    target.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
