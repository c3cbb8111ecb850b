"""hit@1, hit@5 and abstention on the development questions, over the entries that the bundled corpus has.

    python -m benchmarks.dev_queries [--misses]

A question counts as answerable if the corpus holds at least one of the entries expected for it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

import qasearch
from benchmarks.shared import ROOT, dev_queries


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = ROOT / "corpus"
        qasearch.build(corpus, Path(folder) / "index", offline=True)
        with qasearch.open(corpus, Path(folder) / "index", offline=True) as index:
            present = {entry.id for entry in index.entries()}
            questions = [(kind, text, ids) for _, kind, text, ids in dev_queries() if not ids or ids & present]
            replies = index.ask_many([text for _, text, _ in questions], 5)
    answerable: list[tuple[int, qasearch.Reply]] = []
    off_topic: list[tuple[int, qasearch.Reply]] = []
    for (kind, text, ids), reply in zip(questions, replies, strict=True):
        found = [hit.entry.id for hit in reply.hits]
        rank = next((place for place, name in enumerate(found, start=1) if name in ids), 0)
        (answerable if ids else off_topic).append((rank, reply))
        if "--misses" in sys.argv and ids and rank != 1:
            print(f"rank {rank or '-'}  {kind}: {text!r} expects {', '.join(ids & present)}; first: {found[0]}")
    ranks = np.array([rank for rank, _ in answerable])
    yes, no = (np.array([reply.hits[0].confidence for _, reply in group]) for group in (answerable, off_topic))
    auroc = float(np.mean((yes[:, None] > no) + 0.5 * (yes[:, None] == no)))
    print(f"{len(present)} entries; {len(answerable)} answerable and {len(off_topic)} off-topic questions")
    reciprocal = np.mean([1 / rank if rank else 0 for rank in ranks])
    print(f"hit@1 {np.mean(ranks == 1):.3f}  hit@5 {np.mean(ranks > 0):.3f}  MRR {reciprocal:.3f}")
    refused = np.mean([reply.verdict == "none" for _, reply in answerable])
    answered = np.mean([reply.verdict == "answer" for _, reply in off_topic])
    shown = np.mean([reply.verdict != "none" for _, reply in off_topic])
    print(f"abstention AUROC {auroc:.3f}; refused {refused:.3f} of the answerable; ", end="")
    print(f"answered {answered:.3f} of the off-topic ones ({shown:.3f} with the weak answers)")


if __name__ == "__main__":
    main()
