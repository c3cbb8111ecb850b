"""What an evaluation says: frozen dataclasses, and the names of its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation.queries import Query

RANKING_METRICS = ("hit@1", "hit@5", "MRR@10", "nDCG@10", "recall@100")
"""How good the ranking is, over the queries that something answers. Higher is better."""

CONFIDENCE_METRICS = (
    "auroc",
    "auroc-hit",
    "aurc",
    "false-answers",
    "false-refusals",
    "ece",
    "brier",
)
"""How much the confidence of the first hit is worth, over all queries."""

LOWER_IS_BETTER = frozenset(CONFIDENCE_METRICS[2:])


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over `queries` queries. `low` and `high` are the ends of its 95 % interval, None
    unless it is a mean.
    """

    value: float
    queries: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in another mode: its `value` there, what it has more than in the first mode, and how
    sure that is.

    `low` and `high` are the ends of the 95 % interval of the difference, `p` is that of the
    randomisation test.
    """

    value: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another mode, with the difference in each of `RANKING_METRICS`."""

    mode: Mode
    metrics: Mapping[str, Difference]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What happens if only confidences of at least `threshold` count: `coverage` of the queries get
    their first hit as an answer, and `risk` of those get a wrong one.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The queries whose confidence is from `low` to below `high` (1 included in the last bin).

    `confidence` is their mean confidence, `accuracy` the share whose first hit is relevant; both 0
    of no queries.
    """

    low: float
    high: float
    queries: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Expected:
    """An entry that is relevant for a query, and its `rank`, 1 for the first hit, None where it was
    not found.

    `question` is None where the index has no such entry.
    """

    id: str
    relevance: int
    question: str | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """The first hit for a query."""

    id: str
    question: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one query.

    `expected` are the relevant entries, the most relevant first, none if nothing answers the query;
    then `metrics` is empty, and else has `RANKING_METRICS`. `found` is None where nothing was found
    at all.
    """

    query: Query
    expected: tuple[Expected, ...]
    found: Found | None
    verdict: Verdict
    metrics: Mapping[str, float]

    @property
    def answerable(self) -> bool:
        """Whether anything answers the query."""
        return bool(self.expected)

    @property
    def rank(self) -> int | None:
        """That of the first relevant entry; None where none was found."""
        return min((each.rank for each in self.expected if each.rank is not None), default=None)

    @property
    def confidence(self) -> float:
        """That of the first hit; 0 where nothing was found."""
        return self.found.confidence if self.found else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation of one index.

    `metrics` has the figures by name, of `RANKING_METRICS` and `CONFIDENCE_METRICS` those that are
    defined. `curve` goes from the most confident queries to all of them. `notes` are remarks, such
    as what was left out. `rerank` is the cross-encoder that ordered the best entries of `mode`, but
    not those of the `comparisons`; None without one.
    """

    index: IndexState
    mode: Mode
    outcomes: tuple[Outcome, ...]
    metrics: Mapping[str, Figure]
    curve: tuple[CurvePoint, ...]
    calibration: tuple[CalibrationBin, ...]
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    rerank: str | None = None

    @property
    def unanswerable(self) -> int:
        """How many of the queries nothing answers."""
        return sum(not outcome.answerable for outcome in self.outcomes)

    def misses(self) -> list[Outcome]:
        """The queries whose first hit does not answer them although something does, the worst
        first.

        Worst are those whose answer was not found at all, then those with the answer furthest down;
        among these, those whose first hit is the most confident; then in the order of the queries.
        """
        wrong = [outcome for outcome in self.outcomes if outcome.answerable and outcome.rank != 1]
        return sorted(
            wrong, key=lambda each: (each.rank is not None, -(each.rank or 0), -each.confidence)
        )

    def false_answers(self) -> list[Outcome]:
        """The queries that were answered although nothing answers them, the most confident
        first.
        """
        wrong = [
            each for each in self.outcomes if not each.answerable and each.verdict is Verdict.ANSWER
        ]
        return sorted(wrong, key=lambda each: -each.confidence)
