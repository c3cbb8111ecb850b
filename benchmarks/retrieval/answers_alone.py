"""How much of a passage's vector is owed to the question in front of it, and how near the rest is
to the answer alone.

An answer is embedded with its question in front. For shares of the question's vector that are taken
out again, the mean cosine to the vector of the same piece of the answer embedded without its
question.
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
    """One row for each share, with the mean cosine."""
    index = OpenIndex(files.index)
    ids, vectors = index.vectors.all_passages()
    places = {int(name): at for at, name in enumerate(ids)}
    passages, questions, alone = [], [], []
    for rowid, entry in index.database.entries().items():
        for place, passage in enumerate(
            make_passages(entry, encoder.count_tokens, encoder.max_tokens)
        ):
            _, context, answer = passage.embedded.partition(f"{entry.question}\n")
            if context:
                passages.append(places[passage_id(rowid, place)])
                questions.append(places[question_id(rowid)])
                alone.append(answer)
    index.close()
    answers = encoder.encode_documents(alone)
    curve = _curve(vectors[passages], vectors[questions], answers)
    print(
        f"Passages less a share of their question, beside the answer alone ({SET}, {len(alone)} passages): mean cosine"
    )
    print(f"{'share':>6} {'cosine':>8}")
    for share, cosine in zip(_SHARES, curve, strict=True):
        print(f"{share:6.2f} {cosine:8.4f}")


def _curve(passages: Floats, questions: Floats, answers: Floats) -> list[float]:
    """For each share, the mean cosine of the rows of `passages`, less so much of `questions`, with
    `answers`.
    """
    found = []
    for share in _SHARES:
        rest = passages - np.float32(share) * questions
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)
        found.append(float(np.mean(np.sum(rest * answers, axis=1))))
    return found
