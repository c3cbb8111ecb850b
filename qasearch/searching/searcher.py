"""An open index and an encoder, asked questions."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qasearch.confidence import Calibration, verdict_of
from qasearch.datatypes import Entry, Filters, Hit, IndexState, Reply, Timing, Verdict
from qasearch.encoding import Encoder, Vectors
from qasearch.errors import BadRequest, IndexIncompatible
from qasearch.reading.references import Surroundings, resolve
from qasearch.searching.candidates import Selection, find_candidates, select
from qasearch.searching.ranking import Ranked, rank, signals
from qasearch.storage.generations import OpenIndex

MAX_CHARACTERS = 100_000


class Searcher:
    """Answers questions from one index."""

    def __init__(self, index: OpenIndex, encoder: Encoder) -> None:
        """Use `encoder` for the questions to `index`.

        Raises:
            IndexIncompatible: the index was built with another model, or with other weights of it.
        """
        self._index = index
        self._encoder = encoder
        self._check_model()

    def ask(self, questions: Sequence[str], top_k: int = 5, filters: Filters = Filters()) -> list[Reply]:  # noqa: B008
        """The replies to the questions, in their order, all from the same generation of the index.

        Args:
            questions: texts as they were typed; control characters count as spaces.
            top_k: how many hits each reply has at most.
            filters: which entries may be found.

        Raises:
            BadRequest: a question is empty or too long, `top_k` is below 1, or nothing passes the filters.
            IndexDamaged: the index cannot be read.
            IndexIncompatible: it was built again with another model.
        """
        if top_k < 1:
            raise BadRequest(f"The number of results must be at least 1, not {top_k}.")
        texts = [clean_question(question) for question in questions]
        started = time.perf_counter()
        vectors = self._encoder.encode_queries(texts)
        encode_ms = (time.perf_counter() - started) * 1000 / max(1, len(texts))
        with self._index.snapshot():
            self._check_model()
            state = index_state(self._index)
            selection = select(self._index.database, filters)
            return [
                self._reply(text, vector, state, top_k, selection, encode_ms)
                for text, vector in zip(texts, vectors, strict=True)
            ]

    def _check_model(self) -> None:
        meta = self._index.meta
        if meta["fingerprint"] != self._encoder.fingerprint:
            same_name = meta["model"] == self._encoder.name
            asked = "that model, whose files have changed since" if same_name else f"'{self._encoder.name}'"
            raise IndexIncompatible(
                f"The index in {self._index.folder} was built with the model '{meta['model']}', "
                f"and cannot be asked with {asked}.",
                f"Build again: qasearch build --model {self._encoder.name}",
            )

    def _reply(
        self, text: str, vector: Vectors, state: IndexState, top_k: int, selection: Selection | None, encode_ms: float
    ) -> Reply:
        started = time.perf_counter()
        database = self._index.database
        ranked = rank(find_candidates(database, self._index.vectors, text, vector, selection), top_k)
        hits = self._hits(ranked)
        verdict, notes = _judge(hits)
        tokens = self._encoder.count_tokens([text])[0]
        if tokens + 2 > self._encoder.max_tokens:
            notes.append(f"The question has {tokens} tokens; the model reads the first {self._encoder.max_tokens - 2}.")
        search_ms = (time.perf_counter() - started) * 1000
        timing = Timing(round(encode_ms, 3), round(search_ms, 3), round(encode_ms + search_ms, 3))
        return Reply(text, verdict, state, timing, tuple(hits), tuple(notes))

    def _hits(self, ranked: Sequence[Ranked]) -> list[Hit]:
        database, meta = self._index.database, self._index.meta
        corpus = Path(meta["corpus"])
        calibration = Calibration.from_json(meta["calibration"])
        entries = database.entries([each.candidate.entry for each in ranked])
        passages = database.passages([each.candidate.passage for each in ranked])
        return [
            Hit(
                rank=number,
                entry=with_existence(entries[each.candidate.entry], corpus, self._index),
                abs_path=str(corpus / entries[each.candidate.entry].path),
                score=each.score,
                confidence=calibration.confidence(each.candidate.dense),
                matched_on=passages[each.candidate.passage].kind,
                passage=passages[each.candidate.passage],
                signals=signals(each.candidate),
            )
            for number, each in enumerate(ranked, start=1)
        ]


def clean_question(question: str) -> str:
    """A question on one line, with control characters, line ends and runs of spaces as single spaces.

    Raises:
        BadRequest: nothing is left, or it is longer than `MAX_CHARACTERS`.
    """
    if len(question) > MAX_CHARACTERS:
        raise BadRequest(
            f"The question has {len(question):,} characters; the limit is {MAX_CHARACTERS:,}.",
            "Ask in a sentence or two.",
        )
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in question)
    if not (text := " ".join(visible.split())):
        raise BadRequest("The question is empty.", 'Ask one: qasearch ask "What is a latent space?"')
    return text


def index_state(index: OpenIndex) -> IndexState:
    """What a reply says about the index; whether it is stale is for the caller to add."""
    meta, counts = index.meta, index.database.counts()
    return IndexState(
        path=str(index.folder),
        built_at=meta["built_at"],
        documents=counts["documents"],
        entries=counts["entries"],
        passages=counts["passages"],
        model=meta["model"],
    )


def with_existence(entry: Entry, corpus: Path, index: OpenIndex) -> Entry:
    """The entry with the targets of its references looked up."""
    around = Surroundings(corpus, index.database.anchors_of, index.database.document_named)
    references = tuple(resolve(each, entry.path, around) for each in entry.references)
    return replace(entry, references=references)


def _judge(hits: Sequence[Hit]) -> tuple[Verdict, list[str]]:
    """The verdict on the first hit, and what else should be said of it."""
    if not hits:
        return Verdict.NONE, ["The index has no entries."]
    first = hits[0]
    verdict = verdict_of(first.confidence)
    if verdict is not Verdict.NONE and not first.entry.answered:
        return Verdict.NONE, [f"The closest question, '{first.entry.question}', has no answer in the corpus yet."]
    return verdict, []
