"""What the figures of an evaluation have to be, as `--min hit@1=0.9` and `--max false-answers=0.05`
say it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qasearch.errors import BadRequest
from qasearch.evaluation.report import CONFIDENCE_METRICS, LOWER_IS_BETTER, RANKING_METRICS, Figure

_NAMES = (*RANKING_METRICS, *CONFIDENCE_METRICS)


@dataclass(frozen=True, slots=True)
class Limit:
    """The worst value that a metric may have: the least, or for one of which lower is better the
    most.
    """

    metric: str
    worst: float

    @property
    def option(self) -> str:
        """How the command line calls it."""
        return _option(self.metric)


@dataclass(frozen=True, slots=True)
class Check:
    """A limit and the value that the metric has."""

    limit: Limit
    value: float

    @property
    def passed(self) -> bool:
        """Whether the value is the limit or better."""
        if self.limit.metric in LOWER_IS_BETTER:
            return self.value <= self.limit.worst
        return self.value >= self.limit.worst


def parse_limits(least: Sequence[str], most: Sequence[str]) -> tuple[Limit, ...]:
    """The limits that `--min` and `--max` name as `METRIC=VALUE`; letter case and `_` for `-` do
    not matter.

    Raises:
        BadRequest: no metric has that name, the value is no number from 0 to 1, or the metric is
            better the other way.
    """
    return tuple(
        _parse(text, option)
        for option, texts in (("--min", least), ("--max", most))
        for text in texts
    )


def check(limits: Sequence[Limit], metrics: Mapping[str, Figure]) -> tuple[Check, ...]:
    """Each limit with the value of its metric.

    Raises:
        BadRequest: a metric is not defined for these queries.
    """
    for limit in limits:
        if limit.metric not in metrics:
            raise BadRequest(
                f"There is no {limit.metric} for these queries ({limit.option} {limit.metric}={limit.worst:g}).",
                f"There are: {', '.join(metrics)}. Those about refusing need queries that nothing answers: --no-answer",
            )
    return tuple(Check(limit, metrics[limit.metric].value) for limit in limits)


def _parse(text: str, option: str) -> Limit:
    name, _, number = text.partition("=")
    known = {each.lower(): each for each in _NAMES}
    metric = known.get(name.strip().lower().replace("_", "-"))
    if metric is None:
        raise BadRequest(
            f"There is no metric '{name.strip()}' ({option} {text}).",
            f"There are: {', '.join(_NAMES)}.",
        )
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadRequest(
            f"{option} {text} has no number from 0 to 1.",
            f"Write {option} {metric}=0.9, for example.",
        )
    if option != _option(metric):
        better = "lower" if metric in LOWER_IS_BETTER else "higher"
        raise BadRequest(
            f"Of {metric}, {better} is better ({option} {text}).", f"Write {_option(metric)} {text}"
        )
    return Limit(metric, value)


def _option(metric: str) -> str:
    return "--max" if metric in LOWER_IS_BETTER else "--min"
