"""The two constants of `qasearch.confidence`, fitted to labelled questions of public sets, and how well they hold.

    python -m benchmarks.confidence

For each set with questions that nothing answers: build its corpus, ask up to 400 questions of each kind, and
see how many spreads above the off-topic median the best score is. The logistic curve is fitted to all sets
together, each set and each kind weighted alike, with "the first hit is relevant" as the label.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import numpy as np

import qasearch
from benchmarks.shared import answerable, jsonl, need, write_corpus
from qasearch.confidence import Calibration

SETS = ("clinc150_intent", "hint3_curekart")
SAMPLE = 400


def deviations(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Spreads above the median, and 1 where the first hit is relevant, for the questions of a set."""
    source = need(f"eval/{name}")
    random.seed(0)
    asked = answerable(source)
    asked = random.sample(asked, min(SAMPLE, len(asked)))
    none = [(row["text"], set[str]()) for row in jsonl(source / "no_answer_queries.jsonl")]
    asked += random.sample(none, min(SAMPLE, len(none)))
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder) / "corpus", Path(folder) / "index"
        corpus.mkdir()
        write_corpus(corpus, source / "corpus.jsonl")
        qasearch.build(corpus, index, offline=True)
        with qasearch.open(corpus, index, offline=True) as opened:
            calibration = Calibration.from_json(opened._open.meta["calibration"])  # noqa: SLF001
            replies = opened.ask_many([text for text, _ in asked], 1)
    scores = np.array([reply.hits[0].signals["dense"] for reply in replies])
    labels = np.array([float(reply.hits[0].entry.id in ids) for (_, ids), reply in zip(asked, replies, strict=True)])
    return (scores - calibration.median) / calibration.spread, labels


def fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Centre and slope of the logistic curve, by Newton's method on the weighted log-likelihood."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    beta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-design @ beta))
        hessian = (design * (weights * p * (1 - p))[:, None]).T @ design
        beta += np.linalg.solve(hessian, design.T @ (weights * (y - p)))
    return float(-beta[1] / beta[0]), float(beta[0])


def main() -> None:
    xs, ys, ws = [], [], []
    for name in SETS:
        x, y = deviations(name)
        share = np.where(y == 1, 0.5 / max(1, (y == 1).sum()), 0.5 / max(1, (y == 0).sum()))
        centre, slope = fit(x, y, share)
        auroc = float(np.mean(x[y == 1][:, None] > x[y == 0]))
        print(
            f"{name:18} {len(x):5} questions  AUROC {auroc:.3f}  own centre {centre:5.2f}  own slope {slope:.2f}",
            flush=True,
        )
        xs.append(x)
        ys.append(y)
        ws.append(share)
    centre, slope = fit(np.concatenate(xs), np.concatenate(ys), np.concatenate(ws))
    print(f"all sets alike: centre {centre:.2f}, slope {slope:.2f}")


if __name__ == "__main__":
    main()
