"""Wall time and peak memory of whole processes: a cold question beside the baseline, and builds with little to do.

    python -m benchmarks.cold [RUNS]

Each pair runs in turn (A B A B ...), after one run of each that does not count; medians, and the median of the
ratios pair by pair, because machines drift. Times are those of the whole process, memory its peak resident set.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.shared import ROOT
from qasearch.encoding.model_files import built_in_folder

QUESTION = "What is a latent space?"


def measure(command: list[str]) -> tuple[float, float]:
    """Seconds and MB of one process."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode > 1:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def compare(name: str, command: list[str], against: str, baseline: list[str], runs: int) -> None:
    measure(command)
    measure(baseline)
    pairs = [(measure(command), measure(baseline)) for _ in range(runs)]
    (seconds, memory), (base_seconds, base_memory) = (
        [statistics.median(pair[side][what] for pair in pairs) for what in (0, 1)] for side in (0, 1)
    )
    time_ratio = statistics.median(pair[0][0] / pair[1][0] for pair in pairs)
    memory_ratio = statistics.median(pair[0][1] / pair[1][1] for pair in pairs)
    print(f"{name}: {seconds:.2f} s, {memory:.0f} MB; {against}: {base_seconds:.2f} s, {base_memory:.0f} MB; ", end="")
    print(f"ratio {time_ratio:.2f} in time, {memory_ratio:.2f} in memory", flush=True)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    qasearch = [sys.executable, "-m", "qasearch"]
    pass_ = [sys.executable, "-c", "pass"]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        subprocess.run(["cp", "-r", str(ROOT / "corpus"), str(corpus)], check=True)
        for file in corpus.rglob("*.md"):
            os.utime(file, (1_000_000_000, 1_000_000_000))
        flags = ["--corpus", str(corpus), "--index", str(Path(folder) / "index")]
        full = measure([*qasearch, "build", *flags])
        print(f"first build of the bundled corpus: {full[0]:.2f} s, {full[1]:.0f} MB")
        baseline = [sys.executable, "benchmarks/baseline.py", str(corpus), QUESTION, str(built_in_folder())]
        compare("ask --json, cold", [*qasearch, "ask", "--json", QUESTION, *flags], "20-line script", baseline, runs)
        compare("build, nothing changed", [*qasearch, "build", *flags], "python -c pass", pass_, runs)
        changing = corpus / "maths" / "pca.md"
        edit = f"open({str(changing)!r}, 'a').write('\\nOne more line.\\n')"
        change = [sys.executable, "-c", f"{edit}; import runpy; runpy.run_module('qasearch', run_name='__main__')"]
        compare(
            "build, one file changed",
            [*change, "build", *flags],
            "build --full",
            [*qasearch, "build", "--full", *flags],
            runs,
        )
        compare("--help", [*qasearch, "--help"], "python -c pass", pass_, runs)


if __name__ == "__main__":
    main()
