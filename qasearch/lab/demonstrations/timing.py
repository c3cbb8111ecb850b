"""How long a call takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

RUNS = 5
"""Runs of which the fastest counts: other work on the machine only ever makes a run slower."""


def fastest_seconds(call: Callable[[], object]) -> float:
    """The time of the fastest of `RUNS` runs, after one run that fills the caches; above 0."""
    call()
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return max(min(times), 1e-9)
