"""Measures how much of a passage's vector comes from the question in front of it.

An answer is embedded with its question in front. For several shares, this share of the question's
vector is subtracted from the vector of the passage. The measure is the mean cosine of the rest to
the vector of the same piece of the answer, embedded without the question. The share that
`ranking.probes` subtracts is the one with the largest cosine.
"""

from __future__ import annotations

import numpy as np

from benchmarks.retrieval.sets import SetFiles
from qasearch.encoding import Encoder
from qasearch.reading.passages import make_passages
from qasearch.storage.generations import OpenIndex
from qasearch.storage.passage_ids import passage_id, question_id
from qasearch.storage.vectors import Floats

SET = "stackfaq_dev"
_SHARES = np.linspace(0, 0.5, 11)


def print_answers_alone(files: SetFiles, encoder: Encoder) -> None:
    """Print the mean cosine for each share."""
    index = OpenIndex(files.index)
    ids, vectors = index.vectors.all_passages()
    rows = {int(stored_id): row for row, stored_id in enumerate(ids)}
    passages, questions, answers = [], [], []
    for rowid, entry in index.database.entries().items():
        entry_passages = make_passages(entry, encoder.count_tokens, encoder.max_tokens)
        for number, passage in enumerate(entry_passages):
            _, question, answer = passage.embedded.partition(f"{entry.question}\n")
            if question:
                passages.append(rows[passage_id(rowid, number)])
                questions.append(rows[question_id(rowid)])
                answers.append(answer)
    index.close()
    cosines = _cosines(vectors[passages], vectors[questions], encoder.encode_documents(answers))
    print(
        f"Passages minus a share of their question, beside the answer alone "
        f"({SET}, {len(answers)} passages): mean cosine"
    )
    print(f"{'share':>6} {'cosine':>8}")
    for share, cosine in zip(_SHARES, cosines, strict=True):
        print(f"{share:6.2f} {cosine:8.4f}")


def _cosines(passages: Floats, questions: Floats, answers: Floats) -> list[float]:
    """The mean cosine for each share; the arguments are (n, d) float32, rows of unit norm."""
    cosines = []
    for share in _SHARES:
        rest = passages - np.float32(share) * questions
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)
        cosines.append(float(np.mean(np.sum(rest * answers, axis=1))))
    return cosines
