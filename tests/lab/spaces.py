"""Small spaces of which everything is known by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.entry import Entry, Passage, PassageKind, Rule
from qasearch.lab.space import Calibration, Space, make_space


class Dictionary:
    """An encoder that knows the vectors of some texts, and of no others."""

    name, fingerprint, max_tokens = "dictionary", "dictionary", 256

    def __init__(self, vectors: Mapping[str, Sequence[float]]) -> None:
        self._vectors = {text: np.asarray(vector, np.float32) for text, vector in vectors.items()}
        self.dimension = len(next(iter(vectors.values()), [0.0]))

    def encode_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])

    encode_documents = encode_queries

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def made_entry(question: str, answer: str = "", path: str = "notes.md", name: str = "") -> Entry:
    """An entry on line 1 of `path`; its id is `name`, else its question."""
    return Entry(
        id=name or question, question=question, aliases=(), answer=answer, answered=bool(answer), breadcrumb=(), tags=(),
        references=(), path=path, line_start=3, line_end=3, question_line=1, rule=Rule.HEADING, column_start=1,
        column_end=1, question_line_end=1,
    )  # fmt: skip


def made_space(
    questions: Mapping[str, Sequence[float]],
    answers: Mapping[str, Sequence[tuple[str, Sequence[float]]]] | None = None,
    sections: Mapping[str, str] | None = None,
    calibration: tuple[Sequence[float], Sequence[bool], Sequence[bool]] | None = None,
    **known: Sequence[float],
) -> Space:
    """A space with an entry for each question; vectors are taken as they are.

    Args:
        questions: where each question lies.
        answers: by question, pieces of its answer and where they lie.
        sections: by question, the folder that its entry stands in.
        calibration: confidences, answerable, right.
        known: vectors of further texts that the encoder knows, `_` for spaces.
    """
    entries, passages, owners, vectors = [], [], [], []
    for number, (question, vector) in enumerate(questions.items()):
        folder = (sections or {}).get(question, "")
        pieces = list((answers or {}).get(question, ()))
        answer = "\n\n".join(text for text, _ in pieces)
        entries.append(made_entry(question, answer, f"{folder}/notes.md" if folder else "notes.md"))
        for kind, text, where in [
            (PassageKind.QUESTION, question, vector), *((PassageKind.ANSWER, *piece) for piece in pieces)
        ]:  # fmt: skip
            passages.append(Passage(kind, text, "", 1, 1))
            owners.append(number)
            vectors.append(where)
    texts = dict(questions) | {name.replace("_", " "): vector for name, vector in known.items()}
    encoder: Any = Dictionary(texts)
    asked = calibration or ((), (), ())
    return make_space(
        entries, passages, np.array(owners, np.int64), np.array(vectors, np.float32).reshape(len(vectors), -1),
        total=len(entries), place="made", load_encoder=lambda: encoder,
        ask_what_is_known=lambda: Calibration(
            np.array(asked[0], np.float64), np.array(asked[1], np.bool_), np.array(asked[2], np.bool_)
        ),
    )  # fmt: skip
