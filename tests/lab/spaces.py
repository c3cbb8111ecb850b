"""Small spaces whose every vector is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.entry import Entry, Passage, PassageKind, Rule
from qasearch.lab.space import LabelledQuestions, Space, make_space

Vector = Sequence[float]


class DictionaryEncoder:
    """An encoder that has the vectors of some texts, and of no others."""

    name, fingerprint, max_tokens = "dictionary", "dictionary", 256

    def __init__(self, vectors: Mapping[str, Vector]) -> None:
        self._vectors = {text: np.asarray(vector, np.float32) for text, vector in vectors.items()}
        self.dimension = len(next(iter(vectors.values()), [0.0]))

    def encode_queries(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return np.stack([self._vectors[text] for text in texts])

    encode_documents = encode_queries

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


class Labels(NamedTuple):
    """Questions with a known outcome, as in `LabelledQuestions`."""

    confidences: Sequence[float] = ()
    answerable: Sequence[bool] = ()
    correct: Sequence[bool] = ()


def made_entry(question: str, answer: str = "", path: str = "notes.md", name: str = "") -> Entry:
    """An entry on line 1 of `path`; its id is `name`, or else its question."""
    return Entry(
        id=name or question,
        question=question,
        aliases=(),
        answer=answer,
        answered=bool(answer),
        breadcrumb=(),
        tags=(),
        references=(),
        path=path,
        line_start=3,
        line_end=3,
        question_line=1,
        rule=Rule.HEADING,
        column_start=1,
        column_end=1,
        question_line_end=1,
    )


def made_space(
    questions: Mapping[str, Vector],
    answers: Mapping[str, Sequence[tuple[str, Vector]]] | None = None,
    sections: Mapping[str, str] | None = None,
    labels: Labels | None = None,
    others: Mapping[str, Vector] | None = None,
) -> Space:
    """A space with an entry for each question; vectors are not normalised.

    Args:
        questions: the vector of each question.
        answers: by question, the pieces of its answer, each a text and a vector.
        sections: by question, the folder of its entry.
        labels: questions with a known outcome.
        others: vectors of further texts that the encoder can encode.
    """
    entries, passages, owners, vectors = [], [], [], []
    for number, (question, vector) in enumerate(questions.items()):
        folder = (sections or {}).get(question, "")
        pieces = list((answers or {}).get(question, ()))
        answer = "\n\n".join(text for text, _ in pieces)
        entries.append(made_entry(question, answer, f"{folder}/notes.md" if folder else "notes.md"))
        passages.append(Passage(PassageKind.QUESTION, question, "", 1, 1))
        passages += [Passage(PassageKind.ANSWER, text, "", 1, 1) for text, _ in pieces]
        owners += [number] * (1 + len(pieces))
        vectors += [vector, *(place for _, place in pieces)]
    encoder: Any = DictionaryEncoder({**questions, **(others or {})})
    known = labels or Labels()
    return make_space(
        entries,
        passages,
        np.array(owners, np.int64),
        np.array(vectors, np.float32).reshape(len(vectors), -1),
        total=len(entries),
        place="made",
        load_encoder=lambda: encoder,
        ask_labelled_questions=lambda: LabelledQuestions(
            np.array(known.confidences, np.float64),
            np.array(known.answerable, np.bool_),
            np.array(known.correct, np.bool_),
        ),
    )


def on_a_circle(**degrees: float) -> Space:
    """A space of two dimensions with an entry at each of these angles."""
    return made_space({name: at_degrees(angle) for name, angle in degrees.items()})


def at_degrees(degrees: float) -> list[float]:
    """The point of the unit circle at an angle."""
    return [float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))]


def random_units(count: int, dimensions: int, seed: int = 0) -> npt.NDArray[np.float64]:
    """(count, dimensions) random rows of unit norm."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimensions))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
