"""Questions next to the subject of the bundled corpus that it does not answer.

None of their sentences is from its text. `adjacent.tsv` has their kinds, and in its last column the
words that name what is asked for.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.shared import QASEARCH, ROOT

_QUESTIONS = Path(__file__).with_name("adjacent.tsv")
_VERDICTS = ("answer", "weak", "none")


def print_adjacent(folder: Path) -> None:
    """Print how many questions of each kind get which verdict, and check what is said of the
    others.
    """
    lines = _QUESTIONS.read_text(encoding="utf-8").splitlines()[1:]  # without the head
    rows = [line.split("\t") for line in lines]
    replies = _ask([row[2] for row in rows], folder)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_VERDICTS, 0))
    for (_, kind, *_), reply in zip(rows, replies, strict=True):
        counts[kind][reply["verdict"]] += 1
    heads = " ".join(f"{verdict:>7}" for verdict in _VERDICTS)
    print(f"\n{'questions next to the bundled corpus':36} {heads}")
    for kind, of_kind in counts.items():
        cells = " ".join(f"{of_kind[verdict]:>7}" for verdict in _VERDICTS)
        print(f"{kind:36} {cells}")
    gaps = [reply["gap"] for reply in replies if reply["gap"]]
    texts = (path.read_text(encoding="utf-8") for path in ROOT.glob("corpus/**/*.md"))
    corpus = f" {_words(' '.join(texts))} "
    missing = [term for gap in gaps for term in gap["missing"]]
    false = [term for term in missing if f" {_words(term)} " in corpus]
    named = sum(bool(gap["missing"]) for gap in gaps)
    mentioned = sum(gap["mention"] is not None for gap in gaps)
    print(
        f"{len(gaps)} not answered: of {named} it is said which words no entry contains, "
        f"{len(missing)} words in all; for {mentioned} a sentence is shown that mentions them.\n"
        f"words that do stand in the files (also in titles of references): "
        f"{', '.join(false) or 'none'}"
    )
    for (_, kind, question, *_), reply in zip(rows, replies, strict=True):
        if reply["verdict"] == "answer":
            first = reply["results"][0]
            print(f"answered ({kind}): {question} -> {first['id']}, {first['confidence']:.2f}")


def _words(text: str) -> str:
    """The words of a text in lower case, one space apart."""
    return " ".join(re.findall(r"\w+", text.lower()))


def _ask(questions: list[str], folder: Path) -> list[dict[str, Any]]:
    flags = ["--corpus", str(ROOT / "corpus"), "--index", str(folder / "dev-queries" / "index")]
    subprocess.run([*QASEARCH, "build", *flags], check=True, cwd=ROOT, stdout=subprocess.PIPE)
    run = subprocess.run(
        [*QASEARCH, "ask", *flags, "--json", "--batch", "-"],
        input="\n".join(questions),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]
