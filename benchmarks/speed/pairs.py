"""Runs two ways to do the same thing in turn (A B A B ...) and compares them pair by pair.

The speed of a shared machine drifts, so that two separate series would not be comparable.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.shared import ROOT, seconds


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took.

    Attributes:
        seconds: of wall time.
        memory_mb: the peak of resident memory; 0 where it is not measured.
    """

    seconds: float
    memory_mb: float = 0.0


Run = Callable[[], Cost]
"""Does the work once and measures it."""


def process(command: Sequence[str | Path], *, cwd: Path = ROOT) -> Run:
    """A whole process without its output; the benchmark ends if the process fails.

    A child process begins as a copy of this process, so its peak of memory is at least that of this
    one.
    """

    def run() -> Cost:
        started = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=cwd
        )
        errors = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        elapsed = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"failed: {' '.join(map(str, command))}\n{errors.decode()}")
        return Cost(elapsed, usage.ru_maxrss / 1024)

    return run


def call(work: Callable[[], object]) -> Run:
    """A call in this process; its memory is not measured."""
    return lambda: Cost(seconds(work))


PASS = process([sys.executable, "-c", "pass"])
"""The least that any Python command takes."""


def median_cost(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.memory_mb for cost in costs),
    )


def compare(
    name: str, ours: Run, against: str, baseline: Run, *, runs: int, target: str = ""
) -> None:
    """Print the medians of both, and the medians of the ratios of the pairs.

    One run of each does not count: it fills the caches.
    """
    ours()
    baseline()
    pairs = [(ours(), baseline()) for _ in range(runs)]
    our_median = median_cost([first for first, _ in pairs])
    baseline_median = median_cost([second for _, second in pairs])
    ratio = statistics.median(first.seconds / second.seconds for first, second in pairs)
    line = (
        f"{name}: {_text(our_median)}; {against}: {_text(baseline_median)}; "
        f"ratio {ratio:.3f} in time"
    )
    if our_median.memory_mb and baseline_median.memory_mb:
        ratio = statistics.median(first.memory_mb / second.memory_mb for first, second in pairs)
        line += f", {ratio:.3f} in memory"
    if target:
        line += f" (target: {target})"
    print(line, flush=True)


def _text(cost: Cost) -> str:
    memory = f", {cost.memory_mb:.0f} MB" if cost.memory_mb else ""
    return f"{cost.seconds:.3f} s{memory}"
