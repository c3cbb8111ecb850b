"""Why an entry was found: what each signal and each word added, and the nearest sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Evidence, Explanation, Hit
from qasearch.encoding import Encoder
from qasearch.ranking.fusion import signal_weights
from qasearch.ranking.lexical import word_scores, words_of
from qasearch.reading.passages import sentences
from qasearch.storage.database import Database

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ToExplain:
    """A question whose hits are explained.

    Attributes:
        text: the question, with its spelling corrected.
        mode: which signals ranked.
        lexical_weight: the weight of the words.
        evidence: what the confidence of each entry is computed from, by its id.
        answer_from: the lowest confidence of the verdict `answer`.
    """

    text: str
    mode: Mode
    lexical_weight: float
    evidence: Mapping[str, Evidence]
    answer_from: float


def explain_hits(
    hits: Sequence[Hit],
    rowids: Mapping[str, int],
    question: ToExplain,
    database: Database,
    encoder: Encoder,
) -> list[Hit]:
    """The hits with their explanations.

    Args:
        hits: those of one question, best first.
        rowids: the row id of each entry by its id.
        question: what was asked.
        database: the index's tables.
        encoder: embeds the question without each of its words, and the sentences of the passages.
    """
    words = words_of(question.text)
    # Without its only word, nothing is left of a question, and nothing has no vector.
    shortened = [_without(question.text, word) for word in words] if len(words) > 1 else []
    vectors = encoder.encode_queries([question.text, *shortened])
    lexical = word_scores(database, question.text, [rowids[hit.entry.id] for hit in hits])
    explained = []
    for hit in hits:
        rowid = rowids[hit.entry.id]
        candidates = sentences(hit.passage) or [(hit.passage.line_start, hit.passage.text)]
        texts = [hit.passage.text, *(text for _, text in candidates)]
        passage, *sentence_vectors = encoder.encode_documents(texts)
        cosines = [float(vector @ vectors[0]) for vector in sentence_vectors]
        nearest = int(np.argmax(cosines))
        losses = vectors[0] @ passage - vectors[1:] @ passage  # none for a single word
        explanation = Explanation(
            weights=signal_weights(question.mode, question.lexical_weight),
            evidence=question.evidence[hit.entry.id],
            answer_from=question.answer_from,
            word_scores={word: lexical[word].get(rowid, 0.0) for word in words},
            word_cosines=dict(zip(words, losses.tolist(), strict=False)),
            sentence=candidates[nearest][1],
            sentence_line=candidates[nearest][0],
            sentence_cosine=cosines[nearest],
        )
        explained.append(replace(hit, explanation=explanation))
    return explained


def _without(text: str, word: str) -> str:
    """The text without a word, wherever it occurs."""
    return " ".join(
        _WORD.sub(lambda match: "" if match[0].lower() == word else match[0], text).split()
    )
