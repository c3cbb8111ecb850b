"""Limits for metrics, such as `--min hit@1=0.9` and `--max false-answers=0.05`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qasearch.errors import BadRequest
from qasearch.evaluation.metric_table import METRICS, Metric
from qasearch.evaluation.metric_values import MetricValue
from qasearch.phrases import suggestion


@dataclass(frozen=True, slots=True)
class Limit:
    """The worst allowed value of a metric.

    Attributes:
        metric: the metric.
        bound: the maximum for a metric whose lower values are better, else the minimum.
    """

    metric: Metric
    bound: float

    @property
    def option(self) -> str:
        """The option of the command line that sets this limit."""
        return _option(self.metric)


@dataclass(frozen=True, slots=True)
class Check:
    """A limit and the value of its metric."""

    limit: Limit
    value: float

    @property
    def passed(self) -> bool:
        """Whether the value is within the limit; the bound itself is allowed."""
        if self.limit.metric.lower_is_better:
            return self.value <= self.limit.bound
        return self.value >= self.limit.bound


def parse_limits(minimums: Sequence[str], maximums: Sequence[str]) -> tuple[Limit, ...]:
    """The limits that `--min` and `--max` set, in the order of the options, minimums first.

    Args:
        minimums: values of `--min` as `METRIC=VALUE`. Letter case does not matter, and `_` may
            stand for `-`.
        maximums: values of `--max`, likewise.

    Raises:
        BadRequest: the metric does not exist, the value is not a number from 0 to 1, or the metric
            needs the other option.
    """
    texts = [("--min", text) for text in minimums] + [("--max", text) for text in maximums]
    return tuple(_parse(option, text) for option, text in texts)


def check(limits: Sequence[Limit], values: Mapping[str, MetricValue]) -> tuple[Check, ...]:
    """Each limit with the value of its metric, in the order of the limits.

    Args:
        limits: the limits.
        values: the metric values of a report by name.

    Raises:
        BadRequest: a metric is not defined for these queries.
    """
    for limit in limits:
        name = limit.metric.name
        if name not in values:
            raise BadRequest(
                f"The metric {name} is not defined for these queries "
                f"({limit.option} {name}={limit.bound:g}).",
                f"Defined are: {', '.join(values)}. Some metrics need unanswerable queries: add "
                "them with --no-answer FILE.",
            )
    return tuple(Check(limit, values[limit.metric.name].value) for limit in limits)


def _parse(option: str, text: str) -> Limit:
    name, _, number = (part.strip() for part in text.partition("="))
    metrics = {metric.name.lower(): metric for metric in METRICS.values()}
    metric = metrics.get(name.lower().replace("_", "-"))
    if metric is None:
        hint = suggestion(name, METRICS, f"The metrics are: {', '.join(METRICS)}.")
        raise BadRequest(f"There is no metric '{name}' ({option} {text}).", hint)
    try:
        bound = float(number)
    except ValueError:
        bound = math.nan
    # A comparison with nan is false.
    if not 0 <= bound <= 1:
        raise BadRequest(
            f"The value in {option} {text} is not a number from 0 to 1.",
            f"For example: {_option(metric)} {metric.name}=0.9",
        )
    if option != _option(metric):
        better = "lower" if metric.lower_is_better else "higher"
        raise BadRequest(
            f"{metric.name} is better if it is {better}, so {option} {text} is not possible.",
            f"Write {_option(metric)} {text}",
        )
    return Limit(metric, bound)


def _option(metric: Metric) -> str:
    return "--max" if metric.lower_is_better else "--min"
