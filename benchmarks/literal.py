"""Questions that name a piece of code: whether they find the entry that has it.

    python -m benchmarks.literal

From each Markdown collection, pieces of code that only one entry has are drawn, at most two an
entry, and asked about. The mean reciprocal rank of that entry is shown for the weight of the words
that was learned, for fixed ones, and for qasearch, which gives words more weight the more of a
question is literal.
"""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.shared import QASEARCH, argument_parser, need
from qasearch.datatypes.options import Mode
from qasearch.encoding import Encoder, load_encoder
from qasearch.ranking.candidates import find_candidates
from qasearch.ranking.fusion import lexical_weight_for, rank
from qasearch.ranking.lexical import literal_share
from qasearch.settings import DEFAULT_MODEL
from qasearch.storage.generations import OpenIndex

_COLLECTIONS = (
    "Homebrew__brew",
    "BurntSushi__ripgrep",
    "sudheerj__reactjs-interview-questions",
    "lydiahallie__javascript-questions",
    "18F__cv_faq",
    "alexeygrigorev__data-science-interviews",
)

_FORMS = ("{}", "what does {} do", "{} does not work", "how do I use {}", "error with {}")

_CODE = re.compile(r"`([^`\n]{3,30})`")
_MARKED = re.compile(r"[A-Z].*[a-z]|[-_./()]|\d")
_FIXED = (0.0, 0.3, 0.5, 0.7, 1.0)
_MOST = 250
_DEPTH = 10


def main() -> None:
    argument_parser(__doc__, "python -m benchmarks.literal").parse_args()
    encoder = load_encoder(DEFAULT_MODEL, offline=True)
    heads = [f"{weight:.1f}" for weight in _FIXED]
    print(f"{'':40} questions  learned  {'  '.join(f'{head:>5}' for head in heads)}  qasearch")
    for name in _COLLECTIONS:
        files = need(f"markdown/{name}/files")
        with tempfile.TemporaryDirectory() as folder:
            flags = ["--corpus", str(files), "--index", folder]
            subprocess.run(
                [*QASEARCH, "build", *flags], check=True, capture_output=True, encoding="utf-8"
            )
            index = OpenIndex(Path(folder))
            with index.snapshot():
                _print(name, index, encoder)
            index.close()


def _print(name: str, index: OpenIndex, encoder: Encoder) -> None:
    questions = _questions(index)
    learned = index.metadata.lexical_weight
    texts = [text for text, _ in questions]
    rows = []
    for (text, right), vector in zip(questions, encoder.encode_queries(texts), strict=True):
        candidates = find_candidates(index.database, index.vectors, text, vector, min_entries=20)
        adapted = lexical_weight_for(learned, literal_share(index.database, text))
        row = []
        for weight in (learned, *_FIXED, adapted):
            found = [hit.entry for hit in rank(candidates, Mode.HYBRID, weight, _DEPTH)]
            row.append(1 / (1 + found.index(right)) if right in found else 0.0)
        rows.append(row)
    first, *fixed, adapted = np.mean(rows, axis=0)
    cells = "  ".join(f"{value:5.3f}" for value in fixed)
    print(f"{name:40} {len(rows):9}  {first:7.3f}  {cells}  {adapted:8.3f}", flush=True)


def _questions(index: OpenIndex) -> list[tuple[str, int]]:
    """Questions, each with the row id of the only entry that has the code in it."""
    draw = random.Random(1)
    questions = []
    for rowid, entry in index.database.entries().items():
        codes = [
            code
            for code in dict.fromkeys(_CODE.findall(entry.answer))
            if _MARKED.search(code)
            and re.search(r"\w{3}", code)
            and len(index.database.words.having([[code]], 2)) == 1
        ]
        draw.shuffle(codes)
        questions += [(draw.choice(_FORMS).format(code), rowid) for code in codes[:2]]
    return questions[:_MOST]


if __name__ == "__main__":
    main()
