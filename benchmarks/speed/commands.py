"""The command line on the bundled corpus: a cold question, builds with little to do, `--help`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.shared import ROOT
from benchmarks.speed.pairs import PASS, compare, process
from qasearch.encoding import exports
from qasearch.encoding.model_files import BUILT_IN, built_in_folder, fingerprint

QUESTION = "What is a latent space?"
QASEARCH = (sys.executable, "-m", "qasearch")


def measure(runs: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        corpus, index = Path(temporary) / "corpus", Path(temporary) / "index"
        shutil.copytree(ROOT / "corpus", corpus)
        for file in corpus.rglob("*.md"):
            os.utime(file, (1_000_000_000, 1_000_000_000))
        flags: list[str | Path] = ["--corpus", corpus, "--index", index]
        seconds, memory = process([*QASEARCH, "build", *flags])()
        print(f"first build of the bundled corpus: {seconds:.2f} s, {memory:.0f} MB", flush=True)
        script = process([sys.executable, "benchmarks/speed/baseline.py", corpus, QUESTION, built_in_folder()])
        ask = process([*QASEARCH, "ask", "--json", QUESTION, *flags])
        compare("ask --json, cold", ask, "20-line script", script, runs=runs, target="0.05, 0.25 in memory")
        bare = process([sys.executable, "benchmarks/speed/bare.py", exported(), index, QUESTION])
        compare("the same", ask, "bare process that loads the same", bare, runs=runs, target="1.25")
        compare("--help", process([*QASEARCH, "--help"]), "python -c pass", PASS, runs=runs, target="6")
        compare("build, nothing changed", process([*QASEARCH, "build", *flags]), "python -c pass", PASS, runs=runs)
        edit = f"open({str(corpus / 'maths' / 'pca.md')!r}, 'a').write('\\nOne more line.\\n')"
        change = f"{edit}; import runpy; runpy.run_module('qasearch', run_name='__main__')"
        one = process([sys.executable, "-c", change, "build", *flags])
        compare("build, one file changed", one, "build --full", process([*QASEARCH, "build", "--full", *flags]), runs=1)


def exported() -> Path:
    """Where the built-in model is that builds have exported."""
    export = exports.find(fingerprint(BUILT_IN) or "")
    assert export, "the build before this exported it"
    return export.folder
