"""The result of an evaluation as frozen dataclasses; not how it is computed or shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qasearch.datatypes.index import IndexState
from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Verdict
from qasearch.evaluation.metric_values import MetricValue
from qasearch.evaluation.queries import Query


@dataclass(frozen=True, slots=True)
class Difference:
    """A ranking metric in another mode, compared with the first mode.

    Attributes:
        value: its value in the other mode.
        difference: that value minus the value in the first mode.
        low: lower end of the 95 % interval of the difference.
        high: upper end of that interval.
        p: p-value of the randomisation test.
    """

    value: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another mode, and its difference in each ranking metric by name."""

    mode: Mode
    metrics: Mapping[str, Difference]


GAP = "gap"
"""The kind of a query on the subject of the corpus that no entry answers."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How the queries of one kind fared.

    Attributes:
        name: `right entry` or `wrong entry` for answerable queries, by their first hit; for
            unanswerable ones the column `kind` of the file, or `no answer`.
        verdicts: the share of the queries with each verdict.
    """

    name: str
    verdicts: Mapping[Verdict, MetricValue]


@dataclass(frozen=True, slots=True)
class RiskCoveragePoint:
    """The effect of answering only where the confidence is at least `threshold`.

    Attributes:
        threshold: the confidence.
        coverage: the share of all queries that get their first hit as the answer.
        risk: the share of these queries whose first hit is not relevant.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The queries whose confidence is at least `low` and below `high`; the last bin includes 1.

    Attributes:
        low: the lowest confidence of the bin.
        high: the end of the bin.
        queries: the number of queries.
        confidence: their mean confidence; 0 for no queries.
        accuracy: the share of queries whose first hit is relevant; 0 for no queries.
    """

    low: float
    high: float
    queries: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ExpectedEntry:
    """An entry that is relevant for a query.

    Attributes:
        id: its id.
        relevance: its relevance, 1 or more.
        question: its question; None if the index does not have the entry.
        rank: its rank, 1 for the first hit; None if it is not among the hits.
    """

    id: str
    relevance: int
    question: str | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class FirstHit:
    """The first hit for a query."""

    id: str
    question: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one query.

    Attributes:
        query: the query.
        expected: the relevant entries, highest relevance first; empty for an unanswerable query.
        first_hit: None if nothing was found.
        verdict: the verdict on the first hit.
        metrics: each ranking metric by name; empty for an unanswerable query.
    """

    query: Query
    expected: tuple[ExpectedEntry, ...]
    first_hit: FirstHit | None
    verdict: Verdict
    metrics: Mapping[str, float]

    @property
    def answerable(self) -> bool:
        """Whether the query has a relevant entry."""
        return bool(self.expected)

    @property
    def rank(self) -> int | None:
        """The rank of the first relevant entry; None if none was found."""
        return min((entry.rank for entry in self.expected if entry.rank is not None), default=None)

    @property
    def confidence(self) -> float:
        """The confidence of the first hit; 0 if nothing was found."""
        return self.first_hit.confidence if self.first_hit else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation of one index.

    Attributes:
        index: the state of the index.
        mode: the mode in which the queries were asked.
        outcomes: the result for each query, in the order of the queries.
        metrics: the value of each metric that is defined for these queries, by name.
        risk_coverage: the curve, from the highest confidence to all queries.
        calibration: the reliability diagram, lowest confidence first.
        kinds: how the queries of each kind fared.
        comparisons: the ranking in other modes, always without a cross-encoder.
        notes: remarks, for example on queries that were left out.
        rerank: the cross-encoder that ordered the best entries; None without one.
    """

    index: IndexState
    mode: Mode
    outcomes: tuple[Outcome, ...]
    metrics: Mapping[str, MetricValue]
    risk_coverage: tuple[RiskCoveragePoint, ...]
    calibration: tuple[CalibrationBin, ...]
    kinds: tuple[Kind, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()
    rerank: str | None = None

    @property
    def answerable(self) -> int:
        """The number of answerable queries."""
        return sum(outcome.answerable for outcome in self.outcomes)

    @property
    def unanswerable(self) -> int:
        """The number of unanswerable queries."""
        return len(self.outcomes) - self.answerable

    def misses(self) -> list[Outcome]:
        """The answerable queries whose first hit is not relevant, worst first.

        Queries without a found relevant entry come first. The other queries are ordered by the
        rank of their first relevant entry, from the last rank to rank 2. Queries with the same
        rank are ordered by the confidence of the first hit, highest first, then as in `outcomes`.
        """
        misses = [outcome for outcome in self.outcomes if outcome.answerable and outcome.rank != 1]
        return sorted(
            misses,
            key=lambda miss: (miss.rank is not None, -(miss.rank or 0), -miss.confidence),
        )

    def false_answers(self) -> list[Outcome]:
        """The unanswerable queries with the verdict `answer`, highest confidence first."""
        false_answers = [
            outcome
            for outcome in self.outcomes
            if not outcome.answerable and outcome.verdict is Verdict.ANSWER
        ]
        return sorted(false_answers, key=lambda outcome: -outcome.confidence)
