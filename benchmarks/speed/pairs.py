"""Two ways to do the same, run in turn (A B A B ...) because machines drift, and the ratio of each
pair.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.shared import ROOT

Run = Callable[[], tuple[float, float]]
"""Does it once: seconds of wall time, and the peak of resident memory in MB (0 where that is not
asked for)."""


def process(command: Sequence[str | Path], *, cwd: Path = ROOT) -> Run:
    """A whole process, its output thrown away; the benchmark ends if it fails.

    Its peak of memory cannot be told if it is less than that of this process, of which it begins as
    a copy.
    """

    def run() -> tuple[float, float]:
        started = time.perf_counter()
        child = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=cwd
        )
        said = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        elapsed = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 1):
            sys.exit(f"failed: {' '.join(map(str, command))}\n{said.decode()}")
        return elapsed, usage.ru_maxrss / 1024

    return run


PASS = process([sys.executable, "-c", "pass"])
"""The least that any Python command takes."""


def compare(
    name: str, ours: Run, against: str, baseline: Run, *, runs: int, target: str = ""
) -> None:
    """Print medians of both, and the median of the ratios pair by pair, after one run of each that
    does not count.
    """
    ours()
    baseline()
    pairs = [(ours(), baseline()) for _ in range(runs)]
    sides = [
        [statistics.median(pair[side][what] for pair in pairs) for what in (0, 1)]
        for side in (0, 1)
    ]
    ratios = [
        statistics.median(pair[0][what] / max(pair[1][what], 1e-9) for pair in pairs)
        for what in (0, 1)
    ]
    told = [f"{seconds:.3f} s{f', {memory:.0f} MB' if memory else ''}" for seconds, memory in sides]
    memory = f", {ratios[1]:.3f} in memory" if sides[0][1] and sides[1][1] else ""
    print(f"{name}: {told[0]}; {against}: {told[1]}; ratio {ratios[0]:.3f} in time{memory}", end="")
    print(f" (target: {target})" if target else "", flush=True)
