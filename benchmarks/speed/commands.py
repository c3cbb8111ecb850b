"""The command line on the bundled corpus: a cold question, builds with little to do, `--help`.

The user's cache is left alone, so that the first build has the model to export; and no warm process
answers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.shared import ROOT
from benchmarks.speed.pairs import PASS, compare, process

QUESTION = "What is a latent space?"
QASEARCH = (sys.executable, "-m", "qasearch")


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        corpus, index, cache = (Path(temporary) / name for name in ("corpus", "index", "cache"))
        os.environ |= {"XDG_CACHE_HOME": str(cache), "QASEARCH_WARM": "0"}
        shutil.copytree(ROOT / "corpus", corpus)
        for file in corpus.rglob("*.md"):
            os.utime(file, (1_000_000_000, 1_000_000_000))
        flags: list[str | Path] = ["--corpus", corpus, "--index", index]
        seconds, memory = process([*QASEARCH, "build", *flags])()
        print(
            f"first build of the bundled corpus, and of all: {seconds:.1f} s, {memory:.0f} MB",
            flush=True,
        )
        script = process(
            [sys.executable, "benchmarks/speed/baseline.py", corpus, QUESTION, built_in_model()]
        )
        ask = process([*QASEARCH, "ask", "--json", QUESTION, *flags])
        compare(
            "ask --json, cold",
            ask,
            "20-line script",
            script,
            runs=runs,
            target="0.05, 0.25 in memory",
        )
        (export,) = cache.glob("qasearch/encoders/*")
        bare = process([sys.executable, "benchmarks/speed/bare.py", export, index, QUESTION])
        compare(
            "the same", ask, "bare process that loads the same", bare, runs=3 * runs, target="1.25"
        )
        compare(
            "--help",
            process([*QASEARCH, "--help"]),
            "python -c pass",
            PASS,
            runs=3 * runs,
            target="6",
        )
        nothing = process([*QASEARCH, "build", *flags])
        compare("build, nothing changed", nothing, "python -c pass", PASS, runs=3 * runs)
        edit = f"open({str(corpus / 'maths' / 'pca.md')!r}, 'a').write('\\nOne more line.\\n')"
        change = f"{edit}; import runpy; runpy.run_module('qasearch', run_name='__main__')"
        one = process([sys.executable, "-c", change, "build", *flags])
        compare(
            "build, one file changed",
            one,
            "build --full",
            process([*QASEARCH, "build", "--full", *flags]),
            runs=1,
        )


def built_in_model() -> str:
    """The folder of the built-in model, told by a process of its own: what this one imports would
    count for each.
    """
    code = "from qasearch.encoding.model_files import built_in_folder; print(built_in_folder())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
