"""Why an entry was found: what each signal and each word gave, and the sentence that is nearest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Explanation, Hit
from qasearch.encoding import Encoder
from qasearch.ranking.fusion import weights
from qasearch.ranking.learning import Learned
from qasearch.ranking.lexical import word_scores, words_of
from qasearch.reading.passages import sentences
from qasearch.storage.database import Database

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whose hits are to be explained.

    Attributes:
        text: the question.
        against: what speaks against it, see `qasearch.ranking.confidence.contrast`.
        mode: in which it was asked.
    """

    text: str
    against: float
    mode: Mode


def explain_hits(
    hits: Sequence[Hit],
    rowids: Mapping[str, int],
    asked: Asked,
    learned: Learned,
    database: Database,
    encoder: Encoder,
) -> list[Hit]:
    """The hits with their explanations.

    Args:
        hits: of one question, best first.
        rowids: the row id of each entry by its id.
        asked: the question.
        learned: what ranks this corpus.
        database: the index's tables.
        encoder: embeds the question without each of its words, and the sentences.
    """
    words = words_of(asked.text)
    shortened = [_without(asked.text, word) for word in words]
    vectors = encoder.encode_queries([asked.text, *shortened])
    given = word_scores(database, asked.text, [rowids[hit.entry.id] for hit in hits])
    weighing = weights(asked.mode, learned.lexical)
    explained = []
    for hit in hits:
        found = sentences(hit.passage) or [(hit.passage.line_start, hit.passage.text)]
        shown = encoder.encode_documents([hit.passage.text, *(text for _, text in found)])
        cosines = shown @ vectors[0]
        best = int(np.argmax(cosines[1:]))
        losses = cosines[0] - vectors[1:] @ shown[0]
        explanation = Explanation(
            weights=weighing,
            against=asked.against,
            even=learned.calibrations[asked.mode].centre,
            words={word: given[word].get(rowids[hit.entry.id], 0.0) for word in words},
            parts=dict(zip(words, losses.tolist(), strict=True)) if len(words) > 1 else {},
            sentence=found[best][1],
            sentence_line=found[best][0],
            sentence_cosine=float(cosines[1 + best]),
        )
        explained.append(replace(hit, explanation=explanation))
    return explained


def _without(text: str, word: str) -> str:
    """The text without a word, wherever it stands."""
    return " ".join(
        _WORD.sub(lambda match: "" if match[0].lower() == word else match[0], text).split()
    )
