"""The sets that are asked: which files each has, which of its queries, and where its corpus and its
index are.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import ROOT, jsonl, need, write_corpus

EXAMPLES = " + examples"
SAMPLE = 1_000
"""How many queries are asked of a set that would take more than three minutes with all of them."""

_SEED = 0


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set of queries with known answers. With `examples`, its entries have other wordings as
    their aliases.

    Of more than `at_most` queries, a sample is asked that is the same each time.
    """

    name: str
    examples: bool = False
    at_most: int | None = None

    @property
    def source(self) -> str:
        """The name of the folder of its files."""
        return self.name.removesuffix(EXAMPLES)


DEV = PublicSet("dev-queries")
"""The development questions, on the corpus that comes with qasearch."""

SPEED_SET = "scifact"

SETS = (
    PublicSet("scifact"),
    PublicSet("rqe_chq_faq"),
    PublicSet("stackfaq_dev"),
    PublicSet("banking77_intent", at_most=SAMPLE),
    PublicSet("clinc150_intent", at_most=SAMPLE),
    PublicSet("hint3_curekart"),
    PublicSet(f"banking77_intent{EXAMPLES}", examples=True, at_most=SAMPLE),
    PublicSet(f"clinc150_intent{EXAMPLES}", examples=True, at_most=SAMPLE),
    PublicSet(f"hint3_curekart{EXAMPLES}", examples=True),
    DEV,
)


@dataclass(frozen=True, slots=True)
class SetFiles:
    """A set on disk: what `qasearch build` and `qasearch eval` are given. `note` says which
    queries, if not all.
    """

    corpus: Path
    index: Path
    queries: Path
    qrels: Path | None = None
    no_answer: Path | None = None
    note: str = ""


def lay_out(public: PublicSet, folder: Path) -> SetFiles:
    """The files of a set, with its corpus in `NAME/corpus` and its index in `NAME/index` of
    `folder`.

    A corpus that is there already stays as it is, with its time stamps, so that its index holds.
    """
    place = folder / public.name.replace(" ", "")
    place.mkdir(parents=True, exist_ok=True)
    if public is DEV:
        return SetFiles(ROOT / "corpus", place / "index", need("eval/dev-queries.tsv"))
    source = need(f"eval/{public.source}")
    corpus = place / "corpus"
    if not corpus.exists():
        corpus.mkdir()
        write_corpus(corpus, source / "corpus.jsonl", examples=public.examples)
    queries, note = source / "queries.jsonl", ""
    if public.at_most is not None:
        queries, note = _sampled(queries, public.at_most, place / "queries.jsonl")
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
    """A file of `count` of the queries, drawn with a fixed seed, in their order; and what it is."""
    rows = jsonl(queries)
    if len(rows) <= count:
        return queries, ""
    kept = sorted(random.Random(_SEED).sample(range(len(rows)), count))
    _write_jsonl([rows[at] for at in kept], target)
    return target, f"{count:,} of its {len(rows):,} answerable queries, drawn with the seed {_SEED}"


def _write_jsonl(rows: Sequence[dict[str, object]], target: Path) -> None:
    target.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
