"""Measures the command line on the bundled corpus: a cold question, small builds and `--help`.

The cache is a new one, so that the first build has to export the model. No warm process answers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.shared import OLD_TIME, QASEARCH, QUESTION, ROOT
from benchmarks.speed.pairs import PASS, compare, process


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        corpus, index, cache = (Path(temporary) / name for name in ("corpus", "index", "cache"))
        os.environ |= {"XDG_CACHE_HOME": str(cache), "QASEARCH_WARM": "0"}
        shutil.copytree(ROOT / "corpus", corpus)
        for file in corpus.rglob("*.md"):
            os.utime(file, (OLD_TIME, OLD_TIME))
        flags = ["--corpus", str(corpus), "--index", str(index)]
        first = process([*QASEARCH, "build", *flags])()
        print(
            f"first build of the bundled corpus, with the export of the model: "
            f"{first.seconds:.1f} s, {first.memory_mb:.0f} MB",
            flush=True,
        )
        (export,) = cache.glob("qasearch/encoders/*")
        _measure_asking(corpus, index, export, flags, runs)
        _measure_builds(corpus, flags, runs)


def _measure_asking(corpus: Path, index: Path, export: Path, flags: list[str], runs: int) -> None:
    ask = process([*QASEARCH, "ask", "--json", QUESTION, *flags])
    script, model = "benchmarks/speed/baseline.py", built_in_model()
    baseline = process([sys.executable, script, corpus, QUESTION, model])
    compare(
        "ask --json, cold",
        ask,
        "20-line script",
        baseline,
        runs=runs,
        target="0.05, 0.25 in memory",
    )
    bare = process([sys.executable, "benchmarks/speed/bare.py", export, index, QUESTION])
    compare("the same", ask, "bare process that loads the same", bare, runs=3 * runs, target="1.25")
    usage = process([*QASEARCH, "--help"])
    compare("--help", usage, "python -c pass", PASS, runs=3 * runs, target="6")


def _measure_builds(corpus: Path, flags: list[str], runs: int) -> None:
    nothing = process([*QASEARCH, "build", *flags])
    compare("build, nothing changed", nothing, "python -c pass", PASS, runs=3 * runs)
    file = corpus / "maths" / "pca.md"
    edit_and_build = (
        f"open({str(file)!r}, 'a').write('\\nOne more line.\\n'); "
        "import runpy; runpy.run_module('qasearch', run_name='__main__')"
    )
    one = process([sys.executable, "-c", edit_and_build, "build", *flags])
    full = process([*QASEARCH, "build", "--full", *flags])
    compare("build, one file changed", one, "build --full", full, runs=1)


def built_in_model() -> str:
    """The folder of the built-in model, as a process of its own says it.

    What this process imports would count in the memory of each child process.
    """
    code = "from qasearch.encoding.model_files import built_in_folder; print(built_in_folder())"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
