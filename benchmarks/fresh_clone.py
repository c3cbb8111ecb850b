"""Measures the time from a fresh clone to the first answer, step by step.

    python -m benchmarks.fresh_clone

Clones the last commit of this checkout into a temporary folder and runs the commands of the README,
as a new user would. The cache of pip is used as it is.
"""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.shared import QUESTION, ROOT, timed


def step(name: str, command: list[str], folder: Path) -> str:
    """Run a command in the folder, print how long it took, and return its output."""
    elapsed, run = timed(
        partial(
            subprocess.run,
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
    )
    print(f"{name:45} {elapsed:7.1f} s", flush=True)
    return str(run.stdout)


def main() -> None:
    ask = ["make", "-s", "ask", f"Q={QUESTION}"]
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "qasearch"
        step("git clone", ["git", "clone", "--quiet", str(ROOT), str(clone)], Path(folder))
        step(".venv/installed: environment and packages", ["make", "-s", ".venv/installed"], clone)
        step("index/index.db: first build", ["make", "-s", "index/index.db"], clone)
        answer = step(f'make ask Q="{QUESTION}"', ask, clone)
        step("the same again", ask, clone)
        step("make build, nothing changed", ["make", "-s", "build"], clone)
        print("\n".join(answer.splitlines()[:4]))


if __name__ == "__main__":
    main()
