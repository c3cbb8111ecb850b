"""From a fresh clone to the first answer, in seconds, by step, with pip's cache as it is.

    python -m benchmarks.fresh_clone

Clones this checkout's last commit into a temporary folder and runs what the README says, as a new
user would.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.shared import ROOT

QUESTION = "Q=What is a latent space?"


def step(name: str, command: list[str], cwd: Path) -> str:
    started = time.perf_counter()
    run = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    print(f"{name:45} {time.perf_counter() - started:7.1f} s", flush=True)
    return run.stdout


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "qasearch"
        step("git clone", ["git", "clone", "--quiet", str(ROOT), str(clone)], Path(folder))
        step(
            "make .venv/installed (environment, packages)", ["make", "-s", ".venv/installed"], clone
        )
        step("make index/index.db (first build)", ["make", "-s", "index/index.db"], clone)
        answer = step(
            'make ask Q="What is a latent space?"', ["make", "-s", "ask", QUESTION], clone
        )
        step('make ask Q="What is a latent space?" again', ["make", "-s", "ask", QUESTION], clone)
        step("make build, nothing changed", ["make", "-s", "build"], clone)
        print("\n".join(answer.splitlines()[:4]))


if __name__ == "__main__":
    main()
